import type { FieldFault } from '../kernel/problem.ts'
import { canonicalJson } from '../kernel/signature.ts'
import type { Ambient } from '../platform/ambient.ts'
import { attempt, commandStatement, commit, type Replay, replayJson } from '../platform/command.ts'
import { type Database, systemStatement, type Tenant, tenantStatement } from '../platform/database.ts'
import type { Answer, Caller, Idempotency } from '../platform/http/route.ts'
import type { Entry } from '../platform/journal.ts'
import { Problem } from '../practice/problems.ts'
import {
  actorOf,
  callerCtes,
  callerJson,
  callerParams,
  type KnownCaller,
  knownCaller,
  requirePermission,
} from './actor.ts'
import { type Collection, collections, type RefKind, type Refs } from './collections.ts'

/** What the commands of this slice are given. */
export interface PeopleDeps {
  readonly db: Database
  readonly ambient: Ambient
}

interface Found {
  readonly caller: KnownCaller
  readonly replay: Replay | null
  readonly refs: Refs
  readonly known: Readonly<Record<string, { readonly id: string; readonly item: Readonly<Record<string, unknown>> }>>
}

const refMap = (kind: RefKind, table: string, key: string) =>
  `'${kind}', (select coalesce(json_object_agg(r.${key}, r.id), '{}') from ${table} r where r.institution_id = $1::uuid
    and r.${key} in (select jsonb_array_elements_text($7::jsonb->'${kind}')))`

/** Parameters: 1–4 caller, 5 idempotency key, 6 keys, 7 references by kind, 8 actor id of a machine client. */
const loadOf = (collection: Collection) =>
  tenantStatement<{ found: Found }>(
    `roster.load_${collection.name}`,
    `with ${callerCtes},
keys as materialized (select jsonb_array_elements_text($6::jsonb) as key)
select json_build_object('caller', ${callerJson},
  'replay', ${replayJson('coalesce((select person_id from me), $8::uuid)', '$5::text')},
  'refs', json_build_object(${refMap('units', 'org_units', 'external_id')}, ${refMap('students', 'students', 'number')},
    ${refMap('courses', 'courses', 'external_id')}, ${refMap('terms', 'terms', 'external_id')}),
  'known', (select coalesce(json_object_agg(k.key, json_build_object('id', k.id, 'item', k.item)), '{}') from (${collection.known}) k)) as found`,
  )

const statements = new Map(
  collections.map(collection => [
    collection.name,
    {
      load: loadOf(collection),
      save: commandStatement(`roster.save_${collection.name}`, collection.save, '(select ok from free)'),
    },
  ]),
)

/** The closure of the unit tree, made anew after units changed. */
const closeTree = systemStatement<{ cycle: boolean }>(
  'roster.close_tree',
  `with recursive up as (
    select id as unit_id, id as ancestor_id, parent_id, 0 as depth from org_units where institution_id = $1::uuid
    union all
    select up.unit_id, p.id, p.parent_id, up.depth + 1 from up join org_units p on p.institution_id = $1::uuid and p.id = up.parent_id
    where up.depth < 50),
  gone as (delete from org_ancestors a where a.institution_id = $1::uuid
    and not exists (select from up where up.unit_id = a.unit_id and up.ancestor_id = a.ancestor_id)),
  made as (insert into org_ancestors (institution_id, unit_id, ancestor_id, depth)
    select $1::uuid, unit_id, ancestor_id, min(depth) from up group by unit_id, ancestor_id
    on conflict (institution_id, unit_id, ancestor_id) do update set depth = excluded.depth where org_ancestors.depth <> excluded.depth)
  select exists (select from up where depth >= 50) as cycle`,
)

interface Row {
  readonly item: Record<string, unknown>
  readonly key: string
  readonly id: string
  readonly before: Readonly<Record<string, unknown>> | null
}

const sorted = (list: unknown): unknown =>
  Array.isArray(list) ? [...list].sort((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1)) : list

/** Whether a known row differs from the item given; members not given do not count. */
const differs = (before: Readonly<Record<string, unknown>>, item: Readonly<Record<string, unknown>>): boolean =>
  Object.entries(item).some(
    ([member, value]) => value !== undefined && canonicalJson(sorted(value)) !== canonicalJson(sorted(before[member])),
  )

const repeatedKeys = (collection: Collection, items: readonly unknown[]): FieldFault[] => {
  const seen = new Set<string>()
  return items.flatMap((item, index) => {
    const key = collection.keyOf(item)
    if (!seen.has(key)) {
      seen.add(key)
      return []
    }
    return [{ pointer: `/items/${index}`, code: 'duplicate_row', detail: 'the id stands twice in this call' }]
  })
}

const unresolved = (collection: Collection, items: readonly unknown[], refs: Refs): FieldFault[] =>
  items.flatMap((item, index) =>
    collection
      .refsOf(item)
      .filter(ref => refs[ref.kind][ref.id] === undefined)
      .map(ref => ({
        pointer: `/items/${index}${ref.pointer}`,
        code: 'unknown_reference',
        detail: 'not in the roster',
      })),
  )

/** Whether following parents within one call comes back to where it began. */
const hasCycle = (rows: readonly Row[]): boolean => {
  const parents = new Map(rows.map(row => [row.key, row.item.parent as string | null | undefined]))
  return rows.some(row => {
    let at = parents.get(row.key)
    for (let steps = 0; at && steps <= parents.size; steps++) {
      if (at === row.key) return true
      at = parents.get(at)
    }
    return false
  })
}

