import type { OperationContext } from '../../platform/operations.ts'
import { lockRoster } from '../roster-queries.ts'
import { batchesOf, type FeedKeys, noKeys } from './batches.ts'
import { bring, prepare } from './bring.ts'
import type { Feed } from './feed.ts'
import type { ImportInput } from './import-schemas.ts'
import type { ImportState, Tally } from './report.ts'
import { analyse } from './statistics.ts'
import { canVanish, endMissed, missing } from './vanish.ts'

/** Applying as it goes on: its state is saved with every batch. */
class Applying {
  readonly context: OperationContext
  readonly feeds: readonly Feed[]
  readonly input: ImportInput
  state: ImportState
  /** Ids of feeds read to their end here. */
  readonly keys = new Map<number, FeedKeys>()

  constructor(context: OperationContext, feeds: readonly Feed[], input: ImportInput, state: ImportState) {
    this.context = context
    this.feeds = feeds
    this.input = input
    this.state = state
  }

  get saving() {
    const { institution, actor, requestId, id: operationId } = this.context
    return { institution, actor, requestId, operationId, idempotency: null }
  }

  /** The tallies with one of them changed. */
  counted(at: number, change: (tally: Tally) => Partial<Tally>): Tally[] {
    return this.state.tallies.map((tally, index) => (index === at ? { ...tally, ...change(tally) } : tally))
  }

  /** Ids of a feed, read anew where another process read them. */
  async keysOf(at: number, feed: Feed): Promise<FeedKeys> {
    const known = this.keys.get(at)
    if (known) return known
    const keys = noKeys()
    for await (const _batch of batchesOf(feed, keys)) await this.context.step(async () => ({}))
    this.keys.set(at, keys)
    return keys
  }
}

/** 1,000, 10,000, 100,000 … rows. */
const isMilestone = (read: number): boolean => /^10*000$/.test(String(read))

const applyFeed = async (run: Applying, at: number, feed: Feed): Promise<void> => {
  const { ambient, institution } = run.context
  const keys = noKeys()
  const before = run.state.done - run.state.read
  for await (const batch of batchesOf(feed, keys, run.state.read)) {
    let next = run.state
    await run.context.step(async tx => {
      await tx.as(institution).rows(lockRoster)
      const found = await prepare(tx.as(institution), ambient, feed, batch.candidates, () => false)
      const counts = await bring(tx, ambient, run.saving, feed, found)
      const tallies = run.counted(at, tally => ({
        rows: batch.read,
        skipped: tally.skipped + batch.skipped,
        errors: tally.errors + batch.faults.length + found.faults.length,
        created: tally.created + counts.created,
        updated: tally.updated + counts.updated,
        unchanged: tally.unchanged + counts.unchanged,
      }))
      next = { ...run.state, feed: at, read: batch.read, done: before + batch.read, tallies }
      return { state: next, done: next.done }
    })
    run.state = next
    if (isMilestone(batch.read)) await analyse(run.context.db, feed)
  }
  await analyse(run.context.db, feed)
  run.keys.set(at, keys)
  run.state = { ...run.state, feed: at + 1, read: 0 }
}

const endFeed = async (run: Applying, at: number, feed: Feed): Promise<void> => {
  const keys = await run.keysOf(at, feed)
  const { today } = run.input
  const { institution, ambient, actor } = run.context
  for (let more = canVanish(feed, keys); more; ) {
    let next = run.state
    await run.context.step(async tx => {
      await tx.as(institution).rows(lockRoster)
      const asked = { after: run.state.after, today, actorId: actor.id as string }
      const page = await missing(tx.as(institution), feed, keys, asked)
      await endMissed(tx, ambient, run.saving, feed, page.missed, today)
      more = page.next !== null
      const tallies = run.counted(at, tally => ({ vanished: tally.vanished + page.missed.length }))
      next = { ...run.state, feed: at, after: page.next ?? '', tallies }
      return { state: next }
    })
    run.state = next
  }
  run.state = { ...run.state, feed: at + 1, after: '' }
}

/**
 * Writes the rows feed by feed, then ends what vanished; goes on where the state says. What cannot be written is left out
 * and counted.
 * @returns the last state
 */
export const apply = async (
  context: OperationContext,
  feeds: readonly Feed[],
  input: ImportInput,
  from: ImportState,
): Promise<ImportState> => {
  const run = new Applying(context, feeds, input, from)
  if (run.state.phase === 'apply') {
    for (const [at, feed] of feeds.entries()) if (at >= run.state.feed) await applyFeed(run, at, feed)
    run.state = { ...run.state, phase: 'vanish', feed: 0, read: 0, after: '' }
    await context.step(async () => ({ state: run.state }))
  }
  for (const [at, feed] of feeds.entries()) if (at >= run.state.feed) await endFeed(run, at, feed)
  return run.state
}
