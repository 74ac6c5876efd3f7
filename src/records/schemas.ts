import { z } from 'zod'
import { at, capital, exampleId, Id, instant, otherId, receiptOf, version, Words } from '../platform/http/schemas.ts'
import { recordStatuses, signingMethods } from './codes.ts'
import type { House } from './house.ts'

const content = z.record(z.string().max(60), z.unknown()).describe('Content by the kind’s JSON Schema')
const corrected = { text: '更正:会谈时长为40分钟。' }

const enumOf = (names: readonly string[]) => z.enum(names as [string, ...string[]])
const kindName = ({ kinds }: House) => enumOf(Object.keys(kinds)).describe('Record kind; see /v1/record-kinds')
const party = ({ parties }: House) => enumOf(Object.keys(parties))

interface Named {
  readonly params: Readonly<Record<string, unknown>>
}

/** Addresses of what belongs to a subject, what they name, and the answers of commands on it. */
export const addressesOf = ({ kind, table }: House) => {
  const Params = z.strictObject({ [`${kind}Id`]: Id.describe(capital(kind)) })
  const subjectOf = ({ params }: Named) => ({ subjectId: params[`${kind}Id`] as string })
  return {
    path: `/v1/${table}/:${kind}Id`,
    Params,
    RecordParams: Params.extend({ recordId: Id.describe('Record') }),
    subjectOf,
    recordOf: (call: Named) => ({ ...subjectOf(call), recordId: call.params.recordId as string }),
    receipt: receiptOf(kind),
  }
}

const bodies = (house: House) => {
  const { prefix, kind, addendum } = house
  const fresh = z.strictObject({ kind: kindName(house), content }).describe('A new record')
  const adopted = z
    .strictObject({ kind: kindName(house), adopts: Id.describe(`Record of the predecessor ${kind}`) })
    .describe('An adopted section')
  const example = { kind: addendum.kind, content: corrected }
  return {
    DraftBody: (house.adopted ? z.union([fresh, adopted]) : fresh).meta({ id: `${prefix}Draft`, examples: [example] }),
    ReplaceBody: z
      .strictObject({ content })
      .meta({ id: `${prefix}ReplaceDraft`, examples: [{ content: { text: '更正:会谈时长为45分钟。' } }] }),
    AmendBody: z
      .strictObject({ text: Words(4000).describe('What is corrected or added; confidential') })
      .meta({ id: `${prefix}Amend`, examples: [corrected] }),
  }
}

const drafted = (house: House) =>
  receiptOf(house.kind)(
    `${house.prefix}Drafted`,
    {
      id: Id.describe('Record'),
      kind: kindName(house),
      status: z.enum(recordStatuses).describe('Status'),
      version: version().describe('Version of the record: its ETag'),
    },
    { id: otherId, kind: house.addendum.kind, status: 'draft', version: 1 },
  )

const evidence = z
  .strictObject({
    attachmentId: Id.nullable().default(null).describe('Attachment that shows it'),
    words: Words(1000).nullable().default(null).describe('What shows it, in words; confidential'),
  })
  .nullable()
  .default(null)
  .describe('Evidence of a signature recorded for another')

const signing = (house: House) => {
  const { prefix, worker, recorded, example } = house
  const waitingFor = recorded.slice(0, 1)
  return {
    SignBody: z
      .strictObject({
        party: party(house).describe('Who signs'),
        method: z
          .enum(signingMethods)
          .default('own_token')
          .describe('How; other than own_token it is recorded by staff'),
        evidence,
      })
      .meta({
        id: `${prefix}Sign`,
        examples: [
          { party: worker },
          ...waitingFor.map(each => ({ party: each, method: 'oral', evidence: { words: '面谈中口头确认。' } })),
        ],
      }),
    Signed: receiptOf(house.kind)(
      `${prefix}Signed`,
      {
        id: Id.describe('Record'),
        kind: kindName(house),
        party: party(house).describe('Who signed'),
        status: z.enum(recordStatuses).describe('signed once the last party did'),
        version: version().describe('Version of the record'),
        waitingFor: z.array(party(house)).max(Object.keys(house.parties).length).describe('Parties still to sign'),
      },
      { id: otherId, kind: example.kind, party: worker, status: 'draft', version: 1, waitingFor },
    ),
  }
}

