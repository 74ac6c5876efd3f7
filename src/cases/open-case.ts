import {
  actorOf,
  callerCtes,
  callerJson,
  callerParams,
  type KnownCaller,
  knownCaller,
  requirePermission,
} from '../people/actor.ts'
import { answerOf, attempt, commandStatement, commit, type Replay, replayJson } from '../platform/command.ts'
import { tenantStatement } from '../platform/database.ts'
import type { Answer } from '../platform/http/route.ts'
import { nextNumber, numbering } from '../platform/numbers.ts'
import { newSubjectKey, sealJson } from '../platform/words.ts'
import { casework } from '../practice/casework.ts'
import { openingRefused } from '../practice/opening.ts'
import { ownerRoles } from '../practice/permissions.ts'
import { Problem } from '../practice/problems.ts'
import type { CaseDeps, Request } from './change.ts'

interface Found {
  readonly caller: KnownCaller
  readonly replay: Replay | null
  readonly student: {
    readonly id: string
    readonly unitId: string
    readonly status: string
    readonly mine: boolean
  } | null
  readonly openCaseId: string | null
  readonly predecessor: { readonly studentId: string; readonly step: string } | null
}

const roles = ownerRoles.map(role => `'${role}'`).join(', ')

/** Parameters: 1 institution, 2 issuer, 3 subject, 4 now, 5 student, 6 key, 7 kind, 8 predecessor. */
const load = tenantStatement<{ found: Found }>(
  'cases.load_for_open',
  `with ${callerCtes}
select json_build_object(
  'caller', ${callerJson},
  'replay', ${replayJson('(select person_id from me)', '$6::text')},
  'student', (select json_build_object('id', s.id, 'unitId', s.org_unit_id, 'status', s.enrolment_status, 'mine', exists (
      select from held h join org_ancestors a on a.institution_id = $1::uuid and a.unit_id = s.org_unit_id and a.ancestor_id = h.org_unit_id
      where h.role in (${roles})))
    from students s where s.institution_id = $1::uuid and s.id = $5::uuid),
  'openCaseId', (select id from cases where institution_id = $1::uuid and student_id = $5::uuid and kind = $7::text
    and counts_as_open),
  'predecessor', (select json_build_object('studentId', student_id, 'step', step)
    from cases where institution_id = $1::uuid and id = $8::uuid)) as found`,
)

const numbers = numbering('cases.next_number', 'case_numbers')

const save = commandStatement(
  'cases.open',
  `c as (insert into cases (institution_id, id, number, kind, student_id, org_unit_id, owner_id, owner_since, source, step,
      step_since, version, move_count, opened_at, updated_at, moved_by, predecessor_id, data_key, draft_count, writes, reached, counts_as_open)
    select $1::uuid, (e->>'id')::uuid, e->>'number', e->>'kind', (e->>'studentId')::uuid, (e->>'unitId')::uuid, $2::uuid, 0,
      e->>'source', '${casework.initial}', 1, 1, 0, (e->>'at')::timestamptz, (e->>'at')::timestamptz, $2::uuid,
      (e->>'predecessorId')::uuid, decode(e->>'dataKey', 'base64'), 0, 1, '{}', true
    from given, free where free.ok returning id),
words as (insert into vault (institution_id, id, subject_id, sealed)
    select $1::uuid, (e->>'entryId')::uuid, c.id, decode(e->>'words', 'base64') from given cross join c where e->>'words' is not null)`,
  'exists (select from c)',
)

/** A case to open. */
export interface OpenCase {
  readonly studentId: string
  readonly kind: string
  readonly source: string
  /** Normal intelligence, difficulty from non-intellectual barriers that can be overcome. */
  readonly inScope: boolean
  /** Why a student outside the target group, or who left the school, is helped all the same. */
  readonly scopeReason: string | null
  /** First words on why the case is opened. */
  readonly note: string | null
  readonly predecessorId: string | null
  /** Alert it comes from: named in the journal. */
  readonly alertId?: string
}

const decide = (found: Found, input: OpenCase): void => {
  if (!found.student?.mine) throw new Problem('not_found')
  const refused = openingRefused(found.student.status, input)
  if (refused) throw new Problem(refused)
  const before = found.predecessor
  if (input.predecessorId !== null) {
    const ends = before && [casework.remembers, ...casework.final].includes(before.step as 'closed')
    if (!ends || before.studentId !== input.studentId) throw new Problem('predecessor_unfit')
  }
  if (found.openCaseId !== null) throw new Problem('open_case_exists')
}

/**
 * Opens a case at the first step; the caller becomes its owner.
 * @throws Problem not_found for a student not the caller's, student_has_died, student_out_of_scope, predecessor_unfit, open_case_exists
 */
export const openCase = ({ db, ambient }: CaseDeps, request: Request, input: OpenCase): Promise<Answer> => {
  const tenant = db.as(request.caller.institution)
  const now = ambient.now()
  return attempt(
    request.idempotency,
    // load
    async () => {
      const [row] = await tenant.rows(
        load,
        ...callerParams(request.caller, now),
        input.studentId,
        request.idempotency?.key ?? null,
        input.kind,
        input.predecessorId,
      )
      const { found } = row as { found: Found }
      const caller = knownCaller(request.caller, found.caller)
      requirePermission(request.caller, caller, 'case:open')
      return { ...found, caller }
    },
    async found => {
      // decide
      decide(found, input)
      // save, tell
      const number = await nextNumber(tenant, numbers, found.caller.today)
      return saveOpening(ambient, tenant, request, found, input, number)
    },
  )
}

const saveOpening = async (
  ambient: CaseDeps['ambient'],
  tenant: ReturnType<CaseDeps['db']['as']>,
  request: Request,
  found: Found,
  input: OpenCase,
  number: string,
): Promise<Answer | null> => {
  const { institution } = request.caller
  const [id, entryId, at] = [ambient.newId(), ambient.newId(), ambient.now().toISOString()]
  const dataKey = newSubjectKey(ambient, { institution, subject: id })
  const place = { institution, subject: id, table: 'vault', row: entryId, field: 'words' }
  const words = input.note || input.scopeReason ? { note: input.note, scopeReason: input.scopeReason } : null
  const receipt = { caseId: id, number, step: casework.initial, caseVersion: 1 }
  const done = await commit(tenant, save, {
    actorId: found.caller.id as string,
    idempotency: request.idempotency,
    status: 201,
    receipt,
    entries: [
      {
        id: entryId,
        type: 'case.opened',
        at,
        institution,
        actor: actorOf(found.caller),
        subject: { kind: 'case', id, version: 1 },
        caseId: id,
        caseVersion: 1,
        reason: input.source,
        request: request.requestId,
        data: {
          number,
          kind: input.kind,
          inScope: input.inScope,
          ...(input.predecessorId ? { predecessorId: input.predecessorId } : {}),
          ...(input.alertId ? { alertId: input.alertId } : {}),
          ...(words ? { wordsId: entryId } : {}),
        },
      },
    ],
    effects: {
      ...input,
      id,
      number,
      unitId: found.student?.unitId,
      at,
      entryId,
      dataKey,
      words: words ? sealJson(ambient, place, dataKey, words) : null,
    },
    location: `/v1/cases/${id}`,
    wallClock: ambient.wallClock(),
  })
  return done ? answerOf(201, receipt, `/v1/cases/${id}`) : null
}
