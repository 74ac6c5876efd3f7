import { defineOperation, type Ending, type OperationContext } from '../../platform/operations.ts'
import { readUpload } from '../../platform/uploads.ts'
import { apply } from './apply.ts'
import { openArchive } from './archive.ts'
import { check } from './check.ts'
import { detectEncoding } from './csv.ts'
import type { Feed } from './feed.ts'
import type { ImportInput } from './import-schemas.ts'
import { oneRosterFeeds } from './oneroster.ts'
import { plainFeeds, plainFile } from './plain.ts'
import { type ImportResult, type ImportState, type Report, resultOf } from './report.ts'
import { analyse } from './statistics.ts'
import { knownUnits } from './units.ts'

const feedsOf = async (context: OperationContext, input: ImportInput): Promise<Feed[]> => {
  const tenant = context.db.as(context.institution)
  const upload = await readUpload(tenant, context.ambient, context.uploadId as string)
  const { today, passMark, mapping } = input
  if (mapping === null) return oneRosterFeeds(tenant, await openArchive(upload), { today, passMark })
  const bytes = () => upload.range(0, upload.size)
  const guessed = mapping.encoding === 'auto'
  const encoding = mapping.encoding === 'auto' ? await detectEncoding(plainFile, bytes) : mapping.encoding
  const dialect = { encoding, guessed, delimiter: mapping.delimiter }
  const units = mapping.createUnits ? await knownUnits(tenant) : new Map()
  const { origin = 'csv' } = input
  return plainFeeds({ bytes, dialect, mapping, units, origin, full: input.scope === 'full', today, passMark })
}

/** From here on the import goes forward to its end, whichever process carries it. */
const begin = async (context: OperationContext, report: Report, input: ImportInput): Promise<ImportState> => {
  const done = report.tallies.reduce((total, { rows }) => total + rows, 0)
  const zero = { rows: 0, created: 0, updated: 0, unchanged: 0, skipped: 0, errors: 0, vanished: 0 }
  const tallies = report.tallies.map(tally => ({ ...tally, ...zero }))
  const state: ImportState = { phase: 'apply', feed: 0, read: 0, after: '', done, tallies }
  await context.step(async () => ({ state, cancellable: input.mode === 'per_row' }))
  return state
}

/** Checks everything, then applies it in batches: decision 019. */
const run = async (context: OperationContext): Promise<unknown> => {
  const input = context.input as ImportInput
  const feeds = await feedsOf(context, input)
  for (const feed of feeds) await analyse(context.db, feed)
  const taken = context.state as ImportState | null
  if (taken) return resultOf(input, await apply(context, feeds, input, taken), context.report as Report)
  const report = await check(context, feeds, input)
  if (input.dryRun) return resultOf(input, null, report)
  return resultOf(input, await apply(context, feeds, input, await begin(context, report, input)), report)
}

const soFar = (input: unknown, state: unknown, report: unknown) =>
  resultOf(input as ImportInput, state as ImportState | null, report as Report | null)

const tell = ({ status, result }: Ending) => {
  if (result === null) return []
  const { format, mode, dryRun, applied, files, errorCount: errors, ...figures } = result as ImportResult
  const { created, updated, unchanged, vanished } = figures
  const happened = applied
    ? { created, updated, unchanged, vanished }
    : { created: 0, updated: 0, unchanged: 0, vanished: 0 }
  const collections = [...new Set(files.map(({ collection }) => collection))]
  return [
    { type: 'import.finished' as const, data: { status, format, mode, dryRun, ...happened, errors, collections } },
  ]
}

/** The import of a roster file as long work. */
export const importOperation = defineOperation('import', 'roster:write', run, { soFar, tell })
