import { callerJson } from '../people/actor.ts'
import { type Access, type Found, loadStatementOf, relationsJson, type SubjectFacts } from '../people/guarded.ts'
import { commandStatement } from '../platform/command.ts'
import { type Statement, tenantStatement } from '../platform/database.ts'
import { subjectStatement } from '../platform/subject.ts'
import type { NamedRecord } from '../practice/record-kind.ts'
import { attachmentStatements } from './attachment-statements.ts'
import { headerWith } from './header.ts'
import type { Adopted, House, StoredRecord } from './house.ts'
import { readingStatement } from './reading.ts'

/** A statement that loads a subject and more. */
export type Load<X> = Statement<{ found: Found<SubjectFacts> & X }>

/** What is loaded to decide a signature. */
export interface ForSignature {
  readonly record: StoredRecord | null
  readonly decides: boolean
  readonly attachmentFound: boolean
  readonly named: readonly NamedRecord[]
}

/** A response or other record that is read beside another. */
export interface Beside {
  readonly id: string
  readonly content: Record<string, unknown>
  /** base64 */
  readonly sealed: string | null
}

/** A record as it is read; `sealed` of a signature = words of evidence, base64. */
export interface RecordRead extends Beside {
  readonly kind: string
  readonly authorId: string
  readonly version: number
  readonly status: string
  readonly signatures: readonly { readonly party: string; readonly sealed: string | null }[]
  readonly beside?: readonly Beside[]
}

/** JSON of a {@link StoredRecord} of `c`; `$7` is its id. */
const storedRecordJson = ({
  tables,
  kind,
}: House) => `(select json_build_object('id', r.id, 'kind', r.kind, 'status', r.status, 'version', r.version,
  'content', r.content, 'sealed', encode(r.sealed, 'base64'), 'authorId', r.author_id, 'amendsId', r.amends_id,
  'signatures', (select coalesce(json_agg(json_build_object('party', g.party, 'personId', g.person_id)), '[]')
    from ${tables.signatures} g where g.institution_id = $1::uuid and g.record_id = r.id and g.record_version = r.version))
  from ${tables.records} r join c on c.id = r.${kind}_id where r.institution_id = $1::uuid and r.id = $7::uuid and exists (select from rel))`

const loads = (house: House) => {
  const { table, tables, kind } = house
  const record = storedRecordJson(house)
  return {
    load: loadStatementOf(house, `${table}.load`) as Load<object>,
    loadRecord: loadStatementOf(house, `${table}.load_record`, { record }) as Load<Pick<ForSignature, 'record'>>,
    loadAdopting: house.adopted
      ? (loadStatementOf(house, `${table}.load_adopting`, { adopted: house.adopted }) as Load<{
          adopted: Adopted | null
        }>)
      : null,
    loadForSignature: loadStatementOf(house, `${table}.load_for_signature`, {
      record,
      decides: house.decides,
      named: house.named,
      attachmentFound: `(select exists (select from ${tables.attachments} x join c on c.id = x.${kind}_id where x.institution_id = $1::uuid and x.id = $8::uuid))`,
    }) as Load<ForSignature>,
  }
}

/** The subject's row is held and compared, so that nothing slips into a subject that moved on meanwhile. */
const hold = ({ kind, table }: House, drafts: string, compared: string) => `
c as (update ${table} set draft_count = draft_count + (${drafts}), writes = ${table}.writes + 1, updated_at = (given.e->>'at')::timestamptz
  from given where ${table}.institution_id = $1::uuid and ${table}.id = (given.e->>'${kind}Id')::uuid and ${compared}
    and (select ok from free) returning ${table}.id, ${table}.step)`

const changed = (house: House, name: string, assignment: string, drafts: string) => {
  const { table, kind } = house
  const { records } = house.tables
  return commandStatement(
    `${records}.${name}`,
    `
${hold(house, drafts, `${table}.writes = (given.e->>'writes')::int`)},
r as (update ${records} set version = ${records}.version + 1, ${assignment} from given, c
  where ${records}.institution_id = $1::uuid and ${records}.id = (given.e->>'id')::uuid and ${records}.${kind}_id = c.id
    and ${records}.status = 'draft' and ${records}.version = (given.e->>'version')::int returning ${records}.id)`,
    'exists (select from r)',
  )
}

