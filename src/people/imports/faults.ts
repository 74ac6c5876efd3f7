import { Problem } from '../../practice/problems.ts'

/** One fault of an import file. `detail` names columns and rules, never values. */
export interface ImportFault {
  readonly file: string
  /** Row as a spreadsheet counts: the header is 1; 0 = the file as a whole. */
  readonly row: number
  readonly code: string
  readonly detail: string
}

/** A file that cannot be read as a whole. */
export const fileRefused = (file: string, row: number, code: string, detail: string): Problem =>
  new Problem('import_file_refused', { errors: [{ file, row, code, detail } satisfies ImportFault] })
