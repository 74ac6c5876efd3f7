import { attachmentsTable, recordSignaturesTable, recordsTable } from '../records/tables.ts'
import { signingParties } from './codes.ts'
import { cases } from './tables.ts'

const ofCase = {
  kind: 'case',
  key: () => [cases.institutionId, cases.id] as [typeof cases.institutionId, typeof cases.id],
}

/** Records of cases, their signatures, and files as evidence. */
export const records = recordsTable('records', ofCase)
export const attachments = attachmentsTable('attachments', ofCase)
export const recordSignatures = recordSignaturesTable('record_signatures', ofCase, signingParties, records, attachments)
