import { z } from 'zod'
import { listName } from '../platform/cursor.ts'
import { defineRoute, type Route } from '../platform/http/route.ts'
import { answerPage, Cursor, Limit, pageOf } from '../platform/lists.ts'
import { type Deps, requestOf } from '../platform/subject.ts'
import type { ProblemCode } from '../practice/problems.ts'
import { attachmentRoutes } from './attachment-routes.ts'
import { changeDraft } from './change-draft.ts'
import { recordStatuses } from './codes.ts'
import { amendRecord, draftRecord } from './draft-record.ts'
import type { House } from './house.ts'
import { listRecords, readRecord } from './read-records.ts'
import { addressesOf, recordSchemas } from './schemas.ts'
import { signRecord } from './sign-record.ts'
import type { Records } from './statements.ts'

const writing = ({ closed }: House): readonly ProblemCode[] => [
  'not_permitted',
  'not_found',
  'unknown_record_kind',
  'kind_not_drafted',
  'content_invalid',
  'kind_not_writable_here',
  closed.problem,
  'writer_not_allowed',
  'key_is_erased',
  'version_stale',
]

type Schemas = ReturnType<typeof recordSchemas>

/** Drafting and listing. */
const collectionRoutes = (deps: Deps, house: Records, schemas: Schemas): Route[] => {
  const { prefix, tag, kind, permissions, events } = house
  const { path, Params, subjectOf } = addressesOf(house)
  return [
    defineRoute({
      operationId: `create${prefix}Record`,
      method: 'POST',
      path: `${path}/records`,
      summary: house.adopted ? `Write a draft, or adopt a section of the predecessor ${kind}` : 'Write a draft',
      tag,
      permission: permissions.write,
      params: Params,
      body: schemas.DraftBody,
      answers: { 201: schemas.Drafted },
      problems: [
        ...writing(house),
        ...(house.oneDraft ? ['draft_is_open' as const] : []),
        ...(house.adopted ? ['not_adoptable' as const] : []),
      ],
      idempotency: 'required',
      writes: [events.drafted, ...(house.adopted ? ['record.read'] : [])],
      handle: call => {
        const adopts = 'adopts' in call.body ? call.body.adopts : null
        const content = 'content' in call.body ? call.body.content : null
        const draft = { ...subjectOf(call), kind: call.body.kind, content, adopts }
        return draftRecord(deps, house, requestOf(call), draft)
      },
    }),
    defineRoute({
      operationId: `list${prefix}Records`,
      method: 'GET',
      path: `${path}/records`,
      summary: `List the records of a ${kind}, newest first, without content`,
      tag,
      permission: permissions.read,
      params: Params,
      query: z.strictObject({
        limit: Limit,
        cursor: Cursor,
        kind: schemas.KindName.optional(),
        status: z.enum(recordStatuses).optional().describe('Only with this status; discarded ones only when asked for'),
      }),
      answers: { 200: pageOf(`${prefix}RecordPage`, schemas.RecordItem, schemas.exampleItem) },
      problems: ['not_permitted', 'not_found', 'bad_cursor'],
      handle: call => {
        const { subjectId } = subjectOf(call)
        const { query } = call
        const list = listName(`list${prefix}Records`, { ...query, [`${kind}Id`]: subjectId })
        return answerPage(deps, { list, path: `/v1/${house.table}/${subjectId}/records`, query }, after =>
          listRecords(deps, house, requestOf(call), { ...query, subjectId, after }),
        )
      },
    }),
  ]
}

