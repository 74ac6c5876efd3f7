import { defineRoute, type Route } from '../platform/http/route.ts'
import { type Deps, requestOf } from '../platform/subject.ts'
import { sociogramSvg } from '../practice/sociogram.ts'
import { approveBudget, readBudget, settleBudget, spendMoney } from './budget.ts'
import {
  ApproveBudgetBody,
  BudgetApproved,
  BudgetSettled,
  GroupBudget,
  MoneySpent,
  SettleBudgetBody,
  SpendBody,
} from './budget-schemas.ts'
import { holdSession } from './hold-session.ts'
import { readOutcome } from './outcome.ts'
import { GroupOutcome, GroupSociogram } from './outcome-schemas.ts'
import { changeProblems, GroupParams, LocalId, withGroup } from './schemas.ts'
import {
  GroupSessions,
  GroupTasks,
  HoldSessionBody,
  SessionHeld,
  SettleTaskBody,
  TaskSettled,
} from './session-schemas.ts'
import { readSessions } from './sessions.ts'
import { readSociogram } from './sociogram.ts'
import { readTasks, settleTask } from './tasks.ts'

const tag = 'Group sessions and work'
const read = { tag, params: GroupParams, problems: ['not_permitted', 'not_found'] } as const

/** Sessions, and tasks between them. */
const sessionRoutes = (deps: Deps): Route[] => [
  defineRoute({
    operationId: 'holdGroupSession',
    method: 'POST',
    path: '/v1/groups/:groupId/sessions/:sessionId/holding',
    summary: 'File that a session was held: record, attendance, ratings, private notes',
    description:
      'All or nothing: the record, the attendance of every active member, notes on single members, and an entry into the open case of each member who has one. A note is read by the leaders and that member’s case team only. It stands signed.',
    tag,
    permission: 'group:lead',
    params: withGroup({ sessionId: LocalId.describe('Session') }),
    body: HoldSessionBody,
    answers: { 201: SessionHeld },
    problems: [...changeProblems, 'signing_refused', 'kind_not_writable_here'],
    ifMatch: 'accepted',
    idempotency: 'required',
    writes: ['group.session_held', 'case.group_entry_received'],
    handle: call => {
      const { groupId, sessionId } = call.params
      const { notes, ...content } = call.body
      return holdSession(deps, requestOf(call), {
        groupId,
        ifMatch: call.ifMatch,
        content: { sessionId, ...content },
        notes,
      })
    },
  }),
  defineRoute({
    ...read,
    operationId: 'listGroupSessions',
    method: 'GET',
    path: '/v1/groups/:groupId/sessions',
    summary: 'List the sessions with attendance; to who takes part, their own',
    permission: 'group:read',
    answers: { 200: GroupSessions },
    handle: async call => {
      const found = await readSessions(deps, requestOf(call), call.params.groupId)
      return { status: 200, body: found, etag: found.version }
    },
  }),
  defineRoute({
    ...read,
    operationId: 'listGroupTasks',
    method: 'GET',
    path: '/v1/groups/:groupId/tasks',
    summary: 'List the tasks with their words; to who takes part, their own',
    permission: 'group:read',
    answers: { 200: GroupTasks },
    problems: [...read.problems, 'key_is_erased'],
    handle: async call => {
      const found = await readTasks(deps, requestOf(call), call.params.groupId)
      return { status: 200, body: found, etag: found.version }
    },
  }),
  defineRoute({
    operationId: 'settleGroupTask',
    method: 'POST',
    path: '/v1/groups/:groupId/tasks/:taskId/settlement',
    summary: 'Settle a task: done, or dropped for a reason',
    tag,
    permission: 'group:lead',
    params: withGroup({ taskId: LocalId.describe('Task') }),
    body: SettleTaskBody,
    answers: { 201: TaskSettled },
    problems: [...changeProblems, 'task_settled', 'note_required'],
    ifMatch: 'accepted',
    idempotency: 'accepted',
    writes: ['group.task_settled'],
    handle: call => settleTask(deps, requestOf(call), { ...call.body, ...call.params, ifMatch: call.ifMatch }),
  }),
]

