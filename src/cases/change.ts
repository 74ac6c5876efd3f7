import { actorOf } from '../people/actor.ts'
import type { Ambient } from '../platform/ambient.ts'
import { attempt, commandStatement, commit } from '../platform/command.ts'
import type { Database, Statement } from '../platform/database.ts'
import type { Answer, Caller, Idempotency } from '../platform/http/route.ts'
import type { Entry } from '../platform/journal.ts'
import type { EventType } from '../practice/events.ts'
import type { PermissionName } from '../practice/permissions.ts'
import { type Found, type Loaded, loadCase, loadStatement, requireVersion } from './facts.ts'
import { sealBytes } from './words.ts'

/** What the commands of this slice are given. */
export interface CaseDeps {
  readonly db: Database
  readonly ambient: Ambient
}

/** The request a command serves. */
export interface Request {
  readonly caller: Caller
  readonly idempotency: Idempotency | null
  readonly requestId: string
  readonly accessReason: string | null
}

/**
 * A statement that changes one case: compare of its writes, version rises, `set` further columns, the command's words, `effects`
 * (CTEs over `given` and `c`, guarded by joining `c`). Effects JSON: `caseId`, `version` (before), `writes`, `at`, `words`, `entryId` and
 * what `set` and `effects` read.
 */
export const changeStatement = (name: string, set = '', effects = '') =>
  commandStatement(
    name,
    `c as (update cases set version = cases.version + 1, writes = cases.writes + 1, updated_at = (given.e->>'at')::timestamptz${set ? `, ${set}` : ''}
  from given where cases.institution_id = $1::uuid and cases.id = (given.e->>'caseId')::uuid
    and cases.writes = (given.e->>'writes')::int and (select ok from free) returning cases.*),
words as (insert into vault (institution_id, id, case_id, sealed)
  select $1::uuid, (e->>'entryId')::uuid, c.id, decode(e->>'words', 'base64') from given cross join c where e->>'words' is not null)${effects ? `,\n${effects}` : ''}`,
    'exists (select from c)',
  )

/** One change of a case, to be saved and told. */
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
  /** Answer beside `caseId` and `version`. */
  readonly receipt?: Readonly<Record<string, unknown>>
  readonly location?: string
}

/** Saves and tells one change of a case. @returns the answer, or null when the version compare was lost */
export const changeCase = async (
  { db, ambient }: CaseDeps,
  statement: ReturnType<typeof changeStatement>,
  request: Request,
  loaded: Loaded,
  change: Change,
): Promise<Answer | null> => {
  const { institution } = request.caller
  const { facts } = loaded
  const at = ambient.now().toISOString()
  const entryId = ambient.newId()
  const version = facts.version + 1
  const place = { institution, caseId: facts.id, table: 'vault', row: entryId, field: 'words' }
  const entry: Entry = {
    id: entryId,
    type: change.type,
    at,
    institution,
    actor: actorOf(loaded.caller),
    ...(change.onBehalfOf ? { onBehalfOf: change.onBehalfOf } : {}),
    subject: { kind: 'case', id: facts.id, version },
    caseId: facts.id,
    caseVersion: version,
    ...(change.reason ? { reason: change.reason } : {}),
    request: request.requestId,
    ...(change.fields ? { fields: change.fields } : {}),
    data: { ...change.data, ...(change.words ? { wordsId: entryId } : {}) },
  }
  const receipt = { caseId: facts.id, ...change.receipt, caseVersion: version }
  const done = await commit(db.as(institution), statement, {
    actorId: loaded.caller.id as string,
    idempotency: request.idempotency,
    status: change.status,
    receipt,
    entries: [entry],
    effects: {
      ...change.effects,
      caseId: facts.id,
      version: facts.version,
      writes: facts.writes,
      at,
      entryId,
      words: change.words ? sealBytes(ambient, place, loaded.dataKey, change.words) : null,
    },
    wallClock: ambient.wallClock(),
  })
  if (!done) return null
  return {
    status: change.status,
    body: receipt,
    etag: version,
    ...(change.location ? { location: change.location } : {}),
  }
}

const loadPlain = loadStatement('cases.load')

/** A command that loads a case, decides and changes it: what most commands are. */
export const onCase = <X extends object = object>(
  deps: CaseDeps,
  request: Request,
  about: {
    readonly caseId: string
    readonly ifMatch: number | null
    readonly permission: PermissionName
    readonly load?: Statement<{ found: Found & X }>
    readonly params?: readonly (string | number | null)[]
  },
  save: ReturnType<typeof changeStatement>,
  decide: (found: Loaded<X>) => Change,
): Promise<Answer> => {
  const { caller, idempotency } = request
  const subject = { caller, caseId: about.caseId, now: deps.ambient.now(), idempotency }
  const load = about.load ?? (loadPlain as unknown as Statement<{ found: Found & X }>)
  return attempt(
    idempotency,
    () => loadCase(deps.db.as(caller.institution), load, about.permission, subject, ...(about.params ?? [])),
    async found => {
      requireVersion(about.ifMatch, found.facts.version)
      return changeCase(deps, save, request, found, decide(found))
    },
  )
}