/** Reading one record, rewriting and discarding its draft. */
const oneRoutes = (deps: Deps, house: Records, schemas: Schemas): Route[] => {
  const { prefix, tag, permissions, events } = house
  const { path, RecordParams, recordOf } = addressesOf(house)
  const one = { path: `${path}/records/:recordId`, tag, params: RecordParams }
  return [
    defineRoute({
      operationId: `get${prefix}Record`,
      method: 'GET',
      ...one,
      summary: 'Read a record with its content; the reading is journalled',
      permission: permissions.read,
      answers: { 200: schemas.WholeRecord },
      problems: ['not_permitted', 'not_found', 'key_is_erased'],
      writes: ['record.read'],
      handle: async call => {
        const record = await readRecord(deps, house, requestOf(call), recordOf(call))
        return { status: 200, body: record, etag: record.version }
      },
    }),
    defineRoute({
      operationId: `replace${prefix}Record`,
      method: 'PUT',
      ...one,
      summary: 'Rewrite a draft; signatures of the older version are void',
      permission: permissions.write,
      body: schemas.ReplaceBody,
      answers: { 200: schemas.Drafted },
      problems: [...writing(house), 'record_not_draft'],
      ifMatch: 'required',
      writes: [events.replaced],
      handle: call => {
        const change = { ...recordOf(call), ifMatch: call.ifMatch, content: call.body.content }
        return changeDraft(deps, house, requestOf(call), change)
      },
    }),
    defineRoute({
      operationId: `discard${prefix}Record`,
      method: 'DELETE',
      ...one,
      summary: 'Discard a draft',
      description: `Who writes the kind discards it; ${house.clearing.words}.`,
      permission: permissions.write,
      answers: { 200: schemas.Drafted },
      problems: ['not_permitted', 'not_found', 'record_not_draft', 'writer_not_allowed'],
      ifMatch: 'required',
      writes: [events.discarded],
      handle: call => changeDraft(deps, house, requestOf(call), { ...recordOf(call), ifMatch: call.ifMatch }),
    }),
  ]
}

/** Signing and amending. */
const afterRoutes = (deps: Deps, house: Records, schemas: Schemas): Route[] => {
  const { kind, prefix, tag, permissions, events, closed } = house
  const { path, RecordParams, recordOf } = addressesOf(house)
  return [
    defineRoute({
      operationId: `sign${prefix}Record`,
      method: 'POST',
      path: `${path}/records/:recordId/signatures`,
      summary: 'Sign a draft, or record another’s signature with evidence',
      description: `The last party’s signature puts the record in force. If-Match and ETag are the version of the record; that of its ${kind} is a member of the answer.`,
      tag,
      permission: permissions.sign,
      params: RecordParams,
      body: schemas.SignBody,
      answers: { 201: schemas.Signed },
      problems: [
        'not_permitted',
        'not_found',
        'record_not_draft',
        'signer_not_expected',
        'already_signed',
        'signature_not_yours',
        'evidence_required',
        'unknown_attachment',
        'kind_not_writable_here',
        closed.problem,
        'signing_refused',
        'not_nearest_line_manager',
        'key_is_erased',
      ],
      ifMatch: 'required',
      idempotency: 'accepted',
      writes: [events.signed, ...events.ownOfKinds],
      handle: call =>
        signRecord(deps, house, requestOf(call), { ...call.body, ...recordOf(call), ifMatch: call.ifMatch }),
    }),
    defineRoute({
      operationId: `amend${prefix}Record`,
      method: 'POST',
      path: `${path}/records/:recordId/amendments`,
      summary: 'Draft an addendum to a signed record',
      tag,
      permission: permissions.write,
      params: RecordParams,
      body: schemas.AmendBody,
      answers: { 201: schemas.Drafted },
      problems: [...writing(house), 'record_not_signed'],
      idempotency: 'required',
      writes: [events.amended],
      handle: call => amendRecord(deps, house, requestOf(call), { ...recordOf(call), text: call.body.text }),
    }),
  ]
}

/** Drafting, signing, amending and reading the records of a subject, and files as evidence. */
export const recordRoutes = (deps: Deps, house: Records): Route[] => {
  const schemas = recordSchemas(house)
  return [
    ...collectionRoutes(deps, house, schemas),
    ...oneRoutes(deps, house, schemas),
    ...afterRoutes(deps, house, schemas),
    ...attachmentRoutes(deps, house),
  ]
}
