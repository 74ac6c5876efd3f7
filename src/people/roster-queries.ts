import { commandStatement, type Replay, replayJson } from '../platform/command.ts'
import { systemStatement, tenantStatement } from '../platform/database.ts'
import { type Collection, collections, type RefKind, type Refs } from './collections.ts'

/** A row of the roster as it is: its id, and its columns in the shape of the input. */
export interface Known {
  readonly id: string
  readonly item: Readonly<Record<string, unknown>>
}

/** What an upsert is decided on. */
export interface Found {
  readonly replay: Replay | null
  readonly refs: Refs
  /** By key. */
  readonly known: Readonly<Record<string, Known>>
  /** The persons the identities given are linked to. */
  readonly linked: readonly { readonly issuer: string; readonly subject: string; readonly personId: string }[]
}

const refMap = (kind: RefKind, table: string, key: string) =>
  `'${kind}', (select coalesce(json_object_agg(r.${key}, r.id), '{}') from ${table} r where r.institution_id = $1::uuid
    and r.${key} in (select jsonb_array_elements_text($5::jsonb->'${kind}')))`

/** Parameters: 1 institution, 2 actor, 3 idempotency key, 4 keys, 5 references by kind, 6 identities. */
const loadOf = (collection: Collection) =>
  tenantStatement<{ found: Found }>(
    `roster.load_${collection.name}`,
    `with keys as materialized (select jsonb_array_elements_text($4::jsonb) as key)
select json_build_object('replay', ${replayJson('$2::uuid', '$3::text')},
  'refs', json_build_object(${refMap('units', 'org_units', 'external_id')}, ${refMap('students', 'students', 'number')},
    ${refMap('courses', 'courses', 'external_id')}, ${refMap('terms', 'terms', 'external_id')}),
  'known', (select coalesce(json_object_agg(k.key, json_build_object('id', k.id, 'item', k.item)), '{}') from (${collection.known}) k),
  'linked', (select coalesce(json_agg(json_build_object('issuer', i.issuer, 'subject', i.subject, 'personId', coalesce(i.staff_id, i.student_id))), '[]')
    from jsonb_to_recordset($6::jsonb) n(issuer text, subject text)
    join identities i on i.institution_id = $1::uuid and i.issuer = n.issuer and i.subject = n.subject)) as found`,
  )

/** Load and save of each collection, by name. */
export const rosterStatements = new Map(
  collections.map(collection => [
    collection.name,
    {
      load: loadOf(collection),
      save: commandStatement(`roster.save_${collection.name}`, collection.save, '(select ok from free)'),
    },
  ]),
)

/** Waits until no other roster call of the institution runs: what one decides on, no other changes. */
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
