import { z } from 'zod'
import { listName, readCursor, signCursor } from '../platform/cursor.ts'
import { defineRoute, type Route } from '../platform/http/route.ts'
import { Cursor, Limit, pageAnswer, pageOf } from '../platform/lists.ts'
import { requestOf } from '../platform/subject.ts'
import type { ProblemCode } from '../practice/problems.ts'
import type { CaseDeps } from './change.ts'
import { changeDraft } from './change-draft.ts'
import { recordStatuses } from './codes.ts'
import { amendRecord, draftRecord } from './draft-record.ts'
import { listRecords, readRecord } from './read-records.ts'
import {
  AmendBody,
  DraftBody,
  Drafted,
  exampleRecordItem,
  RecordItem,
  ReplaceBody,
  SignBody,
  Signed,
  WholeRecord,
} from './record-schemas.ts'
import { CaseParams, RecordKindName, RecordParams } from './schemas.ts'
import { signRecord } from './sign-record.ts'

const tag = 'Records'
const writing: readonly ProblemCode[] = [
  'not_permitted',
  'not_found',
  'unknown_record_kind',
  'content_invalid',
  'kind_not_writable_here',
  'case_is_closed',
  'writer_not_allowed',
  'key_is_erased',
  'version_stale',
  'idempotency_key_reused',
  'request_in_progress',
]

/** Drafting, signing, amending and reading records. */
export const recordRoutes = (deps: CaseDeps): Route[] => [
  defineRoute({
    operationId: 'createRecord',
    method: 'POST',
    path: '/v1/cases/:caseId/records',
    summary: 'Write a draft, or adopt a section of the predecessor case',
    tag,
    permission: 'record:write',
    params: CaseParams,
    body: DraftBody,
    answers: { 201: Drafted },
    problems: [...writing, 'not_adoptable'],
    idempotency: 'required',
    writes: ['record.drafted', 'record.read'],
    handle: call => {
      const adopts = 'adopts' in call.body ? call.body.adopts : null
      const content = 'content' in call.body ? call.body.content : null
      return draftRecord(deps, requestOf(call), { caseId: call.params.caseId, kind: call.body.kind, content, adopts })
    },
  }),
  defineRoute({
    operationId: 'listRecords',
    method: 'GET',
    path: '/v1/cases/:caseId/records',
    summary: 'List the records of a case, newest first, without content',
    tag,
    permission: 'record:read',
    params: CaseParams,
    query: z.strictObject({
      limit: Limit,
      cursor: Cursor,
      kind: RecordKindName.optional(),
      status: z.enum(recordStatuses).optional().describe('Only with this status; discarded ones only when asked for'),
    }),
    answers: { 200: pageOf('RecordPage', RecordItem, exampleRecordItem) },
    problems: ['not_permitted', 'not_found', 'bad_cursor'],
    handle: async call => {
      const { caseId } = call.params
      const { cursor, ...query } = call.query
      const list = listName('listRecords', { ...query, caseId })
      const after = cursor ? readCursor(deps.ambient.keys.cursor, list, cursor) : null
      const found = await listRecords(deps, requestOf(call), { ...query, caseId, after })
      const next = found.more && found.last ? signCursor(deps.ambient.keys.cursor, list, found.last) : null
      const body = `{"items":${found.items},"next":${JSON.stringify(next)}}`
      return pageAnswer(`/v1/cases/${caseId}/records`, body, next, query)
    },
  }),
  defineRoute({
    operationId: 'getRecord',
    method: 'GET',
    path: '/v1/cases/:caseId/records/:recordId',
    summary: 'Read a record with its content; the reading is journalled',
    tag,
    permission: 'record:read',
    params: RecordParams,
    answers: { 200: WholeRecord },
    problems: ['not_permitted', 'not_found', 'key_is_erased'],
    writes: ['record.read'],
    handle: async call => {
      const record = await readRecord(deps, requestOf(call), call.params.caseId, call.params.recordId)
      return { status: 200, body: record, etag: record.version }
    },
  }),
  defineRoute({
    operationId: 'replaceRecord',
    method: 'PUT',
    path: '/v1/cases/:caseId/records/:recordId',
    summary: 'Rewrite a draft; signatures of the older version are void',
    tag,
    permission: 'record:write',
    params: RecordParams,
    body: ReplaceBody,
    answers: { 200: Drafted },
    problems: [...writing, 'record_not_draft'],
    ifMatch: 'required',
    writes: ['record.replaced'],
    handle: call =>
      changeDraft(deps, requestOf(call), { ...call.params, ifMatch: call.ifMatch, content: call.body.content }),
  }),
  defineRoute({
    operationId: 'discardRecord',
    method: 'DELETE',
    path: '/v1/cases/:caseId/records/:recordId',
    summary: 'Discard a draft',
    description: 'Who writes the kind discards it; in closure the owner discards any draft.',
    tag,
    permission: 'record:write',
    params: RecordParams,
    answers: { 200: Drafted },
    problems: ['not_permitted', 'not_found', 'record_not_draft', 'writer_not_allowed', 'version_stale'],
    ifMatch: 'required',
    writes: ['record.discarded'],
    handle: call => changeDraft(deps, requestOf(call), { ...call.params, ifMatch: call.ifMatch }),
  }),
  defineRoute({
    operationId: 'signRecord',
    method: 'POST',
    path: '/v1/cases/:caseId/records/:recordId/signatures',
    summary: 'Sign a draft, or record another’s signature with evidence',
    description: 'The last party’s signature puts the record in force. If-Match is the version of the record.',
    tag,
    permission: 'record:sign',
    params: RecordParams,
    body: SignBody,
    answers: { 201: Signed },
    problems: [
      'not_permitted',
      'not_found',
      'record_not_draft',
      'version_stale',
      'signer_not_expected',
      'already_signed',
      'signature_not_yours',
      'evidence_required',
      'unknown_attachment',
      'kind_not_writable_here',
      'case_is_closed',
      'signing_refused',
      'not_nearest_line_manager',
      'key_is_erased',
      'idempotency_key_reused',
      'request_in_progress',
    ],
    ifMatch: 'required',
    idempotency: 'accepted',
    writes: ['record.signed', 'need.waived', 'case.urgent_started'],
    handle: call => signRecord(deps, requestOf(call), { ...call.params, ...call.body, ifMatch: call.ifMatch }),
  }),
  defineRoute({
    operationId: 'amendRecord',
    method: 'POST',
    path: '/v1/cases/:caseId/records/:recordId/amendments',
    summary: 'Draft an addendum to a signed record',
    tag,
    permission: 'record:write',
    params: RecordParams,
    body: AmendBody,
    answers: { 201: Drafted },
    problems: [...writing, 'record_not_signed'],
    idempotency: 'required',
    writes: ['record.amended'],
    handle: call => amendRecord(deps, requestOf(call), { ...call.params, text: call.body.text }),
  }),
]
