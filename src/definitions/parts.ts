import { z } from 'zod'
import type { Answer } from '../platform/http/route.ts'
import { tagged } from '../platform/http/tagged.ts'

/** Heading of these operations. */
export const tag = 'Definitions'

/** A code of the profession. */
export const code = (what: string) => z.string().max(60).describe(what)
/** An object described in words. */
export const object = (what: string) => z.record(z.string().max(100), z.unknown()).describe(what)
const cached = { 'Cache-Control': 'private, max-age=300' }

/** Answers a definition: it changes with a release only. */
export const found = (body: unknown, contentType?: string): Answer =>
  tagged(body, { headers: cached, ...(contentType ? { contentType } : {}) })

export const title = z
  .strictObject({ en: z.string().max(300).describe('English'), zh: z.string().max(300).describe('Chinese') })
  .describe('Title')

/** A list of definitions, all at once. */
export const list = (id: string, what: string, example: Record<string, unknown>) =>
  z
    .strictObject({ items: z.array(object(what)).max(500).describe('All of them') })
    .meta({ id, examples: [{ items: [example] }] })
