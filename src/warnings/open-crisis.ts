import { relatedCases } from '../cases/access.ts'
import { holdStudent } from '../cases/hold-student.ts'
import {
  actorOf,
  callerCtes,
  callerJson,
  callerParams,
  type KnownCaller,
  knownCaller,
  requirePermission,
} from '../people/actor.ts'
import { requireRole, rolesToday } from '../people/roles-today.ts'
import { studentVisible } from '../people/student-access.ts'
import { answerOf, attempt, commandStatement, commit, type Replay, replayJson } from '../platform/command.ts'
import { tenantStatement, together } from '../platform/database.ts'
import type { Answer } from '../platform/http/route.ts'
import type { Entry } from '../platform/journal.ts'
import type { Deps, Request } from '../platform/subject.ts'
import { newSubjectKey } from '../platform/words.ts'
import { crisisProcess } from '../practice/crisis.ts'
import { type ClockSource, startStage } from '../practice/crisis-clock.ts'
import { type CrisisKind, type CrisisSubkind, crisisSubkinds } from '../practice/crisis-codes.ts'
import { caseworkRoles } from '../practice/permissions.ts'
import { Problem } from '../practice/problems.ts'
import { relatedAlerts } from './alert-access.ts'
import { clockJson } from './crisis-facts.ts'
import { sealWords } from './crisis-words.ts'

interface Found {
  readonly caller: KnownCaller
  readonly replay: Replay | null
  readonly student: { readonly id: string; readonly unitId: string } | null
  readonly leadRoles: readonly string[]
  readonly alertFits: boolean
  readonly caseFits: boolean
  readonly clock: ClockSource
}

const alertFits = `exists (select from alerts x where x.institution_id = $1::uuid and x.id = $8::uuid and x.student_id = $5::uuid
  and x.id in (${relatedAlerts('select $8::uuid')}))`

const caseFits = `exists (select from cases x where x.institution_id = $1::uuid and x.id = $9::uuid and x.student_id = $5::uuid
  and x.id in (${relatedCases('select $9::uuid')}))`

/** Parameters: 1 institution, 2 issuer, 3 subject, 4 now, 5 student, 6 key, 7 lead, 8 alert, 9 case. */
const load = tenantStatement<{ found: Found }>(
  'crises.load_for_open',
  `with ${callerCtes}
select json_build_object('caller', ${callerJson}, 'replay', ${replayJson('(select person_id from me)', '$6::text')},
  'student', (select json_build_object('id', s.id, 'unitId', s.org_unit_id) from students s
    where s.institution_id = $1::uuid and s.id = $5::uuid and (${studentVisible} or ${caseFits})),
  'leadRoles', ${rolesToday('$7::uuid')},
  'alertFits', $8::uuid is null or ${alertFits},
  'caseFits', $9::uuid is null or ${caseFits}, 'clock', ${clockJson}) as found`,
)

const save = commandStatement(
  'crises.open',
  `c as (insert into crises (institution_id, id, student_id, org_unit_id, lead_id, kind, subkind, alert_id, case_id, sealed, step,
      step_since, version, writes, move_count, opened_at, updated_at, moved_by, data_key, due_at, beyond_horizon, escalates_at, escalation)
    select $1::uuid, (e->>'id')::uuid, (e->>'studentId')::uuid, (e->>'unitId')::uuid, (e->>'leadId')::uuid, e->>'kind', e->>'subkind',
      (e->>'alertId')::uuid, (e->>'caseId')::uuid, decode(e->>'sealed', 'base64'), '${crisisProcess.initial}', 1, 1, 1, 0,
      (e->>'at')::timestamptz, (e->>'at')::timestamptz, $2::uuid, decode(e->>'dataKey', 'base64'), (e->>'dueAt')::timestamptz,
      (e->>'beyondHorizon')::boolean, (e->>'escalatesAt')::timestamptz, 0
    from given, free where free.ok returning id),
told as (insert into crisis_told (institution_id, crisis_id, staff_id, why, at)
    select $1::uuid, c.id, $2::uuid, 'opened', (e->>'at')::timestamptz from given cross join c where (e->>'leadId')::uuid <> $2::uuid)`,
  'exists (select from c)',
)

