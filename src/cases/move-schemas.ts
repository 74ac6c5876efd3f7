import { moveSchemas } from '../platform/http/move-schemas.ts'
import { exampleId } from '../platform/http/schemas.ts'
import { casework } from '../practice/casework.ts'

/** Moves of a case: asking, taking, explaining. */
export const caseMoves = moveSchemas(casework as never, 'case', '', 'Case', 'casework', {
  id: exampleId,
  from: 'investigation',
  to: 'agreement',
  version: 7,
  explained: {
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
})
