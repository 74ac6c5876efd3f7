import { z } from 'zod'
import { listName } from '../platform/cursor.ts'
import { type Call, defineRoute, type Route } from '../platform/http/route.ts'
import { at, Id, otherId, text } from '../platform/http/schemas.ts'
import { answerPage, Cursor, Limit, pageOf } from '../platform/lists.ts'
import { type Deps, requestOf } from '../platform/subject.ts'
import type { Log, SaidWords } from './history.ts'

const example = { position: 41, actorName: '李老师', entry: { type: 'case.moved', at } }

const TimelineItem = z
  .strictObject({
    position: z.int().nullable().describe('Position in the journal, null until sealed'),
    actorName: text(200).nullable().describe('Name of who did it'),
    entry: z.record(z.string().max(60), z.unknown()).describe('Journal entry: type, at, actor, subject, reason, data'),
  })
  .meta({ id: 'TimelineItem', examples: [example] })

const TimelinePage = pageOf('TimelinePage', TimelineItem, example)

const WordsRead = z
  .strictObject({ id: Id.describe('Words'), words: text(10_000).describe('What was said') })
  .meta({ id: 'Words', examples: [{ id: otherId, words: '学生请假期间暂停。' }] })

/** What differs between the history of one subject and another. */
export interface Histories {
  readonly tag: string
  /** Address of the subject, its id last: `/v1/cases/:caseId`. */
  readonly path: string
  readonly params: z.ZodObject
  /** `at` is the last part of the address. */
  readonly logs: readonly (Log & { readonly operationId: string; readonly at: string; readonly summary: string })[]
  /** None where the subject shows its words itself. */
  readonly words?: SaidWords & { readonly operationId: string }
}

/** Reading what happened to a subject, and the words given with its commands. */
export const historyRoutes = (deps: Deps, { tag, path, params, logs, words }: Histories): Route[] => {
  const name = path.slice(path.lastIndexOf(':') + 1)
  const idOf = (call: Call) => (call.params as Record<string, string>)[name] as string
  const logRoutes = logs.map(({ operationId, at, summary, permission, read }) =>
    defineRoute({
      operationId,
      method: 'GET',
      path: `${path}/${at}`,
      summary,
      tag,
      permission,
      params,
      query: z.strictObject({ limit: Limit, cursor: Cursor }),
      answers: { 200: TimelinePage },
      problems: ['not_permitted', 'not_found', 'bad_cursor'],
      handle: call => {
        const id = idOf(call)
        const { query } = call
        const list = listName(operationId, { [name]: id })
        const address = `${path.replace(`:${name}`, id)}/${at}`
        return answerPage(deps, { list, path: address, query }, after =>
          read(deps, requestOf(call), { id, after: Number(after?.[0] ?? 0), limit: query.limit }),
        )
      },
    }),
  )
  if (!words) return logRoutes
  const wordsRoute = defineRoute({
    operationId: words.operationId,
    method: 'GET',
    path: `${path}/words/:wordsId`,
    summary: 'Read words given with a command, named by a timeline entry',
    tag,
    permission: words.permission,
    params: params.extend({ wordsId: Id.describe('`wordsId` of the entry') }),
    answers: { 200: WordsRead },
    problems: ['not_permitted', 'not_found', 'key_is_erased'],
    writes: ['record.read'],
    handle: async call => ({
      status: 200,
      body: await words.read(deps, requestOf(call), idOf(call), call.params.wordsId as string),
    }),
  })
  return [...logRoutes, wordsRoute]
}
