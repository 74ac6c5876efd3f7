import { randomUUID } from 'node:crypto'
import t, { type Test } from 'tap'
import { v7 } from 'uuid'
import { callerCtes } from '../../src/people/actor.ts'
import type { Loaded } from '../../src/people/guarded.ts'
import { readKeys } from '../../src/platform/keys.ts'
import { makeVault } from '../../src/platform/vault.ts'
import { newSubjectKey } from '../../src/platform/words.ts'
import type { Problem } from '../../src/practice/problems.ts'
import type { RecordKind } from '../../src/practice/record-kind.ts'
import { addendum } from '../../src/practice/records/addendum.ts'
import { addAttachment, readAttachment } from '../../src/records/attachments.ts'
import { changeDraft } from '../../src/records/change-draft.ts'
import { amendRecord, draftRecord } from '../../src/records/draft-record.ts'
import { listRecords, readRecord } from '../../src/records/read-records.ts'
import { openedTo } from '../../src/records/readable.ts'
import { recordRoutes } from '../../src/records/routes.ts'
import { signRecord } from '../../src/records/sign-record.ts'
import { recordsOf } from '../../src/records/statements.ts'
import { givenSchool, givenService } from '../support/service.ts'

/** A note both sign, and what corrects it: kinds of a subject that is no case. */
const circleNote: RecordKind = {
  ...addendum,
  kind: 'circle_note',
  writers: ['leader'],
  signers: ['leader', 'member'],
  studentReads: 'whole',
  cardinality: 'one',
  writableIn: ['open'],
  effects: () => ({ told: 7 }),
}
const circleAddendum: RecordKind = { ...addendum, kind: 'circle_addendum', writers: ['leader'], signers: ['leader'] }
const kinds = { circle_note: circleNote, circle_addendum: circleAddendum }

const is = (relation: string) => (found: Loaded) => found.relations.includes(relation)

/** The records of circles: a subject of this test alone, led by an owner, with one student. */
const circles = recordsOf({
  kind: 'circle',
  table: 'circles',
  ctes: `${callerCtes},
c as materialized (select * from circles where institution_id = $1::uuid and id = $5::uuid),
rel as materialized (select 'owner' as relation from c join me on c.leader_id = me.staff_id
  union all select 'student' from c join me on c.student_id = me.student_id)`,
  factsJson: guard => `(select json_build_object('id', c.id, 'version', c.version, 'writes', c.writes,
    'standing', json_build_object('step', c.step)) from c where ${guard})`,
  closed: { steps: ['ended'], problem: 'case_is_closed' },
  prefix: 'Circle',
  tag: 'Circles',
  tables: { records: 'circle_records', signatures: 'circle_signatures', attachments: 'circle_attachments' },
  kinds,
  steps: ['open', 'ended'],
  addendum: circleAddendum,
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
    ownOfKinds: [],
    attached: 'attachment.added',
  },
  parties: { leader: is('owner'), member: is('student') },
  worker: 'leader',
  lead: 'owner',
  recorded: ['member'],
  expected: signers => [...signers],
  clearing: { may: () => false, words: 'nobody else' },
  decides: 'false',
  outsiders: { relations: ['student'], party: 'member' },
  readable: `(exists (select from rel where relation = 'owner') or (exists (select from rel) and ${openedTo(kinds, 'member')}))`,
  named: "'[]'::json",
  signature: {
    set: '',
    ctes: "told as (update circles x set told = (given.e->>'told')::int from given, c where x.id = c.id and false)",
    rows: (_newId, _facts, _record, complete) => complete ?? {},
  },
  example: { step: 'open', kind: 'circle_note' },
})

/** Tables of circles: those of cases, by another name. */
const tables = `
create table circles (institution_id uuid, id uuid, step text, version int, writes int, draft_count int default 0, told int,
  updated_at timestamptz, data_key bytea, leader_id uuid, student_id uuid, primary key (institution_id, id));
create table circle_records (like records including all);
alter table circle_records rename column case_id to circle_id;
create table circle_signatures (like record_signatures including defaults);
alter table circle_signatures rename column case_id to circle_id;
create table circle_attachments (like attachments including all);
alter table circle_attachments rename column case_id to circle_id;
grant select, insert, update on circles, circle_records, circle_signatures, circle_attachments to bangfu_app`

const givenCircle = async (t: Test) => {
  const service = await givenService(t)
  const { staff, students } = await givenSchool(service)
  const keys = readKeys(service.keyTexts)
  const now = () => service.clock.now
  const ambient = { now, wallClock: now, newId: v7, vault: makeVault(keys.kek), keys }
  const id = v7()
  const { institution } = service
  const key = Buffer.from(newSubjectKey(ambient, { institution, subject: id }), 'base64').toString('hex')
  for (const statement of tables.split(';')) await service.asOwner(statement)
  await service.asOwner(`insert into circles (institution_id, id, step, version, writes, data_key, leader_id, student_id)
    values ('${institution}', '${id}', 'open', 1, 1, '\\x${key}', '${staff.owner}', '${students['1']}')`)
  const as = (subject: string) => ({
    caller: { issuer: 'bangfu', subject, institution, clientId: null, scopes: [] },
    idempotency: { key: randomUUID(), fingerprint: 'same', askedAt: now() },
    requestId: randomUUID(),
    accessReason: null,
  })
  return { service, id, as, deps: { db: service.db, ambient } }
}

const refused = async (t: Test, code: string, asked: Promise<unknown>) =>
  t.equal(await asked.then(String, (error: Problem) => error.code), code, code)

