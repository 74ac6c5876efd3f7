import { DatabaseUnavailable } from '../../platform/database.ts'
import type { Answer, Caller, Idempotency } from '../../platform/http/route.ts'
import { startOperation } from '../../platform/operations.ts'
import { dropUpload, readUpload, receiveUpload } from '../../platform/uploads.ts'
import { Problem } from '../../practice/problems.ts'
import { actorOf, authorise } from '../actor.ts'
import type { PeopleDeps } from '../upsert.ts'
import { openArchive } from './archive.ts'
import { fileRefused } from './faults.ts'
import { oneRoster } from './feed.ts'
import { fileOfForm, formFileType } from './form-file.ts'
import type { ImportInput, ImportOptions, Mapping } from './import-schemas.ts'
import { readMapping } from './mappings.ts'

/** Largest import file in bytes. */
export const maxImportBytes = 200 * 1024 * 1024

/** The request an import comes with. */
export interface ImportRequest {
  readonly caller: Caller
  readonly requestId: string
  readonly contentType: string
  /** The whole header: of a form it tells the boundary. */
  readonly contentTypeHeader: string
  readonly contentLength: number
  readonly stream: AsyncIterable<Uint8Array> | null
  readonly idempotencyOver: (digest: string) => Idempotency | null
}

const typeOf = { oneroster: 'application/zip', csv: 'text/csv' } as const

const mappingOf = async (
  deps: PeopleDeps,
  caller: Caller,
  { format, mapping }: ImportOptions,
): Promise<Mapping | null> => {
  if (format === 'oneroster') return null
  const faults = [{ pointer: '/query/mapping', code: 'missing_value', detail: 'CSV needs a saved mapping' }]
  if (mapping === undefined) throw new Problem('invalid_request', { errors: faults })
  return (await readMapping(deps, caller, mapping)).mapping
}

/**
 * Receives a roster file, looks through an archive's directory, and asks for the import.
 * @throws Problem not_permitted, not_found, unsupported_media_type, payload_too_large, archive_refused,
 *   import_file_refused, idempotency_key_reused, request_in_progress
 */
export const startImport = async (
  deps: PeopleDeps,
  request: ImportRequest,
  options: ImportOptions,
): Promise<Answer> => {
  const { db, ambient } = deps
  const { caller, requestId } = request
  const tenant = db.as(caller.institution)
  const known = await authorise(tenant, caller, 'roster:write', ambient.now())
  const isForm = request.contentType === formFileType
  if (!isForm && request.contentType !== typeOf[options.format]) throw new Problem('unsupported_media_type')
  const mapping = await mappingOf(deps, caller, options)
  if (request.contentLength > maxImportBytes) throw new Problem('payload_too_large', {}, { Connection: 'close' })
  if (request.stream === null) throw fileRefused('', 0, 'empty_file', 'the request has no body')
  const stream = isForm ? fileOfForm(request.contentTypeHeader, request.stream) : request.stream
  const upload = await receiveUpload(tenant, ambient, stream, maxImportBytes)
  try {
    if (upload.size === 0) throw fileRefused('', 0, 'empty_file', 'the request has no body')
    if (options.format === 'oneroster') await openArchive(await readUpload(tenant, ambient, upload.id))
    const origin = mapping ? `csv:${options.mapping}` : oneRoster
    const input: ImportInput = { ...options, mapping, origin, today: known.today }
    const actor = { ...actorOf(known), id: known.id as string }
    const idempotency = request.idempotencyOver(upload.digest)
    const asked = { institution: caller.institution, idempotency, requestId }
    const answer = await startOperation(deps, asked, {
      kind: 'import',
      actor,
      input: { ...input },
      uploadId: upload.id,
    })
    if (answer.replayed) await dropUpload(tenant, upload.id)
    return answer
  } catch (error) {
    // Where no answer came the import may be queued, and reads its file: the sweep takes what nobody reads.
    if (!(error instanceof DatabaseUnavailable)) await dropUpload(tenant, upload.id)
    throw error
  }
}
