import { utc } from '../platform/sql.ts'
import { owedDeferrals } from '../practice/checks/deferrals.ts'
import type { CaseFacts } from '../practice/facts.ts'
import { kindsOf } from '../practice/record-kinds.ts'
import type { CaseDeps, Request } from './change.ts'
import { loadCase, loadStatement } from './facts.ts'
import { flagsJson } from './flags.ts'

interface Named {
  readonly id: string
  readonly name: string
}

interface Extras {
  readonly view: {
    readonly openedAt: string
    readonly updatedAt: string
    readonly closedAt: string | null
    readonly source: string
    readonly expectedReturn: string | null
    readonly pauseReason: string | null
    readonly predecessorId: string | null
    readonly successorIds: readonly string[]
    readonly adoptable: readonly Record<string, unknown>[]
    readonly student: Named & { readonly number: string }
    readonly owner: Named
    readonly orgUnit: { readonly id: string; readonly nameZh: string; readonly nameEn: string | null }
    readonly coWorkers: readonly (Named & { readonly validFrom: string; readonly validUntil: string | null })[]
    readonly goals: readonly Record<string, unknown>[]
    readonly actions: readonly Record<string, unknown>[]
    readonly holds: readonly Record<string, unknown>[]
    readonly referrals: readonly Record<string, unknown>[]
    readonly openGrants: readonly Record<string, unknown>[]
    readonly flags: readonly string[]
  }
}

const own = (table: string) => `from ${table} x where x.institution_id = $1::uuid and x.case_id = c.id`

const adoptableKinds = Object.values(kindsOf('case'))
  .filter(kind => kind.adoptable)
  .map(kind => `'${kind.kind}'`)
  .join(', ')

/** Signed sections of the predecessor of `c` that were not adopted yet. */
const adoptable = `(select coalesce(json_agg(json_build_object('kind', r.kind, 'recordId', r.id, 'signedAt', ${utc('r.signed_at')}) order by r.signed_version), '[]')
  from records r where r.institution_id = $1::uuid and r.case_id = c.predecessor_id and r.status = 'signed' and r.kind in (${adoptableKinds})
    and not exists (select from records o where o.institution_id = $1::uuid and o.case_id = c.id and o.adopted_from_id = r.id and o.status <> 'discarded'))`

const load = loadStatement<Extras>('cases.view', {
  view: `(select json_build_object(
    'openedAt', ${utc('c.opened_at')}, 'updatedAt', ${utc('c.updated_at')}, 'closedAt', ${utc('c.closed_at')}, 'source', c.source,
    'expectedReturn', c.expected_return, 'pauseReason', c.pause_reason, 'predecessorId', c.predecessor_id,
    'successorIds', (select coalesce(json_agg(x.id order by x.opened_at), '[]') from cases x where x.institution_id = $1::uuid and x.predecessor_id = c.id),
    'adoptable', ${adoptable},
    'student', (select json_build_object('id', s.id, 'number', s.number, 'name', s.name) from students s where s.institution_id = $1::uuid and s.id = c.student_id),
    'owner', (select json_build_object('id', w.id, 'name', w.name) from staff w where w.institution_id = $1::uuid and w.id = c.owner_id),
    'orgUnit', (select json_build_object('id', u.id, 'nameZh', u.name_zh, 'nameEn', u.name_en) from org_units u where u.institution_id = $1::uuid and u.id = c.org_unit_id),
    'coWorkers', (select coalesce(json_agg(json_build_object('id', w.id, 'name', w.name, 'validFrom', x.valid_from, 'validUntil', x.valid_until) order by x.valid_from, w.id), '[]')
      from case_workers x join staff w on w.institution_id = x.institution_id and w.id = x.staff_id where x.institution_id = $1::uuid and x.case_id = c.id),
    'goals', (select coalesce(json_agg(json_build_object('id', x.id, 'planId', x.plan_id, 'status', x.status, 'aim', x.aim, 'horizon', x.horizon,
      'difficulty', x.difficulty, 'weight', x.weight, 'dueOn', x.due_on, 'progress', x.progress, 'attainment', x.attainment,
      'attainmentFinal', x.attainment_final) order by x.place, x.id), '[]') ${own('goals')}),
    'actions', (select coalesce(json_agg(json_build_object('id', x.id, 'goalId', x.goal_id, 'status', x.status, 'by', x.by,
      'strategy', x.strategy, 'dueOn', x.due_on) order by x.place, x.id), '[]') ${own('actions')}),
    'holds', (select coalesce(json_agg(json_build_object('id', x.id, 'kind', x.kind, 'openedAt', ${utc('x.opened_at')}, 'liftedAt', ${utc('x.lifted_at')},
      'outcome', x.outcome, 'recipientId', x.recipient_id, 'crisisId', x.crisis_id) order by x.opened_version), '[]') ${own('case_holds')}),
    'referrals', (select coalesce(json_agg(json_build_object('id', x.id, 'status', x.status, 'offeredAt', ${utc('x.offered_at')},
      'settledAt', ${utc('x.settled_at')}) order by x.id), '[]') ${own('referrals')}),
    'openGrants', (select coalesce(json_agg(json_build_object('id', x.id, 'staffId', x.staff_id, 'reason', x.reason,
      'grantedAt', ${utc('x.granted_at')}, 'until', ${utc('x.until')}) order by x.granted_at), '[]') ${own('access_grants')} and x.reviewed_at is null),
    'flags', ${flagsJson})
    from c where exists (select from rel))`,
})

/** Those who write in an open successor are told what there is to adopt. */
const adopts = (facts: CaseFacts, relations: readonly string[]): boolean =>
  facts.standing.step !== 'closed' && relations.some(relation => relation === 'owner' || relation === 'co_worker')

/** One case as its reader may see it: the student without what is only for those who work on it. */
export const viewCase = async (deps: CaseDeps, request: Request, caseId: string) => {
  const about = { caller: request.caller, caseId, now: deps.ambient.now(), idempotency: null }
  const { facts, view, relations } = await loadCase(deps.db.as(request.caller.institution), load, 'case:read', about)
  const shared = {
    id: facts.id,
    number: facts.number,
    kind: facts.kind,
    step: facts.standing.step,
    cameFrom: facts.standing.cameFrom,
    closeReason: facts.standing.reason,
    version: facts.version,
    source: view.source,
    openedAt: view.openedAt,
    updatedAt: view.updatedAt,
    closedAt: view.closedAt,
    student: view.student,
    owner: view.owner,
    orgUnit: view.orgUnit,
    coWorkers: view.coWorkers,
    goals: view.goals,
    actions: view.actions,
    consents: facts.consents,
    pausedOn: facts.pausedOn,
    pauseReason: view.pauseReason,
    expectedReturn: view.expectedReturn,
    predecessorId: view.predecessorId,
    successorIds: view.successorIds,
  }
  if (!relations.some(relation => relation !== 'student')) return { ...shared, relations }
  return {
    ...shared,
    relations,
    holds: view.holds,
    waivers: facts.standing.waived,
    owed: owedDeferrals(facts),
    drafts: facts.drafts,
    ...(adopts(facts, relations) ? { adoptable: view.adoptable } : {}),
    referrals: view.referrals,
    openReferrals: facts.openReferrals.length,
    openGrants: view.openGrants,
    keyErased: facts.keyErased,
    flags: view.flags,
  }
}
