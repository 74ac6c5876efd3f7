import { z } from 'zod'
import { Id, text } from '../platform/http/schemas.ts'
import type { ReadBeside } from '../records/house.ts'

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

const score = z
  .strictObject({
    recordId: Id.describe('Instrument response'),
    instrument: text(60).describe('Instrument; items and subscales in /v1/instruments'),
    version: z.int().min(1).max(99).describe('Version of the instrument'),
    occasion: text(20).describe('before, during or after'),
    on: z.iso.date().describe('Day it was answered'),
    scores: z.record(text(60), z.number().min(1).max(5)).describe('Mean per subscale, 1–5'),
  })
  .describe('Scores of one response')

/** CTE `scored`: signed instrument responses of case `c` that the record `x` being read names, for those who work on it. */
const scoredCte = `scored as materialized (select s.id, s.content, s.sealed from x cross join c
  join records s on s.institution_id = $1::uuid and s.case_id = c.id and s.kind = 'instrument_response' and s.status = 'signed'
    and s.id in ${idsIn('x.content')}
  where exists (select from rel where relation not in ('student', 'transfer_recipient')))`

/** The scores of the instrument responses a record rests on are told with it, and the reading names them. */
export const scoresBeside: ReadBeside = {
  ctes: scoredCte,
  json: `(select coalesce(json_agg(json_build_object('id', id, 'content', content, 'sealed', encode(sealed, 'base64')) order by id), '[]') from scored)`,
  data: `coalesce((select '"data":{"scoresOf":["' || string_agg(id::text, '","' order by id) || '"]},' from scored), '')`,
  member: 'scores',
  schema: z
    .array(score)
    .max(50)
    .optional()
    .describe('Scores of the instrument responses the content names; reading them is journalled with it'),
  told: (recordId, { instrument, version, occasion, on, scores }) => ({
    recordId,
    instrument,
    version,
    occasion,
    on,
    scores,
  }),
}
