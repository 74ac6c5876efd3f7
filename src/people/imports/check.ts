import type { OperationContext } from '../../platform/operations.ts'
import { Problem } from '../../practice/problems.ts'
import type { Ref, RefKind } from '../collection.ts'
import { countsOf } from '../roster-save.ts'
import { batchesOf, type FeedKeys, noKeys } from './batches.ts'
import { prepare } from './bring.ts'
import type { ImportFault } from './faults.ts'
import type { Feed } from './feed.ts'
import type { ImportInput } from './import-schemas.ts'
import { KeySet } from './key-set.ts'
import { maxListed, type Report, type Tally } from './report.ts'
import { canVanish, missing } from './vanish.ts'

const tallyOf = (feed: Feed): Tally => ({
  file: feed.file,
  encoding: feed.encoding,
  collection: feed.collection.name,
  full: feed.full,
  rows: 0,
  created: 0,
  updated: 0,
  unchanged: 0,
  skipped: 0,
  errors: 0,
  vanished: 0,
})

/** A report that is being written. */
class Findings {
  readonly tallies: Tally[] = []
  readonly errors: ImportFault[] = []
  errorCount = 0

  add(tally: Tally, faults: readonly ImportFault[]): void {
    tally.errors += faults.length
    this.errorCount += faults.length
    this.errors.push(...faults.slice(0, maxListed - this.errors.length))
  }
}

const checkFeed = async (
  context: OperationContext,
  feed: Feed,
  provided: Map<RefKind, KeySet>,
  findings: Findings,
  before: number,
): Promise<FeedKeys> => {
  const { ambient, institution } = context
  const keys = noKeys()
  const tally = tallyOf(feed)
  findings.tallies.push(tally)
  const coming = feed.provides ? (provided.get(feed.provides) ?? new KeySet()) : null
  if (feed.provides && coming) provided.set(feed.provides, coming)
  const inPackage = (ref: Ref) => provided.get(ref.kind)?.has(ref.id) ?? false
  for await (const batch of batchesOf(feed, keys)) {
    await context.step(async tx => {
      const found = await prepare(tx.as(institution), ambient, feed, batch.candidates, inPackage)
      const counts = countsOf(found.rows)
      for (const { key } of found.candidates) coming?.add(key)
      tally.rows = batch.read
      tally.skipped += batch.skipped
      for (const figure of ['created', 'updated', 'unchanged'] as const) tally[figure] += counts[figure]
      findings.add(tally, [...batch.faults, ...found.faults])
      return { done: before + batch.read }
    })
  }
  return keys
}

/** Counts who would vanish. @throws Problem too_many_would_vanish */
const countVanishing = async (
  context: OperationContext,
  feed: Feed,
  keys: FeedKeys,
  tally: Tally,
  { today, maxDisappear }: ImportInput,
): Promise<void> => {
  if (!canVanish(feed, keys)) return
  const actorId = context.actor.id as string
  let [known, lost] = [0, 0]
  for (let after: string | null = ''; after !== null; ) {
    const from: string = after
    await context.step(async tx => {
      const page = await missing(tx.as(context.institution), feed, keys, { after: from, today, actorId })
      known += page.known
      lost += page.lost
      tally.vanished += page.missed.length
      after = page.next
      return {}
    })
  }
  const percent = known === 0 ? 0 : (lost * 100) / known
  if (percent <= maxDisappear) return
  const vanishing = { collection: feed.collection.name, known, missing: lost }
  throw new Problem('too_many_would_vanish', { vanishing })
}

/**
 * Reads every file to its end, checks every row, and counts what applying would do. Nothing of the roster changes. The
 * report lies with the operation afterwards, also when the check ends in a problem.
 * @throws Problem import_file_refused, archive_refused, import_has_errors, too_many_would_vanish
 */
export const check = async (context: OperationContext, feeds: readonly Feed[], input: ImportInput): Promise<Report> => {
  const findings = new Findings()
  const provided = new Map<RefKind, KeySet>()
  const keysOf: FeedKeys[] = []
  let done = 0
  for (const feed of feeds) {
    keysOf.push(await checkFeed(context, feed, provided, findings, done))
    done += findings.tallies.at(-1)?.rows ?? 0
  }
  const { tallies, errors } = findings
  const report = { tallies, errors, errorCount: findings.errorCount }
  const keep = () => context.step(async () => ({ report, total: input.dryRun ? done : 2 * done }))
  await keep()
  for (const [at, feed] of feeds.entries())
    await countVanishing(context, feed, keysOf[at] as FeedKeys, tallies[at] as Tally, input)
  await keep()
  if (findings.errorCount > 0 && input.mode === 'all_or_nothing')
    throw new Problem('import_has_errors', { errorCount: findings.errorCount })
  return report
}
