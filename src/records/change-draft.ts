import { aboutOf, type Loaded, loadSubject, requireVersion } from '../people/guarded.ts'
import { answerOf, attempt, commit } from '../platform/command.ts'
import type { Answer } from '../platform/http/route.ts'
import type { Deps, Request } from '../platform/subject.ts'
import { Problem } from '../practice/problems.ts'
import { checkedContent, kindNamed, requireWritable, requireWriter, sealContent, sealedOf } from './content.ts'
import { tellOfRecord } from './entries.ts'
import type { StoredRecord } from './house.ts'
import type { Records } from './statements.ts'

/** A draft to change; without content it is discarded. */
export interface ChangeDraft {
  readonly subjectId: string
  readonly recordId: string
  readonly ifMatch: number | null
  readonly content?: unknown
}

/** The record a command is about, which must be a draft of the version named. @throws Problem not_found, record_not_draft, version_stale */
const draftFound = (record: StoredRecord | null, ifMatch: number | null): StoredRecord => {
  if (!record) throw new Problem('not_found')
  if (record.status !== 'draft') throw new Problem('record_not_draft')
  requireVersion(ifMatch, record.version)
  return record
}

/** Decides a change of a draft. @returns its new content, null when it is discarded */
const decide = (house: Records, input: ChangeDraft, found: Loaded, record: StoredRecord): unknown => {
  const kind = kindNamed(house, record.kind)
  if (input.content === undefined) {
    if (kind.ownTokenOnly || !house.clearing.may(found)) requireWriter(house, kind, found, record)
    return null
  }
  requireWriter(house, kind, found, record)
  requireWritable(house, kind, found, true)
  const content = checkedContent(kind, input.content)
  requireWriter(house, kind, found, { content: content as Record<string, unknown> })
  return content
}

/** Puts a draft's whole content anew (PUT), or with `content` undefined discards it. Signatures of the older version are void. */
export const changeDraft = (deps: Deps, house: Records, request: Request, input: ChangeDraft): Promise<Answer> => {
  const { subjectId } = input
  const tenant = deps.db.as(request.caller.institution)
  const about = aboutOf(deps, request, subjectId)
  const discards = input.content === undefined
  return attempt(
    request.idempotency,
    // load
    () => loadSubject(tenant, house.statements.loadRecord, house.permissions.write, about, [input.recordId]),
    async found => {
      // decide
      const record = draftFound(found.record, input.ifMatch)
      const content = decide(house, input, found, record)
      // save, tell
      const { id, kind } = record
      const version = record.version + 1
      const status = discards ? 'discarded' : 'draft'
      const named = `${house.kind}Id`
      const receipt = { id, [named]: subjectId, kind, status, version, [`${house.kind}Version`]: found.facts.version }
      const written = {
        id,
        kind,
        version,
        ...(record.authorId === found.caller.id ? {} : { authorId: record.authorId }),
      }
      const type = discards ? house.events.discarded : house.events.replaced
      const done = await commit(tenant, discards ? house.statements.discard : house.statements.replace, {
        actorId: found.caller.id as string,
        idempotency: request.idempotency,
        status: 200,
        receipt,
        entries: [tellOfRecord(deps, house, request, found, type, written)],
        effects: {
          id,
          [named]: subjectId,
          writes: found.facts.writes,
          version: record.version,
          at: deps.ambient.now().toISOString(),
          ...(discards ? {} : sealContent(deps, house, sealedOf(request, found), kindNamed(house, kind), id, content)),
        },
        wallClock: deps.ambient.wallClock(),
      })
      return done ? answerOf(200, receipt) : null
    },
  )
}
