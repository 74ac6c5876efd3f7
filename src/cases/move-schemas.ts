import { z } from 'zod'
import { exampleId, text, version, Words } from '../platform/http/schemas.ts'
import { casework } from '../practice/casework.ts'
import { caseId, receipt, Step, title } from './schemas.ts'

export const MoveBody = z
  .strictObject({
    to: Step,
    reason: z.string().max(40).nullable().default(null).describe('Reason code, where the edge asks for one'),
    note: Words(2000).nullable().default(null).describe('Why, in words; confidential'),
  })
  .meta({ id: 'Move', examples: [{ to: 'agreement' }] })

export const Moved = receipt('Moved', { from: Step, to: Step }, { from: 'investigation', to: 'agreement' })

export const MoveAllowed = z
  .strictObject({ caseId, from: Step, to: Step, allowed: z.literal(true).describe('The move may be taken') })
  .meta({ id: 'MoveAllowed', examples: [{ caseId: exampleId, from: 'investigation', to: 'agreement', allowed: true }] })

const condition = z
  .strictObject({ reason: z.array(text(40)).max(20).describe('Reason codes') })
  .optional()
  .describe('Only for, or not for, these reasons')

const requirement = z
  .strictObject({
    need: text(60).optional().describe('Record kind that must be on file'),
    check: text(60).optional().describe('Named check'),
    met: z.boolean().describe('Whether it is met'),
    waived: z.boolean().describe('Whether it was waived or deferred'),
    waiver: z
      .strictObject({
        mode: z.enum(['waived', 'deferred']).describe('For good, or until a day'),
        dueOn: z.iso.date().nullable().describe('Day a deferred one is owed by; null when waived'),
      })
      .optional()
      .describe('The waiver or deferral that stands in for it'),
    waivable: z.boolean().describe('Whether a line manager may waive or defer it'),
    since: z.unknown().optional().describe('How new the record must be: case, step, or since another record'),
    where: z
      .record(text(60), z.array(text(60)).max(20))
      .optional()
      .describe('Fields of the record and their allowed values'),
    when: condition,
    unless: condition,
    title: title,
    records: z.array(text(60)).max(20).describe('Record kinds whose signature meets it'),
    recordKind: text(60).optional().describe('The usual one of them'),
    operation: text(60).optional().describe('operationId that meets it'),
    missing: z
      .array(
        z.strictObject({
          need: text(60).optional().describe('Record kind'),
          check: text(60).optional().describe('Check'),
          recordKind: text(60).optional().describe('Record kind whose signature would meet it'),
          operation: text(60).optional().describe('operationId that would meet it'),
          pointer: text(200).optional().describe('Where in the case'),
          title,
        }),
      )
      .max(200)
      .describe('What is missing, one by one'),
  })
  .describe('One need or check')

export const Transitions = z
  .strictObject({
    caseId,
    step: Step,
    version: version().describe('Version of the case'),
    transitions: z
      .array(
        z.strictObject({
          to: Step,
          title,
          by: z.array(text(40)).max(10).describe('Relations that may take it'),
          yours: z.boolean().describe('Whether the caller may take it'),
          allowed: z.boolean().describe('Whether the caller may take it now, for some reason'),
          noteRequired: z.boolean().describe('Whether it asks for words, whatever the reason'),
          reasons: z
            .array(
              z.strictObject({
                reason: text(40).nullable().describe('Reason code, null = none'),
                allowed: z.boolean().describe('Whether every requirement is met for it'),
                noteRequired: z.boolean().describe('Whether it asks for words'),
              }),
            )
            .max(30)
            .describe('Reasons it may be taken for'),
          requirements: z.array(requirement).max(50).describe('Every need and check, with its state'),
        }),
      )
      .max(20)
      .describe('Every edge from here'),
  })
  .meta({
    id: 'Transitions',
    examples: [
      {
        caseId: exampleId,
        step: 'agreement',
        version: 8,
        transitions: [
          {
            to: 'plan',
            title: casework.steps.plan.title,
            by: ['owner'],
            yours: true,
            allowed: false,
            noteRequired: false,
            reasons: [{ reason: null, allowed: false, noteRequired: false }],
            requirements: [
              {
                need: 'service_agreement',
                met: false,
                waived: false,
                waivable: false,
                since: 'case',
                title: { en: 'Service agreement', zh: '服务协议' },
                records: ['service_agreement'],
                recordKind: 'service_agreement',
                operation: 'createRecord',
                missing: [
                  {
                    need: 'service_agreement',
                    recordKind: 'service_agreement',
                    operation: 'createRecord',
                    title: { en: 'Service agreement', zh: '服务协议' },
                  },
                ],
              },
            ],
          },
        ],
      },
    ],
  })
