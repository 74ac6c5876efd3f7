import { holdStudent } from '../cases/hold-student.ts'
import type { Ambient } from '../platform/ambient.ts'
import { ConstraintRefused, type Database, systemStatement } from '../platform/database.ts'
import type { Work } from '../platform/loop.ts'
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
export const holdCasesInCrisis = ({ db, ambient }: { readonly db: Database; readonly ambient: Ambient }): Work => ({
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
