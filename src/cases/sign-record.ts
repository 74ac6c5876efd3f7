import { attempt } from '../platform/command.ts'
import type { Answer } from '../platform/http/route.ts'
import { sealBytes } from '../platform/words.ts'
import { deferralDueOn, withRecord } from '../practice/checks/deferrals.ts'
import { partiesOf } from '../practice/facts.ts'
import { Problem } from '../practice/problems.ts'
import type { Effects, RecordKind } from '../practice/record-kind.ts'
import { decidesJson } from './access.ts'
import { type CaseDeps, changeCase, changeStatement, type Request } from './change.ts'
import { type Loaded, loadCase, loadStatement, requireVersion } from './facts.ts'
import { rowsOf, waiversPut } from './record-change.ts'
import { kindNamed, requireWritable, type StoredRecord, storedRecordJson, wholeContent } from './record-content.ts'

interface Extras {
  readonly record: StoredRecord | null
  readonly decides: boolean
  readonly attachmentFound: boolean
}

const load = loadStatement<Extras>('cases.load_for_signature', {
  record: storedRecordJson,
  decides: decidesJson,
  attachmentFound: `(select exists (select from attachments x join c on c.id = x.case_id where x.institution_id = $1::uuid and x.id = $8::uuid))`,
})

/**
 * One statement signs: the signature; and when the last party signed, the record is in force, the one before is
 * superseded, and what its content says of goals, actions, consents and waivers takes effect.
 */
const save = changeStatement(
  'records.sign',
  `draft_count = draft_count - (given.e->>'complete')::boolean::int, deferral_due_on = (given.e->>'deferralDueOn')::date,
  agreement_until = coalesce((given.e->>'agreementUntil')::date, cases.agreement_until)`,
  `signature as (insert into record_signatures (institution_id, record_id, case_id, party, method, person_id, recorded_by,
    attachment_id, sealed, at, record_version)
  select $1::uuid, (e->>'recordId')::uuid, c.id, e->>'party', e->>'method', (e->>'personId')::uuid, (e->>'recordedBy')::uuid,
    (e->>'attachmentId')::uuid, decode(e->>'evidence', 'base64'), (e->>'at')::timestamptz, (e->>'recordVersion')::int
  from given cross join c),
older as (update records r set status = 'superseded' from given, c
  where r.institution_id = $1::uuid and r.case_id = c.id and r.kind = given.e->>'kind' and r.status = 'signed'
    and r.id <> (given.e->>'recordId')::uuid and (given.e->>'supersedes')::boolean),
signed as (update records r set status = 'signed', signed_at = (given.e->>'at')::timestamptz, signed_version = c.version from given, c
  where r.institution_id = $1::uuid and r.id = (given.e->>'recordId')::uuid and r.status = 'draft' and (given.e->>'complete')::boolean),
goals_put as (insert into goals (institution_id, case_id, id, plan_id, place, status, aim, horizon, difficulty, weight, due_on,
    progress_version, attainment_version, attainment_final)
  select $1::uuid, c.id, x.id, (given.e->>'recordId')::uuid, x.place, 'open', x.aim, x.horizon, x.difficulty, x.weight, x."dueOn", 0, 0, false
  from given cross join c cross join ${rowsOf('goals', 'id text, place int, aim text, horizon text, difficulty int, weight int, "dueOn" date')}
  on conflict (institution_id, case_id, id) do update set plan_id = excluded.plan_id, place = excluded.place, status = 'open',
    aim = excluded.aim, horizon = excluded.horizon, difficulty = excluded.difficulty, weight = excluded.weight, due_on = excluded.due_on),
goals_left as (update goals g set status = 'settled' from given, c
  where g.institution_id = $1::uuid and g.case_id = c.id and given.e ? 'goals'
    and not exists (select from ${rowsOf('goals', 'id text')} where x.id = g.id)),
goals_told as (update goals g set progress = coalesce(x.progress, g.progress),
    progress_version = case when x.progress is null then g.progress_version else c.version end,
    attainment = coalesce(x.level, g.attainment),
    attainment_version = case when x.level is null then g.attainment_version else c.version end,
    attainment_final = case when x.level is null then g.attainment_final else coalesce(x.final, false) end
  from given cross join c cross join ${rowsOf('told', '"goalId" text, progress text, level int, final boolean')}
  where g.institution_id = $1::uuid and g.case_id = c.id and g.id = x."goalId"),
actions_put as (insert into actions (institution_id, case_id, id, goal_id, plan_id, place, status, by, strategy, due_on)
  select $1::uuid, c.id, x.id, x."goalId", (given.e->>'recordId')::uuid, x.place, 'open', x.by, x.strategy, x."dueOn"
  from given cross join c cross join ${rowsOf('actions', 'id text, "goalId" text, place int, by text, strategy text, "dueOn" date')}
  on conflict (institution_id, case_id, id) do update set goal_id = excluded.goal_id, plan_id = excluded.plan_id,
    place = excluded.place, status = 'open', by = excluded.by, strategy = excluded.strategy, due_on = excluded.due_on, settled_version = null),
actions_settled as (update actions a set status = x.outcome, settled_version = c.version
  from given cross join c cross join ${rowsOf('settled', '"actionId" text, outcome text')}
  where a.institution_id = $1::uuid and a.case_id = c.id and a.id = x."actionId"),
consents_ended as (update consents o set ended = 'renewed', ended_version = c.version from given, c
  where o.institution_id = $1::uuid and o.case_id = c.id and o.ended is null and given.e ? 'consents'),
consents_given as (insert into consents (institution_id, id, case_id, record_id, purpose, recipient, given_version)
  select $1::uuid, x.id, c.id, (given.e->>'recordId')::uuid, x.purpose, x.recipient, c.version
  from given cross join c cross join ${rowsOf('consents', 'id uuid, purpose text, recipient text')}),
${waiversPut}`,
)

