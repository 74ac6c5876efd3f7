import { type Database, tenantStatement } from '../platform/database.ts'
import { following } from '../platform/follow.ts'
import type { Work } from '../platform/loop.ts'
import { utc } from '../platform/sql.ts'
import { changeSubject, type Deps, subjectStatement } from '../platform/subject.ts'
import type { CrisisStep } from '../practice/crisis.ts'
import { type ClockSource, startStage } from '../practice/crisis-clock.ts'
import type { CrisisKind } from '../practice/crisis-codes.ts'
import { clockJson } from './crisis-facts.ts'
import { serviceRequest, theService } from './crisis-work.ts'

interface Beyond {
  readonly id: string
  readonly version: number
  readonly writes: number
  readonly kind: CrisisKind
  readonly step: CrisisStep
  readonly since: string
  readonly clock: ClockSource
}

/** Crises without a target, locked, and since when their stage lasts. Parameter: 1 institution. */
const take = tenantStatement<Beyond>(
  'crises.beyond_horizon',
  `select c.id, c.version, c.writes, c.kind, c.step, ${clockJson} as clock,
    (select ${utc('max(m.at)')} from crisis_moves m where m.institution_id = $1::uuid and m.subject_id = c.id) as since
   from crises c where c.institution_id = $1::uuid and c.beyond_horizon and c.closed_at is null order by c.id for no key update of c`,
)

const save = subjectStatement(
  'crises',
  'crises.target',
  `due_at = (given.e->>'dueAt')::timestamptz, beyond_horizon = false, escalates_at = (given.e->>'escalatesAt')::timestamptz`,
)

/** Starts the clocks that lay past the horizon, once the institution's calendar reaches them. Domain §4: never guessed. */
export const targetCrises = (db: Database, ambient: Deps['ambient']): Work =>
  following(db, {
    name: 'target-crises',
    types: ['warning_settings.changed'],
    handle: async (tx, institution) => {
      for (const { id, version, writes, kind, step, since, clock } of await tx.as(institution).rows(take)) {
        const { dueAt, escalatesAt } = startStage(clock, kind, step, new Date(since))
        if (dueAt === null) continue
        const subject = { kind: 'crisis', id, version, writes, dataKey: null, caseId: null }
        const change = {
          type: 'crisis.targeted',
          data: { step, dueAt },
          effects: { dueAt, escalatesAt },
          status: 200,
        } as const
        const request = serviceRequest(institution, 'target-crises')
        await changeSubject({ db: tx, ambient }, save, request, theService, subject, change)
      }
    },
  })
