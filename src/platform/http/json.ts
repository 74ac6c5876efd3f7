import { Problem } from '../../practice/problems.ts'

const maxDepth = 32
/** NUL, or a surrogate without its partner. */
const unstorable = /[\0\p{Cs}]/u
const decoder = new TextDecoder('utf-8', { fatal: true })

const [quote, backslash, colon] = [0x22, 0x5c, 0x3a]
const [openBracket, closeBracket, openBrace, closeBrace] = [0x5b, 0x5d, 0x7b, 0x7d]
const space = 0x20

/** Where the string that begins at a quote ends: at its closing quote. */
const endOfString = (text: string, start: number): number => {
  let at = start + 1
  for (let code = text.charCodeAt(at); code !== quote; code = text.charCodeAt(++at)) if (code === backslash) at++
  return at
}

/** Whether the string that ends here is the name of a member. */
const isName = (text: string, end: number): boolean => {
  let at = end + 1
  while (text.charCodeAt(at) <= space) at++
  return text.charCodeAt(at) === colon
}

/** Keys that reach into the machinery of objects. */
const unwanted: ReadonlySet<string> = new Set(['__proto__', 'constructor'])

/** Walks a JSON text that `JSON.parse` has accepted: is it too deep, does it repeat a key or hold an unwanted one? */
const isUnfit = (text: string): boolean => {
  const open: (Set<string> | null)[] = []
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === openBrace || code === openBracket) {
      open.push(code === openBrace ? new Set() : null)
      if (open.length > maxDepth) return true
    } else if (code === closeBrace || code === closeBracket) open.pop()
    else if (code === quote) {
      const start = at
      at = endOfString(text, start)
      const keys = open.at(-1)
      if (keys && isName(text, at)) {
        const raw = text.slice(start, at + 1)
        const key = raw.includes('\\') ? (JSON.parse(raw) as string) : raw.slice(1, -1)
        if (keys.has(key) || unwanted.has(key)) return true
        keys.add(key)
      }
    }
  }
  return false
}

/** Whether every string in a value can be stored: no NUL, no lone surrogate. Keys count too. */
export const isStorable = (value: unknown): boolean => {
  if (typeof value === 'string') return !unstorable.test(value)
  if (Array.isArray(value)) return value.every(isStorable)
  if (value !== null && typeof value === 'object')
    return Object.entries(value).every(([key, item]) => isStorable(key) && isStorable(item))
  return true
}

/**
 * Reads a JSON body strictly: UTF-8 only, at most 32 levels, no key twice, no `__proto__`, no NUL, no lone surrogate.
 * @throws Problem bad_json
 */
export const readJson = (bytes: Buffer): unknown => {
  try {
    const text = decoder.decode(bytes)
    const value: unknown = JSON.parse(text)
    if (!isUnfit(text) && isStorable(value)) return value
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError || error instanceof RangeError)) throw error
  }
  throw new Problem('bad_json')
}
