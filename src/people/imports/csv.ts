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
  /** The encoding was found by {@link detectEncoding}: nobody has told it. */
  readonly guessed?: boolean
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

const privateUse = /\p{Co}/u

const decoded = async function* (file: string, bytes: AsyncIterable<Uint8Array>, { encoding, guessed }: Dialect) {
  const decoder = new TextDecoder(encoding, { fatal: true })
  const whole = (text: string) => {
    if (text.includes('\0')) throw fileRefused(file, 0, 'nul_character', 'the file holds a NUL character')
    if (guessed && encoding !== 'utf-8' && privateUse.test(text)) throw mixed(file)
    return text
  }
  const decode = (part?: Uint8Array) => {
    try {
      return part ? decoder.decode(part, { stream: true }) : decoder.decode()
    } catch {
      throw fileRefused(file, 0, 'bad_encoding', `the file is not ${encoding} throughout`)
    }
  }
  for await (const part of bytes) yield whole(decode(part))
  yield whole(decode())
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
  dialect: Dialect,
  required: readonly string[],
): AsyncGenerator<CsvRow> {
  let columns: Map<string, number> | null = null
  let width = 0
  let row = 0
  for await (const record of records(file, decoded(file, bytes, dialect), dialect.delimiter)) {
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

/** A number as people write it: `0x1F` and `1e1` are none, and no member takes NaN. */
export const decimalOf = (text: string): number => (/^-?(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : Number.NaN)

const mixed = (file: string) =>
  fileRefused(file, 0, 'bad_encoding', 'the file is neither utf-8 nor gb18030 throughout; tell its encoding')

/** Of characters beyond ASCII, those that are UTF-8 and those that are not. */
const tallied = (text: string, tally: { fit: number; misfit: number }): void => {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0xfffd) tally.misfit++
    else if (code > 0x7f) tally.fit++
  }
}

/**
 * UTF-8 when the whole file is, else GB18030, in which nearly no character is UTF-8 too.
 * @throws Problem import_file_refused for a file that is mostly UTF-8
 */
export const detectEncoding = async (file: string, bytes: () => AsyncIterable<Uint8Array>): Promise<Encoding> => {
  const strict = new TextDecoder('utf-8', { fatal: true })
  try {
    for await (const part of bytes()) strict.decode(part, { stream: true })
    strict.decode()
    return 'utf-8'
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
  }
  const lenient = new TextDecoder('utf-8')
  const tally = { fit: 0, misfit: 0 }
  for await (const part of bytes()) tallied(lenient.decode(part, { stream: true }), tally)
  if (tally.fit > tally.misfit) throw mixed(file)
  return 'gb18030'
}
