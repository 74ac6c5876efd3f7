import type { FieldFault } from '../kernel/problem.ts'
import { isStorable, type JsonFault, readJson, readJsonParts, unstorableIn } from '../platform/http/json.ts'
import { faultsOf, RequestInvalid } from '../platform/http/problems.ts'
import { Problem } from '../practice/problems.ts'
import { readSignalCsv, type Said } from './signal-csv.ts'
import { AcademicSignal, EventAttributes, RaisedSignal, type Signal } from './signal-schemas.ts'

/** A body as it came. */
export interface RawBody {
  readonly contentType: string
  readonly body: Buffer
  readonly header: (name: string) => string | undefined
}

/** Largest number of signals in one request. */
export const maxSignals = 1000

/** One signal of a request: read, or why it could not be. */
export interface ReadSignal {
  /** null where it could not be read. */
  readonly externalId: string | null
  readonly signal: Signal | null
  readonly faults: readonly FieldFault[]
}

/** What a person may leave out. `student` is filled in once it is known who raises it. */
export interface Defaults {
  readonly externalId: () => string
  readonly observedAt: string
}

const invalid = (pointer: string, code: string, detail: string) => new RequestInvalid([{ pointer, code, detail }])

const noJson: FieldFault = { pointer: '/data_base64', code: 'bad_json', detail: 'no well-formed JSON text in UTF-8' }

/** Data that is given as bytes has a fault of its own: the other events of its batch do not suffer. */
const dataOf = ({ data_base64: encoded, data }: Readonly<Record<string, unknown>>): Said => {
  if (data !== undefined || typeof encoded !== 'string') return { value: data }
  try {
    return { value: readJson(Buffer.from(encoded, 'base64')) }
  } catch (error) {
    if (error instanceof Problem) return { faults: [noJson] }
    throw error
  }
}

const fromEvent = (event: unknown): Said => {
  const read = EventAttributes.safeParse(event)
  return read.success ? dataOf(read.data) : { faults: faultsOf(read.error, '') }
}

const binaryAttributes = ['specversion', 'id', 'source', 'type', 'time', 'subject', 'dataschema'] as const

/** A CloudEvent in binary mode: attributes in `ce-` headers, the signal as body. */
const fromHeaders = ({ body, header }: RawBody): Said => {
  const given = binaryAttributes.flatMap(name => {
    const value = header(`ce-${name}`)
    return value === undefined ? [] : [[name, value] as const]
  })
  const read = EventAttributes.safeParse(Object.fromEntries(given))
  if (!read.success) return { faults: faultsOf(read.error, '/header') }
  return { value: readJson(body) }
}

const listIn = (value: unknown, pointer: string): readonly unknown[] => {
  if (!Array.isArray(value)) throw invalid(pointer, 'invalid_type', 'an array is expected')
  return value
}

const itemsOf = (value: unknown): readonly unknown[] => {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw invalid('', 'invalid_type', 'an object with items is expected')
  const other = Object.keys(value).find(name => name !== 'items')
  if (other !== undefined) throw invalid(`/${other.slice(0, 100)}`, 'unknown_member', 'unknown member')
  return listIn((value as { items?: unknown }).items, '/items')
}

const one = (raw: RawBody): Said => {
  if (raw.contentType === 'application/cloudevents+json') return fromEvent(readJson(raw.body))
  return raw.header('ce-specversion') === undefined ? { value: readJson(raw.body) } : fromHeaders(raw)
}

/** What makes an item of a batch no JSON that can be taken: it alone is refused, the others are not held up. */
const unfit = ({ path, detail }: JsonFault): FieldFault => {
  const pointer = path.map(part => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
  return { pointer: pointer.slice(0, 500).replace(/[\0\p{Cs}]/gu, '\ufffd'), code: 'bad_item', detail }
}

/** The first fault of each item; `within` names the member that holds them. @throws Problem bad_json for one outside of all */
const faultsByItem = (faults: Iterable<JsonFault>, within: readonly string[]): Map<number, FieldFault> => {
  const found = new Map<number, FieldFault>()
  for (const fault of faults) {
    const item = fault.path[within.length]
    if (typeof item !== 'number' || within.some((name, at) => fault.path[at] !== name)) throw new Problem('bad_json')
    if (!found.has(item)) found.set(item, unfit({ ...fault, path: fault.path.slice(within.length + 1) }))
  }
  return found
}

const many = (raw: RawBody): readonly Said[] => {
  if (raw.contentType === 'text/csv') return readSignalCsv(raw.body)
  const events = raw.contentType === 'application/cloudevents-batch+json'
  const { value, faults } = readJsonParts(raw.body)
  const found = faultsByItem(faults, events ? [] : ['items'])
  return (events ? listIn(value, '') : itemsOf(value)).map((item, at): Said => {
    const fault = found.get(at)
    if (fault) return { faults: [fault], value: item }
    const unstorable = unstorableIn(item)
    if (unstorable) return { faults: [unfit(unstorable)], value: item }
    return events ? fromEvent(item) : { value: item }
  })
}

const idIn = (value: unknown): string | null => {
  const id = (value as { externalId?: unknown } | null | undefined)?.externalId
  return typeof id === 'string' && id.length <= 200 && isStorable(id) ? id : null
}

const dataIn = (event: unknown): unknown => (event as { data?: unknown } | null | undefined)?.data

const checked = (said: Said, defaults: Defaults | null): ReadSignal => {
  if ('faults' in said)
    return { externalId: idIn(said.value) ?? idIn(dataIn(said.value)), signal: null, faults: said.faults }
  const read = (defaults ? RaisedSignal : AcademicSignal).safeParse(said.value)
  if (!read.success) return { externalId: idIn(said.value), signal: null, faults: faultsOf(read.error, '') }
  const { externalId = defaults?.externalId() ?? '', student = '', note = null, ...rest } = read.data
  const severity = 'severity' in rest ? rest.severity : null
  const observedAt = rest.observedAt ?? defaults?.observedAt ?? ''
  return { externalId, signal: { ...rest, externalId, student, severity, observedAt, note }, faults: [] }
}

/**
 * Reads the signals of a body by its content type, each checked for itself.
 * @param defaults what a person may leave out; null = a system, which leaves nothing out
 * @throws Problem bad_json, bad_csv; RequestInvalid when the envelope is wrong or holds none or too many
 */
export const readSignals = (raw: RawBody, batch: boolean, defaults: Defaults | null): readonly ReadSignal[] => {
  if (raw.body.length === 0) throw new Problem('bad_json')
  const said = batch ? many(raw) : [one(raw)]
  if (said.length === 0 || said.length > maxSignals)
    throw invalid('/items', said.length === 0 ? 'too_small' : 'too_big', `1–${maxSignals} signals`)
  return said.map(each => checked(each, defaults))
}
