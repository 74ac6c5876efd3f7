import { utc } from '../cases/view-case.ts'
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

/** JSON of what is known about signals and students, and the month's key; `$1` is the institution. */
export const factsJson = ({
  origin,
  keys,
  month,
  prefix = "''",
  self = 'null::uuid',
}: Looked): string => `json_build_object(
  'known', (select coalesce(json_object_agg(k.id, json_build_object('id', g.id, 'revision', g.revision, 'observedAt', ${utc('g.observed_at')},
      'status', g.status, 'student', g.student_number)), '{}')
    from jsonb_array_elements_text(${keys}->'ids') k(id)
    join signals g on g.institution_id = $1::uuid and g.origin = ${origin} and g.external_id = ${prefix} || k.id),
  'students', (select coalesce(json_object_agg(f.number, f.id), '{}') from (
    select s.number, s.id from jsonb_array_elements_text(${keys}->'numbers') n(number)
      join students s on s.institution_id = $1::uuid and s.number = n.number
    union all
    select s.number, s.id from students s where s.institution_id = $1::uuid and s.id = ${self}) f),
  'key', (select json_build_object('id', k.id, 'dataKey', encode(k.data_key, 'base64')) from signal_keys k
    where k.institution_id = $1::uuid and k.month = ${month}))`
