import { requireVersion } from '../people/guarded.ts'
import { attempt, commandStatement, commit } from '../platform/command.ts'
import type { Answer } from '../platform/http/route.ts'
import { casework } from '../practice/casework.ts'
import { Problem } from '../practice/problems.ts'
import type { CaseDeps, Request } from './change.ts'
import { type Loaded, loadCase } from './facts.ts'
import { holdCase, tellOfRecord } from './record-change.ts'
import {
  checkedContent,
  kindNamed,
  loadWithRecord,
  requireWritable,
  requireWriter,
  type StoredRecord,
  sealContent,
} from './record-content.ts'

const changed = (assignment: string, drafts: string) => `
${holdCase(drafts, "cases.writes = (given.e->>'writes')::int")},
r as (update records set version = records.version + 1, ${assignment} from given, c
  where records.institution_id = $1::uuid and records.id = (given.e->>'id')::uuid and records.case_id = c.id
    and records.status = 'draft' and records.version = (given.e->>'version')::int returning records.id)`

const saveReplaced = commandStatement(
  'records.replace',
  changed("content = given.e->'content', sealed = decode(given.e->>'sealed', 'base64')", '0'),
  'exists (select from r)',
)

const saveDiscarded = commandStatement(
  'records.discard',
  changed("status = 'discarded', sealed = null, content = '{}'", '-1'),
  'exists (select from r)',
)

/** The record a command is about, which must be a draft of the version named. @throws Problem not_found, record_not_draft, version_stale */
const draftFound = (record: StoredRecord | null, ifMatch: number | null): StoredRecord => {
  if (!record) throw new Problem('not_found')
  if (record.status !== 'draft') throw new Problem('record_not_draft')
  requireVersion(ifMatch, record.version)
  return record
}

/** In closure the owner may discard any draft: what others left unsigned must not keep a case from being closed. */
const mayClear = ({ relations, facts }: Loaded): boolean =>
  relations.includes('owner') && facts.standing.step === casework.remembers

/** Puts a draft's whole content anew (PUT), or with `content` undefined discards it. Signatures of the older version are void. */
export const changeDraft = (
  deps: CaseDeps,
  request: Request,
  input: { caseId: string; recordId: string; ifMatch: number | null; content?: unknown },
): Promise<Answer> => {
  const tenant = deps.db.as(request.caller.institution)
  const about = {
    caller: request.caller,
    caseId: input.caseId,
    now: deps.ambient.now(),
    idempotency: request.idempotency,
  }
  const discards = input.content === undefined
  return attempt(
    request.idempotency,
    // load
    () => loadCase(tenant, loadWithRecord, 'record:write', about, input.recordId),
    async found => {
      // decide
      const record = draftFound(found.record, input.ifMatch)
      const kind = kindNamed(record.kind)
      if (!discards || !mayClear(found)) requireWriter(kind, found.relations)
      if (!discards) requireWritable(kind, found.facts)
      const content = discards ? null : checkedContent(kind, input.content)
      // save, tell
      const version = record.version + 1
      const receipt = {
        id: record.id,
        caseId: input.caseId,
        kind: kind.kind,
        status: discards ? 'discarded' : 'draft',
        version,
        caseVersion: found.facts.version,
      }
      const done = await commit(tenant, discards ? saveDiscarded : saveReplaced, {
        actorId: found.caller.id as string,
        idempotency: request.idempotency,
        status: 200,
        receipt,
        entries: tellOfRecord(deps, request, found, discards ? 'record.discarded' : 'record.replaced', {
          id: record.id,
          kind: kind.kind,
          version,
          ...(record.authorId === found.caller.id ? {} : { authorId: record.authorId }),
        }),
        effects: {
          id: record.id,
          caseId: input.caseId,
          writes: found.facts.writes,
          version: record.version,
          at: deps.ambient.now().toISOString(),
          ...(discards ? {} : sealContent(deps, request.caller.institution, found, kind, record.id, content)),
        },
        wallClock: deps.ambient.wallClock(),
      })
      return done ? { status: 200, body: receipt, etag: version } : null
    },
  )
}
