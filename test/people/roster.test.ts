import t from 'tap'
import { givenSchool, givenService } from '../support/service.ts'

const course = (index: number) => ({ externalId: `C${index}`, name: `课程${index}`, credits: 3 })

t.test('a roster call again changes nothing; changed rows are counted and told', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  t.same((await service.roster('courses', [course(1), course(2)])).body, { created: 2, updated: 0, unchanged: 0 })
  t.same((await service.roster('courses', [course(1), course(2)])).body, { created: 0, updated: 0, unchanged: 2 })
  t.same((await service.roster('courses', [{ ...course(1), name: '改名' }, course(3)])).body, {
    created: 1,
    updated: 1,
    unchanged: 0,
  })
  const entries = await service.asOwner(
    `select entry::json->'data' as data from journal where type = 'roster.changed' order by seq desc limit 1`,
  )
  t.same(entries[0]?.data, { collection: 'courses', created: 1, updated: 1 })
})

t.test('what a row refers to must be there, or nothing is written', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const student = { number: '9', name: '新生', major: '软件工程', grade: '2025', orgUnit: 'nowhere' }
  const refused = await service.roster('students', [{ ...student, orgUnit: 'class', number: '8' }, student])
  t.equal(refused.body.code, 'unknown_reference')
  t.same(
    refused.body.errors.map((each: { pointer: string }) => each.pointer),
    ['/items/1/orgUnit'],
  )
  t.same(await service.asOwner("select 1 from students where number in ('8', '9')"), [])
  t.equal((await service.roster('courses', [course(1), course(1)])).body.code, 'duplicate_row')
  t.equal(
    (
      await service.roster(
        'courses',
        Array.from({ length: 1001 }, (_, index) => course(index)),
      )
    ).status,
    400,
  )
  t.equal(
    (
      await service.roster(
        'courses',
        Array.from({ length: 1000 }, (_, index) => course(index)),
      )
    ).body.created,
    1000,
  )
  const unit = (externalId: string, parent: string | null) => ({
    externalId,
    parent,
    kind: 'college',
    nameZh: externalId,
  })
  t.equal((await service.roster('org-units', [unit('x', 'y'), unit('y', 'x')])).body.code, 'unit_cycle')
  t.equal(
    (await service.roster('org-units', [unit('college', 'dept')])).body.code,
    'unit_cycle',
    'a cycle over two calls',
  )
  t.same(
    await service.asOwner(
      "select 1 from org_units u join org_units p on p.id = u.parent_id where u.external_id = 'college' and p.external_id = 'dept'",
    ),
    [],
  )
})

t.test('a role ends when the roster says so', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const open = () => service.call('colleague', 'POST', '/v1/cases', { studentId: students['2'], source: 'self' })
  const colleague = (roles: object[]) => ({ externalId: 'colleague', name: '孙老师', roles })
  await service.roster('staff', [
    colleague([{ role: 'counsellor', orgUnit: 'dept', validFrom: '2020-09-01', validUntil: '2026-09-14' }]),
  ])
  t.equal((await open()).status, 403, 'until is the first day without')
  await service.roster('staff', [
    colleague([{ role: 'counsellor', orgUnit: 'dept', validFrom: '2020-09-01', validUntil: '2026-09-15' }]),
  ])
  t.equal((await open()).status, 201)
})

t.test('an enrolment that changes is told', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const { body } = await service.call('owner', 'GET', `/v1/students/${students['1']}`)
  t.equal(body.enrolmentStatus, 'enrolled')
  await service.roster('students', [
    {
      number: '1',
      name: '王晓明',
      birthDate: '2006-01-01',
      major: '软件工程',
      grade: '2025',
      orgUnit: 'class',
      enrolmentStatus: 'withdrew',
    },
  ])
  const [entry] = await service.asOwner(
    "select entry::json->'data' as data from journal where type = 'student.enrolment_changed'",
  )
  t.same(entry?.data, { from: 'enrolled', to: 'withdrew' })
  const me = await service.call('student-1', 'GET', '/v1/me')
  t.equal(me.body.kind, 'student', 'an upsert without identities keeps them')
})

t.test('students are found by two characters of their name, by those who may see them', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const search = async (account: string, text: string) =>
    (await service.call(account, 'POST', '/v1/students/search', { text })).body.items?.map(
      (item: { number: string }) => item.number,
    )
  t.same(await search('owner', '晓明'), ['1'])
  t.same(await search('owner', '未成'), ['3'])
  t.same(await search('owner', '%_'), [])
  t.same(await search('lineManager', '思雨'), ['2'])
  t.same(await search('outsider', '晓明'), [])
  t.equal((await service.call('administrator', 'POST', '/v1/students/search', { text: '晓明' })).status, 403)
  t.equal((await service.call('outsider', 'GET', `/v1/students/${students['1']}`)).status, 404)
  t.equal((await service.call('student-1', 'GET', `/v1/students/${students['1']}`)).status, 403)
})

