import { stepsOf } from '../kernel/process.ts'
import type { GroupEffects } from '../practice/group-effects.ts'
import { groupWork } from '../practice/group-work.ts'
import { kindsOf } from '../practice/record-kinds.ts'
import { groupAddendum } from '../practice/records/addendum.ts'
import type { StoredRecord } from '../records/house.ts'
import { openedTo } from '../records/readable.ts'
import { recordsOf } from '../records/statements.ts'
import { decidesOnGroup, outsiders, recordVisible } from './access.ts'
import type { signingParties } from './codes.ts'
import { groupSubject, type LoadedFacts, type LoadedGroup } from './facts.ts'
import { groupSignature } from './record-effects.ts'

type Party = (found: LoadedGroup, record: Pick<StoredRecord, 'content'> | null) => boolean

const leads = ({ relations }: LoadedGroup) => relations.includes('leader') || relations.includes('co_leader')

/** Who takes part; of a form about one member, that member. */
const member: Party = ({ facts }, record) => {
  const about = record?.content.memberId
  return facts.mine.length > 0 && (about === undefined || facts.mine.includes(about as string))
}

const parties: Readonly<Record<(typeof signingParties)[number], Party>> = {
  worker: leads,
  member,
  line_manager: ({ relations }) => relations.includes('line_manager'),
}

const kinds = kindsOf('group')

const privateKinds = Object.values(kinds)
  .filter(kind => kind.workersOnly)
  .map(kind => kind.kind)

const wholeKinds = Object.values(kinds)
  .filter(kind => kind.studentReads === 'whole')
  .map(kind => kind.kind)

/** The records of groups: what differs from those of other subjects. */
export const groupRecords = recordsOf<LoadedFacts, GroupEffects>({
  ...groupSubject,
  prefix: 'Group',
  tag: 'Group records',
  tables: { records: 'group_records', signatures: 'group_record_signatures', attachments: 'group_attachments' },
  kinds,
  steps: stepsOf(groupWork as never),
  addendum: groupAddendum,
  permissions: {
    read: 'group:records',
    write: 'group:write',
    sign: 'group:sign',
    attach: 'group:lead',
    readAttachment: 'group:attachment',
  },
  events: {
    drafted: 'group.record_drafted',
    replaced: 'group.record_replaced',
    discarded: 'group.record_discarded',
    amended: 'group.record_amended',
    signed: 'group.record_signed',
    ownOfKinds: ['group.need_waived'],
    attached: 'group.attachment_added',
  },
  parties,
  worker: 'worker',
  lead: 'leader',
  recorded: ['member'],
  expected: signers => [...signers],
  // Whoever takes part writes about themselves only: one form of a kind is enough.
  oneDraft: found => (leads(found) ? null : found.facts.ownDrafts),
  clearing: {
    may: ({ relations }) => relations.includes('leader'),
    words: 'the leader discards any draft',
  },
  decides: `(select ${decidesOnGroup})`,
  outsiders: { relations: outsiders, party: 'member', whole: [...privateKinds, groupAddendum.kind] },
  readable: recordVisible(privateKinds, wholeKinds, openedTo(kinds, 'member')),
  named: "'[]'::json",
  signature: groupSignature,
  example: { step: 'middle', kind: 'group_contract' },
})
