import { z } from 'zod'
import { at, exampleId, Id, instant, otherId, text, version, Words } from '../platform/http/schemas.ts'
import { recordStatuses, signingMethods, signingParties } from './codes.ts'
import { caseId, RecordKindName, receipt, Step } from './schemas.ts'

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

const signed = {
  party: z.enum(signingParties).describe('Who'),
  method: z.enum(signingMethods).describe('How'),
  personId: Id.nullable().describe('Person who signed by own token'),
  recordedBy: Id.nullable().describe('Staff member who recorded it'),
  attachmentId: Id.nullable().describe('Evidence'),
  at: instant().describe('When'),
}
const signature = z.strictObject(signed).describe('A signature')
const evidenced = z
  .strictObject({
    ...signed,
    evidence: z.string().max(1000).nullable().describe('Words of evidence, for those who work on the case'),
  })
  .describe('A signature with what shows it')

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
  on: z.iso.date().nullable().describe('Day it is about, null where its kind has none'),
  late: z
    .boolean()
    .describe('It is about a day longer before its signature (a draft: before today) than `lateAfterDays` of its kind'),
  aboutRecordId: Id.nullable().describe('Session or follow-up a student’s own entry is about: to be shown beside it'),
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
  on: null,
  late: false,
  aboutRecordId: null,
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

const scores = z
  .array(
    z
      .strictObject({
        recordId: Id.describe('Instrument response'),
        instrument: text(60).describe('Instrument; items and subscales in /v1/instruments'),
        version: z.int().min(1).max(99).describe('Version of the instrument'),
        occasion: text(20).describe('before, during or after'),
        on: z.iso.date().describe('Day it was answered'),
        scores: z.record(text(60), z.number().min(1).max(5)).describe('Mean per subscale, 1–5'),
      })
      .describe('Scores of one response'),
  )
  .max(50)
  .optional()
  .describe('Scores of the instrument responses the content names; reading them is journalled with it')

export const WholeRecord = z
  .strictObject({
    ...recordHeader,
    signatures: z.array(evidenced).max(4).describe('Signatures of this version'),
    caseId,
    content,
    scores,
  })
  .meta({
    id: 'Record',
    examples: [
      {
        ...exampleRecord,
        signatures: exampleRecord.signatures.map(each => ({ ...each, evidence: null })),
        caseId: exampleId,
        content: { text: '更正:会谈时长为40分钟。' },
      },
    ],
  })