/** A signature to give or record. */
export interface SignRecord {
  readonly caseId: string
  readonly recordId: string
  readonly party: 'worker' | 'student' | 'guardian' | 'line_manager'
  readonly method: 'own_token' | 'paper' | 'oral' | 'message'
  readonly evidence: { readonly attachmentId: string | null; readonly words: string | null } | null
  readonly ifMatch: number | null
}

const onTeam = (relations: readonly string[]) => relations.includes('owner') || relations.includes('co_worker')

const ownParty: Readonly<Record<string, (found: Loaded<Extras>) => boolean>> = {
  worker: found => onTeam(found.relations),
  student: found => found.relations.includes('student'),
  guardian: () => false,
  line_manager: found => found.relations.includes('line_manager'),
}

/** Who may sign as whom, and how. Own token: only the person; else owner or co-worker records it, with evidence. */
const requireSigner = (found: Loaded<Extras>, record: StoredRecord, input: SignRecord): void => {
  if (input.method === 'own_token') {
    if (!ownParty[input.party]?.(found)) throw new Problem('signature_not_yours')
    if (record.signatures.some(given => given.personId === found.caller.id)) throw new Problem('signature_not_yours')
    return
  }
  if (!onTeam(found.relations) || !['student', 'guardian'].includes(input.party))
    throw new Problem('signature_not_yours')
  const { evidence } = input
  if (!evidence?.words && !(evidence?.attachmentId && found.attachmentFound)) throw new Problem('evidence_required')
}

/** Effects of a record in force as rows of the statement. */
const effectRows = (deps: CaseDeps, effects: Effects) => ({
  ...(effects.plan
    ? {
        goals: effects.plan.goals.map((goal, place) => ({ ...goal, place })),
        actions: effects.plan.actions.map((action, place) => ({ ...action, place })),
      }
    : {}),
  told: mergeTold(effects),
  settled: (effects.settled ?? []).filter(
    each => each.outcome !== 'carried' && !effects.plan?.actions.some(action => action.id === each.actionId),
  ),
  ...(effects.consents
    ? { consents: effects.consents.map(consent => ({ ...consent, id: deps.ambient.newId() })) }
    : {}),
  waivers: effects.waivers ?? [],
  agreementUntil: effects.agreementUntil ?? null,
})

/** One row a goal, however many things were told of it. */
const mergeTold = (effects: Effects) => {
  const rows = new Map<string, Record<string, unknown>>()
  for (const each of [...(effects.progress ?? []), ...(effects.attainment ?? [])])
    rows.set(each.goalId, { ...rows.get(each.goalId), ...each })
  return [...rows.values()]
}

/**
 * Signs a draft, or records another's signature. The last party's signature puts the record in force.
 * @throws Problem not_found, record_not_draft, version_stale, signer_not_expected, already_signed, signature_not_yours,
 *   evidence_required, kind_not_writable_here, case_is_closed, signing_refused, not_nearest_line_manager, key_is_erased
 */
