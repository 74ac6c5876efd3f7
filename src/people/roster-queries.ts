import { commandStatement, type Replay, replayJson } from '../platform/command.ts'
import { systemStatement, type Tenant, tenantStatement } from '../platform/database.ts'
import { type Collection, one, type RefKind, type Refs, refKinds } from './collection.ts'
import { collections } from './collections.ts'
import { enrolmentsBy, resultsBy } from './course-collections.ts'
import { staffRolesBy } from './staff-role-collection.ts'

/** A row of the roster as it is: its id, and its columns in the shape of the input. */
export interface Known {
  readonly id: string
  readonly item: Readonly<Record<string, unknown>>
}

/** Issuer and subject of tokens. */
export interface Identity {
  readonly issuer: string
  readonly subject: string
}

/** What rows are decided on. */
export interface Found {
  readonly replay: Replay | null
  readonly refs: Refs
  /** By key. */
  readonly known: Readonly<Record<string, Known>>
  /** The persons the identities given are linked to. */
  readonly linked: readonly (Identity & { readonly personId: string })[]
}

const kinds = Object.entries(refKinds) as [RefKind, { table: string; key: string }][]

const refMap = ([kind, { table, key }]: (typeof kinds)[number]) =>
  `'${kind}', (select coalesce(json_object_agg(w.key, r.id), '{}') from (select jsonb_array_elements_text($5::jsonb->'${kind}') as key) w
    ${one(table, 'r', `${key} = w.key`)})`

/** Parameters: 1 institution, 2 actor, 3 idempotency key, 4 keys, 5 references by kind, 6 identities. */
const loadOf = (collection: Collection) =>
  tenantStatement<{ found: Found }>(
    `roster.load_${collection.statements}`,
    `with keys as materialized (select jsonb_array_elements_text($4::jsonb) as key)
select json_build_object('replay', ${replayJson('$2::uuid', '$3::text')},
  'refs', json_build_object(${kinds.map(refMap).join(', ')}),
  'known', (select coalesce(json_object_agg(k.key, json_build_object('id', k.id, 'item', k.item)), '{}') from (${collection.known}) k),
  'linked', (select coalesce(json_agg(json_build_object('issuer', i.issuer, 'subject', i.subject, 'personId', coalesce(i.staff_id, i.student_id))), '[]')
    from jsonb_to_recordset($6::jsonb) n(issuer text, subject text) ${one('identities', 'i', 'issuer = n.issuer and one.subject = n.subject')})) as found`,
  )

const statements = new Map(
  [...collections, enrolmentsBy.source, resultsBy.source, staffRolesBy.number, staffRolesBy.source].map(collection => [
    collection.statements,
    {
      load: loadOf(collection),
      save: commandStatement(`roster.save_${collection.statements}`, collection.save, '(select ok from free)'),
    },
  ]),
)

/** Load and save of a collection. */
export const statementsOf = (collection: Collection) =>
  statements.get(collection.statements) as {
    load: ReturnType<typeof loadOf>
    save: ReturnType<typeof commandStatement>
  }

/** For whom a load looks for an answer already given; nobody for work that has no key. */
export interface Asking {
  readonly actorId: string | null
  readonly key: string | null
  readonly identities: readonly Identity[]
}

/** What is known of rows and of what they refer to. One round trip. */
export const loadRows = async (
  tenant: Tenant,
  collection: Collection,
  items: readonly Readonly<Record<string, unknown>>[],
  { actorId, key, identities }: Asking,
): Promise<Found> => {
  const wanted = Object.fromEntries(kinds.map(([kind]) => [kind, new Set<string>()])) as Record<RefKind, Set<string>>
  for (const item of items) {
    for (const ref of collection.refsOf(item)) wanted[ref.kind].add(ref.id)
    if (collection.sources && typeof item.sourceId === 'string') wanted[collection.sources].add(item.sourceId)
  }
  const [row] = await tenant.rows(
    statementsOf(collection).load,
    actorId,
    key,
    JSON.stringify(items.map(item => collection.keyOf(item))),
    JSON.stringify(Object.fromEntries(kinds.map(([kind]) => [kind, [...wanted[kind]]]))),
    JSON.stringify(identities),
  )
  return (row as { found: Found }).found
}

/** Waits until nothing else writes the roster of the institution: what one decides on, no other changes. */
export const lockRoster = tenantStatement<Record<string, never>>(
  'roster.lock',
  `select from pg_advisory_xact_lock(hashtextextended('bangfu roster ' || $1::uuid::text, 0))`,
)

/** The closure of the unit tree, made anew after units changed. */
export const closeTree = systemStatement<{ cycle: boolean }>(
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
