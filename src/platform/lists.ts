import { z } from 'zod'
import type { Ambient } from './ambient.ts'
import { readCursor, signCursor } from './cursor.ts'
import type { Answer } from './http/route.ts'

/** `?limit=`: default 50, at most 200; larger is coerced. */
export const Limit = z.coerce
  .number()
  .int()
  .min(1)
  .default(50)
  .transform(limit => Math.min(limit, 200))
  .describe('Items a page; default 50, at most 200')

/** `?cursor=` as `next` gave it. */
export const Cursor = z.string().max(1000).optional().describe('Where to go on: `next` of the page before')

/** The status a list means that names a step and no status: of a final step those that are over, else those open. */
export const statusMeant = <S extends string>(
  { status, step }: { readonly status?: S | undefined; readonly step?: string | undefined },
  final: readonly string[],
  over: S,
): S => status ?? (step !== undefined && final.includes(step) ? over : ('open' as S))

/** A page of items with the cursor of the next. */
export const pageOf = <T extends z.ZodType>(id: string, item: T, example: z.output<T>) =>
  z
    .strictObject({
      items: z.array(item).max(200).describe('The items of this page'),
      next: z.string().max(1000).nullable().describe('Cursor of the next page, null at the end'),
    })
    .meta({ id, examples: [{ items: [example], next: null }] })

/**
 * Answers a page given as JSON text, with RFC 8288 `Link`: the same query with the next cursor.
 * @param query as it was asked, filters and limit
 */
export const pageAnswer = (
  path: string,
  body: string,
  next: string | null,
  query: Readonly<Record<string, unknown>>,
): Answer => {
  if (next === null) return { status: 200, body }
  const asked = Object.entries({ ...query, cursor: next }).filter(([, value]) => value !== undefined)
  const search = new URLSearchParams(asked.map(([name, value]): [string, string] => [name, String(value)]))
  return { status: 200, body, headers: { Link: `<${path}?${search}>; rel="next"` } }
}

/** A page as it was found: JSON array of its items, and the values of the next cursor; null at the end. */
export interface FoundPage {
  readonly items: string
  readonly last: readonly unknown[] | null
}

/** Which page is asked: of the list its cursors are signed for (`listName`), at which address. */
interface AskedPage {
  readonly list: string
  readonly path: string
  readonly query: Readonly<Record<string, unknown>> & { readonly cursor?: string | undefined }
}

/** Answers the page that `find` finds after the values of the cursor. @throws Problem bad_cursor */
export const answerPage = async (
  { ambient }: { readonly ambient: Ambient },
  { list, path, query: { cursor, ...query } }: AskedPage,
  find: (after: readonly unknown[] | null) => Promise<FoundPage>,
): Promise<Answer> => {
  const key = ambient.keys.cursor
  const { items, last } = await find(cursor ? readCursor(key, list, cursor) : null)
  const next = last ? signCursor(key, list, last) : null
  return pageAnswer(path, `{"items":${items},"next":${JSON.stringify(next)}}`, next, query)
}
