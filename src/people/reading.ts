import { type Entry, entryText } from '../platform/journal.ts'

/** Stands for the reader in an entry the reading statement writes itself. */
const readerId = '00000000-0000-0000-0000-000000000000'

/**
 * `insert into journal …` of a reading, once per actor, thing and hour, in the statement that reads. It begins with the
 * caller's CTEs.
 * @param from SQL `from … where …` that yields one row when the reading is allowed, over `me`
 * @param of SQL of the thing's id, its case (or null), and parameters: entry text, entry id, hour
 */
export const insertReading = (
  from: string,
  of: {
    readonly thing: string
    readonly caseId: string
    readonly text: string
    readonly id: string
    readonly hour: string
  },
): string => `insert into journal (institution_id, id, type, at, actor_id, case_id, subject_id, read_hour, entry)
  select $1::uuid, ${of.id}::uuid, 'record.read', $4::timestamptz, me.person_id, ${of.caseId}, ${of.thing}, ${of.hour}::text,
    replace(replace(${of.text}::text, '${readerId}', me.person_id::text), '"kind":"service"', '"kind":"' || case when me.staff_id is null then 'student' else 'staff' end || '"')
  ${from}
  on conflict (institution_id, actor_id, subject_id, read_hour) where read_hour is not null do nothing`

/** What {@link insertReading} is given: text, id and hour of the entry. */
export const readingParams = (
  entry: Pick<Entry, 'id' | 'at' | 'institution' | 'caseId' | 'request'> & {
    readonly subject: { readonly kind: string; readonly id: string }
    readonly reason: string | null
  },
): [text: string, id: string, hour: string] => {
  const { reason, subject, ...rest } = entry
  const text = entryText({
    ...rest,
    type: 'record.read',
    actor: { kind: 'service', id: readerId },
    subject: { ...subject, version: null },
    ...(reason ? { reason } : {}),
  })
  return [text, entry.id, entry.at.slice(0, 13)]
}
