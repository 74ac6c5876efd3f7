import { Problem } from '../../practice/problems.ts'

const maxDepth = 32
/** NUL, or a surrogate without its partner. */
const unstorable = /[\0\p{Cs}]/u
const decoder = new TextDecoder('utf-8', { fatal: true })

const [quote, backslash, colon, comma] = [0x22, 0x5c, 0x3a, 0x2c]
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

/** What a value cannot be taken for, and where it stands: names of members and positions in lists. */
export interface JsonFault {
  readonly path: readonly (string | number)[]
  readonly detail: string
}

/** An object or a list that is open while a text is walked, and where in it the walk stands. */
interface Open {
  /** null = a list. */
  readonly keys: Set<string> | null
  at: string | number
}

/** Walks a JSON text that `JSON.parse` has accepted: where is it too deep, repeats a key or holds an unwanted one? */
function* faultsIn(text: string): Generator<JsonFault> {
  const open: Open[] = []
  const fault = (detail: string): JsonFault => ({ path: open.map(each => each.at), detail })
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === openBrace || code === openBracket) {
      if (open.length === maxDepth) yield fault(`more than ${maxDepth} levels`)
      open.push(code === openBrace ? { keys: new Set(), at: '' } : { keys: null, at: 0 })
    } else if (code === closeBrace || code === closeBracket) open.pop()
    else if (code === comma) {
      const list = open.at(-1)
      if (typeof list?.at === 'number') list.at++
    } else if (code === quote) {
      const start = at
      at = endOfString(text, start)
      const object = open.at(-1)
      if (object?.keys && isName(text, at)) {
        const raw = text.slice(start, at + 1)
        const key = raw.includes('\\') ? (JSON.parse(raw) as string) : raw.slice(1, -1)
        object.at = key
        if (object.keys.has(key)) yield fault('a key stands twice')
        if (unwanted.has(key)) yield fault('a key that is not taken')
        object.keys.add(key)
      }
    }
  }
}

/** Where a value holds what cannot be stored; null = nowhere. Keys count too. */
export const unstorableIn = (value: unknown): JsonFault | null => {
  if (typeof value === 'string')
    return unstorable.test(value) ? { path: [], detail: 'a NUL or a lone surrogate' } : null
  if (value === null || typeof value !== 'object') return null
  for (const [key, item] of Array.isArray(value) ? value.entries() : Object.entries(value)) {
    const fault = unstorableIn(key) ?? unstorableIn(item)
    if (fault) return { ...fault, path: [key, ...fault.path] }
  }
  return null
}

/** Whether every string in a value can be stored: no NUL, no lone surrogate. Keys count too. */
export const isStorable = (value: unknown): boolean => unstorableIn(value) === null

/**
 * Reads a JSON body for its parts to be judged one by one: UTF-8 only. What cannot be stored is still in the value, see
 * {@link unstorableIn}; the other faults come with it, as many as there are.
 * @throws Problem bad_json where it is no JSON at all
 */
export const readJsonParts = (bytes: Buffer): { readonly value: unknown; readonly faults: Iterable<JsonFault> } => {
  try {
    const text = decoder.decode(bytes)
    return { value: JSON.parse(text) as unknown, faults: faultsIn(text) }
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError || error instanceof RangeError)) throw error
    throw new Problem('bad_json')
  }
}

/**
 * Reads a JSON body strictly: UTF-8 only, at most 32 levels, no key twice, no `__proto__`, no NUL, no lone surrogate.
 * @throws Problem bad_json
 */
export const readJson = (bytes: Buffer): unknown => {
  const { value, faults } = readJsonParts(bytes)
  // Not too deep, or the walk through the value is not begun.
  for (const _ of faults) throw new Problem('bad_json')
  if (!isStorable(value)) throw new Problem('bad_json')
  return value
}
