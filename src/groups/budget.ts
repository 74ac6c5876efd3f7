import { aboutOf, loadSubject } from '../people/guarded.ts'
import type { Answer } from '../platform/http/route.ts'
import { rowsOf } from '../platform/sql.ts'
import type { Deps, Request } from '../platform/subject.ts'
import type { BudgetLineFact } from '../practice/group-facts.ts'
import { Problem } from '../practice/problems.ts'
import { decidesOnGroup } from './access.ts'
import { groupStatement, type LoadedFacts, loadGroupStatement, onGroup } from './facts.ts'

const loadDeciding = loadGroupStatement<{ decides: boolean }>('groups.load_for_approval', {
  decides: `(select ${decidesOnGroup})`,
})

const saveApproval = groupStatement(
  'groups.approve_budget',
  '',
  `x as (update group_budget_lines b set approved_fen = x."approvedFen", approved_by = $2::uuid
  from given cross join c cross join ${rowsOf('lines', '"lineId" text, "approvedFen" int')}
  where b.institution_id = $1::uuid and b.group_id = c.id and b.id = x."lineId")`,
)

interface OfGroup {
  readonly groupId: string
  readonly ifMatch: number | null
}

/** What the line manager approves on a line. */
export interface LineApproved {
  readonly lineId: string
  readonly approvedFen: number
}

const unfit = (lines: readonly LineApproved[], known: readonly BudgetLineFact[]) =>
  lines.flatMap(({ lineId, approvedFen }, index) => {
    const line = known.find(each => each.id === lineId)
    const pointer = `/lines/${index}`
    if (!line) return [{ pointer, code: 'unknown_line', detail: 'the budget has no such line' }]
    if (lines.findIndex(each => each.lineId === lineId) < index)
      return [{ pointer, code: 'repeated_line', detail: 'this line is named twice' }]
    if (line.settled) return [{ pointer, code: 'line_settled', detail: 'this line is settled' }]
    if (approvedFen > line.plannedFen)
      return [{ pointer, code: 'more_than_planned', detail: `planned are ${line.plannedFen} fen` }]
    return approvedFen < line.spentFen
      ? [{ pointer, code: 'less_than_spent', detail: `spent are ${line.spentFen} fen` }]
      : []
  })

/** The line manager decides lines of the budget, never of a group they lead or take part in. @throws Problem approval_unfit, not_nearest_line_manager */
export const approveBudget = (
  deps: Deps,
  request: Request,
  {
    groupId,
    ifMatch,
    lines,
    note,
  }: OfGroup & { readonly lines: readonly LineApproved[]; readonly note: string | null },
): Promise<Answer> =>
  onGroup(
    deps,
    request,
    { groupId, ifMatch, permission: 'group:decide', load: loadDeciding },
    saveApproval,
    ({ facts, decides }) => {
      if (!decides) throw new Problem('not_nearest_line_manager')
      const errors = unfit(lines, facts.budgetLines)
      if (errors.length > 0) throw new Problem('approval_unfit', { errors })
      return {
        type: 'group.budget_approved',
        data: { lines },
        words: note,
        effects: { lines },
        status: 201,
        receipt: { lines },
      }
    },
  )

const loadSpending = loadGroupStatement<{ receiptFound: boolean }>('groups.load_for_spending', {
  receiptFound: `(select exists (select from group_attachments x join c on c.id = x.group_id where x.institution_id = $1::uuid and x.id = $7::uuid))`,
})

const saveSpending = groupStatement(
  'groups.spend',
  '',
  `b as (update group_budget_lines b set spent_fen = b.spent_fen + (given.e->>'amountFen')::int from given, c
  where b.institution_id = $1::uuid and b.group_id = c.id and b.id = given.e->>'lineId'),
x as (insert into group_expenses (institution_id, id, group_id, line_id, amount_fen, on_day, receipt_id, version, by_id)
  select $1::uuid, (e->>'spendingId')::uuid, c.id, e->>'lineId', (e->>'amountFen')::int, (e->>'on')::date, (e->>'receiptId')::uuid, c.version, $2::uuid
  from given cross join c)`,
)

/** Money spent on a line, with its receipt. */
export interface Spend extends OfGroup {
  readonly lineId: string
  readonly amountFen: number
  readonly on: string
  /** Attachment of the group. */
  readonly receiptId: string
  readonly note: string | null
}

