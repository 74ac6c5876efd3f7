import { z } from 'zod'
import { confidentialPaths, type RecordKind } from '../../src/practice/record-kind.ts'

type Json = Readonly<Record<string, unknown>>
type Path = readonly string[]

const inlined = (node: unknown, definitions: Json): unknown => {
  if (Array.isArray(node)) return node.map(item => inlined(item, definitions))
  if (node === null || typeof node !== 'object') return node
  const { $ref, ...rest } = node as { $ref?: string }
  if ($ref) return { ...(inlined(definitions[$ref.split('/').at(-1) as string], definitions) as object), ...rest }
  return Object.fromEntries(Object.entries(rest).map(([key, child]) => [key, inlined(child, definitions)]))
}

/** A schema as JSON, for walking: what it refers to stands in its place. */
export const jsonOf = (schema: z.ZodType): Json => {
  const { $defs, ...json } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Json
  return inlined(json, ($defs ?? {}) as Json) as Json
}

const optionsOf = (node: Json): readonly Json[] => (node.anyOf ?? node.oneOf ?? []) as Json[]
const propertiesOf = (node: Json) => (node.properties ?? {}) as Readonly<Record<string, Json>>
const isWords = (node: Json) =>
  node.type === 'string' && !node.enum && !node.const && !node.format && !node.public && !node.pattern

/** Paths of all free text of a schema; `*` stands for every item. */
export const wordPaths = (node: Json, at: Path = []): Path[] => [
  ...(isWords(node) ? [at] : []),
  ...Object.entries(propertiesOf(node)).flatMap(([name, child]) => wordPaths(child, [...at, name])),
  ...(node.items ? wordPaths(node.items as Json, [...at, '*']) : []),
  ...optionsOf(node).flatMap(option => wordPaths(option, at)),
]

/** The least value that fits a schema; with `words`, everything that may be said is said with them. */
const made = (node: Json, words: string | null): unknown => {
  if (node.const !== undefined) return node.const
  if (node.enum) return (node.enum as unknown[])[0]
  if (node.default !== undefined && words === null) return node.default
  const option = optionsOf(node).find(each => each.type !== 'null')
  if (option) return made(option, words)
  if (node.type === 'object') {
    const required = (node.required ?? []) as string[]
    const names = Object.keys(propertiesOf(node)).filter(name => words !== null || required.includes(name))
    return Object.fromEntries(names.map(name => [name, made(propertiesOf(node)[name] as Json, words)]))
  }
  if (node.type === 'array')
    return Array.from({ length: Math.max(words === null ? 0 : 1, Number(node.minItems ?? 0)) }, () =>
      made((node.items ?? {}) as Json, words),
    )
  if (node.type === 'boolean') return false
  if (node.type === 'number' || node.type === 'integer') return node.minimum ?? 0
  if (node.format === 'date') return '2026-09-14'
  if (node.format === 'date-time') return '2026-09-14T02:00:00.000Z'
  if (node.format === 'time') return '10:00'
  if (node.format === 'uuid') return '01936d3e-7c00-7000-8000-000000000001'
  if (node.pattern) return 'g1'
  return words ?? '字'
}

const leads = (node: Json, [head, ...rest]: Path): boolean => {
  if (node.confidential === true || head === undefined) return head === undefined && node.type !== 'null'
  const options = optionsOf(node)
  if (options.length > 0) return options.some(option => leads(option, [head, ...rest]))
  if (head === '*') return node.items !== undefined && leads(node.items as Json, rest)
  const child = propertiesOf(node)[head]
  return child !== undefined && leads(child, rest)
}

/** Whether a value could be of an option: its codes are among the option's. */
const fits = (node: Json, value: unknown): boolean => {
  if (node.type === 'object')
    return (
      value !== null &&
      typeof value === 'object' &&
      !Array.isArray(value) &&
      Object.entries(propertiesOf(node)).every(([name, child]) => {
        const given = (value as Json)[name]
        if (child.const !== undefined) return given === child.const
        return child.enum === undefined || given === undefined || (child.enum as unknown[]).includes(given)
      })
    )
  if (node.type === 'array') return Array.isArray(value)
  return true
}

/** A value with words at a path, whatever must be added or chosen on the way; the rest stays as it is. */
export const spoken = (node: Json, value: unknown, path: Path, words: string): unknown => {
  const options = optionsOf(node).filter(option => leads(option, path))
  if (options.length > 0) {
    const known = options.find(option => fits(option, value))
    return known ? spoken(known, value, path, words) : spoken(options[0] as Json, undefined, path, words)
  }
  const [head, ...rest] = path
  if (head === undefined) return made(node, words)
  if (head === '*') {
    const items = Array.isArray(value) && value.length > 0 ? value : [undefined]
    return items.map(item => spoken(node.items as Json, item, rest, words))
  }
  const holder = (fits(node, value) ? (value ?? made(node, null)) : made(node, null)) as Json
  return { ...holder, [head]: spoken(propertiesOf(node)[head] as Json, holder[head], rest, words) }
}

/** The schemas that may stand at a path, as the options of one. */
export const at = (node: Json, path: Path): Json => {
  const options = optionsOf(node)
  if (options.length > 0)
    return { anyOf: options.filter(option => leads(option, path)).map(option => at(option, path)) }
  const [head, ...rest] = path
  if (head === undefined) return node
  return at((head === '*' ? node.items : propertiesOf(node)[head]) as Json, rest)
}

/** Everything that stands at a path. */
export const standing = (value: unknown, [head, ...rest]: Path): unknown[] => {
  if (head === undefined) return value === undefined || value === null ? [] : [value]
  if (head === '*') return Array.isArray(value) ? value.flatMap(item => standing(item, rest)) : []
  return value !== null && typeof value === 'object' ? standing((value as Json)[head], rest) : []
}

/**
 * As few values as it takes to have words at every path: each is the value given with words laid in, until a choice
 * on the way to one path takes the words of another away.
 */
export const spokenEverywhere = (node: Json, value: unknown, paths: readonly Path[], words: string): unknown[] => {
  const whole: unknown[] = []
  let [current, said]: [unknown, Path[]] = [value, []]
  for (const path of paths) {
    const next = spoken(node, current, path, words)
    if (said.every(each => standing(next, each).length > 0)) {
      current = next
      said.push(path)
    } else {
      whole.push(current)
      current = spoken(node, value, path, words)
      said = [path]
    }
  }
  return [...whole, current]
}

/** Contents of a kind that between them say words in every confidential field. */
export const contentsOf = (kind: RecordKind, today: string, words: string): unknown[] =>
  spokenEverywhere(jsonOf(kind.content), kind.example(today), confidentialPaths(kind.content), words)
