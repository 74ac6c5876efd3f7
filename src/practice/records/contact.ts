import { z } from 'zod'
import { codesOf, informationBases, media } from '../codes.ts'
import type { CaseFacts } from '../facts.ts'
import { day, defineRecord, publicWords, type SigningFault, signedWithinDays, words } from '../record-kind.ts'
import { sharingConsented } from '../sharing.ts'
import { fault, leadingUpFaults } from './parts.ts'

/** Parties outside the student's own circle and classes: what they are told is shared with an office. */
const outsideParties: readonly string[] = ['office', 'clinic', 'other']

interface Share {
  readonly party: string
  readonly basis: string
  readonly reached: boolean
  readonly recipient?: string | undefined
}

/** Whoever was reached outside on the ground of the student's consent is an office the student consented to. */
const sharingFaults = ({ party, basis, reached, recipient }: Share, facts: CaseFacts): SigningFault[] => {
  if (!reached || basis !== 'student_consent' || !outsideParties.includes(party)) return []
  if (!recipient) return [fault('/recipient', 'recipient_required', 'Say with which office', '请注明共享单位')]
  if (sharingConsented(facts, recipient)) return []
  return [
    fault(
      '/basis',
      'sharing_not_consented',
      'The student’s consent to sharing with this office is not in force',
      '学生对该单位的信息共享同意未生效',
    ),
  ]
}

/** Contact with others 联系记录: family, teachers, offices. Source: seed article 3, §3.1 resource network; §3.2 (1). */
export const contact = defineRecord({
  kind: 'contact',
  of: 'case',
  title: { en: 'Contact with others', zh: '联系记录' },
  source: 'Seed article 3, §3.2 (1) and (4); article 2 家校沟通',
  writers: ['worker'],
  signers: ['worker'],
  writableIn: 'open',
  cardinality: 'many',
  studentReads: 'nothing',
  lateAfterDays: signedWithinDays,
  content: z.strictObject({
    on: day().describe('Day'),
    medium: z.enum(codesOf(media)).describe('Medium'),
    party: z
      .enum(['family', 'guardian', 'teacher', 'roommate', 'classmate', 'office', 'clinic', 'other'])
      .describe('With whom'),
    person: words(200).describe('The person'),
    recipient: publicWords(100, 'names an office, never a person')
      .optional()
      .describe('Office, as the consent to sharing names it; needed outside on the student’s consent'),
    basis: z.enum(codesOf(informationBases)).describe('On what basis information was given or taken'),
    reached: z.boolean().describe('Whether the person was reached'),
    summary: words(4000).describe('What was said'),
  }),
  check: (content, facts, today) => [
    ...leadingUpFaults('/on', content.on, facts, today),
    ...sharingFaults(content, facts),
  ],
  example: today => ({
    on: today,
    medium: 'phone',
    party: 'family',
    person: '母亲',
    basis: 'student_consent',
    reached: true,
    summary: '说明帮扶安排,商定少问分数、多问生活。',
  }),
})
