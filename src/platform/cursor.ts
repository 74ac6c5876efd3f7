import { timingSafeEqual } from 'node:crypto'
import { hmacHex } from '../kernel/signature.ts'
import { Problem } from '../practice/problems.ts'

const tagOf = (key: Uint8Array, operation: string, text: string) => hmacHex(key, `${operation}|${text}`).slice(0, 32)

/** An opaque cursor that only the same operation reads again. */
export const signCursor = (key: Uint8Array, operation: string, values: readonly unknown[]): string => {
  const text = Buffer.from(JSON.stringify(values)).toString('base64url')
  return `${text}.${tagOf(key, operation, text)}`
}

/** The values of a cursor. @throws Problem bad_cursor */
export const readCursor = (key: Uint8Array, operation: string, cursor: string): readonly unknown[] => {
  const [text = '', tag = ''] = cursor.split('.')
  const expected = Buffer.from(tagOf(key, operation, text))
  const given = Buffer.from(tag)
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw new Problem('bad_cursor')
  return JSON.parse(Buffer.from(text, 'base64url').toString()) as unknown[]
}
