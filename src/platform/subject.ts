import type { EventType } from '../practice/events.ts'
import type { Ambient } from './ambient.ts'
import { answerOf, commandStatement, commit } from './command.ts'
import type { Door } from './database.ts'
import type { Answer, Call, Caller, Idempotency } from './http/route.ts'
import type { Actor, Entry } from './journal.ts'
import { sealBytes } from './words.ts'

/** What the commands of a slice are given. */
export interface Deps {
  readonly db: Door
  readonly ambient: Ambient
}

/** The request a command serves. */
export interface Request {
  readonly caller: Caller
  readonly idempotency: Idempotency | null
  readonly requestId: string
  readonly accessReason: string | null
}

/** The part of a call that commands are told. */
export const requestOf = (call: Call): Request => ({
  caller: call.caller,
  idempotency: call.idempotency,
  requestId: call.requestId,
  accessReason: call.accessReason,
})

/** A guarded subject as a command found it: what its change is compared with and sealed under. */
export interface Subject {
  /** Name in entries and receipts: `case` gives `caseId` and `caseVersion`. */
  readonly kind: string
  readonly id: string
  readonly version: number
  /** Rises with every write about the subject, drafts included. */
  readonly writes: number
  /** Wrapped data key, base64; null once erased. */
  readonly dataKey: string | null
  /** The case whose timeline shows the change. */
  readonly caseId: string | null
}

/**
 * A statement that changes one row of a guarded table: compare of its writes, version rises, `set` further columns, the
 * command's words, `effects` (CTEs over `given` and the changed row `c`, guarded by joining `c`). Effects JSON:
 * `subjectId`, `version` (before), `writes`, `at`, `words`, `entryId` and what `set` and `effects` read. `first` holds and
 * compares rows of other subjects that change along: CTEs, and the condition without which nothing changes.
 */
export const subjectStatement = (
  table: string,
  name: string,
  set = '',
  effects = '',
  first?: { readonly ctes: string; readonly holds: string },
) =>
  commandStatement(
    name,
    `${first ? `${first.ctes},\n` : ''}c as (update ${table} set version = ${table}.version + 1, writes = ${table}.writes + 1, updated_at = (given.e->>'at')::timestamptz${set ? `, ${set}` : ''}
  from given where ${table}.institution_id = $1::uuid and ${table}.id = (given.e->>'subjectId')::uuid
    and ${table}.writes = (given.e->>'writes')::int${first ? ` and ${first.holds}` : ''} and (select ok from free) returning ${table}.*),
words as (insert into vault (institution_id, id, subject_id, sealed)
  select $1::uuid, (e->>'entryId')::uuid, c.id, decode(e->>'words', 'base64') from given cross join c where e->>'words' is not null)${effects ? `,\n${effects}` : ''}`,
    'exists (select from c)',
  )

/** One change of a subject, to be saved and told. */
export interface Change {
  readonly type: EventType
  readonly reason?: string | null
  readonly onBehalfOf?: string
  readonly fields?: readonly string[]
  readonly data?: Readonly<Record<string, unknown>>
  /** Words given with the command: encrypted, named by the entry. */
  readonly words?: string | null
  readonly effects?: Readonly<Record<string, unknown>>
  readonly status: number
  /** Entries about other subjects that change along. */
  readonly along?: readonly Entry[]
  /** Answer beside id and version of the subject. */
  readonly receipt?: Readonly<Record<string, unknown>>
  readonly location?: string
}

/** Saves and tells one change of a subject. @returns the answer, or null when the compare was lost */
export const changeSubject = async (
  { db, ambient }: Deps,
  statement: ReturnType<typeof subjectStatement>,
  request: Request,
  actor: Actor,
  subject: Subject,
  change: Change,
): Promise<Answer | null> => {
  const { institution } = request.caller
  const at = ambient.now().toISOString()
  const entryId = ambient.newId()
  const version = subject.version + 1
  const place = { institution, subject: subject.id, table: 'vault', row: entryId, field: 'words' }
  const entry: Entry = {
    id: entryId,
    type: change.type,
    at,
    institution,
    actor,
    ...(change.onBehalfOf ? { onBehalfOf: change.onBehalfOf } : {}),
    subject: { kind: subject.kind, id: subject.id, version },
    caseId: subject.caseId,
    ...(subject.kind === 'case' ? { caseVersion: version } : {}),
    ...(change.reason ? { reason: change.reason } : {}),
    request: request.requestId,
    ...(change.fields ? { fields: change.fields } : {}),
    data: { ...change.data, ...(change.words ? { wordsId: entryId } : {}) },
  }
  const receipt = { [`${subject.kind}Id`]: subject.id, ...change.receipt, [`${subject.kind}Version`]: version }
  const done = await commit(db.as(institution), statement, {
    actorId: actor.id,
    idempotency: request.idempotency,
    status: change.status,
    receipt,
    entries: [entry, ...(change.along ?? [])],
    effects: {
      ...change.effects,
      subjectId: subject.id,
      version: subject.version,
      writes: subject.writes,
      at,
      entryId,
      words: change.words ? sealBytes(ambient, place, subject.dataKey, change.words) : null,
    },
    location: change.location,
    wallClock: ambient.wallClock(),
  })
  return done ? answerOf(change.status, receipt, change.location) : null
}
