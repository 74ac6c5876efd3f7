import type { Ambient } from '../platform/ambient.ts'
import { attempt, commit, replayed } from '../platform/command.ts'
import type { Database, Door } from '../platform/database.ts'
import type { Answer, Caller, Idempotency } from '../platform/http/route.ts'
import type { Entry } from '../platform/journal.ts'
import { Problem } from '../practice/problems.ts'
import { actorOf, authorise, type KnownCaller } from './actor.ts'
import type { Collection, RefKind, Refs } from './collections.ts'
import { closeTree, type Found, lockRoster, rosterStatements } from './roster-queries.ts'
import {
  type GivenIdentity,
  identitiesOf,
  type Row,
  refuseCycle,
  refuseRepeated,
  refuseTaken,
  refuseUnresolved,
  rowsOf,
} from './roster-rows.ts'

/** What the commands of this slice are given. */
export interface PeopleDeps {
  readonly db: Database
  readonly ambient: Ambient
}

interface Request {
  readonly caller: Caller
  readonly idempotency: Idempotency | null
  readonly requestId: string
}

type Statements = NonNullable<ReturnType<typeof rosterStatements.get>>

/**
 * Brings up to 1,000 rows of a collection into the roster, found by the institution's own ids: all or nothing,
 * repeatable. Answers how many were new, changed and as they were. Calls of one institution wait for one another.
 * @throws Problem not_permitted, duplicate_row, unknown_reference, identity_taken, unit_cycle
 */
export const upsert = async (
  deps: PeopleDeps,
  request: Request,
  collection: Collection,
  items: readonly unknown[],
): Promise<Answer> => {
  const { caller, idempotency } = request
  const known = await authorise(deps.db.as(caller.institution), caller, 'roster:write', deps.ambient.now())
  refuseRepeated(collection, items)
  const identities = identitiesOf(items)
  const sql = rosterStatements.get(collection.name) as Statements
  const once = () =>
    deps.db.transaction(async door => {
      const tenant = door.as(caller.institution)
      await tenant.rows(lockRoster)
      // load
      const found = await load(door, request, sql, collection, items, known, identities)
      const before = replayed(found.replay, idempotency)
      if (before) return before
      // decide
      const { rows, refs } = decide(deps, collection, items, found, identities)
      // save, tell
      return save(deps, door, request, collection, sql, known, rows, refs)
    })
  return attempt(idempotency, async () => ({ replay: null }), once)
}

const load = async (
  door: Door,
  { caller, idempotency }: Request,
  sql: Statements,
  collection: Collection,
  items: readonly unknown[],
  known: KnownCaller,
  identities: readonly GivenIdentity[],
): Promise<Found> => {
  const wanted: Record<RefKind, string[]> = { units: [], students: [], courses: [], terms: [] }
  for (const ref of items.flatMap(item => collection.refsOf(item))) wanted[ref.kind].push(ref.id)
  const [row] = await door
    .as(caller.institution)
    .rows(
      sql.load,
      known.id,
      idempotency?.key ?? null,
      JSON.stringify(items.map(item => collection.keyOf(item))),
      JSON.stringify(wanted),
      JSON.stringify(identities),
    )
  return (row as { found: Found }).found
}

const decide = (
  deps: PeopleDeps,
  collection: Collection,
  items: readonly unknown[],
  found: Found,
  identities: readonly GivenIdentity[],
): { rows: Row[]; refs: Refs } => {
  const rows = rowsOf(collection, items, found.known, deps.ambient.newId)
  const { own } = collection
  const refs: Refs = own
    ? { ...found.refs, [own]: { ...found.refs[own], ...Object.fromEntries(rows.map(row => [row.key, row.id])) } }
    : found.refs
  refuseUnresolved(collection, items, refs)
  refuseTaken(rows, identities, found.linked)
  if (own) refuseCycle(rows)
  return { rows, refs }
}

/** The entries that tell of changed rows. */
const entriesOf = (
  deps: PeopleDeps,
  { caller: { institution }, requestId }: Request,
  collection: Collection,
  known: KnownCaller,
  changed: readonly Row[],
): Entry[] => {
  const at = deps.ambient.now().toISOString()
  const told = (type: string, kind: string, id: string, data: Readonly<Record<string, unknown>>): Entry => ({
    id: deps.ambient.newId(),
    type,
    at,
    institution,
    actor: actorOf(known),
    subject: { kind, id, version: null },
    caseId: null,
    request: requestId,
    data,
  })
  const created = changed.filter(row => row.before === null).length
  const figures = { collection: collection.name, created, updated: changed.length - created }
  const moved = changed.filter(row => row.before && row.before.enrolmentStatus !== row.item.enrolmentStatus)
  return [
    ...(changed.length > 0 ? [told('roster.changed', 'institution', institution, figures)] : []),
    ...moved.map(row =>
      told('student.enrolment_changed', 'student', row.id, {
        from: row.before?.enrolmentStatus,
        to: row.item.enrolmentStatus,
      }),
    ),
  ]
}

const save = async (
  deps: PeopleDeps,
  door: Door,
  request: Request,
  collection: Collection,
  sql: Statements,
  known: KnownCaller,
  rows: readonly Row[],
  refs: Refs,
): Promise<Answer | null> => {
  const { institution } = request.caller
  const changed = rows.filter(row => row.changed)
  const created = changed.filter(row => row.before === null).length
  const receipt = { created, updated: changed.length - created, unchanged: rows.length - changed.length }
  const withContactIds = (row: Record<string, unknown>) =>
    Array.isArray(row.contacts)
      ? { ...row, contacts: row.contacts.map(each => ({ ...each, id: deps.ambient.newId() })) }
      : row
  const written = changed.map(row => {
    // Identities that are not given stay as they are.
    const item = { ...row.item, identities: row.given.identities }
    return withContactIds(collection.rowOf(item, row.id, refs))
  })
  const done = await commit(door.as(institution), sql.save, {
    actorId: known.id as string,
    idempotency: request.idempotency,
    status: 200,
    receipt,
    entries: entriesOf(deps, request, collection, known, changed),
    effects: { at: deps.ambient.now().toISOString(), rows: written },
    wallClock: deps.ambient.wallClock(),
  })
  if (done && collection.own) {
    const [tree] = await door.system.rows(closeTree, institution)
    if (tree?.cycle) throw new Problem('unit_cycle')
  }
  return done ? { status: 200, body: receipt } : null
}
