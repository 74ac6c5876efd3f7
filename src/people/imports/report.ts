import type { Encoding } from './csv.ts'
import type { ImportFault } from './faults.ts'
import type { ImportInput } from './import-schemas.ts'

/** Faults listed one by one; the rest is counted. */
export const maxListed = 1000

/** Figures of one feed. */
export interface Tally {
  readonly file: string
  /** How the file was read: guessed, where nobody told it. */
  readonly encoding: Encoding
  readonly collection: string
  readonly full: boolean
  rows: number
  created: number
  updated: number
  unchanged: number
  skipped: number
  errors: number
  vanished: number
}

/** What the check found, kept with the operation. */
export interface Report {
  readonly tallies: readonly Tally[]
  readonly errors: readonly ImportFault[]
  readonly errorCount: number
}

/** Where applying stands. `after` = key the search for who vanished goes on after. */
export interface ImportState {
  readonly phase: 'apply' | 'vanish'
  readonly feed: number
  /** Rows of the feed done. */
  readonly read: number
  readonly after: string
  readonly done: number
  readonly tallies: readonly Tally[]
}

const figures = ['created', 'updated', 'unchanged', 'vanished'] as const

/** The result of an import: figures a file, and the faults. `applied` = the figures have happened. */
export const resultOf = (input: ImportInput, state: ImportState | null, report: Report | null) => {
  const files = state?.tallies ?? report?.tallies ?? []
  const sum = (figure: (typeof figures)[number]) => files.reduce((total, file) => total + file[figure], 0)
  return {
    format: input.format,
    mode: input.mode,
    dryRun: input.dryRun,
    applied: state !== null,
    ...Object.fromEntries(figures.map(figure => [figure, sum(figure)])),
    files,
    errorCount: report?.errorCount ?? 0,
    errors: report?.errors ?? [],
  }
}

export type ImportResult = ReturnType<typeof resultOf> & Readonly<Record<(typeof figures)[number], number>>
