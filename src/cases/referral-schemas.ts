import { z } from 'zod'
import { at, exampleId, Id, instant, otherId, text } from '../platform/http/schemas.ts'
import { codesOf, informationBases } from '../practice/codes.ts'
import { referralStatuses } from './codes.ts'
import { caseId } from './schemas.ts'

const status = () => z.enum(referralStatuses).describe('Where it stands')

const header = {
  id: Id.describe('Referral'),
  status: status(),
  basis: z
    .enum(codesOf(informationBases))
    .nullable()
    .describe('On what basis information passes on, null = offered before it was asked'),
  offeredAt: instant().describe('When it was made'),
  settledAt: instant().nullable().describe('When it ended, null = still open'),
}

export const exampleReferral = {
  id: otherId,
  status: 'done' as const,
  basis: 'student_consent' as const,
  offeredAt: at,
  settledAt: at,
}

export const ReferralItem = z.strictObject(header).describe('A referral')

export const WholeReferral = z
  .strictObject({
    ...header,
    caseId,
    to: text(300).describe('To whom'),
    purpose: text(2000).describe('What for'),
    answers: z
      .array(
        z
          .strictObject({
            status: status(),
            at: instant().describe('When it was recorded'),
            byId: Id.describe('Who recorded it'),
            result: text(2000).describe('What came back'),
          })
          .describe('One step'),
      )
      .max(500)
      .describe('What came back, step by step'),
  })
  .meta({
    id: 'Referral',
    examples: [
      {
        ...exampleReferral,
        caseId: exampleId,
        to: '心理健康教育中心',
        purpose: '睡眠与情绪评估。',
        answers: [{ status: 'done', at, byId: otherId, result: '评估完成,建议规律作息。' }],
      },
    ],
  })
