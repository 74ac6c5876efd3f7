import { CsvError, parse } from 'csv-parse/sync'
import type { FieldFault } from '../kernel/problem.ts'
import { Problem } from '../practice/problems.ts'
import { figureNames } from './signal-figures.ts'

const plain = ['externalId', 'student', 'kind', 'severity', 'status', 'observedAt', 'note']
const needed = ['externalId', 'student', 'kind', 'observedAt']
const texts = new Set(['course', 'item', 'term', 'since', 'dueOn', 'time'])
const decoder = new TextDecoder('utf-8', { fatal: true })

const bad = (pointer: string, code: string, detail: string) =>
  new Problem('bad_csv', { errors: [{ pointer, code, detail }] })

const decoded = (body: Buffer): string => {
  try {
    return decoder.decode(body)
  } catch {
    throw bad('', 'not_utf8', 'the file is not UTF-8')
  }
}

/** Something said to be a signal, or the faults of what it came in, with what of it could be read. */
export type Said = { readonly value: unknown } | { readonly faults: readonly FieldFault[]; readonly value?: unknown }

const misfit: FieldFault = { pointer: '', code: 'malformed_row', detail: 'the number of columns does not fit' }

const headings = (row: readonly string[]): string[] => {
  const names = row.map(name => name.trim())
  const unknown = names.find(name => !plain.includes(name) && !figureNames.includes(name))
  if (unknown !== undefined) throw bad('/1', 'unknown_column', `there is no column ${unknown.slice(0, 40)}`)
  if (new Set(names).size < names.length) throw bad('/1', 'duplicate_column', 'a column stands twice')
  const missing = needed.find(name => !names.includes(name))
  if (missing) throw bad('/1', 'missing_column', `the column ${missing} is missing`)
  return names
}

const figureOf = (name: string, text: string): unknown =>
  !texts.has(name) && /^-?\d{1,12}(\.\d{1,9})?$/.test(text) ? Number(text) : text

const rowOf = (names: readonly string[], row: readonly string[]): Said => {
  if (row.length !== names.length) return { faults: [misfit] }
  const unfit = names.find((_, at) => row[at]?.includes('\0'))
  if (unfit !== undefined)
    return { faults: [{ pointer: `/${unfit}`, code: 'bad_item', detail: 'the cell holds a NUL' }] }
  const filled = names.map((name, at) => [name, row[at] ?? ''] as const).filter(([, text]) => text !== '')
  const figures = filled.filter(([name]) => !plain.includes(name)).map(([name, text]) => [name, figureOf(name, text)])
  const members = filled.filter(([name]) => plain.includes(name))
  return { value: { ...Object.fromEntries(members), figures: Object.fromEntries(figures) } }
}

/**
 * Signals of the CSV twin, one a row, still to be checked: empty cells are left out, figures gathered; a row that does
 * not fit the headings has a fault of its own.
 * @throws Problem bad_csv
 */
export const readSignalCsv = (body: Buffer): Said[] => {
  const text = decoded(body)
  try {
    const [head = [], ...rows] = parse(text, {
      bom: true,
      relax_column_count: true,
      trim: true,
      skip_empty_lines: true,
      max_record_size: 20_000,
    })
    const names = headings(head)
    return rows.map(row => rowOf(names, row))
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    throw bad(`/${Number(error.lines) || 1}`, 'malformed_row', 'quotes do not fit')
  }
}
