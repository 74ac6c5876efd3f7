import { requireVersion } from '../people/guarded.ts'
import { attempt } from '../platform/command.ts'
import type { Answer } from '../platform/http/route.ts'
import { sealBytes } from '../platform/words.ts'
import type { CaseEffects } from '../practice/case-effects.ts'
import { deferralDueOn, withRecord } from '../practice/checks/deferrals.ts'
import { partiesOf } from '../practice/facts.ts'
import { Problem } from '../practice/problems.ts'
import type { NamedRecord, RecordKind } from '../practice/record-kind.ts'
import { decidesJson } from './access.ts'
import { type CaseDeps, changeCase, type Request } from './change.ts'
import { type Loaded, loadCase, loadStatement } from './facts.ts'
import { namedRecordsJson } from './named-records.ts'
import {
  kindNamed,
  requireWritable,
  type StoredRecord,
  signaturePlace,
  storedRecordJson,
  wholeContent,
} from './record-content.ts'
import { effectRows, saveSignature } from './record-effects.ts'

interface Extras {
  readonly record: StoredRecord | null
  readonly decides: boolean
  readonly attachmentFound: boolean
  readonly named: readonly NamedRecord[]
}

const load = loadStatement<Extras>('cases.load_for_signature', {
  record: storedRecordJson,
  decides: decidesJson,
  named: namedRecordsJson,
  attachmentFound: `(select exists (select from attachments x join c on c.id = x.case_id where x.institution_id = $1::uuid and x.id = $8::uuid))`,
})

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
const requireSigner = (found: Loaded<Extras>, record: StoredRecord, kind: RecordKind, input: SignRecord): void => {
  if (input.evidence?.attachmentId && !found.attachmentFound) throw new Problem('unknown_attachment')
  if (input.method === 'own_token') {
    if (!ownParty[input.party]?.(found)) throw new Problem('signature_not_yours')
    if (kind.ownerSigns && input.party === 'worker' && !found.relations.includes('owner'))
      throw new Problem('signature_not_yours')
    if (record.signatures.some(given => given.personId === found.caller.id)) throw new Problem('signature_not_yours')
    return
  }
  if (!onTeam(found.relations) || !['student', 'guardian'].includes(input.party))
    throw new Problem('signature_not_yours')
  const { evidence } = input
  if (!evidence?.words && !evidence?.attachmentId) throw new Problem('evidence_required')
}

/**
 * Signs a draft, or records another's signature. The last party's signature puts the record in force.
 * @throws Problem not_found, record_not_draft, version_stale, signer_not_expected, already_signed, signature_not_yours,
 *   evidence_required, unknown_attachment, kind_not_writable_here, case_is_closed, signing_refused, not_nearest_line_manager, key_is_erased
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
      return changeCase(deps, saveSignature, request, found, {
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
interface InForce extends CaseEffects {
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
  requireSigner(found, record, kind, input)
  if (input.party === 'line_manager' && !found.decides) throw new Problem('not_nearest_line_manager')
  requireWritable(kind, found.facts)
  const { institution } = request.caller
  const content = wholeContent(deps, { institution, caseId: input.caseId, dataKey: found.dataKey }, record)
  const faults = kind.check?.(content, found.facts, found.caller.today, found.named) ?? []
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
  const place = signaturePlace(request.caller.institution, input.caseId, input.recordId, input.party)
  return sealBytes(deps.ambient, place, found.dataKey, input.evidence.words)
}
