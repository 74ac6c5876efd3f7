import { timingSafeEqual } from 'node:crypto'
import { hmacHex } from '../kernel/signature.ts'
import { Problem } from '../practice/problems.ts'

const tagOf = (key: Uint8Array, list: string, text: string) => hmacHex(key, `${list}|${text}`).slice(0, 32)

/**
 * Names a list for its cursors: the operation and every filter it was asked with, so that a cursor goes on with the very
 * list it came from. Where to go on and how far (`cursor`, `after`, `limit`) are no filters.
 */
export const listName = (operation: string, asked: Readonly<Record<string, unknown>>): string => {
  const filters = Object.entries(asked).filter(
    ([name, value]) => value !== undefined && !['cursor', 'after', 'limit'].includes(name),
  )
  return JSON.stringify([operation, filters.sort(([a], [b]) => (a < b ? -1 : 1))])
}

/** An opaque cursor that only the same list reads again; see {@link listName}. */
export const signCursor = (key: Uint8Array, list: string, values: readonly unknown[]): string => {
  const text = Buffer.from(JSON.stringify(values)).toString('base64url')
  return `${text}.${tagOf(key, list, text)}`
}

/** The values of a cursor. @throws Problem bad_cursor */
export const readCursor = (key: Uint8Array, list: string, cursor: string): readonly unknown[] => {
  const [text = '', tag = ''] = cursor.split('.')
  const expected = Buffer.from(tagOf(key, list, text))
  const given = Buffer.from(tag)
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw new Problem('bad_cursor')
  return JSON.parse(Buffer.from(text, 'base64url').toString()) as unknown[]
}