const signed = (house: House) => ({
  party: party(house).describe('Who'),
  method: z.enum(signingMethods).describe('How'),
  personId: Id.nullable().describe('Person who signed by own token'),
  recordedBy: Id.nullable().describe('Staff member who recorded it'),
  attachmentId: Id.nullable().describe('Evidence'),
  at: instant().describe('When'),
})

const recordHeader = (house: House) => ({
  id: Id.describe('Record'),
  kind: kindName(house),
  status: z.enum(recordStatuses).describe('Status'),
  version: version().describe('Version: ETag of the record'),
  authorId: Id.describe('Who wrote it'),
  writtenAt: instant().describe('When it was written'),
  step: enumOf(house.steps).describe(`Step of the ${house.kind} when it was written`),
  amendsId: Id.nullable().describe('Record it adds to'),
  adoptedFromId: Id.nullable().describe('Record of the predecessor it was adopted from'),
  signedAt: instant().nullable().describe('When the last party signed'),
  signedVersion: version()
    .nullable()
    .describe(`${capital(house.kind)} version of the last signature`),
  on: z.iso.date().nullable().describe('Day it is about, null where its kind has none'),
  late: z
    .boolean()
    .describe('It is about a day longer before its signature (a draft: before today) than `lateAfterDays` of its kind'),
  aboutRecordId: Id.nullable().describe('Session or follow-up a student’s own entry is about: to be shown beside it'),
  signatures: z
    .array(z.strictObject(signed(house)).describe('A signature'))
    .max(Object.keys(house.parties).length)
    .describe('Signatures of this version'),
})

const exampleOf = ({ addendum, worker, example }: House) => ({
  id: otherId,
  kind: addendum.kind,
  status: 'signed' as const,
  version: 1,
  authorId: otherId,
  writtenAt: at,
  step: example.step,
  amendsId: null,
  adoptedFromId: null,
  signedAt: at,
  signedVersion: 9,
  on: null,
  late: false,
  aboutRecordId: null,
  signatures: [
    {
      party: worker,
      method: 'own_token' as const,
      personId: otherId,
      recordedBy: null,
      attachmentId: null,
      at,
    },
  ],
})

const whole = (house: House) => {
  const { prefix, kind, beside } = house
  const example = exampleOf(house)
  const evidenced = z
    .strictObject({
      ...signed(house),
      evidence: z.string().max(1000).nullable().describe(`Words of evidence, for those who work on the ${kind}`),
    })
    .describe('A signature with what shows it')
  return z
    .strictObject({
      ...recordHeader(house),
      signatures: z.array(evidenced).max(Object.keys(house.parties).length).describe('Signatures of this version'),
      [`${kind}Id`]: Id.describe(capital(kind)),
      content,
      ...(beside ? { [beside.member]: beside.schema } : {}),
    })
    .meta({
      id: `${prefix}Record`,
      examples: [
        {
          ...example,
          signatures: example.signatures.map(each => ({ ...each, evidence: null })),
          [`${kind}Id`]: exampleId,
          content: corrected,
        },
      ],
    })
}

/** Schemas of the records of a subject. */
export const recordSchemas = (house: House) => ({
  ...bodies(house),
  ...signing(house),
  Drafted: drafted(house),
  KindName: kindName(house),
  RecordItem: z
    .strictObject(recordHeader(house))
    .meta({ id: `${house.prefix}RecordItem`, examples: [exampleOf(house)] }),
  WholeRecord: whole(house),
  exampleItem: exampleOf(house),
})
