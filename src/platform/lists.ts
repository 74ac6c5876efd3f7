import { z } from 'zod'
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
