import { sha256Hex } from '../../kernel/signature.ts'
import type { Answer } from './route.ts'

/** A 200 with a weak ETag made of its body: for a single resource that has no version. */
export const tagged = (body: unknown, more: Omit<Partial<Answer>, 'status' | 'body'> = {}): Answer => {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return { ...more, status: 200, body, headers: { ...more.headers, ETag: `W/"${sha256Hex(text).slice(0, 32)}"` } }
}
