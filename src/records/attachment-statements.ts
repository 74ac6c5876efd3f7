import { literals, utc } from '../platform/sql.ts'
import { subjectStatement } from '../platform/subject.ts'
import type { House } from './house.ts'
import { listStatement } from './list-of-subject.ts'
import { readingStatement } from './reading.ts'

/** Attachment `of` is to be seen by who works on the subject, and by who added it. */
const readable = ({ outsiders }: House, of: string) =>
  `(exists (select from rel where relation not in (${literals(outsiders.relations)})) or ${of}.uploaded_by = (select person_id from me))`

const add = ({ table, tables, kind }: House) =>
  subjectStatement(
    table,
    `${tables.attachments}.add`,
    '',
    `x as (insert into ${tables.attachments} (institution_id, id, ${kind}_id, media_type, size, sealed_name, sealed, uploaded_by, uploaded_at)
  select $1::uuid, (e->>'attachmentId')::uuid, c.id, e->>'mediaType', (e->>'size')::int, decode(e->>'name', 'base64'),
    decode(e->>'sealed', 'base64'), $2::uuid, (e->>'at')::timestamptz from given cross join c)`,
  )

const read = (house: House) =>
  readingStatement<{ mediaType: string; name: string; sealed: string }>(
    house,
    `${house.tables.attachments}.read`,
    `x as materialized (select a.* from ${house.tables.attachments} a join c on c.id = a.${house.kind}_id where a.institution_id = $1::uuid and a.id = $6::uuid
    and ${readable(house, 'a')})`,
    "json_build_object('mediaType', x.media_type, 'name', encode(x.sealed_name, 'base64'), 'sealed', encode(x.sealed, 'base64'))",
  )

const list = (house: House) =>
  listStatement(
    house,
    `${house.tables.attachments}.list`,
    house.tables.attachments,
    `json_build_object('id', x.id, 'mediaType', x.media_type, 'size', x.size, 'uploadedBy', x.uploaded_by, 'uploadedAt', ${utc('x.uploaded_at')})`,
    readable(house, 'x'),
  )

/** Statements about the attachments of a subject. */
export const attachmentStatements = (house: House) => ({
  addAttachment: add(house),
  readAttachment: read(house),
  listAttachments: list(house),
})
