import { z } from 'zod'
import { casework, closureReasons } from '../practice/casework.ts'
import { recordKinds } from '../practice/record-kinds.ts'
import { caseKinds, caseSources, recordStatuses, signingMethods, signingParties } from './codes.ts'

const steps = Object.keys(casework.steps) as [string, ...string[]]
const kinds = Object.keys(recordKinds) as [string, ...string[]]

/** An id as the service makes them. */
export const Id = z.uuid()
const version = () => z.int().min(1).max(2_147_483_647)
const instant = () => z.iso.datetime()
const day = () => z.iso.date()
const text = (max: number) => z.string().max(max)

export const exampleId = '01936d3e-7c00-7000-8000-000000000001'
const otherId = '01936d3e-7c00-7000-8000-000000000002'
const at = '2026-09-14T08:30:00.000Z'

/** Words that go into the vault. */
export const Words = (max: number) => z.string().trim().min(1).max(max)

const caseId = Id.describe('Case')
const caseVersion = version().describe('Version of the case after the change')

/** The answer of a command on a case: ids, codes and the new version; what a replay gives again. */
export const receipt = <S extends z.ZodRawShape>(id: string, shape: S, example: Record<string, unknown>) =>
  z
    .strictObject({ caseId, ...shape, caseVersion })
    .meta({ id, examples: [{ caseId: exampleId, ...example, caseVersion: 7 }] })

export const Step = z.enum(steps).describe('Step of casework')
export const RecordKindName = z.enum(kinds).describe('Record kind; see /v1/record-kinds')
const title = z
  .strictObject({ en: text(300).describe('English'), zh: text(300).describe('Chinese') })
  .describe('In both languages')

export const CaseParams = z.strictObject({ caseId })
export const RecordParams = z.strictObject({ caseId, recordId: Id.describe('Record') })

export const OpenCaseBody = z
  .strictObject({
    studentId: Id.describe('Student'),
    kind: z.enum(caseKinds).default('academic').describe('Kind of case'),
    source: z.enum(caseSources).describe('How it came about'),
    inScope: z
      .boolean()
      .default(true)
      .describe('Normal intelligence, and barriers that can be overcome: the target group'),
    scopeReason: Words(1000)
      .nullable()
      .default(null)
      .describe('Why a student outside the target group is helped; confidential'),
    note: Words(2000).nullable().default(null).describe('First words on the case; confidential'),
    predecessorId: Id.nullable().default(null).describe('Case this one succeeds'),
  })
  .meta({ id: 'OpenCase', examples: [{ studentId: otherId, source: 'outreach', note: '两门课不及格,主动联系。' }] })

export const CaseOpened = z
  .strictObject({
    caseId,
    number: text(20).describe('Case number 档案编号'),
    step: Step,
    caseVersion,
  })
  .meta({
    id: 'CaseOpened',
    examples: [{ caseId: exampleId, number: '2026-0001', step: 'investigation', caseVersion: 1 }],
  })

const person = z.strictObject({ id: Id.describe('Person'), name: text(200).describe('Name') }).describe('A person')
const student = z
  .strictObject({ id: Id.describe('Student'), number: text(60).describe('学号'), name: text(200).describe('Name') })
  .describe('The student')

const header = {
  id: Id.describe('Case'),
  number: text(20).describe('Case number 档案编号'),
  kind: z.enum(caseKinds).describe('Kind of case'),
  step: Step,
  version: version().describe('Version: ETag of the case'),
  student,
  owner: person,
  openedAt: instant().describe('When it was opened'),
  updatedAt: instant().describe('Last write'),
  closeReason: z.enum(closureReasons).nullable().describe('Reason it ends or ended for'),
  pausedOn: day().nullable().describe('Day it was paused, null = running'),
}

const exampleHeader = {
  id: exampleId,
  number: '2026-0001',
  kind: 'academic' as const,
  step: 'tracking',
  version: 12,
  student: { id: otherId, number: '20250101', name: '王晓明' },
  owner: { id: otherId, name: '李老师' },
  openedAt: at,
  updatedAt: at,
  closeReason: null,
  pausedOn: null,
}

export const CaseItem = z.strictObject(header).meta({ id: 'CaseItem', examples: [exampleHeader] })
export const exampleItem = exampleHeader

const member = (description: string) => z.record(z.string().max(60), z.unknown()).describe(description)

