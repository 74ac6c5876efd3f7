import { done, hold } from './group-life.ts'
import { givenGroup, givenGroupRecord, givenMember, groupOf, post } from './groups.ts'
import type { Service, Told } from './service.ts'

/** A requirement as `GET …/transitions` tells it. */
interface Requirement {
  readonly need?: string
  readonly check?: string
  readonly met: boolean
  readonly records: readonly string[]
  readonly operation: string | null
  readonly when?: { readonly reason: readonly string[] }
  readonly unless?: { readonly reason: readonly string[] }
}

const present = async (service: Service, groupId: string): Promise<string[]> => {
  const { members } = await groupOf(service, groupId)
  return members
    .filter((each: { status: string; role: string }) => each.status !== 'left' && each.role === 'student')
    .map((each: { id: string }) => each.id)
}

/** Kinds written once for each member. */
const ofEach = ['member_profile', 'contract_acceptance', 'onward_plan']

const overlayOf = async (service: Service, groupId: string, kind: string): Promise<Record<string, unknown>> => {
  const { step } = await groupOf(service, groupId)
  const on = service.clock.now.toISOString().slice(0, 10)
  if (kind === 'phase_evaluation') return { phase: step }
  if (kind !== 'contingency_adjustment') return {}
  const { members } = await groupOf(service, groupId)
  const ids = members
    .filter((each: { status: string }) => ['selected', 'consented', 'active'].includes(each.status))
    .map((each: { id: string }) => each.id)
  const told = ids.length > 0 ? { told: { on, medium: 'in_person', memberIds: ids } } : {}
  return { decision: 'end_early', replan: [], ...told }
}

const record = async (service: Service, groupId: string, kind: string): Promise<void> => {
  const overlay = await overlayOf(service, groupId, kind)
  if (!ofEach.includes(kind)) await givenGroupRecord(service, groupId, kind, overlay)
  else
    for (const memberId of await present(service, groupId)) await givenGroupRecord(service, groupId, kind, { memberId })
}

/** Holds the next planned session of the phase the group is in; everybody is there. */
export const holdNext = async (
  service: Service,
  groupId: string,
  more: Record<string, unknown> = {},
): Promise<Told> => {
  const { step, sessions } = await groupOf(service, groupId)
  const next = sessions.find(
    (each: { status: string; phase: string }) => each.status === 'planned' && each.phase === step,
  )
  return done(await hold(service, groupId, next.id, { interactions: [], endingAnnounced: step === 'late', ...more }))
}

/** What meets a requirement that is no record, by the operation the service names. */
const operations: Record<string, (service: Service, groupId: string) => Promise<unknown>> = {
  holdGroupSession: holdNext,
  approveGroupBudget: async (service, groupId) => {
    const { budgetLines } = await groupOf(service, groupId)
    const lines = budgetLines.map((each: { id: string; plannedFen: number }) => ({
      lineId: each.id,
      approvedFen: each.plannedFen,
    }))
    done(await post(service, groupId, 'budget/approval', { lines }, 'lineManager'))
  },
  settleGroupBudget: async (service, groupId) =>
    done(await post(service, groupId, 'budget/settlement', { note: '余款退回学院。' })),
  settleGroupTask: async (service, groupId) => {
    const { tasks } = await groupOf(service, groupId)
    for (const { id } of tasks.filter((each: { status: string }) => each.status === 'open'))
      done(await post(service, groupId, `tasks/${id}/settlement`, { status: 'done' }))
  },
}

/** Does whatever one edge still asks for, knowing only what the API says. */
export const earnGroup = async (
  service: Service,
  groupId: string,
  to: string,
  reason: string | null = null,
): Promise<void> => {
  for (let round = 0; round < 40; round++) {
    const { transitions } = (await service.call('owner', 'GET', `/v1/groups/${groupId}/transitions`)).body
    const edge = transitions.find((each: { to: string }) => each.to === to)
    if (!edge) throw new Error(`no edge to ${to}`)
    const counts = (each: Requirement) =>
      (!each.when || (reason !== null && each.when.reason.includes(reason))) &&
      (!each.unless || reason === null || !each.unless.reason.includes(reason))
    const unmet = (edge.requirements as Requirement[]).find(each => !each.met && counts(each))
    if (!unmet) return
    const kind = unmet.need ?? unmet.records[0]
    const act = operations[unmet.operation as string]
    if (act) await act(service, groupId)
    else if (kind) await record(service, groupId, kind)
    else throw new Error(`nothing meets ${unmet.check}`)
  }
  throw new Error(`${to} is not earned`)
}

/** Asks for a move with the version the group has. */
export const moveGroup = async (
  service: Service,
  groupId: string,
  body: Record<string, unknown>,
  options: { account?: string; dryRun?: boolean; version?: number; key?: string } = {},
): Promise<Told> => {
  const version = options.version ?? (await groupOf(service, groupId)).version
  return service.call(
    options.account ?? 'owner',
    'POST',
    `/v1/groups/${groupId}/transitions${options.dryRun ? '?dryRun=true' : ''}`,
    body,
    { 'if-match': `"${version}"`, ...(options.key ? { 'idempotency-key': options.key } : {}) },
  )
}

/** The way through all phases. */
export const wholeWay = ['early', 'middle', 'late', 'ending', 'ended'] as const

/** Carries a new group of students (two, beyond its early phase) to a phase, or to `cancelled`, by way of the API alone. */
export const givenGroupAt = async (
  service: Service,
  students: readonly string[],
  step: string,
  overlay: Record<string, unknown> = {},
): Promise<string> => {
  const groupId = await givenGroup(service, overlay)
  for (const studentId of students) await givenMember(service, groupId, { studentId })
  const way = step === 'cancelled' ? (['cancelled'] as const) : wholeWay.slice(0, wholeWay.indexOf(step as 'early') + 1)
  for (const to of way) {
    const reason = to === 'cancelled' ? 'need_lapsed' : null
    await earnGroup(service, groupId, to, reason)
    done(await moveGroup(service, groupId, { to, ...(reason ? { reason, note: '需求已不存在。' } : {}) }))
  }
  return groupId
}
