import { aboutOf, changeGuarded, type Loaded, loadSubject, requireVersion } from '../people/guarded.ts'
import { attempt } from '../platform/command.ts'
import type { Answer } from '../platform/http/route.ts'
import type { Deps, Request } from '../platform/subject.ts'
import { sealBytes } from '../platform/words.ts'
import { Problem } from '../practice/problems.ts'
import type { RecordKind } from '../practice/record-kind.ts'
import { kindNamed, requireWritable, sealedOf, signaturePlace, wholeContent } from './content.ts'
import type { InForce, StoredRecord } from './house.ts'
import type { ForSignature, Records } from './statements.ts'

/** A signature to give or record. */
export interface SignRecord {
  readonly subjectId: string
  readonly recordId: string
  readonly party: string
  readonly method: 'own_token' | 'paper' | 'oral' | 'message'
  readonly evidence: { readonly attachmentId: string | null; readonly words: string | null } | null
  readonly ifMatch: number | null
}

type Found = Loaded & ForSignature

/** A record of a subject that is to be signed, with its kind and the parties that put it in force. */
interface ToSign {
  readonly record: StoredRecord
  readonly kind: RecordKind
  readonly parties: readonly string[]
}

/** Who may sign as whom, and how. Own token: only the person; else those who work on it record it, with evidence. */
const requireSigner = (house: Records, found: Found, { record, kind }: ToSign, input: SignRecord): void => {
  if (input.evidence?.attachmentId && !found.attachmentFound) throw new Problem('unknown_attachment')
  const is = (party: string) => house.parties[party]?.(found, record) === true
  if (input.method === 'own_token') {
    if (!is(input.party)) throw new Problem('signature_not_yours')
    if (kind.ownerSigns && input.party === house.worker && !found.relations.includes(house.lead))
      throw new Problem('signature_not_yours')
    if (record.signatures.some(given => given.personId === found.caller.id)) throw new Problem('signature_not_yours')
    return
  }
  if (kind.ownTokenOnly || !is(house.worker) || !house.recorded.includes(input.party))
    throw new Problem('signature_not_yours')
  const { evidence } = input
  if (!evidence?.words && !evidence?.attachmentId) throw new Problem('evidence_required')
}

/**
 * Signs a draft, or records another's signature. The last party's signature puts the record in force.
 * @throws Problem not_found, record_not_draft, version_stale, signer_not_expected, already_signed, signature_not_yours,
 *   evidence_required, unknown_attachment, kind_not_writable_here, signing_refused, not_nearest_line_manager,
 *   key_is_erased, and as the subject is closed
 */
export const signRecord = (deps: Deps, house: Records, request: Request, input: SignRecord): Promise<Answer> => {
  const tenant = deps.db.as(request.caller.institution)
  const about = aboutOf(deps, request, input.subjectId)
  const { loadForSignature, sign } = house.statements
  const params = [input.recordId, input.evidence?.attachmentId ?? null]
  return attempt(
    request.idempotency,
    // load
    () => loadSubject(tenant, loadForSignature, house.permissions.sign, about, params),
    async found => {
      // decide
      const { record } = found
      if (!record) throw new Problem('not_found')
      if (record.status !== 'draft') throw new Problem('record_not_draft')
      requireVersion(input.ifMatch, record.version)
      const kind = kindNamed(house, record.kind)
      const parties = house.expected(kind.signers, found.facts, found.caller.today)
      const complete = decide(deps, house, request, input, found, { record, kind, parties })
      // save, tell
      const given = [...record.signatures.map(each => each.party), input.party]
      return changeGuarded(deps, house, sign, request, found, {
        ...told(house, input, record, kind, complete),
        ...(input.method === 'own_token' ? {} : { onBehalfOf: input.party }),
        effects: {
          ...signatureOf(deps, house, request, input, found, record),
          kind: kind.kind,
          complete: complete !== null,
          supersedes: complete !== null && kind.cardinality === 'one',
          ...house.signature.rows(deps.ambient.newId, found.facts, record, complete, found.caller.today),
        },
        status: 201,
        receipt: {
          id: record.id,
          kind: kind.kind,
          party: input.party,
          status: complete ? 'signed' : 'draft',
          version: record.version,
          waitingFor: parties.filter(party => !given.includes(party)),
        },
      })
    },
  )
}

/** The row of the signature itself. */
const signatureOf = (
  deps: Deps,
  house: Records,
  request: Request,
  { party, method, evidence }: SignRecord,
  found: Found,
  record: StoredRecord,
) => {
  const own = method === 'own_token'
  const place = signaturePlace(house, sealedOf(request, found), record.id, party)
  return {
    recordId: record.id,
    recordVersion: record.version,
    party,
    method,
    personId: own ? found.caller.id : null,
    recordedBy: own ? null : found.caller.id,
    attachmentId: evidence?.attachmentId ?? null,
    evidence: evidence?.words ? sealBytes(deps.ambient, place, found.dataKey, evidence.words) : null,
  }
}

/** The entry of a signature: the kind's own when it puts the record in force. */
const told = (
  house: Records,
  { party, method }: SignRecord,
  record: StoredRecord,
  kind: RecordKind,
  complete: InForce<unknown> | null,
) => {
  const own = complete ? kind.entry?.(complete.content) : undefined
  if (own) return { type: own.type, data: { recordId: record.id, ...own.data } }
  const data = { recordId: record.id, kind: kind.kind, recordVersion: record.version, party, method }
  return { type: house.events.signed, data: { ...data, complete: complete !== null } }
}

/** Decides a signature. @returns the record in force when it completes it, else null */
const decide = (
  deps: Deps,
  house: Records,
  request: Request,
  input: SignRecord,
  found: Found,
  signing: ToSign,
): InForce<unknown> | null => {
  const { record, kind, parties } = signing
  if (!parties.includes(input.party)) throw new Problem('signer_not_expected', { parties: [...parties] })
  if (record.signatures.some(given => given.party === input.party)) throw new Problem('already_signed')
  requireSigner(house, found, signing, input)
  if (input.party === 'line_manager' && !found.decides) throw new Problem('not_nearest_line_manager')
  requireWritable(house, kind, found, true)
  const content = wholeContent(deps, house, sealedOf(request, found), record)
  const { today, time } = found.caller
  const faults = kind.check?.(content, found.facts, today, found.named, time) ?? []
  if (faults.length > 0)
    throw new Problem('signing_refused', {
      errors: faults.map(fault => ({ ...fault, pointer: `/content${fault.pointer}` })),
    })
  const signed = [...record.signatures.map(given => given.party), input.party]
  if (!parties.every(party => signed.includes(party))) return null
  return { ...kind.effects?.(content, found.facts), content }
}
