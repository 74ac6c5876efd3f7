import { z } from 'zod'
import { defineRoute, type Route } from '../../platform/http/route.ts'
import { OperationStarted } from '../../platform/operations.ts'
import type { PeopleDeps } from '../upsert.ts'
import { formFileType } from './form-file.ts'
import { ImportQuery, Mapping, SavedMapping } from './import-schemas.ts'
import { readMapping, saveMappingAs } from './mappings.ts'
import { maxImportBytes, startImport } from './start-import.ts'

const tag = 'Imports'
const MappingParams = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{0,59}$/)
    .max(60)
    .describe('Name of the mapping: a–z, 0–9, _ and -'),
})

const mappingRoutes = (deps: PeopleDeps): Route[] => [
  defineRoute({
    operationId: 'getImportMapping',
    method: 'GET',
    path: '/v1/import-mappings/:name',
    summary: 'Read a saved column mapping',
    tag,
    permission: 'roster:write',
    params: MappingParams,
    answers: { 200: SavedMapping },
    problems: ['not_permitted', 'not_found'],
    handle: async call => {
      const { mapping, version } = await readMapping(deps, call.caller, call.params.name)
      return { status: 200, body: { ...mapping, version }, etag: version }
    },
  }),
  defineRoute({
    operationId: 'putImportMapping',
    method: 'PUT',
    path: '/v1/import-mappings/:name',
    summary: 'Save how the columns of a plain CSV file are read',
    description: 'A new one needs no If-Match; one that is there is replaced, whole, by naming its version.',
    tag,
    permission: 'roster:write',
    params: MappingParams,
    body: Mapping,
    answers: { 200: SavedMapping, 201: SavedMapping },
    problems: ['not_permitted', 'mapping_invalid', 'precondition_required'],
    ifMatch: 'accepted',
    writes: ['import_mapping.saved'],
    handle: call =>
      saveMappingAs(
        deps,
        { caller: call.caller, requestId: call.requestId, ifMatch: call.ifMatch },
        call.params.name,
        call.body,
      ),
  }),
]

/** Imports of the roster and the mappings of their columns. */
export const importRoutes = (deps: PeopleDeps): Route[] => [
  ...mappingRoutes(deps),
  defineRoute({
    operationId: 'startImport',
    method: 'POST',
    path: '/v1/imports',
    summary: 'Import a roster file: a OneRoster 1.2 zip or plain CSV, up to 200 MB',
    description:
      'The body is the file itself, or a form with the file as its one part. Everything is checked first, then applied in batches; the operation tells progress, figures a file and up to 1,000 faults `{file, row, code, detail}`. The same file again changes nothing.',
    tag,
    permission: 'roster:write',
    query: ImportQuery,
    stream: ['application/zip', 'text/csv', formFileType],
    bodyLimit: maxImportBytes,
    answers: {
      202: OperationStarted,
    },
    problems: [
      'not_permitted',
      'not_found',
      'archive_refused',
      'import_file_refused',
      'import_has_errors',
      'too_many_would_vanish',
      'version_stale',
    ],
    idempotency: 'required',
    writes: ['operation.started', 'import.finished', 'roster.changed'],
    handle: call =>
      startImport(
        deps,
        {
          caller: call.caller,
          requestId: call.requestId,
          contentType: call.contentType,
          contentTypeHeader: call.header('content-type') ?? '',
          contentLength: Number(call.header('content-length') ?? 0),
          stream: call.stream,
          idempotencyOver: call.idempotencyOver,
        },
        call.query,
      ),
  }),
]
