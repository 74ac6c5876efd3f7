import { utc } from '../platform/sql.ts'
import type { ReadSignal } from './read-signals.ts'

/** Month of receipt, `YYYY-MM` in UTC: whose key seals words. */
export const monthOf = (now: Date): string => now.toISOString().slice(0, 7)

/** Ids and student numbers of signals, as the load statements look them up. */
export const keysOf = (items: readonly ReadSignal[]): string => {
  const read = items.flatMap(({ signal }) => (signal ? [signal] : []))
  return JSON.stringify({
    ids: [...new Set(read.map(signal => signal.externalId))],
    numbers: [...new Set(read.map(signal => signal.student).filter(number => number !== ''))],
  })
}

/** Expressions a load statement names its parameters by. */
export interface Looked {
  readonly origin: string
  /** `{ids, numbers}` as jsonb. */
  readonly keys: string
  readonly month: string
  /** Set before the sender's ids; none by default. */
  readonly prefix?: string
  /** A student to be found beside those named. */
  readonly self?: string
}

/**
 * `column = value` as a probe of the index that is sorted by the column. Plans are made once, perhaps while the table is
 * empty and every index looks as good: an equality might be looked for along another index, a range in order is not.
 */
export const probe = (column: string, value: string): string =>
  `${column} >= ${value} and ${column} <= ${value} order by ${column} limit 1`

/** JSON of what is known about signals and students, and the month's key; `$1` is the institution. */
export const factsJson = ({
  origin,
  keys,
  month,
  prefix = "''",
  self = 'null::uuid',
}: Looked): string => `json_build_object(
  'known', (select coalesce(json_object_agg(k.id, json_build_object('id', g.id, 'revision', g.revision, 'observedAt', ${utc('g.observed_at')},
      'status', g.status, 'student', g.student_number, 'studentId', g.student_id)), '{}')
    from jsonb_array_elements_text(${keys}->'ids') k(id) cross join lateral (select * from signals x
      where x.institution_id = $1::uuid and x.origin = ${origin} and ${probe('x.external_id', `${prefix} || k.id`)}) g),
  'students', (select coalesce(json_object_agg(f.number, f.id), '{}') from (
    select s.number, s.id from jsonb_array_elements_text(${keys}->'numbers') n(number) cross join lateral (
      select x.number, x.id from students x where x.institution_id = $1::uuid and ${probe('x.number', 'n.number')}) s
    union all
    select s.number, s.id from students s where s.institution_id = $1::uuid and s.id = ${self}) f),
  'key', (select json_build_object('id', k.id, 'dataKey', encode(k.data_key, 'base64')) from signal_keys k
    where k.institution_id = $1::uuid and k.month = ${month}))`
