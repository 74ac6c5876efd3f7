import t from 'tap'
import { givenCase, versionOf } from '../support/cases.ts'
import { givenService, type Service } from '../support/service.ts'
import { callAs, givenEverybody, givenStaffedCase } from './accounts.ts'

const held = (role: string, orgUnit: string, more: object = {}) => ({ role, orgUnit, validFrom: '2020-09-01', ...more })

const member = (account: string, roles: object[], more: object = {}) => ({
  externalId: account,
  name: account,
  roles: [held('counsellor', 'other'), ...roles],
  identities: [{ issuer: 'bangfu', subject: account }],
  ...more,
})

/** Counsellors of another college: whatever they see of the case they see by what else is said of them. */
const beside = [
  member('coWorkerBeside', []),
  member('pastCoWorkerBeside', []),
  member('nextCoWorkerBeside', []),
  member('coWorkerWhoLeft', [], { leftOn: '2026-09-13' }),
  member('coWorkerLeavingToday', [], { leftOn: '2026-09-14' }),
  member('managerBeside', [held('line_manager', 'college')]),
  member('managerTomorrow', [held('line_manager', 'college', { validFrom: '2026-09-15' })]),
  member('managerUntilToday', [held('line_manager', 'college', { validUntil: '2026-09-14' })]),
  member('managerWhoLeft', [held('line_manager', 'college')], { leftOn: '2026-09-13' }),
  member('administratorBeside', [held('administrator', 'school')]),
  member('keyHolderBeside', [held('key_holder', 'college')]),
  member('counsellorAbove', [held('counsellor', 'college')]),
  member('ownerWhoLeft', []),
]

type Sight = 'seen' | 'hidden' | 403

/** How an account sees the case, and the student: hidden in lists is 404 alone; 403 is no list at all. */
const expected: Readonly<Record<string, readonly [cases: Sight, students: Sight]>> = {
  owner: ['seen', 'seen'],
  coWorker: ['seen', 'seen'],
  pastCoWorker: ['hidden', 'seen'],
  coWorkerBeside: ['seen', 'seen'],
  pastCoWorkerBeside: ['hidden', 'hidden'],
  nextCoWorkerBeside: ['hidden', 'hidden'],
  coWorkerWhoLeft: [403, 403],
  coWorkerLeavingToday: ['seen', 'seen'],
  lineManager: ['seen', 'seen'],
  otherLineManager: ['hidden', 'hidden'],
  formerLineManager: [403, 403],
  futureLineManager: [403, 403],
  managerBeside: ['seen', 'seen'],
  managerTomorrow: ['hidden', 'hidden'],
  managerUntilToday: ['hidden', 'hidden'],
  managerWhoLeft: [403, 403],
  practiceSupervisor: ['seen', 'seen'],
  colleague: ['hidden', 'seen'],
  outsider: ['hidden', 'hidden'],
  classTeacher: ['hidden', 'seen'],
  subjectTeacher: ['hidden', 'seen'],
  psychologist: ['hidden', 'hidden'],
  counsellorAbove: ['hidden', 'seen'],
  administratorBeside: ['hidden', 'hidden'],
  keyHolderBeside: ['hidden', 'hidden'],
  formerStaff: [403, 403],
  'student-1': ['seen', 403],
  'student-2': ['hidden', 403],
  elsewhere: ['hidden', 'hidden'],
  administrator: [403, 403],
  auditor: [403, 403],
  keyHolder: [403, 403],
  'client roster:write': [403, 403],
  'client reports:read': [403, 403],
}

const givenSchoolWithAll = async (service: Service) => {
  const ids = await givenEverybody(service)
  await service.roster('staff', beside)
  for (const { external_id: account, id } of await service.asOwner('select external_id, id from staff'))
    ids[String(account)] ??= String(id)
  const caseId = await givenStaffedCase(service, ids, '1')
  const team = async (method: string, path: string, body?: object) => {
    const answer = await service.call('owner', method, `/v1/cases/${caseId}/co-workers${path}`, body, {
      'if-match': `"${await versionOf(service, caseId)}"`,
    })
    if (answer.status >= 300) throw new Error(answer.text)
  }
  const joining = [
    'coWorkerBeside',
    'pastCoWorkerBeside',
    'nextCoWorkerBeside',
    'coWorkerWhoLeft',
    'coWorkerLeavingToday',
  ]
  await service.asOwner("update staff set left_on = null where external_id = 'coWorkerWhoLeft'")
  for (const account of joining) await team('POST', '', { staffId: ids[account] })
  await service.asOwner("update staff set left_on = '2026-09-13' where external_id = 'coWorkerWhoLeft'")
  await team('DELETE', `/${ids.pastCoWorkerBeside}`)
  await service.asOwner(
    `update case_workers set valid_from = '2026-09-15', valid_until = null where staff_id = '${ids.nextCoWorkerBeside}'`,
  )
  return { ids, caseId }
}