t.test('a subject that is no case drafts, signs, corrects, reads and attaches by its own names', async t => {
  const { service, id: subjectId, as, deps } = await givenCircle(t)
  const note = { subjectId, kind: 'circle_note', content: { text: '第一次聚会。' }, adopts: null }
  const drafted = await draftRecord(deps, circles, as('owner'), note)
  const { id: recordId } = drafted.body as { id: string }
  t.match(drafted, {
    status: 201,
    body: { circleId: subjectId, kind: 'circle_note', status: 'draft', circleVersion: 1 },
    location: `/v1/circles/${subjectId}/records/${recordId}`,
  })
  const about = { subjectId, recordId, evidence: null, ifMatch: 2 }
  const again = { subjectId, recordId, ifMatch: 1, content: { text: '第一次聚会,五人。' } }
  t.match(await changeDraft(deps, circles, as('owner'), again), { etag: 2, body: { version: 2 } })
  const leader = { ...about, party: 'leader', method: 'own_token' } as const
  t.match(await signRecord(deps, circles, as('owner'), leader), {
    body: { status: 'draft', waitingFor: ['member'], circleVersion: 2 },
  })
  const member = { ...about, party: 'member', method: 'own_token' } as const
  t.match(await signRecord(deps, circles, as('student-1'), member), { body: { status: 'signed', circleVersion: 3 } })
  t.match(await amendRecord(deps, circles, as('owner'), { subjectId, recordId, text: '更正。' }), {
    body: { kind: 'circle_addendum' },
  })
  const read = await readRecord(deps, circles, as('student-1'), { subjectId, recordId })
  t.match(read, { circleId: subjectId, content: { text: '第一次聚会,五人。' }, signedVersion: 3, step: 'open' })
  t.notOk('caseId' in read)
  const listed = async (account: string) =>
    JSON.parse((await listRecords(deps, circles, as(account), { subjectId, limit: 9, after: null })).items).length
  t.equal(await listed('owner'), 2)
  t.equal(await listed('student-1'), 1, 'not the addendum')
  const file = { subjectId, mediaType: 'application/pdf', name: '签到.pdf', bytes: Buffer.from('%PDF-1.7') }
  const added = await addAttachment(deps, circles, as('owner'), file)
  const { id: attachmentId } = added.body as { id: string }
  t.match(await readAttachment(deps, circles, as('owner'), { subjectId, attachmentId }), { name: '签到.pdf' })
  const entries = await service.asOwner('select type, case_id, entry from journal order by seq')
  const ours = entries.filter(each => String(each.entry).includes(subjectId))
  t.same(
    ours.map(each => each.type),
    [
      'record.drafted',
      'record.replaced',
      'record.signed',
      'record.signed',
      'record.amended',
      'record.read',
      'attachment.added',
      'record.read',
    ],
    'each entry names the circle',
  )
  t.ok(ours.every(each => each.case_id === null))
})

t.test('its rules hold as those of cases do', async t => {
  const { service, id: subjectId, as, deps } = await givenCircle(t)
  const note = { subjectId, kind: 'circle_note', content: { text: '第一次聚会。' }, adopts: null }
  await refused(t, 'unknown_record_kind', draftRecord(deps, circles, as('owner'), { ...note, kind: 'plan' }))
  await refused(t, 'writer_not_allowed', draftRecord(deps, circles, as('student-1'), note))
  await refused(t, 'not_found', draftRecord(deps, circles, as('colleague'), note))
  await refused(t, 'content_invalid', draftRecord(deps, circles, as('owner'), { ...note, content: {} }))
  await refused(t, 'not_adoptable', draftRecord(deps, circles, as('owner'), { ...note, adopts: v7() }))
  const { id: recordId } = (await draftRecord(deps, circles, as('owner'), note)).body as { id: string }
  const sign = { subjectId, recordId, ifMatch: 1, evidence: null }
  const as1 = as('student-1')
  await refused(
    t,
    'signature_not_yours',
    signRecord(deps, circles, as1, { ...sign, party: 'leader', method: 'own_token' }),
  )
  await refused(
    t,
    'evidence_required',
    signRecord(deps, circles, as('owner'), { ...sign, party: 'member', method: 'oral' }),
  )
  await refused(
    t,
    'signer_not_expected',
    signRecord(deps, circles, as1, { ...sign, party: 'guardian', method: 'oral' }),
  )
  await service.asOwner("update circles set step = 'ended'")
  await refused(t, 'case_is_closed', draftRecord(deps, circles, as('owner'), note))
})

t.test('its operations and schemas have its prefix', async t => {
  const { deps } = await givenCircle(t)
  const routes = recordRoutes(deps, circles)
  t.same(
    routes.map(({ operationId, method, path }) => `${operationId} ${method} ${path}`),
    [
      'createCircleRecord POST /v1/circles/:circleId/records',
      'listCircleRecords GET /v1/circles/:circleId/records',
      'getCircleRecord GET /v1/circles/:circleId/records/:recordId',
      'replaceCircleRecord PUT /v1/circles/:circleId/records/:recordId',
      'discardCircleRecord DELETE /v1/circles/:circleId/records/:recordId',
      'signCircleRecord POST /v1/circles/:circleId/records/:recordId/signatures',
      'amendCircleRecord POST /v1/circles/:circleId/records/:recordId/amendments',
      'addCircleAttachment POST /v1/circles/:circleId/attachments',
      'listCircleAttachments GET /v1/circles/:circleId/attachments',
      'getCircleAttachment GET /v1/circles/:circleId/attachments/:attachmentId',
    ],
  )
  t.throws(() => routes[0]?.body?.parse({ kind: 'circle_note', adopts: v7() }), 'nothing is adopted')
})
