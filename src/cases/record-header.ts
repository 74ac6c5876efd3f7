import { utc } from '../platform/sql.ts'
import { recordKinds } from '../practice/record-kinds.ts'

/** Days within which a kind is signed, as SQL over `r`; null where it may be signed whenever. */
const dueDays = `case r.kind ${Object.values(recordKinds)
  .filter(kind => kind.lateAfterDays !== undefined)
  .map(kind => `when '${kind.kind}' then ${kind.lateAfterDays}`)
  .join(' ')} end`

/** Whether `r` is about a day longer ago than its kind allows, when it was signed, a draft today. */
const late = `coalesce((coalesce(r.signed_at, $4::timestamptz) at time zone (select time_zone from institutions where id = $1::uuid))::date
  - (r.content->>'on')::date > ${dueDays}, false)`

/** Members of a record without its content; `evidence` adds to those of a signature. */
export const headerWith = (
  evidence: string,
) => `'id', r.id, 'kind', r.kind, 'status', r.status, 'version', r.version, 'authorId', r.author_id,
  'writtenAt', ${utc('r.written_at')}, 'step', r.step, 'amendsId', r.amends_id, 'adoptedFromId', r.adopted_from_id,
  'signedAt', ${utc('r.signed_at')}, 'signedVersion', r.signed_version,
  'on', r.content->>'on', 'late', ${late}, 'aboutRecordId', r.content->>'aboutRecordId',
  'signatures', (select coalesce(json_agg(json_build_object('party', g.party, 'method', g.method, 'personId', g.person_id,
      'recordedBy', g.recorded_by, 'attachmentId', g.attachment_id, 'at', ${utc('g.at')}${evidence}) order by g.at, g.party), '[]')
    from record_signatures g where g.institution_id = $1::uuid and g.record_id = r.id and g.record_version = r.version)`
