import type { Archive } from './archive.ts'
import { type CsvRow, type Dialect, readCsv } from './csv.ts'
import { fileRefused } from './faults.ts'

/** OneRoster files are UTF-8 with commas. */
const dialect: Dialect = { encoding: 'utf-8', delimiter: ',' }

/** How the manifest says a file is to be read. */
export type FileMode = 'bulk' | 'delta'

const modes = ['bulk', 'delta', 'absent']

/**
 * Files we read by name (without `.csv`) with their mode; others are left alone.
 * @throws Problem import_file_refused
 */
export const readManifest = async (archive: Archive, files: readonly string[]): Promise<Map<string, FileMode>> => {
  const file = 'manifest.csv'
  if (!archive.names.includes(file)) throw fileRefused(file, 0, 'missing_file', 'the archive has no manifest.csv')
  const found = new Map<string, FileMode>()
  let version = ''
  for await (const { row, cell } of readCsv(file, archive.open(file), dialect, ['propertyName', 'value'])) {
    const [property, value] = [cell('propertyName'), cell('value')]
    if (property === 'oneroster.version') version = value
    const name = /^file\.(\w+)$/.exec(property)?.[1]
    if (name === undefined || !files.includes(name)) continue
    if (!modes.includes(value)) throw fileRefused(file, row, 'unknown_mode', 'a file is bulk, delta or absent')
    if (value === 'absent') continue
    if (!archive.names.includes(`${name.toLowerCase()}.csv`))
      throw fileRefused(`${name}.csv`, 0, 'missing_file', 'the manifest names it and the archive has it not')
    found.set(name, value as FileMode)
  }
  if (version !== '1.2') throw fileRefused(file, 0, 'unknown_version', 'oneroster.version is not 1.2')
  return found
}

/** Rows of one OneRoster file. */
export const rowsIn = (archive: Archive, name: string, required: readonly string[]): AsyncGenerator<CsvRow> =>
  readCsv(`${name}.csv`, archive.open(`${name.toLowerCase()}.csv`), dialect, required)
