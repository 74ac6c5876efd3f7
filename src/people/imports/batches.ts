import type { Candidate } from './bring.ts'
import type { ImportFault } from './faults.ts'
import type { Feed } from './feed.ts'
import { KeySet } from './key-set.ts'

/** Rows read at a time: what one statement writes. */
export const batchRows = 1000

/** Up to {@link batchRows} rows of a feed. */
export interface Batch {
  readonly candidates: readonly Candidate[]
  readonly faults: readonly ImportFault[]
  readonly skipped: number
  /** Rows read, this batch included. */
  readonly read: number
}

/** Ids that stand in a feed: those there, and those told to be gone. */
export interface FeedKeys {
  readonly present: KeySet
  readonly gone: KeySet
  /** Numbers of people, which must not stand twice either. */
  readonly numbers: KeySet
}

export const noKeys = (): FeedKeys => ({ present: new KeySet(), gone: new KeySet(), numbers: new KeySet() })

/** Whether a row is the first of its id and number; remembers both. */
const isFirst = (feed: Feed, keys: FeedKeys, { key, given }: Candidate): boolean => {
  const first = keys.present.add(key)
  if (!feed.collection.sources) return first
  const number: unknown = feed.collection.keyOf(given)
  return (typeof number !== 'string' || keys.numbers.add(number)) && first
}

/**
 * The rows of a feed in batches; a row whose id stood before is a fault. The first `skip` rows are read for their ids
 * only: a process that goes on where another stopped knows them too.
 */
export const batchesOf = async function* (feed: Feed, keys: FeedKeys, skip = 0): AsyncGenerator<Batch> {
  let [read, skipped] = [0, 0]
  let candidates: Candidate[] = []
  let faults: ImportFault[] = []
  const fault = (row: number, code: string, detail: string) => faults.push({ file: feed.file, row, code, detail })
  for await (const each of feed.rows()) {
    read++
    if ('skipped' in each) skipped++
    else if ('gone' in each) keys.gone.add(each.gone)
    else if ('code' in each) {
      if (each.key) keys.present.add(each.key)
      fault(each.row, each.code, each.detail)
    } else if (isFirst(feed, keys, each)) candidates.push(each)
    else fault(each.row, 'duplicate_row', 'the id or the number stands twice in the file')
    if (read % batchRows !== 0 && read !== skip) continue
    if (read > skip) yield { candidates, faults, skipped, read }
    ;[candidates, faults, skipped] = [[], [], 0]
  }
  if (read > skip && read % batchRows !== 0) yield { candidates, faults, skipped, read }
}
