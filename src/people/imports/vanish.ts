import type { Ambient } from '../../platform/ambient.ts'
import { commandStatement, commit } from '../../platform/command.ts'
import { type Door, type Tenant, tenantStatement } from '../../platform/database.ts'
import type { EventType } from '../../practice/events.ts'
import type { Saving } from '../roster-save.ts'
import type { FeedKeys } from './batches.ts'
import { type Feed, oneRoster } from './feed.ts'

interface Member {
  readonly key: string
  readonly id: string
  /** Whether missing it counts against `maxDisappear`. */
  readonly counts: boolean
  /** Whether the origin brought it; else it is only missed when it is told to be gone. */
  readonly own: boolean
}

/**
 * Those of a collection an origin could miss. What has no origin (calls of the roster made it, or imports before origins
 * were kept) a OneRoster package can tell to be gone by its id.
 * Parameters: 2 key to go on after, 3 day, 4 whom never to miss, 5 origin.
 */
const population = (name: string, from: string, key: string, id: string, where: string, counts = 'true') =>
  tenantStatement<Member>(
    `imports.population_${name}`,
    `select ${key} as key, ${id} as id, ${counts} as counts, origin is not null as own from ${from}
     where institution_id = $1::uuid and ${key} > $2::text and ${where} and (origin = $5::text or (origin is null and $5::text = '${oneRoster}'))
       and ($3::date is not null) and (${id} <> $4::uuid) order by ${key} limit 1000`,
  )

/** People by their id in OneRoster, or by their number. */
const people = (table: 'students' | 'staff', number: string, where: string) => ({
  population: population(table, table, 'source_id', 'id', where),
  byNumber: population(`${table}_by_number`, table, number, 'id', where),
})

const ends = (name: string, text: string) =>
  commandStatement(`imports.vanish_${name}`, `x as (${text} returning 1)`, '(select ok from free)')

const ids = "(select jsonb_array_elements_text(given.e->'ids')::uuid)"
const keys = "(select jsonb_array_elements_text(given.e->'keys'))"
const day = "(given.e->>'day')::date"
const current = '(valid_until is null or valid_until > $3::date)'
const from = (table: string) => `from given, free where free.ok and ${table}.institution_id = $1::uuid and ${table}`

/** An enrolment of a term that is over ends unnoticed: every new term begins with files that name the old ones no more. */
const termRuns = `(select m.ends_on >= $3::date from sections g join terms m on m.institution_id = $1::uuid and m.id = g.term_id
  where g.institution_id = $1::uuid and g.id = enrolments.section_id)`

/** What becomes of those who vanish, by collection: nobody is deleted but a result that was withdrawn. */
const endings = {
  students: {
    ...people('students', 'number', 'absent_since is null'),
    end: ends('students', `update students set absent_since = ${day} ${from('students')}.id in ${ids}`),
    told: 'student.vanished',
  },
  staff: {
    ...people('staff', 'external_id', 'left_on is null'),
    end: ends('staff', `update staff set left_on = ${day} ${from('staff')}.id in ${ids}`),
    told: 'staff.left',
  },
  'staff-roles': {
    population: population('staff_roles', 'staff_roles', 'external_id', 'staff_id', current),
    end: ends(
      'staff_roles',
      `update staff_roles set valid_until = greatest(${day}, valid_from) ${from('staff_roles')}.external_id in ${keys}`,
    ),
    told: null,
  },
  enrolments: {
    population: population('enrolments', 'enrolments', 'external_id', 'id', current, termRuns),
    end: ends(
      'enrolments',
      `update enrolments set valid_until = greatest(${day}, valid_from) ${from('enrolments')}.id in ${ids}`,
    ),
    told: null,
  },
  results: {
    population: population(
      'results',
      '(select *, null::text as origin from results) results',
      'external_id',
      'id',
      'true',
    ),
    end: ends(
      'results',
      `delete from results using given, free where free.ok and results.institution_id = $1::uuid and results.id in ${ids}`,
    ),
    told: null,
  },
} as const

type Ending = (typeof endings)[keyof typeof endings]

const endingOf = (feed: Feed): Ending | undefined => (endings as Readonly<Record<string, Ending>>)[feed.collection.name]

/** Whether rows of the feed can vanish: results only when they are told to be gone. */
export const canVanish = (feed: Feed, { gone }: FeedKeys): boolean =>
  endingOf(feed) !== undefined && (gone.size > 0 || (feed.full && feed.collection.name !== 'results'))

/** A page of those who could be missed, and who of them is. */
export interface Missed {
  readonly missed: readonly Member[]
  /** How many count, and how many of them are missed. */
  readonly known: number
  readonly lost: number
  /** Key to go on after; null at the end. */
  readonly next: string | null
}

/** Looks for those the feed misses, 1,000 known ones at a time. */
export const missing = async (
  tenant: Tenant,
  feed: Feed,
  { present, gone }: FeedKeys,
  { after, today, actorId }: { after: string; today: string; actorId: string },
): Promise<Missed> => {
  const ending = endingOf(feed) as Ending
  const statement = 'byNumber' in ending && feed.origin !== oneRoster ? ending.byNumber : ending.population
  const rows = await tenant.rows(statement, after, today, actorId, feed.origin)
  const whole = feed.full && feed.collection.name !== 'results'
  const missed = rows.filter(({ key, own }) => gone.has(key) || (whole && own && !present.has(key)))
  const counting = (members: readonly Member[]) => members.filter(({ counts }) => counts).length
  return { missed, known: counting(rows), lost: counting(missed), next: rows.at(-1)?.key ?? null }
}

/** Marks those who vanished and tells of each person, and of the rest as a count. */
export const endMissed = async (
  tx: Door,
  ambient: Ambient,
  saving: Saving & { readonly operationId: string },
  feed: Feed,
  missed: readonly Member[],
  today: string,
): Promise<void> => {
  if (missed.length === 0) return
  const { end, told } = endingOf(feed) as Ending
  const { institution, actor, requestId, operationId } = saving
  const entry = (type: EventType, kind: string, id: string, data: Readonly<Record<string, unknown>>) => ({
    id: ambient.newId(),
    type,
    at: ambient.now().toISOString(),
    institution,
    actor,
    subject: { kind, id, version: null },
    caseId: null,
    request: requestId,
    data,
  })
  const { name: collection } = feed.collection
  const since = told === 'staff.left' ? { leftOn: today } : { since: today }
  const persons = told
    ? missed.map(({ id }) => entry(told, told === 'staff.left' ? 'staff' : 'student', id, { ...since, operationId }))
    : []
  const counts = { collection, created: 0, updated: 0, removed: missed.length }
  await commit(tx.as(institution), end, {
    actorId: actor.id,
    idempotency: null,
    status: 200,
    receipt: {},
    entries: [entry('roster.changed', 'institution', institution, counts), ...persons],
    effects: { day: today, ids: missed.map(({ id }) => id), keys: missed.map(({ key }) => key) },
    wallClock: ambient.wallClock(),
  })
}