export const Case = z
  .strictObject({
    ...header,
    cameFrom: Step.nullable().describe('Step closure was entered from'),
    source: z.enum(caseSources).describe('How it came about'),
    closedAt: instant().nullable().describe('When it was closed'),
    orgUnit: z
      .strictObject({
        id: Id.describe('Unit'),
        nameZh: text(200).describe('Name'),
        nameEn: text(200).nullable().describe('English name'),
      })
      .describe('Unit that answers for the case'),
    coWorkers: z
      .array(member('A co-worker: id, name, validFrom, validUntil'))
      .max(200)
      .describe('Team beside the owner'),
    goals: z
      .array(member('A goal: id, status, aim, horizon, difficulty, weight, dueOn, progress, attainment'))
      .max(200)
      .describe('Goals of the plan in force and settled ones'),
    actions: z.array(member('An action: id, goalId, status, by, strategy, dueOn')).max(500).describe('Actions'),
    consents: z.array(member('A consent: id, purpose, recipient, inForce')).max(500).describe('Consents'),
    pauseReason: text(60).nullable().describe('Reason code of the pause'),
    expectedReturn: day().nullable().describe('Day the student is expected back'),
    predecessorId: Id.nullable().describe('Case it succeeds'),
    successorIds: z.array(Id).max(50).describe('Cases that succeed it'),
    relations: z.array(text(40)).max(10).describe('How the caller stands to the case'),
    holds: z
      .array(member('A crisis: id, kind, openedAt, liftedAt, outcome, recipientId'))
      .max(200)
      .optional()
      .describe('Crises'),
    waivers: z
      .array(member('A waiver: need, mode, dueOn, version'))
      .max(500)
      .optional()
      .describe('Waivers and deferrals'),
    owed: z.array(member('A deferral still owed')).max(500).optional().describe('What is still owed'),
    drafts: z.int().min(0).optional().describe('Drafts neither signed nor discarded'),
    openReferrals: z.int().min(0).optional().describe('Referrals without result'),
    openGrants: z
      .array(member('A break-glass access: id, staffId, reason, until'))
      .max(200)
      .optional()
      .describe('Break-glass accesses not yet reviewed'),
    keyErased: z.boolean().optional().describe('Whether its words are gone for ever'),
    flags: z.array(text(60)).max(20).optional().describe('What should catch the eye'),
  })
  .meta({
    id: 'Case',
    examples: [
      {
        ...exampleHeader,
        cameFrom: null,
        source: 'outreach',
        closedAt: null,
        orgUnit: { id: otherId, nameZh: '计算机2501班', nameEn: 'CS 2501' },
        coWorkers: [],
        goals: [{ id: 'g1', status: 'open', aim: 'relieve_and_motivate', progress: 'progress' }],
        actions: [{ id: 'a1', goalId: 'g1', status: 'open' }],
        consents: [{ id: otherId, purpose: 'service', recipient: null, inForce: true }],
        pauseReason: null,
        expectedReturn: null,
        predecessorId: null,
        successorIds: [],
        relations: ['owner'],
        flags: [],
      },
    ],
  })

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
    operation: text(60).optional().describe('operationId that meets it'),
    missing: z
      .array(
        z.strictObject({
          need: text(60).optional().describe('Record kind'),
          check: text(60).optional().describe('Check'),
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
          noteRequired: z.boolean().describe('Whether it asks for words'),
          reasons: z
            .array(
              z.strictObject({
                reason: text(40).nullable().describe('Reason code, null = none'),
                allowed: z.boolean().describe('Whether every requirement is met for it'),
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
            reasons: [{ reason: null, allowed: false }],
            requirements: [
              {
                need: 'service_agreement',
                met: false,
                waived: false,
                waivable: false,
                since: 'case',
                title: { en: 'Service agreement', zh: '服务协议' },
                records: ['service_agreement'],
                missing: [{ need: 'service_agreement', title: { en: 'Service agreement', zh: '服务协议' } }],
              },
            ],
          },
        ],
      },
    ],
  })

const content = z.record(z.string().max(60), z.unknown()).describe('Content by the kind’s JSON Schema')

export const DraftBody = z
  .union([
    z.strictObject({ kind: RecordKindName, content }).describe('A new record'),
    z
      .strictObject({ kind: RecordKindName, adopts: Id.describe('Record of the predecessor case') })
      .describe('An adopted section'),
  ])
  .meta({ id: 'Draft', examples: [{ kind: 'addendum', content: { text: '更正:会谈时长为40分钟。' } }] })

export const ReplaceBody = z
  .strictObject({ content })
  .meta({ id: 'ReplaceDraft', examples: [{ content: { text: '更正:会谈时长为45分钟。' } }] })

