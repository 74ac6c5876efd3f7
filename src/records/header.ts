import { utc } from '../platform/sql.ts'
import type { House } from './house.ts'

/** Days within which a kind is signed, as SQL over `r`; null where it may be signed whenever. */
const dueDays = ({ kinds }: House) => {
  const due = Object.values(kinds).filter(kind => kind.lateAfterDays !== undefined)
  if (due.length === 0) return 'null::int'
  return `case r.kind ${due.map(kind => `when '${kind.kind}' then ${kind.lateAfterDays}`).join(' ')} end`
}

/** Whether `r` is about a day longer ago than its kind allows, when it was signed, a draft today. */
const late = (
  house: House,
) => `coalesce((coalesce(r.signed_at, $4::timestamptz) at time zone (select time_zone from institutions where id = $1::uuid))::date
  - (r.content->>'on')::date > ${dueDays(house)}, false)`

/** Members of a record without its content; `evidence` adds to those of a signature. */
export const headerWith = (
  house: House,
  evidence: string,
) => `'id', r.id, 'kind', r.kind, 'status', r.status, 'version', r.version, 'authorId', r.author_id,
  'writtenAt', ${utc('r.written_at')}, 'step', r.step, 'amendsId', r.amends_id, 'adoptedFromId', r.adopted_from_id,
  'signedAt', ${utc('r.signed_at')}, 'signedVersion', r.signed_version,
  'on', r.content->>'on', 'late', ${late(house)}, 'aboutRecordId', r.content->>'aboutRecordId',
  'signatures', (select coalesce(json_agg(json_build_object('party', g.party, 'method', g.method, 'personId', g.person_id,
      'recordedBy', g.recorded_by, 'attachmentId', g.attachment_id, 'at', ${utc('g.at')}${evidence}) order by g.at, g.party), '[]')
    from ${house.tables.signatures} g where g.institution_id = $1::uuid and g.record_id = r.id and g.record_version = r.version)`
