import { holdStudent } from '../cases/hold-student.ts'
import { ConstraintRefused, systemStatement } from '../platform/database.ts'
import type { Work } from '../platform/loop.ts'
import { utc } from '../platform/sql.ts'
import { subjectStatement } from '../platform/subject.ts'
import { type CrisisStep, lastingSteps } from '../practice/crisis.ts'
import { type ClockSource, escalate } from '../practice/crisis-clock.ts'
import type { CrisisKind } from '../practice/crisis-codes.ts'
import { nearestStaff, overdueStatement, serviceRequest, sweepOverdue, theService, type WorkDeps } from './overdue.ts'

interface OverdueCrisis {
  readonly kind: CrisisKind
  readonly step: CrisisStep
  readonly unitId: string
  readonly leadId: string
  readonly escalation: number
  readonly dueAt: string
  readonly escalatesAt: string
  readonly clock: ClockSource
}

const overdue = overdueStatement<OverdueCrisis>(
  'crises',
  `c.kind, c.step, c.org_unit_id as "unitId", c.lead_id as "leadId", c.escalation, ${utc('c.due_at')} as "dueAt",
   ${utc('c.escalates_at')} as "escalatesAt",
   json_build_object('timeZone', i.time_zone, 'settings', w.settings, 'calendar', w.calendar) as clock`,
)

const saveEscalated = subjectStatement(
  'crises',
  'crises.escalate',
  "escalation = (given.e->>'level')::int, escalates_at = (given.e->>'nextAt')::timestamptz",
  `x as (insert into crisis_told (institution_id, crisis_id, staff_id, why, at)
  select $1::uuid, c.id, j.id::uuid, 'escalated', (given.e->>'at')::timestamptz from given cross join c
    cross join lateral jsonb_array_elements_text(given.e->'toldIds') j(id) on conflict do nothing)`,
)

/** Tells of stages past their target, each level once. */
export const escalateCrises = (deps: WorkDeps): Work => ({
  name: 'escalate-crises',
  idleMs: 5_000,
  pass: () =>
    sweepOverdue<OverdueCrisis>(deps, {
      work: 'escalate-crises',
      kind: 'crisis',
      claim: overdue,
      save: saveEscalated,
      decide: async (door, { institution, unitId, leadId, kind, step, escalation, dueAt, escalatesAt, clock }, now) => {
        const level = escalation + 1
        const { tell, nextAt } = escalate(clock, { kind, step, level, from: new Date(escalatesAt) })
        const toldIds = await nearestStaff(door, { institution, unitId, roles: tell, now, except: leadId })
        const data = { step, level, dueAt, toldIds }
        return { type: 'crisis.escalated', data, effects: { level, nextAt, toldIds }, status: 201 }
      },
    }),
})

interface Unheld {
  readonly institution: string
  readonly id: string
}

const batch = 50
const lasting = lastingSteps.map(step => `'${step}'`).join(', ')

const unheld = systemStatement<Unheld>(
  'crises.unheld',
  `select c.institution_id as institution, c.id from crises c where c.step in (${lasting}) and exists (
     select from cases k where k.institution_id = c.institution_id and k.student_id = c.student_id and k.closed_at is null and not exists (
       select from case_holds h where h.institution_id = c.institution_id and h.case_id = k.id and h.crisis_id = c.id))
   order by c.institution_id, c.id limit ${batch}`,
)

/** Keeps the crisis from ending while its holds are opened. */
const keep = systemStatement<{ studentId: string; kind: CrisisKind }>(
  'crises.keep_lasting',
  `select student_id as "studentId", kind from crises where institution_id = $1::uuid and id = $2::uuid and step in (${lasting}) for share`,
)

/** Holds cases that were opened while a crisis of their student lasts. */
export const holdCasesInCrisis = ({ db, ambient }: WorkDeps): Work => ({
  name: 'hold-cases-in-crisis',
  idleMs: 2_000,
  pass: async () => {
    const found = await db.system.rows(unheld)
    for (const { institution, id } of found)
      await db
        .transaction(async tx => {
          const [crisis] = await tx.system.rows(keep, institution, id)
          const request = serviceRequest(institution, 'hold-cases-in-crisis')
          if (crisis) await holdStudent({ db: tx, ambient }, request, theService, { crisisId: id, ...crisis })
        })
        .catch(error => {
          // Another process held the case meanwhile.
          if (!(error instanceof ConstraintRefused) || error.constraint !== 'case_holds_one_a_crisis') throw error
        })
    return found.length === batch
  },
})