export const AmendBody = z
  .strictObject({ text: Words(4000).describe('What is corrected or added; confidential') })
  .meta({ id: 'Amend', examples: [{ text: '更正:会谈时长为40分钟。' }] })

export const Drafted = receipt(
  'Drafted',
  {
    id: Id.describe('Record'),
    kind: RecordKindName,
    status: z.enum(recordStatuses).describe('Status'),
    version: version().describe('Version of the record: its ETag'),
  },
  { id: otherId, kind: 'addendum', status: 'draft', version: 1 },
)

export const SignBody = z
  .strictObject({
    party: z.enum(signingParties).describe('Who signs'),
    method: z.enum(signingMethods).default('own_token').describe('How; other than own_token it is recorded by staff'),
    evidence: z
      .strictObject({
        attachmentId: Id.nullable().default(null).describe('Attachment that shows it'),
        words: Words(1000).nullable().default(null).describe('What shows it, in words; confidential'),
      })
      .nullable()
      .default(null)
      .describe('Evidence of a signature recorded for another'),
  })
  .meta({
    id: 'Sign',
    examples: [{ party: 'worker' }, { party: 'student', method: 'oral', evidence: { words: '面谈中口头确认。' } }],
  })

export const Signed = receipt(
  'Signed',
  {
    id: Id.describe('Record'),
    kind: RecordKindName,
    party: z.enum(signingParties).describe('Who signed'),
    status: z.enum(recordStatuses).describe('signed once the last party did'),
    version: version().describe('Version of the record'),
    waitingFor: z.array(z.enum(signingParties)).max(4).describe('Parties still to sign'),
  },
  { id: otherId, kind: 'plan', party: 'worker', status: 'draft', version: 1, waitingFor: ['student'] },
)

const signature = z
  .strictObject({
    party: z.enum(signingParties).describe('Who'),
    method: z.enum(signingMethods).describe('How'),
    personId: Id.nullable().describe('Person who signed by own token'),
    recordedBy: Id.nullable().describe('Staff member who recorded it'),
    attachmentId: Id.nullable().describe('Evidence'),
    at: instant().describe('When'),
  })
  .describe('A signature')

const recordHeader = {
  id: Id.describe('Record'),
  kind: RecordKindName,
  status: z.enum(recordStatuses).describe('Status'),
  version: version().describe('Version: ETag of the record'),
  authorId: Id.describe('Who wrote it'),
  writtenAt: instant().describe('When it was written'),
  step: Step.describe('Step of the case when it was written'),
  amendsId: Id.nullable().describe('Record it adds to'),
  adoptedFromId: Id.nullable().describe('Record of the predecessor it was adopted from'),
  signedAt: instant().nullable().describe('When the last party signed'),
  signedVersion: version().nullable().describe('Case version of the last signature'),
  signatures: z.array(signature).max(4).describe('Signatures of this version'),
}

const exampleRecord = {
  id: otherId,
  kind: 'addendum',
  status: 'signed' as const,
  version: 1,
  authorId: otherId,
  writtenAt: at,
  step: 'tracking',
  amendsId: null,
  adoptedFromId: null,
  signedAt: at,
  signedVersion: 9,
  signatures: [
    {
      party: 'worker' as const,
      method: 'own_token' as const,
      personId: otherId,
      recordedBy: null,
      attachmentId: null,
      at,
    },
  ],
}

export const RecordItem = z.strictObject(recordHeader).meta({ id: 'RecordItem', examples: [exampleRecord] })
export const exampleRecordItem = exampleRecord

export const WholeRecord = z.strictObject({ ...recordHeader, caseId, content }).meta({
  id: 'Record',
  examples: [{ ...exampleRecord, caseId: exampleId, content: { text: '更正:会谈时长为40分钟。' } }],
})

const entry = z
  .record(z.string().max(60), z.unknown())
  .describe('Journal entry: type, at, actor, subject, reason, data')

export const TimelineItem = z
  .strictObject({
    position: z.int().nullable().describe('Position in the journal, null until sealed'),
    actorName: text(200).nullable().describe('Name of who did it'),
    entry,
  })
  .meta({ id: 'TimelineItem', examples: [{ position: 41, actorName: '李老师', entry: { type: 'case.moved', at } }] })

export const exampleTimelineItem = { position: 41, actorName: '李老师', entry: { type: 'case.moved', at } }

export const WordsRead = z
  .strictObject({ id: Id.describe('Words'), words: text(10_000).describe('What was said') })
  .meta({ id: 'Words', examples: [{ id: otherId, words: '学生请假期间暂停。' }] })
