import { z } from 'zod'

type Json = Record<string, unknown>

/** Collects named schemas while routes are described. */
export interface Components {
  readonly schemas: Record<string, Json>
}

/** Keywords of our own, which OpenAPI knows only with an `x-`; why a text may lie in the clear is told to nobody. */
const extensions: Readonly<Record<string, string>> = { confidential: 'x-confidential' }
const untold = ['$schema', '$defs', 'id', 'public']

/** JSON Schema as OpenAPI wants it. `names` = the keys of the object are names of members, not keywords. */
const rewritten = (node: unknown, names = false): unknown => {
  if (Array.isArray(node)) return node.map(item => rewritten(item))
  if (node === null || typeof node !== 'object') return node
  const entries = Object.entries(node).filter(([key]) => names || !untold.includes(key))
  const copy = Object.fromEntries(
    entries.map(([key, value]) => [
      names ? key : (extensions[key] ?? key),
      key === 'examples' && !names ? value : rewritten(value, key === 'properties' && !names),
    ]),
  )
  if (names) return copy
  if (typeof copy.$ref === 'string') copy.$ref = copy.$ref.replace('#/$defs/', '#/components/schemas/')
  if (copy.pattern !== undefined && copy.format !== undefined) delete copy.pattern
  const described = Array.isArray(copy.anyOf) && copy.anyOf.find((part: Json) => part.description)
  return described && copy.description === undefined ? { description: described.description, ...copy } : copy
}

const isSame = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)

const publish = (components: Components, name: string, schema: Json, io: 'input' | 'output'): string => {
  const known = components.schemas[name]
  if (known === undefined || isSame(known, schema)) {
    components.schemas[name] = schema
    return name
  }
  const other = io === 'input' ? `${name}Input` : `${name}Output`
  components.schemas[other] = schema
  return other
}

/** A zod schema as OpenAPI 3.1; named schemas go to the components and are referred to. */
export const describe = (
  schema: z.ZodType,
  io: 'input' | 'output',
  components: Components,
  options: { inline?: boolean } = {},
): Json => {
  const json = z.toJSONSchema(schema, { io, target: 'draft-2020-12', unrepresentable: 'any' }) as Json
  const { id: name, examples } = schema.meta() ?? {}
  const renamed = new Map<string, string>()
  for (const [part, definition] of Object.entries((json.$defs ?? {}) as Record<string, Json>)) {
    // zod leaves the examples out where a part of the input is transformed.
    const own = part === name && examples !== undefined ? { examples } : {}
    renamed.set(part, publish(components, part, { ...(rewritten(definition) as Json), ...own }, io))
  }
  const text = JSON.stringify(rewritten(json)).replace(/#\/components\/schemas\/(\w+)/g, (whole, name: string) => {
    const other = renamed.get(name)
    return other ? `#/components/schemas/${other}` : whole
  })
  const body = JSON.parse(text) as Json
  if (typeof body.$ref === 'string') return body
  if (typeof name !== 'string' || options.inline) return body
  return { $ref: `#/components/schemas/${publish(components, name, body, io)}` }
}
