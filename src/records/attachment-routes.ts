import { z } from 'zod'
import { defineRoute, type Route } from '../platform/http/route.ts'
import { at, exampleId, Id, instant, otherId } from '../platform/http/schemas.ts'
import { Cursor, Limit, pageOf } from '../platform/lists.ts'
import { type Deps, requestOf } from '../platform/subject.ts'
import { addAttachment, attachmentTypes, listAttachments, maxAttachmentBytes, readAttachment } from './attachments.ts'
import { addressesOf } from './schemas.ts'
import type { Records } from './statements.ts'

const AttachmentItem = z
  .strictObject({
    id: Id.describe('Attachment'),
    mediaType: z.string().max(60).describe('Media type'),
    size: z.int().min(1).max(maxAttachmentBytes).describe('Bytes'),
    uploadedBy: Id.describe('Who added it'),
    uploadedAt: instant().describe('When it was added'),
  })
  .describe('An attachment')
const exampleAttachment = {
  id: exampleId,
  mediaType: 'application/pdf',
  size: 48_213,
  uploadedBy: otherId,
  uploadedAt: at,
}

const fileName = (header: string | undefined): string => {
  const encoded = /filename\*=UTF-8''([^;]{1,600})/i.exec(header ?? '')?.[1]
  const plain = /filename="([^"]{1,200})"/i.exec(header ?? '')?.[1]
  try {
    return (encoded ? decodeURIComponent(encoded) : (plain ?? 'attachment')).slice(0, 200)
  } catch {
    return 'attachment'
  }
}

/** Files as evidence. */
export const attachmentRoutes = (deps: Deps, house: Records): Route[] => {
  const { path: subject, Params, subjectOf, receipt } = addressesOf(house)
  const path = `${subject}/attachments`
  const { tag, permissions, prefix, kind } = house
  return [
    defineRoute({
      operationId: `add${prefix}Attachment`,
      method: 'POST',
      path,
      summary: 'Keep a file as evidence, encrypted; PDF, PNG or JPEG up to 10 MB',
      description: "The body is the file; its name goes into `Content-Disposition: attachment; filename*=UTF-8''…`.",
      tag,
      permission: permissions.attach,
      params: Params,
      bytes: Object.keys(attachmentTypes),
      bodyLimit: maxAttachmentBytes,
      answers: {
        201: receipt(
          `${prefix}AttachmentAdded`,
          {
            id: Id.describe('Attachment'),
            mediaType: z.string().max(60).describe('Media type'),
            size: z.int().min(1).max(maxAttachmentBytes).describe('Bytes'),
          },
          { id: exampleId, mediaType: 'application/pdf', size: 48_213 },
        ),
      },
      problems: [
        'not_permitted',
        'not_found',
        'attachment_type_refused',
        house.closed.problem,
        'key_is_erased',
        'version_stale',
      ],
      idempotency: 'required',
      writes: [house.events.attached],
      handle: call =>
        addAttachment(deps, house, requestOf(call), {
          ...subjectOf(call),
          mediaType: call.contentType,
          name: fileName(call.header('content-disposition')),
          bytes: Buffer.isBuffer(call.body) ? call.body : Buffer.alloc(0),
        }),
    }),
    defineRoute({
      operationId: `list${prefix}Attachments`,
      method: 'GET',
      path,
      summary: `List the attachments of a ${kind}, newest first, without name and content`,
      tag,
      permission: permissions.readAttachment,
      params: Params,
      query: z.strictObject({ limit: Limit, cursor: Cursor }),
      answers: { 200: pageOf(`${prefix}AttachmentPage`, AttachmentItem, exampleAttachment) },
      problems: ['not_permitted', 'not_found', 'bad_cursor'],
      handle: call => listAttachments(deps, house, requestOf(call), { ...call.query, ...subjectOf(call) }),
    }),
    defineRoute({
      operationId: `get${prefix}Attachment`,
      method: 'GET',
      path: `${path}/:attachmentId`,
      summary: 'Read an attachment; the reading is journalled',
      tag,
      permission: permissions.readAttachment,
      params: Params.extend({ attachmentId: Id.describe('Attachment') }),
      answers: { 200: null },
      produces: 'application/octet-stream',
      problems: ['not_permitted', 'not_found', 'key_is_erased'],
      writes: ['record.read'],
      handle: async call => {
        const file = await readAttachment(deps, house, requestOf(call), {
          ...subjectOf(call),
          attachmentId: call.params.attachmentId as string,
        })
        return {
          status: 200,
          body: file.bytes,
          contentType: file.mediaType,
          headers: { 'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}` },
        }
      },
    }),
  ]
}
