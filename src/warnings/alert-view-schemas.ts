import { z } from 'zod'
import { Id, instant, text } from '../platform/http/schemas.ts'
import { dispositions } from '../practice/alerts.ts'
import { codesOf } from '../practice/codes.ts'
import { answering, exampleHeader, figures, header, Kind, person, shownSignal } from './alert-schemas.ts'
import { noticeMethods, noticeOutcomes } from './notify-of-alert.ts'

const day = () => z.iso.date()
const relations = z.array(text(40)).max(10).describe('How the caller stands to the alert')

const raiser = z
  .strictObject({
    kind: z.enum(['source', 'people', 'rules', 'service']).describe('Where it comes from'),
    id: text(60).nullable().describe('Person or source'),
    name: text(200).nullable().describe('Name'),
  })
  .describe('Who raised it')

const signal = z
  .strictObject({
    id: Id.describe('Signal'),
    ...shownSignal.shape,
    receivedAt: instant().describe('When it arrived'),
    raiser,
    words: text(10_000).nullable().describe('Words of who raised it'),
  })
  .describe('A signal of the alert')

const positive = z
  .strictObject({
    id: Id.describe('Signal'),
    kind: Kind,
    observedAt: instant().describe('When it was observed'),
    figures,
  })
  .describe('A positive signal')

const told = z
  .strictObject({
    id: Id.describe('Person'),
    name: text(200).describe('Name'),
    why: z.enum(['routed', 'escalated', 'case_owner', 'merged']).describe('Why'),
    at: instant().describe('Since when'),
  })
  .describe('Somebody told')

const kindsShown = [...codesOf(dispositions), 'support_arranged'] as const
const disposition = z
  .strictObject({
    id: Id.describe('Disposition'),
    kind: z
      .enum(kindsShown)
      .describe('What became of it; `support_arranged` stands for what the reader may not know of'),
    on: day().describe('Day it happened'),
    at: instant().describe('When it was filed'),
    by: person.nullable().describe('Who filed it'),
    caseId: Id.nullable().describe('Case opened or joined'),
    crisisId: Id.nullable().describe('Crisis opened'),
    until: day().nullable().describe('Last day of a watch'),
    flaggedAt: instant().nullable().describe('When the watch ended and the student was flagged again'),
    attempts: z.int().min(1).max(50).nullable().describe('How often it was tried'),
    words: text(10_000).nullable().describe('Words'),
  })
  .describe('A disposition 处置')

const notice = z
  .strictObject({
    id: Id.describe('Notice'),
    to: z.enum(['student', 'family']).describe('To whom'),
    method: z.enum(noticeMethods).describe('How'),
    outcome: z.enum(noticeOutcomes).describe('Given, signed for, or attempted'),
    on: day().describe('Day'),
    signedAt: instant().nullable().describe('When it was signed for'),
    at: instant().optional().describe('When it was filed'),
    by: person.nullable().optional().describe('Who filed it'),
    words: text(10_000).nullable().optional().describe('Words'),
  })
  .describe('A notice 告知')

const objection = z
  .strictObject({
    id: Id.describe('Objection'),
    at: instant().describe('When'),
    words: text(10_000).nullable().describe('What the student says'),
    answer: z.enum(['upheld', 'rejected']).nullable().describe('Answer, null = none yet'),
    answeredAt: instant().nullable().describe('When it was answered'),
    answerWords: text(10_000).nullable().describe('Reasons of the answer'),
  })
  .describe('An objection 异议')

const noteOfMove = z
  .strictObject({
    id: Id.describe('Entry'),
    type: text(60).describe('Type of the journal entry'),
    at: instant().describe('When'),
    by: person.nullable().describe('Who'),
    words: text(10_000).nullable().describe('Words'),
  })
  .describe('Words given with a move or change')

/** One alert: all for those who work on it, less for the student. */
export const Alert = z
  .strictObject({
    ...header,
    relations,
    orgUnit: z
      .strictObject({
        id: Id.describe('Unit'),
        nameZh: text(200).describe('Name'),
        nameEn: text(200).nullable().describe('English name'),
      })
      .optional()
      .describe('Unit that answers for the alert'),
    updatedAt: instant().optional().describe('Last write'),
    risenAt: instant()
      .nullable()
      .optional()
      .describe('When it last rose: in severity, or because safety or a call for help joined; null = never'),
    joinsUntil: instant().optional().describe('Signals observed until then join it'),
    ...answering,
    mergedInto: Id.nullable().optional().describe('Alert it was merged into'),
    keyErased: z.boolean().optional().describe('Whether its words are gone for ever'),
    signals: z.array(signal).max(500).optional().describe('Signals, oldest first; the newest 500'),
    progress: z.array(positive).max(20).optional().describe('Positive signals of late'),
    told: z.array(told).max(500).optional().describe('Who is told'),
    dispositions: z.array(disposition).max(200).optional().describe('What became of it'),
    notices: z.array(notice).max(200).describe('Notices given or attempted'),
    objections: z.array(objection).max(200).describe('Objections and answers'),
    notes: z.array(noteOfMove).max(200).optional().describe('Words given with moves and changes'),
  })
  .meta({ id: 'Alert', examples: [{ ...exampleHeader, relations: ['owner'], notices: [], objections: [] }] })
