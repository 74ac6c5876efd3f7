import { randomUUID } from 'node:crypto'
import type { Test } from 'tap'
import { operationWork } from '../../src/platform/operation-work.ts'
import { defineOperation, type OperationKind, startOperation } from '../../src/platform/operations.ts'
import { givenSchool, givenService, type Service } from './service.ts'

/** A process that can run kinds of work; `onFault` collects what it told of. */
export const processWith = (service: Service, ...kinds: OperationKind[]) => {
  const draining = new AbortController()
  const faults: unknown[] = []
  const onFault = (error: unknown) => faults.push(error)
  const work = operationWork({
    db: service.db,
    ambient: service.deps.ambient,
    kinds,
    draining: draining.signal,
    onFault,
  })
  return { work, drain: () => draining.abort(), faults }
}

/** Asks for long work as staff. */
export const start = async (service: Service, kind: string, actorId: string, key: string | null = null) => {
  const asked = {
    institution: service.institution,
    idempotency: key ? { key, fingerprint: 'same', askedAt: service.clock.now } : null,
    requestId: randomUUID(),
  }
  const actor = { kind: 'staff', id: actorId } as const
  return startOperation(service.deps, asked, { kind, actor, input: { n: 3 } })
}

/** A school, and who asks for and reads long work there. */
export const givenOperations = async (t: Test) => {
  const service = await givenService(t)
  const { staff } = await givenSchool(service)
  const ask = async (kind: string, account = 'owner') =>
    ((await start(service, kind, staff[account] as string)).body as { id: string }).id
  const read = async (id: string, account = 'owner', headers = {}) =>
    (await service.call(account, 'GET', `/v1/operations/${id}`, undefined, headers)).body
  return { service, staff, ask, read }
}

/** Counts to its input's `n`, a step each. */
export const counting = defineOperation(
  'count',
  'operation:read',
  async context => {
    const { n } = context.input as { n: number }
    const from = (context.state as { at: number } | null)?.at ?? 0
    for (let at = from + 1; at <= n; at++) await context.step(async () => ({ done: at, total: n, state: { at } }))
    return { counted: n, from }
  },
  { soFar: (input, state) => ({ of: input, state }) },
)

/** Something that is opened once. */
export const gate = () => {
  let open = () => {}
  const opened = new Promise<void>(resolve => {
    open = resolve
  })
  return { open, opened }
}

/** What the journal holds of an operation. */
export const entriesOfOperation = async (service: Service, id: string) =>
  (
    await service.asOwner(
      `select type, subject_version as version, entry::json->'data' as data from journal where subject_id = '${id}' order by seq`,
    )
  ).map(({ type, version, data }) => ({ type, version, ...(data as object) }))
