import type { CaseFacts } from '../../src/practice/facts.ts'
import { daysAfter, type NamedRecord, type RecordKind } from '../../src/practice/record-kind.ts'
import { recordKinds } from '../../src/practice/record-kinds.ts'
import { givenFacts, today } from './facts.ts'

export type Json = Record<string, unknown>

export const yesterday = daysAfter(today, -1)
export const tomorrow = daysAfter(today, 1)

/** A record kind that is there. */
export const kindOf = (name: string): RecordKind => {
  const kind = recordKinds[name]
  if (!kind) throw new Error(`no kind ${name}`)
  return kind
}

/** Faults of a kind's example with changes laid over, as `pointer code`. */
export const faultsOf = (
  name: string,
  overlay: Json,
  facts: Partial<CaseFacts> = {},
  named: readonly NamedRecord[] = [],
  time = '23:59',
): string[] => {
  const kind = kindOf(name)
  const content = kind.content.parse({ ...kind.example(today), ...overlay })
  return (kind.check?.(content, givenFacts(facts), today, named, time) ?? []).map(
    each => `${each.pointer} ${each.code}`,
  )
}

/** What is laid over an example, and the faults it must then have: none, for what is allowed. */
export type Row = readonly [
  kind: string,
  what: string,
  overlay: Json,
  faults: readonly string[],
  facts?: Partial<CaseFacts>,
]

/** Content that settles one action. */
export const settle = (actionId: string, outcome: string) => ({ settlements: [{ actionId, outcome }] })
