import { utc } from '../platform/sql.ts'
import { openBytes, sealBytes } from '../platform/words.ts'
import { Problem } from '../practice/problems.ts'
import { worksOnCase } from './access.ts'
import { type CaseDeps, changeStatement, onCase, type Request } from './change.ts'
import { listOfCase, listStatement } from './list-of-case.ts'
import { readingStatement, readThing } from './read-records.ts'

/** Largest attachment in bytes. */
export const maxAttachmentBytes = 10 * 1024 * 1024

const starts = (bytes: Buffer, ...prefix: number[]) => prefix.every((byte, at) => bytes[at] === byte)

/** Allowed types with what their content must begin with: a claim alone does not count. */
export const attachmentTypes: Readonly<Record<string, (bytes: Buffer) => boolean>> = {
  'application/pdf': bytes => bytes.subarray(0, 5).toString('latin1') === '%PDF-',
  'image/png': bytes => starts(bytes, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
  'image/jpeg': bytes => starts(bytes, 0xff, 0xd8, 0xff),
}

const save = changeStatement(
  'attachments.add',
  '',
  `x as (insert into attachments (institution_id, id, case_id, media_type, size, sealed_name, sealed, uploaded_by, uploaded_at)
  select $1::uuid, (e->>'attachmentId')::uuid, c.id, e->>'mediaType', (e->>'size')::int, decode(e->>'name', 'base64'),
    decode(e->>'sealed', 'base64'), $2::uuid, (e->>'at')::timestamptz from given cross join c)`,
)

/** Keeps a file as evidence, encrypted. @throws Problem attachment_type_refused, case_is_closed, key_is_erased */
export const addAttachment = (
  deps: CaseDeps,
  request: Request,
  input: { caseId: string; mediaType: string; name: string; bytes: Buffer },
) => {
  if (!attachmentTypes[input.mediaType]?.(input.bytes)) throw new Problem('attachment_type_refused')
  const attachmentId = deps.ambient.newId()
  return onCase(
    deps,
    request,
    { caseId: input.caseId, ifMatch: null, permission: 'attachment:write' },
    save,
    ({ facts, dataKey }) => {
      const place = {
        institution: request.caller.institution,
        subject: facts.id,
        table: 'attachments',
        row: attachmentId,
      }
      const data = { attachmentId, mediaType: input.mediaType, size: input.bytes.length }
      return {
        type: 'attachment.added',
        data,
        effects: {
          ...data,
          name: sealBytes(deps.ambient, { ...place, field: 'name' }, dataKey, input.name),
          sealed: sealBytes(deps.ambient, { ...place, field: 'content' }, dataKey, input.bytes),
        },
        status: 201,
        receipt: { id: attachmentId, mediaType: input.mediaType, size: input.bytes.length },
        location: `/v1/cases/${facts.id}/attachments/${attachmentId}`,
      }
    },
  )
}

const read = readingStatement<{ mediaType: string; name: string; sealed: string }>(
  'attachments.read',
  `x as materialized (select a.* from attachments a join c on c.id = a.case_id where a.institution_id = $1::uuid and a.id = $6::uuid
    and (${worksOnCase} or a.uploaded_by = (select person_id from me)))`,
  "json_build_object('mediaType', x.media_type, 'name', encode(x.sealed_name, 'base64'), 'sealed', encode(x.sealed, 'base64'))",
)

/** One attachment in the clear, to the student only their own; the reading is journalled. @throws Problem not_found, key_is_erased */
export const readAttachment = async (deps: CaseDeps, request: Request, caseId: string, id: string) => {
  const relations = ['owner', 'co_worker', 'line_manager', 'practice_supervisor', 'break_glass', 'student'] as const
  const { thing, dataKey } = await readThing(deps, request, read, {
    caseId,
    id,
    subject: 'attachment',
    permission: 'attachment:read',
    relations,
  })
  const place = { institution: request.caller.institution, subject: caseId, table: 'attachments', row: id }
  return {
    mediaType: thing.mediaType,
    name: openBytes(deps.ambient, { ...place, field: 'name' }, dataKey, thing.name).toString('utf8'),
    bytes: openBytes(deps.ambient, { ...place, field: 'content' }, dataKey, thing.sealed),
  }
}

const list = listStatement(
  'attachments.list',
  'attachments',
  `json_build_object('id', x.id, 'mediaType', x.media_type, 'size', x.size, 'uploadedBy', x.uploaded_by, 'uploadedAt', ${utc('x.uploaded_at')})`,
  `(${worksOnCase} or x.uploaded_by = (select person_id from me))`,
)

/** Attachments of a case without name and content, newest first; to the student only their own. @throws Problem not_found */
export const listAttachments = (
  deps: CaseDeps,
  request: Request,
  input: { caseId: string; limit: number; cursor?: string | undefined },
) => listOfCase(deps, request, list, { ...input, path: 'attachments', permission: 'attachment:read' })
