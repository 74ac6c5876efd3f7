import { z } from 'zod'
import { signed } from '../checks/check.ts'
import type { CaseFacts } from '../facts.ts'
import { day, daysAfter, defineRecord, publicWords, type SigningFault, words } from '../record-kind.ts'
import { fault, repeatFaults } from './parts.ts'

/** A renewal stands in the place of the agreement before it at once: while one runs, it does not begin later. */
const renewalFaults = (validFrom: string, facts: CaseFacts, today: string): SigningFault[] => {
  const running = signed(facts, 'service_agreement')?.content as { validFrom: string; validUntil: string } | undefined
  if (!running || running.validFrom > today || running.validUntil < today || validFrom <= today) return []
  const signable = [validFrom, daysAfter(running.validUntil, 1)].sort()[0]
  return [
    fault(
      '/validFrom',
      'not_in_force_yet',
      `An agreement runs until ${running.validUntil}: sign its renewal from ${signable} on, or let it begin today`,
      `现有协议有效至${running.validUntil}:续签请自${signable}起签署,或自今日起生效`,
    ),
  ]
}

/** Service agreement 服务协议, signed by both; the guardian too while the student is a minor. Source: seed article 3, §3.2 (2). */
export const serviceAgreement = defineRecord({
  kind: 'service_agreement',
  of: 'case',
  title: { en: 'Service agreement', zh: '服务协议' },
  source: 'Seed article 3, §3.2 (2) 建立帮扶关系',
  writers: ['worker'],
  signers: ['worker', 'student', 'guardian'],
  writableIn: 'open',
  cardinality: 'one',
  studentReads: 'whole',
  content: z.strictObject({
    proposedBy: z.enum(['student', 'worker', 'third_party']).describe('Who proposed the relation'),
    studentDuties: words(2000).describe('Rights and duties of the student: to be truthful'),
    helperDuties: words(2000).describe('Rights and duties of the helper'),
    confidentialityLimits: words(2000).describe('When confidence must be broken'),
    frequency: words(500).describe('How often, where and how they meet'),
    validFrom: day().describe('First day'),
    validUntil: day().describe('Last day'),
    consents: z
      .array(
        z.strictObject({
          purpose: z.enum(['service', 'sharing', 'reporting']).describe('What is consented to'),
          recipient: publicWords(100, 'names an office, never a person')
            .optional()
            .describe('Office information is shared with'),
        }),
      )
      .max(20)
      .describe('Consents; only service is needed for help'),
  }),
  check: (content, facts, today) => [
    ...(content.consents.some(consent => consent.purpose === 'service')
      ? []
      : [
          fault(
            '/consents',
            'service_consent_missing',
            'Consent to the service itself is needed',
            '须有对服务本身的同意',
          ),
        ]),
    ...(content.validUntil < today || content.validUntil < content.validFrom
      ? [fault('/validUntil', 'not_in_force', 'The agreement would be over already', '协议已过期')]
      : []),
    ...renewalFaults(content.validFrom, facts, today),
    ...content.consents.flatMap((consent, index) =>
      consent.purpose === 'sharing' && !consent.recipient
        ? [fault(`/consents/${index}/recipient`, 'recipient_required', 'Say with whom', '请注明共享对象')]
        : [],
    ),
    ...repeatFaults(
      content.consents.map(({ purpose, recipient }) => `${purpose} ${recipient ?? ''}`),
      index => `/consents/${index}`,
      'repeated_consent',
      '同意重复',
    ),
  ],
  effects: content => ({
    agreementUntil: content.validUntil,
    consents: content.consents.map(({ purpose, recipient }) => ({ purpose, recipient: recipient ?? null })),
  }),
  example: today => ({
    proposedBy: 'worker',
    studentDuties: '如实说明情况,按约参加会谈,有变化及时告知。',
    helperDuties: '保守秘密,尊重选择,按约联系并做好记录。',
    confidentialityLimits: '涉及生命安全或法律规定时须告知相关人员。',
    frequency: '每两周一次面谈,隔周一次电话;地点为学院谈心室。',
    validFrom: today,
    validUntil: daysAfter(today, 240),
    consents: [{ purpose: 'service' }, { purpose: 'sharing', recipient: '教务处' }],
  }),
})
