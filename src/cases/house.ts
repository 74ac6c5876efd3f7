import { stepsOf } from '../kernel/process.ts'
import type { CaseEffects } from '../practice/case-effects.ts'
import { casework } from '../practice/casework.ts'
import { type CaseFacts, partiesOf } from '../practice/facts.ts'
import { kindsOf } from '../practice/record-kinds.ts'
import { addendum, managerAddendum, studentAddendum } from '../practice/records/addendum.ts'
import { openedTo, toldToTeam } from '../records/readable.ts'
import { recordsOf } from '../records/statements.ts'
import { decidesJson, outsiders, worksOnCase } from './access.ts'
import type { signingParties } from './codes.ts'
import { caseSubject, type Loaded } from './facts.ts'
import { namedRecordsJson, scoresBeside } from './named-records.ts'
import { caseSignature } from './record-effects.ts'

type Parties = Readonly<Record<(typeof signingParties)[number], (found: Loaded) => boolean>>

const is = (relation: string) => (found: Loaded) => found.relations.includes(relation)

const parties: Parties = {
  worker: ({ relations }) => relations.includes('owner') || relations.includes('co_worker'),
  student: is('student'),
  guardian: () => false,
  line_manager: is('line_manager'),
}

const kinds = kindsOf('case')

/** The signed record `$7` of the predecessor of `c`. */
const adopted = `(select json_build_object('kind', r.kind, 'status', r.status, 'content', r.content, 'subjectId', r.case_id,
      'sealed', encode(r.sealed, 'base64'), 'dataKey', encode(p.data_key, 'base64'))
    from records r join c on c.predecessor_id = r.case_id join cases p on p.institution_id = $1::uuid and p.id = r.case_id
    where r.institution_id = $1::uuid and r.id = $7::uuid)`

/** The records of cases: what differs from those of other subjects. */
export const caseRecords = recordsOf<CaseFacts, CaseEffects>({
  ...caseSubject,
  prefix: '',
  tag: 'Records',
  tables: { records: 'records', signatures: 'record_signatures', attachments: 'attachments' },
  kinds,
  steps: stepsOf(casework),
  addendum,
  ownAddenda: [managerAddendum, studentAddendum],
  permissions: {
    read: 'record:read',
    write: 'record:write',
    sign: 'record:sign',
    attach: 'attachment:write',
    readAttachment: 'attachment:read',
  },
  events: {
    drafted: 'record.drafted',
    replaced: 'record.replaced',
    discarded: 'record.discarded',
    amended: 'record.amended',
    signed: 'record.signed',
    ownOfKinds: ['need.waived', 'case.urgent_started'],
    attached: 'attachment.added',
  },
  parties,
  worker: 'worker',
  lead: 'owner',
  recorded: ['student', 'guardian'],
  expected: partiesOf,
  // What others left unsigned must not keep a case from being closed.
  clearing: {
    may: ({ relations, facts }) => relations.includes('owner') && facts.standing.step === casework.remembers,
    words: 'in closure the owner discards any draft but the student’s own entry',
  },
  decides: decidesJson,
  outsiders: { relations: outsiders, party: 'student' },
  readable: `((${worksOnCase} and ${toldToTeam(kinds)}) or (exists (select from rel where relation = 'student') and ${openedTo(kinds, 'student')}))`,
  named: namedRecordsJson,
  adopted,
  beside: scoresBeside,
  signature: caseSignature,
  example: { step: 'tracking', kind: 'plan' },
})
