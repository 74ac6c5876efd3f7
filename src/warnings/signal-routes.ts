import { z } from 'zod'
import { Id } from '../people/schemas.ts'
import { RequestInvalid } from '../platform/http/problems.ts'
import { type Answer, type Call, defineRoute, type Route } from '../platform/http/route.ts'
import type { Deps } from '../platform/subject.ts'
import { Problem, type ProblemCode } from '../practice/problems.ts'
import { raisedADay, raisedWithinDays } from '../practice/signals.ts'
import { type Received, receiveByToken, receiveSigned } from './signal-doors.ts'
import {
  AcademicSignal,
  RaisedSignal,
  SignalBatch,
  SignalCsv,
  SignalEvent,
  SignalEventBatch,
  SignalsTaken,
  SignalTaken,
} from './signal-schemas.ts'

const tag = 'Signals'
const batchBytes = 5 * 1024 * 1024

/** Ids as they were given first: a repeated request by hand may have left them out. */
const idsOf = (received: Received): readonly (string | null)[] =>
  (received.before?.receipt.ids as (string | null)[] | undefined | null) ?? received.items.map(each => each.externalId)

const accepted = (received: Received, body: unknown): Answer => ({
  status: 202,
  body,
  ...(received.before ? { replayed: true } : {}),
})

const answerOne = (received: Received): Answer => {
  const [verdict] = received.verdicts
  if (verdict?.code === 'invalid_request') throw new RequestInvalid([...(verdict.errors ?? [])])
  if (verdict?.code === 'kind_not_permitted')
    throw new Problem(verdict.code, { kinds: received.intake.facts.kinds ?? [] })
  if (verdict?.code) throw new Problem(verdict.code)
  return accepted(received, { externalId: idsOf(received)[0], result: verdict?.result })
}

const answerMany = (received: Received): Answer => {
  const ids = idsOf(received)
  return accepted(received, {
    items: received.verdicts.map((verdict, at) => ({ externalId: ids[at] ?? null, ...verdict })),
  })
}

const taking: readonly ProblemCode[] = [
  'source_disabled',
  'quota_exhausted',
  'idempotency_key_reused',
  'request_in_progress',
  'key_is_erased',
]
const single: readonly ProblemCode[] = ['kind_not_permitted', 'observed_in_future', 'signal_keeps_student']
const singleByHand: readonly ProblemCode[] = [...single, 'observed_too_long_ago']
const byToken: readonly ProblemCode[] = ['not_permitted', 'no_source_linked']
const bySignature: readonly ProblemCode[] = ['signature_invalid', 'signature_expired']

const stored =
  'Stored, then 202. The same signal (source and `externalId`) is stored once for ever; an older observation never replaces a newer one; `status: cleared` says that it holds no more. The answer never tells whether the student is known, or has an alert or a case.'

const tokenRoutes = (deps: Deps): Route[] => [
  defineRoute({
    operationId: 'sendSignal',
    method: 'POST',
    path: '/v1/signals',
    summary: 'Send one signal, as a machine client, as staff, or as a student about oneself',
    description: `${stored}\n\nA machine client sends as the source it is linked to. Staff and students may leave out \`externalId\` and \`observedAt\`; what they raise was observed within ${raisedWithinDays} days, and a student raises ${raisedADay.student} signals a day at most, staff ${raisedADay.staff}. CloudEvents: structured, or binary with \`ce-\` headers; type \`academic.signal.v1\`.`,
    tag,
    permission: 'signals:write',
    raw: {
      'application/json': z.union([AcademicSignal, RaisedSignal]).meta({
        id: 'SendSignal',
        examples: [{ kind: 'request_for_help', severity: 'yellow', note: '最近跟不上,想找老师聊聊。' }],
      }),
      'application/cloudevents+json': SignalEvent,
    },
    answers: { 202: SignalTaken },
    problems: [...taking, ...singleByHand, ...byToken],
    idempotency: 'accepted',
    writes: ['signals.received'],
    handle: async call => answerOne(await receiveByToken(deps, call, false)),
  }),
  defineRoute({
    operationId: 'sendSignals',
    method: 'POST',
    path: '/v1/signals/batch',
    summary: 'Send up to 1,000 signals; each is taken or refused for itself',
    description: `${stored}\n\nAs JSON, as a batch of CloudEvents, or as CSV; 5 MiB at most.`,
    tag,
    permission: 'signals:write',
    raw: {
      'application/json': SignalBatch,
      'application/cloudevents-batch+json': SignalEventBatch,
      'text/csv': SignalCsv,
    },
    bodyLimit: batchBytes,
    answers: { 202: SignalsTaken },
    problems: [...taking, 'bad_csv', ...byToken],
    idempotency: 'accepted',
    writes: ['signals.received'],
    handle: async call => answerMany(await receiveByToken(deps, call, true)),
  }),
]

const SourceParams = z.strictObject({ sourceId: Id.describe('Source') })
type SignedCall = Call<z.output<typeof SourceParams>>

const signing =
  'Signed by Standard Webhooks: `webhook-id`, `webhook-timestamp` (±5 minutes), `webhook-signature`. A `webhook-id` sent again within a day gets the first answer again.'

const signedRoutes = (deps: Deps): Route[] => [
  defineRoute({
    operationId: 'sendSignedSignal',
    method: 'POST',
    path: '/v1/signal-sources/:sourceId/signals',
    summary: 'Send one signal, signed with the secret of its source',
    description: `${stored}\n\n${signing}`,
    tag,
    permission: 'signals:send',
    params: SourceParams,
    raw: { 'application/json': AcademicSignal, 'application/cloudevents+json': SignalEvent },
    answers: { 202: SignalTaken },
    problems: [...taking, ...single, ...bySignature],
    writes: ['signals.received'],
    handle: async (call: SignedCall) => answerOne(await receiveSigned(deps, call, call.params.sourceId, false)),
  }),
  defineRoute({
    operationId: 'sendSignedSignals',
    method: 'POST',
    path: '/v1/signal-sources/:sourceId/signals/batch',
    summary: 'Send up to 1,000 signals, signed with the secret of their source',
    description: `${stored}\n\n${signing}`,
    tag,
    permission: 'signals:send',
    params: SourceParams,
    raw: {
      'application/json': SignalBatch,
      'application/cloudevents-batch+json': SignalEventBatch,
      'text/csv': SignalCsv,
    },
    bodyLimit: batchBytes,
    answers: { 202: SignalsTaken },
    problems: [...taking, 'bad_csv', ...bySignature],
    writes: ['signals.received'],
    handle: async (call: SignedCall) => answerMany(await receiveSigned(deps, call, call.params.sourceId, true)),
  }),
]

/** Doors by which signals come in. */
export const signalRoutes = (deps: Deps): Route[] => [...tokenRoutes(deps), ...signedRoutes(deps)]
