const uuid = "'^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$'"

/** Ids that a content names, wherever it does; `content` is an SQL expression of the open part. */
const idsIn = (content: string) =>
  `(select (v #>> '{}')::uuid from jsonb_path_query(${content}, 'strict $.**') v
    where jsonb_typeof(v) = 'string' and v #>> '{}' ~ ${uuid})`

/**
 * Signed records of case `c` that the draft `$7` names, as {@link NamedRecord}s; an adopted draft may name those of
 * the student's earlier cases. Bounded by the content of one record.
 */
export const namedRecordsJson = `(select coalesce(json_agg(json_build_object('id', x.id, 'kind', x.kind,
    'instrument', x.content->>'instrument', 'version', case when x.kind = 'instrument_response' then (x.content->>'version')::int end)), '[]')
  from c join records d on d.institution_id = $1::uuid and d.id = $7::uuid and d.case_id = c.id
  join records x on x.institution_id = $1::uuid and x.status = 'signed' and x.id in ${idsIn('d.content')}
    and (x.case_id = c.id or (d.adopted_from_id is not null and x.case_id in (
      select p.id from cases p where p.institution_id = $1::uuid and p.student_id = c.student_id))))`

/** CTE `scored`: signed instrument responses of case `c` that the record `x` being read names, for those who work on it. */
export const scoredCte = `scored as materialized (select s.id, s.content, s.sealed from x cross join c
  join records s on s.institution_id = $1::uuid and s.case_id = c.id and s.kind = 'instrument_response' and s.status = 'signed'
    and s.id in ${idsIn('x.content')}
  where exists (select from rel where relation not in ('student', 'transfer_recipient')))`

/** Data of the entry of a reading: whose scores were read with it. */
export const scoredData = `coalesce((select '"data":{"scoresOf":["' || string_agg(id::text, '","' order by id) || '"]},' from scored), '')`

/** A response whose scores a record rests on, as {@link scoredCte} finds it. */
export interface Scored {
  readonly id: string
  readonly content: Record<string, unknown>
  /** base64 */
  readonly sealed: string | null
}

/** JSON array of {@link Scored}. */
export const scoredJson = `(select coalesce(json_agg(json_build_object('id', id, 'content', content, 'sealed', encode(sealed, 'base64')) order by id), '[]') from scored)`

/** The scores of a response as they are told with the record that rests on it. */
export const scoresRead = ({ id }: Scored, { instrument, version, occasion, on, scores }: Record<string, unknown>) => ({
  recordId: id,
  instrument,
  version,
  occasion,
  on,
  scores,
})
