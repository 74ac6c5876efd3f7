import { tenantStatement } from '../platform/database.ts'
import type { Actor } from '../platform/journal.ts'
import { changeSubject, type Deps, type Request } from '../platform/subject.ts'
import { Problem } from '../practice/problems.ts'
import { saveLifted, saveOpened } from './hold-case.ts'

interface HeldCase {
  readonly id: string
  readonly version: number
  readonly writes: number
  readonly dataKey: string | null
  readonly holdId: string | null
}

const columns = `c.id, c.version, c.writes, encode(c.data_key, 'base64') as "dataKey"`

const unheld = tenantStatement<HeldCase>(
  'holds.cases_of_student',
  `select ${columns}, null::uuid as "holdId" from cases c
   where c.institution_id = $1::uuid and c.student_id = $2::uuid and c.closed_at is null and not exists (
     select from case_holds x where x.institution_id = $1::uuid and x.case_id = c.id and x.crisis_id = $3::uuid)
   order by c.id for no key update of c`,
)

const held = tenantStatement<HeldCase>(
  'holds.cases_of_crisis',
  `select ${columns}, x.id as "holdId" from case_holds x join cases c on c.institution_id = x.institution_id and c.id = x.case_id
   where x.institution_id = $1::uuid and x.crisis_id = $2::uuid and x.lifted_version is null
   order by c.id for no key update of c`,
)

/** A crisis of the slice after this one, as far as it holds cases back. */
export interface Holding {
  readonly crisisId: string
  readonly studentId: string
  readonly kind: 'academic' | 'safety'
}

const change = async (
  deps: Deps,
  request: Request,
  actor: Actor,
  { id, version, writes, dataKey }: HeldCase,
  statement: typeof saveOpened,
  told: { type: 'hold.opened' | 'hold.lifted'; data: Record<string, unknown> },
): Promise<void> => {
  const subject = { kind: 'case', id, version, writes, dataKey, caseId: id }
  const effects = told.data
  const done = await changeSubject(deps, statement, { ...request, idempotency: null }, actor, subject, {
    ...told,
    effects,
    status: 201,
  })
  if (!done) throw new Problem('version_stale')
}

/**
 * Holds every case of a student that is not closed for a crisis: whoever opens it need not know that there is one. To be
 * called within a transaction, which keeps the cases locked.
 * @returns how many were held
 */
export const holdStudent = async (deps: Deps, request: Request, actor: Actor, crisis: Holding): Promise<number> => {
  const tenant = deps.db.as(request.caller.institution)
  const cases = await tenant.rows(unheld, crisis.studentId, crisis.crisisId)
  for (const each of cases) {
    const data = { holdId: deps.ambient.newId(), kind: `${crisis.kind}_crisis`, crisisId: crisis.crisisId }
    await change(deps, request, actor, each, saveOpened, { type: 'hold.opened', data })
  }
  return cases.length
}

/**
 * Lifts the holds of a crisis that is over. To be called within a transaction.
 * @param outcome one of the hold's outcomes
 * @returns how many were lifted
 */
export const releaseStudent = async (
  deps: Deps,
  request: Request,
  actor: Actor,
  crisisId: string,
  outcome: string,
): Promise<number> => {
  const tenant = deps.db.as(request.caller.institution)
  const cases = await tenant.rows(held, crisisId)
  for (const each of cases)
    await change(deps, request, actor, each, saveLifted, {
      type: 'hold.lifted',
      data: { holdId: each.holdId, outcome, crisisId },
    })
  return cases.length
}
