import { z } from 'zod'

const code = (max = 60) => z.string().max(max)
const codes = (what: string, most = 50) => z.array(code()).max(most).describe(what)
const count = (what: string) => z.int().min(0).describe(what)
const fault = {
  pointer: z.string().max(500).optional().describe('JSON pointer into the request'),
  code: z.string().max(100).describe('Kind of fault'),
  detail: z.string().max(500).optional().describe('The fault in words'),
}

/** What a missing thing is, and what would meet it; its words are told beside, in one language or both. */
export const missingShape = {
  need: code().optional().describe('Record kind'),
  check: code().optional().describe('Check'),
  recordKind: code().optional().describe('Record kind whose signature would meet it'),
  operation: code().optional().describe('operationId that would meet it'),
  pointer: code(200).optional().describe('Where in what the move is about'),
  where: z.record(code(), z.array(code()).max(20)).optional().describe('Fields of the record and their allowed values'),
}

const Missing = z
  .strictObject({ ...missingShape, title: code(300).describe('What is missing, in words') })
  .describe('One thing that is missing')
  .meta({ id: 'Missing' })

const Breach = z
  .strictObject({
    memberId: code().nullable().describe('Member it is about; null = the group'),
    code: code().describe('Kind of breach'),
    title: code(1000).describe('What does not fit, in words'),
    mend: code(1000).describe('What would mend it, in words'),
  })
  .describe('A breach of the composition')

/** Members that problems carry beside those of RFC 9457, by name. A problem of the catalogue names no other. */
export const problemMembers = {
  by: codes('Relations that may take the move'),
  dailyQuota: count('Signals a day'),
  ended: code().describe('How the operation ended'),
  errorCount: count('Rows with errors'),
  errors: z.array(z.looseObject(fault)).max(1000).describe('Faults of the input, one by one'),
  kinds: codes('Kinds of signals the source may send'),
  leftFen: z.int().describe('What is left of the line, in fen'),
  maxMembers: count('The greatest number of members'),
  memberStatus: code().describe('Where the member stands'),
  minMembers: count('The least number of members'),
  missing: z.array(Missing).max(200).describe('What is missing, one by one'),
  needs: codes('Record kinds that are never waived or deferred'),
  newest: z.int().describe('The newest year that is announced'),
  next: codes('Where the member may go'),
  now: z.iso.datetime().describe('The time by the clock of the service'),
  operation: code().describe('operationId it is written by'),
  parties: codes('Parties that sign the record'),
  placesTaken: count('Places taken'),
  reachable: codes('Steps that can be reached from the present one'),
  reason: code().describe('Why, as a code'),
  reasons: codes('Reason codes: those that fit, or why nothing is served'),
  roles: codes('Roles that fit, or are lacking'),
  step: code().describe('Step it stands in'),
  steps: codes('Steps in which it is written'),
  types: codes('Active types of groups', 200),
  vanishing: z
    .strictObject({
      collection: code().describe('Collection of the roster'),
      known: count('Rows known'),
      missing: count('Rows of them that are missing'),
    })
    .describe('What would vanish'),
  version: z.int().min(0).describe('The present version; 0 = nothing was saved yet'),
  writers: codes('Parties that write this kind'),
} as const satisfies Record<string, z.ZodType>

/** Name of a member that a problem of the catalogue may carry. */
export type MemberName = keyof typeof problemMembers

/** Members that mean something else with one code. */
const own: Readonly<Record<string, Partial<Record<MemberName, z.ZodType>>>> = {
  resolution_unfit: {
    missing: z
      .array(z.union([code(), Breach]))
      .max(200)
      .describe('What the group lacks, one by one'),
  },
}

/** The shape of a member that comes with a code. */
export const memberOf = (problem: string, name: MemberName): z.ZodType => own[problem]?.[name] ?? problemMembers[name]

/** Members as some problems carry them: what front ends show most. */
export const memberExamples: Readonly<Record<string, Partial<Record<MemberName, unknown>>>> = {
  step_not_reachable: { reachable: ['agreement', 'closure'] },
  requirements_unmet: {
    missing: [
      {
        need: 'risk_screening',
        recordKind: 'risk_screening',
        operation: 'createRecord',
        title: { en: 'Risk screening', zh: '风险筛查' },
      },
      {
        check: 'risk_is_covered',
        recordKind: 'risk_cover_note',
        operation: 'createRecord',
        pointer: '/level',
        title: {
          en: 'A high risk asks for an open crisis or a note of the line manager',
          zh: '高风险须有未结危机或主管说明',
        },
      },
    ],
  },
  version_stale: { version: 8 },
}
