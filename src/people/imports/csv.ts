import { Readable } from 'node:stream'
import { CsvError, parse } from 'csv-parse'
import { fileRefused } from './faults.ts'

/** Encodings of plain CSV; UTF-8 may begin with a byte order mark. */
export const encodings = ['utf-8', 'gb18030'] as const
export type Encoding = (typeof encodings)[number]

/** Characters one record may have: more means a quote that is never closed, or a file that is no roster. */
const maxRecordCharacters = 65_536
const maxColumns = 200

/** How a file is written. */
export interface Dialect {
  readonly encoding: Encoding
  readonly delimiter: string
}

/** One row with its cells by column. */
export interface CsvRow {
  readonly row: number
  /** The cell of a column, trimmed; '' where empty or where there is no such column. */
  readonly cell: (column: string) => string
  /** Kind of fault when the row does not fit the header. */
  readonly misfit: 'too_few_columns' | 'too_many_columns' | null
}

const refusals: Readonly<Record<string, readonly [string, string]>> = {
  CSV_QUOTE_NOT_CLOSED: ['unterminated_quote', 'a quote is never closed'],
  CSV_INVALID_CLOSING_QUOTE: ['bad_quote', 'a quote stands inside a field; double it'],
  INVALID_OPENING_QUOTE: ['bad_quote', 'a quote stands inside a field that is not quoted'],
  CSV_NON_TRIMABLE_CHAR_AFTER_CLOSING_QUOTE: ['bad_quote', 'text follows a closing quote'],
  CSV_MAX_RECORD_SIZE: [
    'record_too_long',
    `a record has more than ${maxRecordCharacters} characters; is a quote left open?`,
  ],
}

const decoded = async function* (file: string, bytes: AsyncIterable<Uint8Array>, encoding: Encoding) {
  const decoder = new TextDecoder(encoding, { fatal: true })
  const decode = (part?: Uint8Array) => {
    try {
      const text = part ? decoder.decode(part, { stream: true }) : decoder.decode()
      if (!text.includes('\0')) return text
    } catch {
      throw fileRefused(file, 0, 'bad_encoding', `the file is not ${encoding} throughout`)
    }
    throw fileRefused(file, 0, 'nul_character', 'the file holds a NUL character')
  }
  for await (const part of bytes) yield decode(part)
  yield decode()
}

const records = async function* (
  file: string,
  text: AsyncIterable<string>,
  delimiter: string,
): AsyncGenerator<string[]> {
  const source = Readable.from(text)
  const parser = parse({ delimiter, relax_column_count: true, max_record_size: maxRecordCharacters })
  source.on('error', error => parser.destroy(error))
  source.pipe(parser)
  try {
    yield* parser as AsyncIterable<string[]>
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    const [code, detail] = refusals[error.code] ?? ['malformed', 'the file is no CSV']
    throw fileRefused(file, Number(error.records) + 1, code, detail)
  } finally {
    source.destroy()
    parser.destroy()
  }
}

const columnsOf = (file: string, header: readonly string[], required: readonly string[]): Map<string, number> => {
  const columns = new Map<string, number>()
  if (header.length > maxColumns) throw fileRefused(file, 1, 'too_many_columns', `more than ${maxColumns} columns`)
  header.forEach((given, index) => {
    const name = given.trim()
    if (name === '') return
    if (columns.has(name))
      throw fileRefused(
        file,
        1,
        'duplicate_header',
        `columns ${index + 1} and ${(columns.get(name) ?? 0) + 1} have the same name`,
      )
    columns.set(name, index)
  })
  const missing = required.filter(name => !columns.has(name))
  if (missing.length > 0) throw fileRefused(file, 1, 'missing_header', `no column ${missing.join(', ')}`)
  return columns
}

/**
 * Rows of a CSV file as they come; the order of the columns is free, unknown ones are ignored, blank lines left out.
 * @param required columns the header must name
 * @throws Problem import_file_refused for what is wrong with the file as a whole
 */
export const readCsv = async function* (
  file: string,
  bytes: AsyncIterable<Uint8Array>,
  { encoding, delimiter }: Dialect,
  required: readonly string[],
): AsyncGenerator<CsvRow> {
  let columns: Map<string, number> | null = null
  let width = 0
  let row = 0
  for await (const record of records(file, decoded(file, bytes, encoding), delimiter)) {
    row++
    if (record.length === 1 && record[0]?.trim() === '') continue
    if (columns === null) {
      columns = columnsOf(file, record, required)
      width = record.length
      continue
    }
    const known = columns
    const misfit = record.length < width ? 'too_few_columns' : record.length > width ? 'too_many_columns' : null
    yield { row, misfit, cell: column => record[known.get(column) ?? -1]?.trim() ?? '' }
  }
  if (columns === null) throw fileRefused(file, 0, 'empty_file', 'the file has no header')
}

/** UTF-8 when the whole file is, else GB18030. */
export const detectEncoding = async (bytes: AsyncIterable<Uint8Array>): Promise<Encoding> => {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  try {
    for await (const part of bytes) decoder.decode(part, { stream: true })
    decoder.decode()
    return 'utf-8'
  } catch (error) {
    if (error instanceof TypeError) return 'gb18030'
    throw error
  }
}
