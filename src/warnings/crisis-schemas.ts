import { z } from 'zod'
import { moveSchemas } from '../platform/http/move-schemas.ts'
import { at, exampleId, Id, instant, otherId, text, version, Words } from '../platform/http/schemas.ts'
import { codesOf } from '../practice/codes.ts'
import { crisisProcess } from '../practice/crisis.ts'
import { crisisKinds, crisisOutcomes, crisisSubkinds, earlyReasons } from '../practice/crisis-codes.ts'
import type { ProblemCode } from '../practice/problems.ts'
import { longestEvidence } from './evidence.ts'

const crisisId = Id.describe('Crisis')

/** Path of something within a crisis. */
export const withCrisis = <S extends z.ZodRawShape>(shape: S) => z.strictObject({ crisisId, ...shape })
export const CrisisParams = z.strictObject({ crisisId })

/** A time given by a client; any offset. */
export const When = z.iso.datetime({ offset: true })
export const Day = z.iso.date()
/** Words a command may add, or wants. */
export const note = Words(2000).nullable().default(null).describe('Words; confidential')
export const words = Words(2000).describe('Words; confidential')

/** The answer of a command on a crisis: ids, codes and the new version. */
export const receipt = <S extends z.ZodRawShape>(id: string, shape: S, example: Record<string, unknown>) =>
  z
    .strictObject({ crisisId, ...shape, crisisVersion: version().describe('Version of the crisis after the change') })
    .meta({ id, examples: [{ crisisId: exampleId, ...example, crisisVersion: 4 }] })

/** Problems any change of a crisis may answer with. */
export const changeProblems: readonly ProblemCode[] = [
  'not_permitted',
  'not_found',
  'version_stale',
  'key_is_erased',
  'crisis_is_over',
]

export const CrisisStepName = z.enum(codesOf(crisisProcess.steps)).describe('Stage of the crisis')
export const Kind = z.enum(codesOf(crisisKinds)).describe('Kind: academic (clock in working time) or safety (in hours)')
const Subkind = z.enum(codesOf(crisisSubkinds))
export const Outcome = z.enum(codesOf(crisisOutcomes)).describe('How it came out')

const target = {
  dueAt: instant().nullable().describe('Target of the stage; null = none'),
  beyondHorizon: z.boolean().describe('No target, because the calendar does not reach that far: it is not guessed'),
}

export const OpenCrisisBody = z
  .strictObject({
    studentId: Id.describe('Student'),
    kind: Kind,
    subkind: Subkind.nullable().default(null).describe('What it is about; an academic crisis names it'),
    leadId: Id.nullable().default(null).describe('Who leads it; null = the caller'),
    alertId: Id.nullable().default(null).describe('Alert it came from'),
    caseId: Id.nullable().default(null).describe('Case of the student you work on'),
    note: words,
  })
  .meta({
    id: 'OpenCrisis',
    examples: [{ studentId: otherId, kind: 'safety', subkind: 'missing', note: '学生夜间未归,电话不通。' }],
  })

export const CrisisOpened = receipt(
  'CrisisOpened',
  { kind: Kind, step: CrisisStepName, leadId: Id.describe('Lead'), ...target },
  { kind: 'safety', step: 'open', leadId: otherId, dueAt: at, beyondHorizon: false },
)

/** Moves of a crisis: asking, taking, explaining; taking one tells the target of the stage it enters. */
export const crisisMoves = moveSchemas(
  crisisProcess as never,
  'crisis',
  'Crisis',
  'Crisis',
  'the crisis',
  {
    id: exampleId,
    from: 'open',
    to: 'mobilised',
    version: 2,
    explained: { step: 'open', version: 1, transitions: [] },
  },
  { shape: target, example: { dueAt: at, beyondHorizon: false } },
)

const person = z.strictObject({ id: Id.describe('Person'), name: text(200).describe('Name') }).describe('A person')

