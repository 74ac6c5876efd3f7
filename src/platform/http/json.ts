import { Problem } from '../../practice/problems.ts'

const maxDepth = 32
/** NUL, or a surrogate without its partner. */
const unstorable = /[\0\p{Cs}]/u
const decoder = new TextDecoder('utf-8', { fatal: true })

const blanks: ReadonlySet<string | undefined> = new Set([' ', '\t', '\n', '\r'])

/** Keys that reach into the machinery of objects. */
const unwanted: ReadonlySet<string> = new Set(['__proto__', 'constructor'])

/** Whether the string that ends at `at` is a key: a colon follows, however many blanks stand before it. */
const isKey = (text: string, at: number): boolean => {
  let next = at + 1
  while (blanks.has(text[next])) next++
  return text[next] === ':'
}

/** Walks a JSON text that `JSON.parse` has accepted: is it too deep, does it repeat a key or hold an unwanted one? */
const isUnfit = (text: string): boolean => {
  const open: (Set<string> | null)[] = []
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    if (char === '{' || char === '[') {
      open.push(char === '{' ? new Set() : null)
      if (open.length > maxDepth) return true
    } else if (char === '}' || char === ']') open.pop()
    else if (char === '"') {
      const start = at
      for (at++; text[at] !== '"'; at++) if (text[at] === '\\') at++
      const keys = open.at(-1)
      if (keys && isKey(text, at)) {
        const key = JSON.parse(text.slice(start, at + 1)) as string
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