export const signRecord = (deps: CaseDeps, request: Request, input: SignRecord): Promise<Answer> => {
  const tenant = deps.db.as(request.caller.institution)
  const about = {
    caller: request.caller,
    caseId: input.caseId,
    now: deps.ambient.now(),
    idempotency: request.idempotency,
  }
  return attempt(
    request.idempotency,
    // load
    () => loadCase(tenant, load, 'record:sign', about, input.recordId, input.evidence?.attachmentId ?? null),
    async found => {
      // decide
      const { record } = found
      if (!record) throw new Problem('not_found')
      if (record.status !== 'draft') throw new Problem('record_not_draft')
      requireVersion(input.ifMatch, record.version)
      const kind = kindNamed(record.kind)
      const parties = partiesOf(kind.signers, found.facts, found.caller.today)
      const complete = decide(deps, request, input, found, record, kind, parties)
      // save, tell
      return changeCase(deps, save, request, found, {
        ...told(input, record, kind, complete),
        ...(input.method === 'own_token' ? {} : { onBehalfOf: input.party }),
        effects: {
          recordId: record.id,
          recordVersion: record.version,
          kind: kind.kind,
          party: input.party,
          method: input.method,
          personId: input.method === 'own_token' ? found.caller.id : null,
          recordedBy: input.method === 'own_token' ? null : found.caller.id,
          attachmentId: input.evidence?.attachmentId ?? null,
          evidence: sealEvidence(deps, request, input, found),
          complete: complete !== null,
          supersedes: complete !== null && kind.cardinality === 'one',
          deferralDueOn: deferralDueOn(complete ? withRecord(found.facts, { ...record, ...complete }) : found.facts),
          ...(complete ? effectRows(deps, complete) : {}),
        },
        status: 201,
        receipt: {
          id: record.id,
          kind: kind.kind,
          party: input.party,
          status: complete ? 'signed' : 'draft',
          version: record.version,
          waitingFor: parties.filter(
            party => party !== input.party && !record.signatures.some(given => given.party === party),
          ),
        },
      })
    },
  )
}

/** A record all parties signed: its whole content and what it effects. */
interface InForce extends Effects {
  readonly content: Record<string, unknown>
}

/** The entry of a signature: the kind's own when it puts the record in force. */
const told = (input: SignRecord, record: StoredRecord, kind: RecordKind, complete: InForce | null) => {
  const own = complete ? kind.entry?.(complete.content) : undefined
  if (own) return { type: own.type, data: { recordId: record.id, ...own.data } }
  const { party, method } = input
  const data = { recordId: record.id, kind: kind.kind, recordVersion: record.version, party, method }
  return { type: 'record.signed' as const, data: { ...data, complete: complete !== null } }
}

/** Decides a signature. @returns the record in force when it completes it, else null */
const decide = (
  deps: CaseDeps,
  request: Request,
  input: SignRecord,
  found: Loaded<Extras>,
  record: StoredRecord,
  kind: RecordKind,
  parties: readonly string[],
): InForce | null => {
  if (!parties.includes(input.party)) throw new Problem('signer_not_expected', { parties: [...parties] })
  if (record.signatures.some(given => given.party === input.party)) throw new Problem('already_signed')
  requireSigner(found, record, input)
  if (input.party === 'line_manager' && !found.decides) throw new Problem('not_nearest_line_manager')
  requireWritable(kind, found.facts)
  const { institution } = request.caller
  const content = wholeContent(deps, { institution, caseId: input.caseId, dataKey: found.dataKey }, record)
  const faults = kind.check?.(content, found.facts, found.caller.today) ?? []
  if (faults.length > 0)
    throw new Problem('signing_refused', {
      errors: faults.map(fault => ({ ...fault, pointer: `/content${fault.pointer}` })),
    })
  const signed = [...record.signatures.map(given => given.party), input.party]
  if (!parties.every(party => signed.includes(party))) return null
  return { ...kind.effects?.(content, found.facts), content }
}

const sealEvidence = (deps: CaseDeps, request: Request, input: SignRecord, found: Loaded): string | null => {
  if (!input.evidence?.words) return null
  const { institution } = request.caller
  const place = {
    institution,
    subject: input.caseId,
    table: 'record_signatures',
    row: input.recordId,
    field: input.party,
  }
  return sealBytes(deps.ambient, place, found.dataKey, input.evidence.words)
}