/**
 * Brings up to 1,000 rows of a collection into the roster, found by the institution's own ids: all or nothing,
 * repeatable. Answers how many were new, changed and as they were.
 * @throws Problem not_permitted, duplicate_row, unknown_reference, unit_cycle
 */
export const upsert = (
  deps: PeopleDeps,
  request: { readonly caller: Caller; readonly idempotency: Idempotency | null; readonly requestId: string },
  collection: Collection,
  items: readonly unknown[],
): Promise<Answer> => {
  const { caller, idempotency } = request
  const tenant = deps.db.as(caller.institution)
  const sql = statements.get(collection.name) as {
    load: ReturnType<typeof loadOf>
    save: ReturnType<typeof commandStatement>
  }
  return attempt(
    idempotency,
    // load
    async () => {
      const wanted: Record<RefKind, string[]> = { units: [], students: [], courses: [], terms: [] }
      for (const ref of items.flatMap(item => collection.refsOf(item))) wanted[ref.kind].push(ref.id)
      const [row] = await tenant.rows(
        sql.load,
        ...callerParams(caller, deps.ambient.now()),
        idempotency?.key ?? null,
        JSON.stringify(items.map(item => collection.keyOf(item))),
        JSON.stringify(wanted),
        caller.clientId,
      )
      const { found } = row as { found: Found }
      const known = knownCaller(caller, found.caller)
      requirePermission(caller, known, 'roster:write')
      return { ...found, caller: known }
    },
    async found => {
      // decide
      const repeated = repeatedKeys(collection, items)
      if (repeated.length > 0) throw new Problem('duplicate_row', { errors: repeated.slice(0, 100) })
      const rows = (items as Record<string, unknown>[]).map((item): Row => {
        const before = found.known[collection.keyOf(item)]
        return {
          item,
          key: collection.keyOf(item),
          id: before?.id ?? deps.ambient.newId(),
          before: before?.item ?? null,
        }
      })
      const ownRefs = collection.own ? Object.fromEntries(rows.map(row => [row.key, row.id])) : {}
      const refs: Refs = collection.own
        ? { ...found.refs, [collection.own]: { ...found.refs[collection.own], ...ownRefs } }
        : found.refs
      const faults = unresolved(collection, items, refs)
      if (faults.length > 0) throw new Problem('unknown_reference', { errors: faults.slice(0, 100) })
      if (collection.own && hasCycle(rows)) throw new Problem('unit_cycle')
      // save, tell
      return save(deps, request, collection, sql.save, found.caller, rows, refs)
    },
  )
}

const save = async (
  deps: PeopleDeps,
  request: { readonly caller: Caller; readonly idempotency: Idempotency | null; readonly requestId: string },
  collection: Collection,
  statement: ReturnType<typeof commandStatement>,
  known: KnownCaller,
  rows: readonly Row[],
  refs: Refs,
): Promise<Answer | null> => {
  const { institution } = request.caller
  const changed = rows.filter(row => row.before === null || differs(row.before, row.item))
  const created = changed.filter(row => row.before === null).length
  const receipt = { created, updated: changed.length - created, unchanged: rows.length - changed.length }
  const at = deps.ambient.now().toISOString()
  const common = { at, institution, actor: actorOf(known), caseId: null, request: request.requestId }
  const statusOf = (row: Row) => row.before?.enrolmentStatus
  const entries: Entry[] = [
    ...(changed.length > 0
      ? [
          {
            ...common,
            id: deps.ambient.newId(),
            type: 'roster.changed',
            subject: { kind: 'institution', id: institution, version: null },
            data: { collection: collection.name, created, updated: receipt.updated },
          },
        ]
      : []),
    ...changed
      .filter(row => collection.name === 'students' && row.before && statusOf(row) !== row.item.enrolmentStatus)
      .map(row => ({
        ...common,
        id: deps.ambient.newId(),
        type: 'student.enrolment_changed',
        subject: { kind: 'student', id: row.id, version: null },
        data: { from: statusOf(row), to: row.item.enrolmentStatus },
      })),
  ]
  const withContactIds = (row: Record<string, unknown>) =>
    Array.isArray(row.contacts)
      ? { ...row, contacts: row.contacts.map(each => ({ ...each, id: deps.ambient.newId() })) }
      : row
  const write = (tenant: Tenant) =>
    commit(tenant, statement, {
      actorId: known.id as string,
      idempotency: request.idempotency,
      status: 200,
      receipt,
      entries,
      effects: { at, rows: changed.map(row => withContactIds(collection.rowOf(row.item, row.id, refs))) },
      wallClock: deps.ambient.wallClock(),
    })
  const done = collection.own ? await writeTree(deps.db, institution, write) : await write(deps.db.as(institution))
  return done ? { status: 200, body: receipt } : null
}

/** Writes units and closes the tree anew in one transaction. @throws Problem unit_cycle, and nothing is written */
const writeTree = (db: Database, institution: string, write: (tenant: Tenant) => Promise<boolean>): Promise<boolean> =>
  db.transaction(async tx => {
    const done = await write(tx.as(institution))
    const [tree] = await tx.system.rows(closeTree, institution)
    if (tree?.cycle) throw new Problem('unit_cycle')
    return done
  })
