import type { CheckDefinition, Process } from '../kernel/process.ts'
import { literals } from '../platform/sql.ts'
import type { RecordKind } from '../practice/record-kind.ts'
import { toldToTeam } from './readable.ts'

/** Record kinds the guard of a process looks at. */
export const factKinds = (
  process: Process,
  // biome-ignore lint/suspicious/noExplicitAny: checks of any subject
  checks: Readonly<Record<string, CheckDefinition<any>>>,
): string[] => [
  ...new Set([
    ...process.edges.flatMap(edge => edge.needs.map(need => need.record)),
    ...Object.values(checks).flatMap(check => [...check.records]),
  ]),
]

/** Where the records of a subject `c` lie: tables, and the name of the subject, which gives its column. */
export interface RecordsAt {
  readonly kind: string
  readonly records: string
  readonly signatures: string
}

/**
 * The newest signed record of each kind as a JSON object by kind: `Standing.signed`. Bounded, whatever the length of the
 * history. `signedBy`, who signed as `worker`, is told of the kinds of `confirming`.
 */
export const signedJson = (
  { kind, records, signatures }: RecordsAt,
  kinds: readonly string[],
  confirming: readonly string[] = [],
  worker = '',
): string => {
  const signedBy =
    confirming.length === 0
      ? 'null'
      : `case when r.kind in (${literals(confirming)}) then (
    select g.person_id from ${signatures} g where g.institution_id = $1::uuid and g.record_id = r.id
      and g.party = '${worker}' and g.record_version = r.version) end`
  return `(select coalesce(json_object_agg(n.kind, json_build_object('id', n.id, 'version', n.signed_version, 'content', n.content, 'signedBy', n.signed_by)), '{}')
      from (
  select r.kind, r.id, r.signed_version, r.content, ${signedBy} as signed_by
  from unnest(array[${literals(kinds)}]) k(kind)
  cross join lateral (select * from ${records} r where r.institution_id = $1::uuid and r.${kind}_id = c.id and r.kind = k.kind
    and r.status = 'signed' order by r.signed_version desc limit 1) r) n)`
}

/** The drafts of `c` that `kinds` tell its team of, with SQL for those. */
const draftsOf = ({ kind, records }: RecordsAt, kinds: Readonly<Record<string, RecordKind>>): string =>
  `${records} r where r.institution_id = $1::uuid and r.${kind}_id = c.id and r.status = 'draft' and ${toldToTeam(kinds)}`

/** Number of the drafts of `c` that its team is told of. */
export const draftCountJson = (at: RecordsAt, kinds: Readonly<Record<string, RecordKind>>): string =>
  `case when c.draft_count = 0 then 0 else (select count(*)::int from ${draftsOf(at, kinds)}) end`

/** The drafts of `c` that its team is told of as a JSON array of id and kind, at most 50. */
export const openDraftsJson = (at: RecordsAt, kinds: Readonly<Record<string, RecordKind>> = {}): string =>
  `case when c.draft_count = 0 then '[]' else (select coalesce(json_agg(json_build_object('id', x.id, 'kind', x.kind)), '[]') from (
    select r.id, r.kind from ${draftsOf(at, kinds)} order by r.id limit 50) x) end`
