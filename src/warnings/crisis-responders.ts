import { type Deps, type Request, subjectStatement } from '../platform/subject.ts'
import type { responderAnswers, responderKinds } from '../practice/crisis-codes.ts'
import { caseworkRoles } from '../practice/permissions.ts'
import { Problem } from '../practice/problems.ts'
import { beganAt, type LoadedCrisis, onCrisis, requirePast } from './crisis-facts.ts'
import { sealWords } from './crisis-words.ts'

const saveAdded = subjectStatement(
  'crises',
  'crises.add_responder',
  '',
  `x as (insert into crisis_responders (institution_id, id, crisis_id, kind, staff_id, contacted_at, answered_at, answer, sealed,
      sealed_answer, version, by_id, at)
  select $1::uuid, (e->>'responderId')::uuid, c.id, e->>'kind', (e->>'staffId')::uuid, (e->>'contactedAt')::timestamptz,
    (e->>'answeredAt')::timestamptz, e->>'answer', decode(e->>'sealed', 'base64'), decode(e->>'sealedAnswer', 'base64'),
    c.version, $2::uuid, (e->>'at')::timestamptz from given cross join c)`,
)

const change = (name: string, set: string, only: string) =>
  subjectStatement(
    'crises',
    name,
    '',
    `x as (update crisis_responders x set ${set} from given, c
  where x.institution_id = $1::uuid and x.id = (given.e->>'responderId')::uuid and x.crisis_id = c.id and ${only})`,
  )

const saveContacted = change(
  'crises.contact_responder',
  "contacted_at = (given.e->>'contactedAt')::timestamptz",
  'x.contacted_at is null',
)
const saveAnswered = change(
  'crises.answer_responder',
  `answered_at = (given.e->>'answeredAt')::timestamptz, answer = given.e->>'answer', sealed_answer = decode(given.e->>'sealedAnswer', 'base64')`,
  'x.released_at is null',
)
const saveReleased = change(
  'crises.release_responder',
  "released_at = (given.e->>'at')::timestamptz",
  'x.released_at is null',
)

/** What a responder answered, and when. */
export interface ResponderAnswer {
  readonly answeredAt: string
  readonly answer: keyof typeof responderAnswers
  readonly note: string | null
}

const where = (request: Request, crisisId: string, row: string, field: string) => ({
  institution: request.caller.institution,
  crisisId,
  table: 'crisis_responders',
  row,
  field,
})

/**
 * Calls a responder in; contact and answer may be told at once. A staff member reads the crisis from then on.
 * @throws Problem staff_unfit, already_responder (by the database), time_out_of_order, crisis_is_over
 */
export const addCrisisResponder = (
  deps: Deps,
  request: Request,
  input: {
    crisisId: string
    kind: keyof typeof responderKinds
    staffId: string | null
    name: string | null
    phone: string | null
    note: string | null
    contactedAt: string | null
    answer: ResponderAnswer | null
  },
) => {
  const responderId = deps.ambient.newId()
  const { crisisId, kind, staffId, contactedAt, answer } = input
  const about = { crisisId, permission: 'crisis:respond', writable: 'lasting', staffId } as const
  return onCrisis(deps, request, about, saveAdded, (found, now) => {
    const { dataKey, roles } = found
    const casework = roles.some(role => caseworkRoles.includes(role as 'counsellor'))
    if (staffId !== null ? !casework : kind === 'staff') throw new Problem('staff_unfit')
    if (contactedAt !== null) requirePast(now, contactedAt, beganAt(found))
    if (answer !== null && contactedAt === null) throw new Problem('responder_not_contacted')
    if (answer !== null) requirePast(now, answer.answeredAt, contactedAt)
    const { name, phone, note } = input
    const sealed = sealWords(deps, where(request, crisisId, responderId, 'sealed'), dataKey, { name, phone, note })
    const given = answer ? { answer: answer.answer, answeredAt: answer.answeredAt } : {}
    const words = where(request, crisisId, responderId, 'sealed_answer')
    const sealedAnswer = answer ? sealWords(deps, words, dataKey, { note: answer.note }) : null
    return {
      type: 'crisis.responder_added',
      data: { responderId, kind, staffId, contactedAt, ...given },
      effects: { responderId, kind, staffId, contactedAt, ...given, sealed, sealedAnswer },
      status: 201,
      receipt: { id: responderId, kind },
      location: `/v1/crises/${crisisId}`,
    }
  })
}

const responderOf = ({ facts }: LoadedCrisis, id: string) => {
  const responder = facts.responders.find(each => each.id === id)
  if (!responder) throw new Problem('not_found')
  if (responder.released) throw new Problem('responder_settled')
  return responder
}

/** Records when a responder was contacted. @throws Problem not_found, responder_settled, time_out_of_order */
export const contactCrisisResponder = (
  deps: Deps,
  request: Request,
  input: { crisisId: string; responderId: string; contactedAt: string },
) => {
  const about = { crisisId: input.crisisId, permission: 'crisis:respond', writable: 'lasting' } as const
  return onCrisis(deps, request, about, saveContacted, (found, now) => {
    if (responderOf(found, input.responderId).contactedAt !== null) throw new Problem('responder_settled')
    requirePast(now, input.contactedAt, beganAt(found))
    const data = { responderId: input.responderId, contactedAt: input.contactedAt }
    return { type: 'crisis.responder_contacted', data, effects: data, status: 201, receipt: { id: input.responderId } }
  })
}

/**
 * Records what a responder answered; whoever could not help may answer anew.
 * @throws Problem not_found, responder_settled, responder_not_contacted, time_out_of_order
 */
export const answerCrisisResponder = (
  deps: Deps,
  request: Request,
  input: ResponderAnswer & { crisisId: string; responderId: string },
) => {
  const { crisisId, responderId, answer, answeredAt, note } = input
  const about = { crisisId, permission: 'crisis:respond', writable: 'lasting' } as const
  return onCrisis(deps, request, about, saveAnswered, (found, now) => {
    const { contactedAt } = responderOf(found, responderId)
    if (contactedAt === null) throw new Problem('responder_not_contacted')
    requirePast(now, answeredAt, contactedAt)
    const words = where(request, crisisId, responderId, 'sealed_answer')
    const sealedAnswer = sealWords(deps, words, found.dataKey, { note })
    return {
      type: 'crisis.responder_answered',
      data: { responderId, answer, answeredAt },
      effects: { responderId, answer, answeredAt, sealedAnswer },
      status: 201,
      receipt: { id: responderId, answer },
    }
  })
}

/** Releases a responder: a staff member reads the crisis no longer. @throws Problem not_found, responder_settled */
export const releaseCrisisResponder = (
  deps: Deps,
  request: Request,
  input: { crisisId: string; responderId: string },
) => {
  const about = { crisisId: input.crisisId, permission: 'crisis:decide', writable: 'unclosed' } as const
  return onCrisis(deps, request, about, saveReleased, found => {
    responderOf(found, input.responderId)
    const data = { responderId: input.responderId }
    return { type: 'crisis.responder_released', data, effects: data, status: 201, receipt: { id: input.responderId } }
  })
}
