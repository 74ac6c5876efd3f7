import { randomUUID } from 'node:crypto'
import type { Route } from '../../src/platform/http/route.ts'
import { act, alertVersion, fuse, givenSignals } from '../support/alerts.ts'
import { givenCrisis, onCrisis, readCrisis } from '../support/crises.ts'
import type { Service, Told } from '../support/service.ts'
import { aSignal, givenSource } from '../support/signals.ts'

type Params = Readonly<Record<string, string>>

/** What warnings are asked about: ids of the path, those of single operations, and versions where they decide. */
export interface WarningStage {
  readonly params: Params
  readonly apart: Readonly<Record<string, Params>>
  readonly versions: Readonly<Record<string, number>>
  readonly bodies: Readonly<Record<string, object>>
}

const at = '2026-09-14T01:30:00Z'

const made = (told: Told): string => {
  if (told.status !== 201) throw new Error(told.text)
  return told.body.id
}

/** An alert with an objection, and a second of the same student it could be merged into; both of the owner. */
const givenAlerts = async (service: Service, ids: Params) => {
  const [studentId, toId] = [ids['1'] as string, ids.owner as string]
  const signals = await givenSignals(service, [
    { studentId, kind: 'low_mood', severity: 'orange' },
    { studentId, kind: 'absence', severity: 'yellow' },
  ])
  await fuse(service)
  const [row] = await service.asOwner(
    `select a.id, s.external_id as owner from alerts a join staff s on s.id = a.owner_id where a.student_id = '${studentId}'`,
  )
  const alertId = String(row?.id)
  if (row?.owner !== 'owner') await act(service, 'lineManager', alertId, 'owner', { toId })
  const split = await act(service, 'owner', alertId, 'splitting', { signalIds: [signals[1]] })
  if (split.status !== 201) throw new Error(split.text)
  await act(service, 'owner', alertId, 'transitions', { to: 'acknowledged' })
  made(await act(service, 'owner', alertId, 'notices', { to: 'student', method: 'phone', outcome: 'given' }))
  const objectionId = made(await act(service, 'student-1', alertId, 'objections', { words: '成绩有误。' }))
  return { alertId, objectionId, into: String(split.body.newAlertId), signals }
}

/** A crisis the recipient opened for the owner to lead; the co-worker responds, the past co-worker was released. */
const givenCrisisWithAll = async (service: Service, ids: Params) => {
  const crisisId = await givenCrisis(service, ids['1'] as string, { leadId: ids.owner }, 'recipient')
  const file = async (path: string, body?: object) => made(await onCrisis(service, crisisId, path, body))
  await file('responders', { kind: 'staff', staffId: ids.coWorker })
  await file(`responders/${await file('responders', { kind: 'staff', staffId: ids.pastCoWorker })}/release`)
  const params = {
    crisisId,
    responderId: await file('responders', { kind: 'friend', name: '室友', contactedAt: at }),
    measureId: await file('measures', { kind: 'companion', basis: 'student_consent', from: at, note: '陪护。' }),
    decisionId: await file('decisions', { decision: 'leave', decidedOn: '2026-09-14', note: '休学。' }),
  }
  await onCrisis(service, crisisId, 'outcome', { outcome: 'leave', on: '2026-09-14', note: '休学。' })
  const [words] = await service.asOwner(`select id from vault where subject_id = '${crisisId}' limit 1`)
  return { params, wordsId: String(words?.id) }
}

/** The source the machine clients of the matrix send as: they are one client with this or that scope. */
const givenLinkedSource = async (service: Service) => {
  const { id, clientId } = await givenSource(service)
  await service.asOwner(
    `update signal_sources set client_id = null where id = '${id}';
     update clients set id = '${service.institution}' where id = '${clientId}';
     update signal_sources set client_id = '${service.institution}' where id = '${id}'`,
  )
  return id
}

/** An alert, a crisis and a source with one of everything, about the student of the case. */
export const givenWarnings = async (service: Service, ids: Params): Promise<WarningStage> => {
  const { alertId, objectionId, into, signals } = await givenAlerts(service, ids)
  const crisis = await givenCrisisWithAll(service, ids)
  const { crisisId } = crisis.params
  return {
    params: { ...crisis.params, alertId, objectionId, sourceId: await givenLinkedSource(service) },
    apart: { getCrisisWords: { wordsId: crisis.wordsId } },
    versions: {
      moveAlert: await alertVersion(service, alertId),
      moveCrisis: (await readCrisis(service, crisisId)).version,
    },
    bodies: {
      moveAlert: { to: 'resolved' },
      mergeAlerts: { into },
      splitAlert: { signalIds: [signals[0]] },
      moveCrisis: { to: 'debriefed', reason: 'handed_over', note: '已移交。' },
      openCrisis: { studentId: ids['1'], kind: 'safety', note: '电话不通。' },
    },
  }
}

/** A signal as this account may send it: staff name the student, students leave them out, systems fill all in. */
export const signalOf = (account: string): object => {
  if (account.startsWith('client')) return aSignal()
  const raised = { kind: 'absence', severity: 'yellow', externalId: randomUUID() }
  return account.startsWith('student') ? raised : { ...raised, student: '1' }
}

/** The body of an operation about signals that reads it itself. */
export const rawBodyOf = ({ operationId }: Route, account: string): object => {
  const signal = operationId.startsWith('sendSigned') ? aSignal() : signalOf(account)
  return /Signals$/.test(operationId) ? { items: [signal] } : signal
}
