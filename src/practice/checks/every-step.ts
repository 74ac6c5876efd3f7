import type { SignedFact } from '../../kernel/process.ts'
import { type CaseFacts, crisesOf, crisisIsOpen } from '../facts.ts'
import { type CaseChecks, signed, when } from './check.ts'

/**
 * Whether present owner and student agreed on going on: a confirmation or an agreement that the owner signed since taking
 * over. A confirmation that says the agreement does not stand asks for a newer agreement.
 */
const helperIsConfirmed = (facts: CaseFacts): boolean => {
  const agreement = signed(facts, 'service_agreement')
  const confirmation = signed(facts, 'helper_confirmation')
  if (!agreement) return true
  const confirms = (fact: SignedFact) => fact.version > facts.ownerSince && fact.signedBy === facts.ownerId
  const took = facts.ownerSince > 0
  if (confirmation?.content.agreementStands === false)
    return agreement.version > confirmation.version && (!took || confirms(agreement))
  return !took || confirms(agreement) || (confirmation !== undefined && confirms(confirmation))
}

const isCrisisRisk = (facts: CaseFacts) =>
  ['high', 'crisis'].includes(String(signed(facts, 'risk_screening')?.content.level))

/** Rules that hold whatever the step. Source: domain §2; seed article 3, §3.2. */
export const everyStepChecks = {
  not_paused: {
    title: { en: 'The case is not paused', zh: '个案未中止' },
    records: [],
    operation: 'resumeCase',
    rule: facts => when(facts.pausedOn !== null, 'not_paused', { en: 'Resume the case first', zh: '请先恢复个案' }),
  },
  service_consent_in_force: {
    title: { en: 'Consent to the service is in force', zh: '服务同意有效' },
    records: ['service_agreement'],
    rule: facts =>
      when(
        !facts.consents.some(consent => consent.purpose === 'service' && consent.inForce),
        'service_consent_in_force',
        { en: 'The student has not given, or has withdrawn, consent to the service', zh: '学生未给予或已撤回服务同意' },
      ),
  },
  helper_is_confirmed: {
    title: { en: 'The student has confirmed the present main helper', zh: '学生已确认现任主要帮扶者' },
    records: ['helper_confirmation', 'service_agreement'],
    rule: facts =>
      when(!helperIsConfirmed(facts), 'helper_is_confirmed', {
        en: 'The new main helper and the student have not confirmed anew',
        zh: '新的主要帮扶者与学生尚未重新确认',
      }),
  },
  risk_is_covered: {
    title: { en: 'A high risk is covered', zh: '高风险已有应对' },
    records: ['risk_cover_note'],
    operation: 'openCrisis',
    rule: facts => {
      const screening = signed(facts, 'risk_screening')
      if (!screening || !isCrisisRisk(facts)) return []
      const covered =
        crisisIsOpen(facts) ||
        crisesOf(facts).some(hold => hold.openedVersion > screening.version) ||
        (signed(facts, 'risk_cover_note')?.version ?? 0) > screening.version
      return when(!covered, 'risk_is_covered', {
        en: 'The newest risk screening is high or crisis: open a crisis, or file a line manager’s note',
        zh: '最新风险筛查为高或危机:须启动危机干预或由主管出具说明',
      })
    },
  },
} as const satisfies CaseChecks