const idsIn = (told: { body: { items?: { id: string }[] } }) => (told.body.items ?? []).map(item => item.id)

t.test('lists, search and single reading agree on who sees a case', async t => {
  const service = await givenService(t)
  const { caseId } = await givenSchoolWithAll(service)
  for (const [account, [cases]] of Object.entries(expected)) {
    const lists = {
      list: await callAs(service, account, 'GET', '/v1/cases'),
      'list of all': await callAs(service, account, 'GET', '/v1/cases?status=all&limit=200'),
      'search by name': await callAs(service, account, 'POST', '/v1/cases/search', { text: '晓明' }),
    }
    for (const [what, told] of Object.entries(lists)) {
      t.equal(told.status, cases === 403 ? 403 : 200, `${account} ${what}`)
      t.same(idsIn(told), cases === 'seen' ? [caseId] : [], `${account} ${what}`)
    }
    const one = await callAs(service, account, 'GET', `/v1/cases/${caseId}`)
    t.equal(one.status, { seen: 200, hidden: 404, 403: 403 }[cases], `${account} reads`)
  }
})

t.test('lists, search and single reading agree on who sees a student', async t => {
  const service = await givenService(t)
  const { ids } = await givenSchoolWithAll(service)
  for (const [account, [, students]] of Object.entries(expected)) {
    const status = { seen: 200, hidden: 404, 403: 403 }[students]
    for (const path of ['', '/standing'])
      t.equal(
        (await callAs(service, account, 'GET', `/v1/students/${ids['1']}${path}`)).status,
        status,
        `${account} ${path}`,
      )
    for (const text of ['晓明', '1']) {
      const body = text === '1' ? { limit: 200 } : { text }
      const found = await callAs(service, account, 'POST', '/v1/students/search', body)
      t.equal(found.status, students === 403 ? 403 : 200, `${account} searches`)
      t.equal(idsIn(found).includes(ids['1'] as string), students === 'seen', `${account} finds`)
    }
  }
})

t.test('the feed tells of a case those who may read it, and the auditor', async t => {
  const service = await givenService(t)
  const { caseId } = await givenSchoolWithAll(service)
  await service.seal()
  const told: Readonly<Record<string, readonly Sight[]>> = { ...expected, auditor: ['seen'] }
  for (const [account, [cases]] of Object.entries(told)) {
    const feed = await callAs(service, account, 'GET', '/v1/journal?limit=200')
    const silent = cases === 403 || account.startsWith('student')
    t.equal(feed.status, silent ? 403 : 200, `${account} asks`)
    if (silent) continue
    const tells = feed.body.items.some((item: { subjectId: string }) => item.subjectId === caseId)
    t.equal(tells, cases === 'seen', `${account} is told`)
  }
})

t.test('an owner who left sees nothing of it any more', async t => {
  const service = await givenService(t)
  const { ids } = await givenSchoolWithAll(service)
  await service.asOwner(
    `update students set org_unit_id = (select id from org_units where external_id = 'other' limit 1) where number = '2'`,
  )
  const caseId = await givenCase(service, ids['2'] as string, 'ownerWhoLeft')
  const read = async () => [
    (await callAs(service, 'ownerWhoLeft', 'GET', `/v1/cases/${caseId}`)).status,
    (await callAs(service, 'ownerWhoLeft', 'GET', '/v1/cases')).status,
    (await callAs(service, 'ownerWhoLeft', 'GET', '/v1/journal')).status,
  ]
  t.same(await read(), [200, 200, 200])
  await service.roster('staff', [member('ownerWhoLeft', [], { leftOn: '2026-09-13' })])
  t.same(await read(), [403, 403, 403])
  await service.roster('staff', [
    { ...member('ownerWhoLeft', [], { leftOn: null }), roles: [held('auditor', 'school')] },
  ])
  t.equal(
    (await callAs(service, 'ownerWhoLeft', 'GET', `/v1/cases/${caseId}`)).status,
    403,
    'nor without a role for it',
  )
})