/** A crisis to open. */
export interface OpenCrisis {
  readonly studentId: string
  readonly kind: CrisisKind
  readonly subkind: CrisisSubkind | null
  /** Who leads it; null = the caller. */
  readonly leadId: string | null
  readonly alertId: string | null
  readonly caseId: string | null
  readonly note: string
}

const decide = (found: Found, input: OpenCrisis): void => {
  if (!found.student) throw new Problem('not_found')
  if (!found.alertFits || !found.caseFits) throw new Problem('crisis_link_unfit')
  const unfit = input.subkind === null ? input.kind === 'academic' : crisisSubkinds[input.subkind].kind !== input.kind
  if (unfit) throw new Problem('crisis_kind_unfit')
  if (input.leadId !== null) requireRole(found.leadRoles, caseworkRoles)
}

/**
 * Opens a crisis and, in the same transaction, holds the student's cases; the answer does not tell whether there are
 * any. Within a transaction of the caller's own (a disposition of an alert) it is given that door and a request without
 * idempotency key.
 * @throws Problem not_found, crisis_link_unfit, crisis_kind_unfit, staff_unfit; crisis_is_open by the database
 */
export const openCrisis = (deps: Deps, request: Request, input: OpenCrisis): Promise<Answer> => {
  const now = deps.ambient.now()
  const tenant = deps.db.as(request.caller.institution)
  return attempt(
    request.idempotency,
    // load
    async () => {
      const [row] = await tenant.rows(
        load,
        ...callerParams(request.caller, now),
        input.studentId,
        request.idempotency?.key ?? null,
        input.leadId,
        input.alertId,
        input.caseId,
      )
      const { found } = row as { found: Found }
      const caller = knownCaller(request.caller, found.caller)
      requirePermission(request.caller, caller, 'crisis:open')
      return { ...found, caller }
    },
    found => {
      // decide
      decide(found, input)
      // save, tell
      return together(deps.db, tx => saveOpening({ db: tx, ambient: deps.ambient }, request, found, input, now))
    },
  )
}

const saveOpening = async (
  deps: Deps,
  request: Request,
  found: Found,
  input: OpenCrisis,
  now: Date,
): Promise<Answer | null> => {
  const { ambient } = deps
  const { institution } = request.caller
  const [id, entryId, at] = [ambient.newId(), ambient.newId(), now.toISOString()]
  const leadId = input.leadId ?? (found.caller.id as string)
  const stage = startStage(found.clock, input.kind, crisisProcess.initial, now)
  const { kind, subkind, alertId, caseId, studentId } = input
  const { dueAt, beyondHorizon } = stage
  const dataKey = newSubjectKey(ambient, { institution, subject: id })
  const where = { institution, crisisId: id, table: 'crises', row: id, field: 'sealed' }
  const receipt = { crisisId: id, kind, step: crisisProcess.initial, leadId, dueAt, beyondHorizon, crisisVersion: 1 }
  const actor = actorOf(found.caller)
  const entry: Entry = {
    id: entryId,
    type: 'crisis.opened',
    at,
    institution,
    actor,
    subject: { kind: 'crisis', id, version: 1 },
    caseId: null,
    reason: kind,
    request: request.requestId,
    data: { kind, subkind, leadId, alertId, dueAt, beyondHorizon },
  }
  const sealed = sealWords(deps, where, dataKey, { note: input.note })
  const done = await commit(deps.db.as(institution), save, {
    actorId: actor.id,
    idempotency: request.idempotency,
    status: 201,
    receipt,
    entries: [entry],
    effects: {
      id,
      studentId,
      unitId: found.student?.unitId,
      leadId,
      kind,
      subkind,
      alertId,
      caseId,
      sealed,
      at,
      dataKey,
      ...stage,
    },
    wallClock: ambient.wallClock(),
  })
  if (!done) return null
  await holdStudent(deps, request, actor, { crisisId: id, studentId, kind })
  return answerOf(201, receipt, `/v1/crises/${id}`)
}
