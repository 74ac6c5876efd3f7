import { Problem } from '../../practice/problems.ts'

const maxDepth = 32
/** NUL, or a surrogate without its partner. */
const unstorable = /[\0\p{Cs}]/u
const decoder = new TextDecoder('utf-8', { fatal: true })

/** Walks a JSON text that `JSON.parse` has accepted and says whether it is too deep or repeats a key. */
const repeatsOrSinks = (text: string): boolean => {
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
      if (keys && /^\s*:/.test(text.slice(at + 1, at + 64))) {
        const key = JSON.parse(text.slice(start, at + 1)) as string
        if (keys.has(key)) return true
        keys.add(key)
      }
    }
  }
  return false
}

/** Whether every string in a value can be stored: no NUL, no lone surrogate. Keys count too. */
const isStorable = (value: unknown): boolean => {
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
    if (!repeatsOrSinks(text) && isStorable(value) && !/"(__proto__|constructor)"\s*:/.test(text)) return value
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError || error instanceof RangeError)) throw error
  }
  throw new Problem('bad_json')
}
