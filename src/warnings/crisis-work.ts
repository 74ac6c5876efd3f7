import { holdStudent } from '../cases/hold-student.ts'
import type { Ambient } from '../platform/ambient.ts'
import { ConstraintRefused, type Database, systemStatement, tenantStatement } from '../platform/database.ts'
import type { Work } from '../platform/loop.ts'
import { institutionWork } from '../platform/serve-institutions.ts'
import type { Request } from '../platform/subject.ts'
import { lastingSteps } from '../practice/crisis.ts'
import type { CrisisKind } from '../practice/crisis-codes.ts'

/** The request of the service itself: background work has no caller. */
export const serviceRequest = (institution: string, work: string): Request => ({
  caller: { issuer: '', subject: '', institution, clientId: null, scopes: [] },
  idempotency: null,
  requestId: work,
  accessReason: null,
})

/** The service as actor. */
export const theService = { kind: 'service', id: null } as const

interface Background {
  readonly db: Database
  readonly ambient: Ambient
}

const batch = 50
const lasting = lastingSteps.map(step => `'${step}'`).join(', ')

/** SQL of whether crisis `c` lasts while a case of its student is not held by it. */
const isUnheld = `c.step in (${lasting}) and exists (
  select from cases k where k.institution_id = c.institution_id and k.student_id = c.student_id and k.closed_at is null and not exists (
    select from case_holds h where h.institution_id = c.institution_id and h.case_id = k.id and h.crisis_id = c.id))`

const waiting = systemStatement<{ institution: string }>(
  'crises.unheld_somewhere',
  `select distinct c.institution_id as institution from crises c where ${isUnheld} order by 1`,
)

const unheld = tenantStatement<{ id: string }>(
  'crises.unheld',
  `select c.id from crises c where c.institution_id = $1::uuid and ${isUnheld} order by c.id limit ${batch}`,
)

/** Keeps the crisis from ending while its holds are opened. */
const keep = tenantStatement<{ studentId: string; kind: CrisisKind }>(
  'crises.keep_lasting',
  `select student_id as "studentId", kind from crises where institution_id = $1::uuid and id = $2::uuid and step in (${lasting}) for share`,
)

/** Holds the cases of a crisis's student, while it lasts. */
const holdCases = ({ db, ambient }: Background, institution: string, crisisId: string): Promise<void> =>
  db
    .transaction(async tx => {
      const [crisis] = await tx.as(institution).rows(keep, crisisId)
      const request = serviceRequest(institution, 'hold-cases-in-crisis')
      if (crisis) await holdStudent({ db: tx, ambient }, request, theService, { crisisId, ...crisis })
    })
    .catch(error => {
      // Another process held the case meanwhile.
      if (!(error instanceof ConstraintRefused) || error.constraint !== 'case_holds_one_a_crisis') throw error
    })

/** Holds cases that were opened while a crisis of their student lasts. */
export const holdCasesInCrisis = ({ db, ambient }: Background): Work =>
  institutionWork(db, {
    name: 'hold-cases-in-crisis',
    idleMs: 2_000,
    waiting: () => db.system.rows(waiting),
    serve: async ({ institution }) => {
      const found = await db.as(institution).rows(unheld)
      for (const { id } of found) await holdCases({ db, ambient }, institution, id)
      return found.length === batch
    },
  })
