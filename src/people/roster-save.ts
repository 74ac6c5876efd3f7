import type { Ambient } from '../platform/ambient.ts'
import { commit } from '../platform/command.ts'
import type { Door } from '../platform/database.ts'
import type { Idempotency } from '../platform/http/route.ts'
import type { Actor, Entry } from '../platform/journal.ts'
import { Problem } from '../practice/problems.ts'
import type { Collection, Refs } from './collection.ts'
import { closeTree, statementsOf } from './roster-queries.ts'
import { type Row, written } from './roster-rows.ts'

/** For whom and for which request rows are saved. */
export interface Saving {
  readonly institution: string
  readonly actor: Actor
  readonly requestId: string
  readonly idempotency: Idempotency | null
}

/** How many rows were new, changed and as they were. */
export interface Counts {
  readonly created: number
  readonly updated: number
  readonly unchanged: number
}

const entriesOf = (
  ambient: Ambient,
  saving: Saving,
  collection: Collection,
  changed: readonly Row[],
  counts: Counts,
): Entry[] => {
  const { institution, actor, requestId: request } = saving
  if (changed.length === 0) return []
  const entry = (type: string, kind: string, id: string, data: Readonly<Record<string, unknown>>): Entry => ({
    id: ambient.newId(),
    type,
    at: ambient.now().toISOString(),
    institution,
    actor,
    subject: { kind, id, version: null },
    caseId: null,
    request,
    data,
  })
  const { created, updated } = counts
  const enrolment = ({ before, item, id }: Row) => {
    if (!before) return []
    const [from, to, since] = [before.enrolmentStatus, item.enrolmentStatus, before.absentSince]
    return [
      ...(from === to ? [] : [entry('student.enrolment_changed', 'student', id, { from, to })]),
      ...(since ? [entry('student.reappeared', 'student', id, { since })] : []),
    ]
  }
  return [
    entry('roster.changed', 'institution', institution, { collection: collection.name, created, updated }),
    ...(collection.name === 'students' ? changed.flatMap(enrolment) : []),
  ]
}

/** How many of the rows are new, changed and as they were. */
export const countsOf = (rows: readonly Row[]): Counts => {
  const changed = rows.filter(row => row.changed)
  const created = changed.filter(row => row.before === null).length
  return { created, updated: changed.length - created, unchanged: rows.length - changed.length }
}

/**
 * Writes those of the rows that are new or changed, and tells, in a transaction of the caller's.
 * @returns the counts; null when the idempotency key is taken: load again
 * @throws Problem unit_cycle
 */
export const saveRows = async (
  door: Door,
  ambient: Ambient,
  saving: Saving,
  collection: Collection,
  rows: readonly Row[],
  refs: Refs,
): Promise<Counts | null> => {
  const changed = rows.filter(row => row.changed)
  const counts = countsOf(rows)
  const withContactIds = (row: Record<string, unknown>) =>
    Array.isArray(row.contacts)
      ? { ...row, contacts: row.contacts.map(each => ({ ...each, id: ambient.newId() })) }
      : row
  if (changed.length === 0 && !saving.idempotency) return counts
  const done = await commit(door.as(saving.institution), statementsOf(collection).save, {
    actorId: saving.actor.id,
    idempotency: saving.idempotency,
    status: 200,
    receipt: { ...counts },
    entries: entriesOf(ambient, saving, collection, changed, counts),
    effects: {
      at: ambient.now().toISOString(),
      rows: changed.map(row => withContactIds(collection.rowOf(written(row), row.id, refs))),
    },
    wallClock: ambient.wallClock(),
  })
  if (!done) return null
  if (!collection.own) return counts
  const [tree] = await door.system.rows(closeTree, saving.institution)
  if (tree?.cycle) throw new Problem('unit_cycle')
  return counts
}