const drafts = (house: House) => {
  const { table, tables, kind } = house
  return {
    draft: commandStatement(
      `${tables.records}.draft`,
      `${hold(house, '1', `${table}.step = given.e->>'step' and ${table}.writes = coalesce((given.e->>'writes')::int, ${table}.writes)`)},
r as (insert into ${tables.records} (institution_id, id, ${kind}_id, kind, status, version, content, sealed, author_id, written_at, step,
    amends_id, adopted_from_id)
  select $1::uuid, (e->>'id')::uuid, c.id, e->>'kind', 'draft', 1, e->'content', decode(e->>'sealed', 'base64'), $2::uuid,
    (e->>'at')::timestamptz, c.step, (e->>'amendsId')::uuid, (e->>'adoptedFromId')::uuid
  from given cross join c returning id)`,
      'exists (select from r)',
    ),
    replace: changed(
      house,
      'replace',
      "content = given.e->'content', sealed = decode(given.e->>'sealed', 'base64')",
      '0',
    ),
    discard: changed(house, 'discard', "status = 'discarded', sealed = null, content = '{}'", '-1'),
  }
}

/**
 * One statement signs: the signature; and when the last party signed, the record is in force, the one before is
 * superseded, and what its content says takes effect.
 */
const sign = ({ table, tables, kind, signature }: House) =>
  subjectStatement(
    table,
    `${tables.records}.sign`,
    `draft_count = draft_count - (given.e->>'complete')::boolean::int${signature.set ? `, ${signature.set}` : ''}`,
    `signature as (insert into ${tables.signatures} (institution_id, record_id, ${kind}_id, party, method, person_id, recorded_by,
    attachment_id, sealed, at, record_version)
  select $1::uuid, (e->>'recordId')::uuid, c.id, e->>'party', e->>'method', (e->>'personId')::uuid, (e->>'recordedBy')::uuid,
    (e->>'attachmentId')::uuid, decode(e->>'evidence', 'base64'), (e->>'at')::timestamptz, (e->>'recordVersion')::int
  from given cross join c),
older as (update ${tables.records} r set status = 'superseded' from given, c
  where r.institution_id = $1::uuid and r.${kind}_id = c.id and r.kind = given.e->>'kind' and r.status = 'signed'
    and r.id <> (given.e->>'recordId')::uuid and (given.e->>'supersedes')::boolean),
signed as (update ${tables.records} r set status = 'signed', signed_at = (given.e->>'at')::timestamptz, signed_version = c.version from given, c
  where r.institution_id = $1::uuid and r.id = (given.e->>'recordId')::uuid and r.status = 'draft' and (given.e->>'complete')::boolean)${signature.ctes ? `,\n${signature.ctes}` : ''}`,
  )

/** A page of headers as the statement tells it: a JSON array, and where to go on. */
export type HeaderPage = Access & {
  readonly items: string
  readonly count: number
  readonly last: [string, string] | null
}

/** Parameters: 1–4 caller, 5 subject, 6 kind, 7 status, 8 limit, 9 and 10 cursor (written_at, id). */
const list = (house: House) =>
  tenantStatement<HeaderPage>(
    `${house.tables.records}.list`,
    `with ${house.ctes},
v as materialized (select r.* from ${house.tables.records} r join c on c.id = r.${house.kind}_id where r.institution_id = $1::uuid and ${house.readable}
  and ($6::text is null or r.kind = $6::text) and (r.status = $7::text or ($7::text is null and r.status <> 'discarded'))
  and ($9::timestamptz is null or (r.written_at, r.id) < ($9::timestamptz, $10::uuid))
  order by r.written_at desc, r.id desc limit $8::int + 1),
r as materialized (select * from v order by written_at desc, id desc limit $8::int)
select ${callerJson} as caller, ${relationsJson} as relations, (select count(*)::int from v) as count,
  (select json_build_array(written_at::text, id) from r order by written_at, id limit 1) as last,
  (select coalesce(json_agg(json_build_object(${headerWith(house, '')}) order by r.written_at desc, r.id desc), '[]')::text from r) as items`,
  )

const read = (house: House) => {
  const { tables, kind, readable, beside } = house
  const header = headerWith(house, ", 'sealed', encode(g.sealed, 'base64')")
  return readingStatement<RecordRead>(
    house,
    `${tables.records}.read`,
    `x as materialized (select r.* from ${tables.records} r join c on c.id = r.${kind}_id where r.institution_id = $1::uuid and r.id = $6::uuid
    and ${readable})${beside ? `,\n${beside.ctes}` : ''}`,
    `(select json_build_object(${header}, 'content', r.content, 'sealed', encode(r.sealed, 'base64')${beside ? `, 'beside', ${beside.json}` : ''}) from x r)`,
    beside?.data,
  )
}

const statementsOf = (house: House) => ({
  ...loads(house),
  ...drafts(house),
  sign: sign(house),
  list: list(house),
  read: read(house),
  ...attachmentStatements(house),
})

/** A house with its statements, made once: what the commands are given. */
export interface Records extends House {
  readonly statements: ReturnType<typeof statementsOf>
}

/** Opens a house. */
export const recordsOf = <F extends SubjectFacts, E>(house: House<F, E>): Records => ({
  ...house,
  statements: statementsOf(house),
})