const header = {
  id: crisisId,
  kind: Kind,
  subkind: Subkind.nullable().describe('What it is about'),
  step: CrisisStepName,
  version: version().describe('Version: ETag of the crisis'),
  student: z
    .strictObject({ id: Id.describe('Student'), number: text(60).describe('学号'), name: text(200).describe('Name') })
    .describe('The student'),
  lead: person.describe('Who leads it'),
  openedAt: instant().describe('When it was opened'),
  updatedAt: instant().describe('Last change'),
  ...target,
  overdue: z.boolean().describe('Whether the stage is past its target'),
  escalation: z.int().min(0).max(10).describe('Levels the stage was escalated to'),
  outcome: Outcome.nullable(),
  endReason: z.enum(earlyReasons).nullable().describe('Why it ended before it was stabilised'),
}

/** An example of an item of the list. */
export const exampleCrisis = {
  id: exampleId,
  kind: 'safety' as const,
  subkind: 'missing' as const,
  step: 'mobilised' as const,
  version: 4,
  student: { id: otherId, number: '20250101', name: '王晓明' },
  lead: { id: otherId, name: '李老师' },
  openedAt: at,
  updatedAt: at,
  dueAt: at,
  beyondHorizon: false,
  overdue: true,
  escalation: 1,
  outcome: null,
  endReason: null,
}

export const CrisisItem = z.strictObject(header).meta({ id: 'CrisisItem', examples: [exampleCrisis] })

const items = (what: string) =>
  z
    .array(z.record(z.string().max(60), z.unknown()).describe(what))
    .max(500)
    .describe(what)

export const Crisis = z
  .strictObject({
    ...header,
    closedAt: instant().nullable().describe('When it was closed'),
    outcomeOn: Day.nullable().describe('Day of the outcome'),
    orgUnitId: Id.describe('Unit whose line manager answers for it'),
    alertId: Id.nullable().describe('Alert it came from'),
    caseId: Id.nullable().describe('Case it came from, shown to those who know the case'),
    note: text(longestEvidence).describe('First words; of a crisis opened from an alert, its evidence too'),
    relations: z.array(text(40)).max(10).describe('How the caller stands to the crisis'),
    responders: items(
      'A responder: id, kind, staffId, name, phone, note, contactedAt, answeredAt, answer, answerNote, releasedAt',
    ),
    measures: items('A measure: id, kind, basis, from, until, endedAt, endedHow, note, endNote'),
    notices: items('A notice to the guardian: id, method, outcome, at, note'),
    exemptions: items('What it does without: id, from, reason, note'),
    decisions: items(
      'A decision: id, decision, decidedOn, note, appealedOn, appealNote, settledOn, result, resultNote',
    ),
    debriefs: items('A debrief: id, on, summary, lessons, followUp'),
  })
  .meta({
    id: 'Crisis',
    examples: [
      {
        ...exampleCrisis,
        closedAt: null,
        outcomeOn: null,
        orgUnitId: otherId,
        alertId: null,
        caseId: null,
        note: '学生夜间未归,电话不通。',
        relations: ['lead'],
        responders: [{ id: otherId, kind: 'family', name: '王父', answer: 'on_the_way' }],
        measures: [],
        notices: [],
        exemptions: [],
        decisions: [],
        debriefs: [],
      },
    ],
  })

/** An example of a minute. */
export const exampleMinute = {
  id: exampleId,
  happenedAt: at,
  writtenAt: at,
  late: false,
  by: { id: otherId, name: '李老师' },
  text: '已与室友到操场寻找。',
}

export const Minute = z
  .strictObject({
    id: Id.describe('Minute'),
    happenedAt: instant().describe('When it happened'),
    writtenAt: instant().describe('When it was written'),
    late: z.boolean().describe('Written long after it happened'),
    by: person.describe('Who wrote it'),
    text: text(4000).describe('What happened'),
  })
  .meta({ id: 'CrisisMinute', examples: [exampleMinute] })