/** The money. */
const budgetRoutes = (deps: Deps): Route[] => [
  defineRoute({
    ...read,
    operationId: 'getGroupBudget',
    method: 'GET',
    path: '/v1/groups/:groupId/budget',
    summary: 'Read the budget: lines planned, approved, spent, and expenses',
    permission: 'group:explain',
    answers: { 200: GroupBudget },
    handle: async call => {
      const found = await readBudget(deps, requestOf(call), call.params.groupId)
      return { status: 200, body: found, etag: found.version }
    },
  }),
  defineRoute({
    operationId: 'approveGroupBudget',
    method: 'POST',
    path: '/v1/groups/:groupId/budget/approval',
    summary: 'Decide lines of the budget, as line manager',
    tag,
    permission: 'group:decide',
    params: GroupParams,
    body: ApproveBudgetBody,
    answers: { 201: BudgetApproved },
    problems: [...changeProblems, 'approval_unfit', 'not_nearest_line_manager'],
    ifMatch: 'required',
    idempotency: 'accepted',
    writes: ['group.budget_approved'],
    handle: call => approveBudget(deps, requestOf(call), { ...call.body, ...call.params, ifMatch: call.ifMatch }),
  }),
  defineRoute({
    operationId: 'spendGroupMoney',
    method: 'POST',
    path: '/v1/groups/:groupId/budget/lines/:lineId/expenses',
    summary: 'File money spent on a line, with its receipt; never more than was approved',
    tag,
    permission: 'group:lead',
    params: withGroup({ lineId: LocalId.describe('Budget line') }),
    body: SpendBody,
    answers: { 201: MoneySpent },
    problems: [
      ...changeProblems,
      'unknown_attachment',
      'day_unfit',
      'line_not_approved',
      'line_settled',
      'over_budget',
    ],
    ifMatch: 'accepted',
    idempotency: 'required',
    writes: ['group.money_spent'],
    handle: call => spendMoney(deps, requestOf(call), { ...call.body, ...call.params, ifMatch: call.ifMatch }),
  }),
  defineRoute({
    operationId: 'settleGroupBudget',
    method: 'POST',
    path: '/v1/groups/:groupId/budget/settlement',
    summary: 'Settle the budget: nothing more is spent, what is left goes back',
    tag,
    permission: 'group:lead',
    params: GroupParams,
    body: SettleBudgetBody,
    answers: { 201: BudgetSettled },
    problems: [...changeProblems, 'budget_settled'],
    ifMatch: 'required',
    idempotency: 'accepted',
    writes: ['group.budget_settled'],
    handle: call => settleBudget(deps, requestOf(call), { ...call.body, ...call.params, ifMatch: call.ifMatch }),
  }),
]

/** What came of it. */
const outcomeRoutes = (deps: Deps): Route[] => [
  defineRoute({
    ...read,
    operationId: 'getGroupOutcome',
    method: 'GET',
    path: '/v1/groups/:groupId/outcome',
    summary: 'Read the outcome of a group and of each member: attendance, attainment, change, satisfaction',
    permission: 'group:explain',
    answers: { 200: GroupOutcome },
    problems: [...read.problems, 'key_is_erased'],
    handle: async call => {
      const found = await readOutcome(deps, requestOf(call), call.params.groupId)
      return { status: 200, body: found, etag: found.version }
    },
  }),
  defineRoute({
    ...read,
    operationId: 'getGroupSociogram',
    method: 'GET',
    path: '/v1/groups/:groupId/sociogram',
    summary: 'Read the sociogram: who chooses whom, who stands alone, who are a pair',
    description: 'From the interaction ratings of all sessions, with the names the group itself shows its reader.',
    permission: 'group:explain',
    answers: { 200: GroupSociogram },
    handle: async call => {
      const found = await readSociogram(deps, requestOf(call), call.params.groupId)
      return { status: 200, body: found, etag: found.version }
    },
  }),
  defineRoute({
    ...read,
    operationId: 'drawGroupSociogram',
    method: 'GET',
    path: '/v1/groups/:groupId/sociogram.svg',
    summary: 'Draw the sociogram as SVG; thick = mutual, dashed = rejection or alone',
    description: 'With the names the group itself shows its reader; the id of whom nobody can name any more.',
    permission: 'group:explain',
    answers: { 200: null },
    produces: 'image/svg+xml',
    handle: async call => {
      const found = await readSociogram(deps, requestOf(call), call.params.groupId)
      const names = new Map(found.members.map(each => [each.memberId, each.name]))
      const drawn = sociogramSvg(found, id => names.get(id) ?? id)
      return { status: 200, body: drawn, etag: found.version, contentType: 'image/svg+xml; charset=utf-8' }
    },
  }),
]

/** Sessions, tasks, budget and outcome of a group. */
export const groupWorkRoutes = (deps: Deps): Route[] => [
  ...sessionRoutes(deps),
  ...budgetRoutes(deps),
  ...outcomeRoutes(deps),
]