/** Never more is spent on a line than was approved. @throws Problem not_found, unknown_attachment, day_unfit, line_not_approved, line_settled, over_budget */
export const spendMoney = (deps: Deps, request: Request, input: Spend): Promise<Answer> => {
  const { groupId, ifMatch, lineId, amountFen, on, receiptId, note } = input
  const about = { groupId, ifMatch, permission: 'group:lead', load: loadSpending, params: [receiptId] } as const
  return onGroup(deps, request, about, saveSpending, ({ facts, caller, receiptFound }) => {
    const line = facts.budgetLines.find(each => each.id === lineId)
    if (!line) throw new Problem('not_found')
    if (!receiptFound) throw new Problem('unknown_attachment')
    if (on > caller.today || on < facts.openedOn) throw new Problem('day_unfit')
    if (line.settled) throw new Problem('line_settled')
    if (line.approvedFen === null) throw new Problem('line_not_approved')
    const leftFen = line.approvedFen - line.spentFen
    if (amountFen > leftFen) throw new Problem('over_budget', { leftFen })
    const spendingId = deps.ambient.newId()
    return {
      type: 'group.money_spent',
      data: { lineId, spendingId, amountFen },
      words: note,
      effects: { spendingId, lineId, amountFen, on, receiptId },
      status: 201,
      receipt: { id: spendingId, lineId, amountFen, leftFen: leftFen - amountFen },
    }
  })
}

const saveSettlement = groupStatement(
  'groups.settle_budget',
  '',
  `x as (update group_budget_lines b set settled = true from given, c
  where b.institution_id = $1::uuid and b.group_id = c.id and not b.settled)`,
)

/** Settles every line: nothing is spent on it any more, what is left goes back. @throws Problem budget_settled */
export const settleBudget = (
  deps: Deps,
  request: Request,
  { groupId, ifMatch, note }: OfGroup & { readonly note: string },
): Promise<Answer> =>
  onGroup(deps, request, { groupId, ifMatch, permission: 'group:lead' }, saveSettlement, ({ facts }) => {
    const open = facts.budgetLines.filter(each => !each.settled)
    if (open.length === 0) throw new Problem('budget_settled')
    const lines = open.map(({ id, approvedFen, spentFen }) => ({
      lineId: id,
      spentFen,
      returnedFen: (approvedFen ?? 0) - spentFen,
    }))
    return { type: 'group.budget_settled', data: { lines }, words: note, effects: {}, status: 201, receipt: { lines } }
  })

interface Expense {
  readonly id: string
  readonly lineId: string
  readonly amountFen: number
  readonly on: string
  readonly receiptId: string
  readonly byId: string
}

const loadBudget = loadGroupStatement<{ expenses: readonly Expense[]; categories: Readonly<Record<string, string>> }>(
  'groups.load_budget',
  {
    expenses: `(select coalesce(json_agg(json_build_object('id', x.id, 'lineId', x.line_id, 'amountFen', x.amount_fen, 'on', x.on_day,
      'receiptId', x.receipt_id, 'byId', x.by_id) order by x.version), '[]') from group_expenses x join c on x.group_id = c.id where x.institution_id = $1::uuid)`,
    categories: `(select coalesce(json_object_agg(x.id, x.category), '{}') from group_budget_lines x join c on x.group_id = c.id where x.institution_id = $1::uuid)`,
  },
)

/** Lines and expenses, in fen; purpose and source are in the budget's record. @throws Problem not_permitted, not_found */
export const readBudget = async (deps: Deps, request: Request, groupId: string) => {
  const about = aboutOf(deps, { ...request, idempotency: null }, groupId)
  const tenant = deps.db.as(request.caller.institution)
  const found = await loadSubject<LoadedFacts, { expenses: readonly Expense[]; categories: Record<string, string> }>(
    tenant,
    loadBudget as never,
    'group:explain',
    about,
  )
  const { facts, expenses, categories } = found
  const sum = (of: (line: BudgetLineFact) => number) => facts.budgetLines.reduce((total, line) => total + of(line), 0)
  return {
    groupId,
    version: facts.version,
    lines: facts.budgetLines.map(line => ({ ...line, category: categories[line.id] })),
    expenses,
    plannedFen: sum(line => line.plannedFen),
    approvedFen: sum(line => line.approvedFen ?? 0),
    spentFen: sum(line => line.spentFen),
  }
}
