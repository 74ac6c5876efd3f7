import { onSubject } from '../people/guarded.ts'
import type { Answer } from '../platform/http/route.ts'
import type { Deps, Request } from '../platform/subject.ts'
import { openBytes, sealBytes } from '../platform/words.ts'
import { Problem } from '../practice/problems.ts'
import { listOfSubject } from './list-of-subject.ts'
import { readThing } from './reading.ts'
import type { Records } from './statements.ts'

/** Largest attachment in bytes. */
export const maxAttachmentBytes = 10 * 1024 * 1024

const starts = (bytes: Buffer, ...prefix: number[]) => prefix.every((byte, at) => bytes[at] === byte)

/** Allowed types with what their content must begin with: a claim alone does not count. */
export const attachmentTypes: Readonly<Record<string, (bytes: Buffer) => boolean>> = {
  'application/pdf': bytes => bytes.subarray(0, 5).toString('latin1') === '%PDF-',
  'image/png': bytes => starts(bytes, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
  'image/jpeg': bytes => starts(bytes, 0xff, 0xd8, 0xff),
}

const placeOf = ({ tables }: Records, institution: string, subject: string, row: string) => ({
  institution,
  subject,
  table: tables.attachments,
  row,
})

/** A file to keep. */
export interface AddAttachment {
  readonly subjectId: string
  readonly mediaType: string
  readonly name: string
  readonly bytes: Buffer
}

/** Keeps a file as evidence, encrypted. @throws Problem attachment_type_refused, key_is_erased, and as the subject is closed */
export const addAttachment = (
  deps: Deps,
  house: Records,
  request: Request,
  { subjectId, mediaType, name, bytes }: AddAttachment,
): Promise<Answer> => {
  if (!attachmentTypes[mediaType]?.(bytes)) throw new Problem('attachment_type_refused')
  const attachmentId = deps.ambient.newId()
  const { load, addAttachment: save } = house.statements
  const asked = { id: subjectId, ifMatch: null, permission: house.permissions.attach, load }
  return onSubject(deps, house, request, asked, save, ({ facts, dataKey }) => {
    const place = placeOf(house, request.caller.institution, facts.id, attachmentId)
    const data = { attachmentId, mediaType, size: bytes.length }
    return {
      type: house.events.attached,
      data,
      effects: {
        ...data,
        name: sealBytes(deps.ambient, { ...place, field: 'name' }, dataKey, name),
        sealed: sealBytes(deps.ambient, { ...place, field: 'content' }, dataKey, bytes),
      },
      status: 201,
      receipt: { id: attachmentId, mediaType, size: bytes.length },
      location: `/v1/${house.table}/${facts.id}/attachments/${attachmentId}`,
    }
  })
}

/** One attachment in the clear, to outsiders only their own; the reading is journalled. @throws Problem not_found, key_is_erased */
export const readAttachment = async (
  deps: Deps,
  house: Records,
  request: Request,
  { subjectId, attachmentId: id }: { readonly subjectId: string; readonly attachmentId: string },
) => {
  const asked = { subjectId, id, called: 'attachment', permission: house.permissions.readAttachment }
  const { thing, dataKey } = await readThing(deps, house, request, house.statements.readAttachment, asked)
  const place = placeOf(house, request.caller.institution, subjectId, id)
  return {
    mediaType: thing.mediaType,
    name: openBytes(deps.ambient, { ...place, field: 'name' }, dataKey, thing.name).toString('utf8'),
    bytes: openBytes(deps.ambient, { ...place, field: 'content' }, dataKey, thing.sealed),
  }
}

/** Attachments of a subject without name and content, newest first; to outsiders only their own. @throws Problem not_found */
export const listAttachments = (
  deps: Deps,
  house: Records,
  request: Request,
  { subjectId, ...page }: { readonly subjectId: string; readonly limit: number; readonly cursor?: string | undefined },
): Promise<Answer> =>
  listOfSubject(deps, house, request, house.statements.listAttachments, {
    ...page,
    id: subjectId,
    path: 'attachments',
    permission: house.permissions.readAttachment,
  })
