import type { Ambient } from './ambient.ts'
import { type Entry, entryText, onceAnHour, readHour } from './journal.ts'

/** Stands for what else an entry of reading tells. */
const noData = '"data":{},'

/** Stands for the reader in an entry the reading statement writes itself. */
const readerId = '00000000-0000-0000-0000-000000000000'

/**
 * CTE `told`: the reading of confidential content, written in the journal by the reading statement itself, once per
 * actor, subject and hour. Expressions over the caller's CTEs; `text`, `id` and `hour` are the parameters that
 * {@link readingEntry} gives.
 */
export const readingCte = (of: {
  readonly caseId: string
  readonly subjectId: string
  readonly from: string
  readonly where: string
  readonly text: string
  readonly id: string
  readonly hour: string
  /** SQL text: the data member of the entry with its comma; none unless told. */
  readonly data?: string
}): string => `told as (insert into journal (institution_id, id, type, at, actor_id, case_id, subject_id, read_hour, entry)
  select $1::uuid, ${of.id}::uuid, 'record.read', (${of.text}::text::json->>'at')::timestamptz, me.person_id, ${of.caseId}, ${of.subjectId}, ${of.hour}::text,
    replace(replace(replace(${of.text}::text, '${noData}', ${of.data ?? "''"}), '${readerId}', me.person_id::text), '"kind":"service"', '"kind":"' || case when me.staff_id is null then 'student' else 'staff' end || '"')
  from ${of.from} cross join me where ${of.where}
  ${onceAnHour})`

/** Text, id and hour of the entry a reading statement writes. */
export const readingEntry = (
  ambient: Ambient,
  request: {
    readonly caller: { readonly institution: string }
    readonly requestId: string
    readonly accessReason: string | null
  },
  subject: { readonly kind: string; readonly id: string },
  caseId: string | null,
): readonly [text: string, id: string, hour: string] => {
  const at = ambient.now().toISOString()
  const id = ambient.newId()
  const entry: Entry = {
    id,
    type: 'record.read',
    at,
    institution: request.caller.institution,
    actor: { kind: 'service', id: readerId },
    subject: { ...subject, version: null },
    caseId,
    request: request.requestId,
    data: {},
    ...(request.accessReason ? { reason: request.accessReason } : {}),
  }
  return [entryText(entry), id, readHour(entry) as string]
}