t.test('students are found by how their number begins, not by what it has inside', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const student = { name: '孙一一', major: '软件工程', orgUnit: 'class', grade: '2025' }
  const numbers = ['20250107', '20250108', '20260101']
  const brought = await service.roster(
    'students',
    numbers.map(number => ({ ...student, number })),
  )
  t.equal(brought.status, 200, brought.text)
  const search = async (text: string) =>
    (await service.call('owner', 'POST', '/v1/students/search', { text })).body.items.map(
      (item: { number: string }) => item.number,
    )
  t.same(await search('202501'), ['20250107', '20250108'])
  t.same(await search('20260101'), ['20260101'])
  t.same(await search('0107'), [])
})

t.test(
  'sections, enrolments and assessments are upserted as the rest, and results can be of an assessment',
  async t => {
    const service = await givenService(t)
    const { students } = await givenSchool(service)
    await service.roster('terms', [{ externalId: 't1', name: '一', startsOn: '2025-09-01', endsOn: '2026-01-20' }])
    await service.roster('courses', [course(1), course(2)])
    const twice = async (collection: string, items: object[], created: number) => {
      t.same((await service.roster(collection, items)).body, { created, updated: 0, unchanged: 0 }, collection)
      t.same((await service.roster(collection, items)).body, { created: 0, updated: 0, unchanged: created }, collection)
    }
    await twice('sections', [{ externalId: 's1', name: '一班', course: 'C1', term: 't1' }], 1)
    await twice(
      'enrolments',
      [
        { externalId: 'e1', student: '1', section: 's1' },
        { externalId: 'e2', student: '2', section: 's1', from: '2025-10-01', until: '2025-11-01' },
      ],
      2,
    )
    await twice(
      'assessments',
      [
        { externalId: 'a1', title: '期中', section: 's1', dueOn: '2025-11-01', weight: 30 },
        { externalId: 'a2', title: '总评', course: 'C2', term: 't1', isFinal: true },
      ],
      2,
    )
    const result = (externalId: string, more: object) => ({
      externalId,
      student: '1',
      outcome: 'failed',
      recordedOn: '2026-01-20',
      ...more,
    })
    const results = [
      result('r1', { assessment: 'a1', score: 41 }),
      result('r2', { assessment: 'a2', score: 42 }),
      result('r3', { course: 'C1', term: 't1', item: '作业', score: 43 }),
    ]
    await twice('results', results, 3)
    t.same(
      await service.asOwner(
        'select r.external_id as id, c.external_id as course, r.item from results r join courses c on c.id = r.course_id order by 1',
      ),
      [
        { id: 'r1', course: 'C1', item: '期中' },
        { id: 'r2', course: 'C2', item: '' },
        { id: 'r3', course: 'C1', item: '作业' },
      ],
    )
    const { body } = await service.call('owner', 'GET', `/v1/students/${students['1']}/standing`)
    t.match(body, { failedCount: 1, failedCourses: [{ code: 'C2', score: 42 }] })
    t.same(
      (await service.roster('sections', [{ externalId: 's2', name: 'x', course: 'C9', term: 't1' }])).body.errors,
      [{ pointer: '/items/0/course', code: 'unknown_reference', detail: 'not in the roster' }],
    )
    for (const [collection, item] of [
      ['results', result('r4', {})],
      ['results', result('r4', { assessment: 'a1', course: 'C1', term: 't1' })],
      ['assessments', { externalId: 'a3', title: 'x', course: 'C1' }],
      ['assessments', { externalId: 'a3', title: 'x', section: 's1', weight: 101 }],
    ] as const)
      t.equal((await service.roster(collection, [item])).body.code, 'invalid_request')
    const ended = { externalId: 'e1', student: '1', section: 's1', until: '2025-12-01' }
    t.same((await service.roster('enrolments', [ended])).body, { created: 0, updated: 1, unchanged: 0 })
    t.same(
      await service.asOwner(
        "select valid_from::text as f, valid_until::text as u from enrolments where external_id = 'e1'",
      ),
      [{ f: '2025-09-01', u: '2025-12-01' }],
    )
  },
)

t.test('lists go on by cursor in a stable order', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  await service.roster(
    'courses',
    Array.from({ length: 7 }, (_, index) => course(index)),
  )
  const seen: string[] = []
  let cursor: string | null = null
  do {
    const query: string = cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''
    const page = (await service.call('owner', 'GET', `/v1/courses?limit=3${query}`)).body as {
      items: { externalId: string }[]
      next: string | null
    }
    seen.push(...page.items.map(item => item.externalId))
    cursor = page.next
  } while (cursor)
  t.same(seen, ['C0', 'C1', 'C2', 'C3', 'C4', 'C5', 'C6'])
  const page = (await service.call('owner', 'GET', '/v1/courses?limit=3')).body
  t.equal(
    (await service.call('owner', 'GET', `/v1/terms?cursor=${encodeURIComponent(page.next)}`)).body.code,
    'bad_cursor',
    'a cursor of another list',
  )
})
