import { Problem } from '../practice/problems.ts'
import { type CaseDeps, changeStatement, onCase, type Request } from './change.ts'

const save = changeStatement(
  'consents.withdraw',
  '',
  `x as (update consents x set ended = 'withdrawn', ended_version = c.version from given, c
  where x.institution_id = $1::uuid and x.id = (given.e->>'consentId')::uuid and x.ended is null)`,
)

/**
 * The student withdraws a consent, or owner or co-worker records it, at any time. Without consent to the service nothing
 * but ending moves on.
 * @throws Problem not_found, consent_ended, evidence_required when staff records it without words
 */
export const withdrawConsent = (
  deps: CaseDeps,
  request: Request,
  input: { caseId: string; consentId: string; words: string | null },
) =>
  onCase(
    deps,
    request,
    { caseId: input.caseId, ifMatch: null, permission: 'consent:withdraw', afterClosed: true },
    save,
    ({ facts, caller }) => {
      const consent = facts.consents.find(each => each.id === input.consentId)
      if (!consent) throw new Problem('not_found')
      if (!consent.inForce) throw new Problem('consent_ended')
      if (caller.kind !== 'student' && !input.words) throw new Problem('evidence_required')
      return {
        type: 'consent.withdrawn',
        ...(caller.kind === 'student' ? {} : { onBehalfOf: 'student' }),
        data: { consentId: consent.id, purpose: consent.purpose },
        words: input.words,
        effects: { consentId: consent.id },
        status: 201,
        receipt: { id: consent.id, purpose: consent.purpose, inForce: false },
      }
    },
  )
