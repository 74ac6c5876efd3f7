import iconv from 'iconv-lite'
import t, { type Test } from 'tap'
import { csv, runImport } from '../support/imports.ts'
import { givenSchool, givenService, type Service } from '../support/service.ts'

const given = async (t: Test) => {
  const service = await givenService(t)
  await givenSchool(service)
  const put = (name: string, mapping: object, headers = {}, account = 'administrator') =>
    service.call(account, 'PUT', `/v1/import-mappings/${name}`, mapping, headers)
  return { service, put }
}

const students = {
  kind: 'students',
  columns: {
    number: '学号',
    name: '姓名',
    college: '学院',
    major: '专业',
    orgUnit: '班级',
    grade: '年级',
    counsellor: '辅导员',
    enrolmentStatus: '学籍状态',
    birthDate: '出生日期',
  },
  words: { enrolmentStatus: { 在读: 'enrolled', 休学: 'on_leave' } },
  createUnits: true,
  unitsBelow: 'school',
}

const file = csv(
  '序号,姓名,学号,学院,专业,班级,年级,辅导员,学籍状态,出生日期',
  '1,赵一,20261,数学学院,数学,数学2601班,2026,owner,在读,2008/1/5',
  '2,钱二,20262,数学学院,数学,数学2601班,2026,owner,休学,20080206',
  '3,"孙""三""",20263,物理学院,物理,物理2601班,2026,colleague,,2008年3月7日',
)

const stored = (service: Service) =>
  service.asOwner(
    `select s.number, s.name, s.major, u.name_zh as unit, p.name_zh as above, s.enrolment_status as status, s.birth_date::text as born,
       coalesce(s.absent_since::text, 'here') as absent
     from students s join org_units u on u.id = s.org_unit_id left join org_units p on p.id = u.parent_id
     where s.origin is not null order by s.number`,
  )

t.test('a GB18030 file of students comes in by a saved mapping, with its classes and counsellors', async t => {
  const { service, put } = await given(t)
  t.equal((await put('students', students)).status, 201)
  const bytes = iconv.encode(file, 'gb18030')
  t.notOk(bytes.equals(Buffer.from(file)))
  const done = await runImport(service, 'format=csv&mapping=students', bytes)
  t.match(done, { status: 'succeeded', result: { format: 'csv', created: 9, errorCount: 0 } })
  const rows = [
    {
      number: '20261',
      name: '赵一',
      major: '数学',
      unit: '数学2601班',
      above: '数学学院',
      status: 'enrolled',
      born: '2008-01-05',
      absent: 'here',
    },
    {
      number: '20262',
      name: '钱二',
      major: '数学',
      unit: '数学2601班',
      above: '数学学院',
      status: 'on_leave',
      born: '2008-02-06',
      absent: 'here',
    },
    {
      number: '20263',
      name: '孙"三"',
      major: '物理',
      unit: '物理2601班',
      above: '物理学院',
      status: 'enrolled',
      born: '2008-03-07',
      absent: 'here',
    },
  ]
  t.same(await stored(service), rows)
  const counsellors = await service.asOwner(
    `select s.external_id as staff, u.external_id as unit, r.role, r.valid_from::text as f from staff_roles r join staff s on s.id = r.staff_id
     join org_units u on u.id = r.org_unit_id where r.external_id is not null order by 1`,
  )
  t.same(counsellors, [
    { staff: 'colleague', unit: '物理2601班', role: 'counsellor', f: '2026-09-14' },
    { staff: 'owner', unit: '数学2601班', role: 'counsellor', f: '2026-09-14' },
  ])
  const found = await service.call('owner', 'POST', '/v1/students/search', { text: '赵一' })
  t.equal(found.body.items.length, 1, 'the counsellor sees the student')
  service.clock.now = new Date('2026-09-15T02:00:00.000Z')
  for (const text of [bytes, Buffer.from(file), Buffer.from(`\ufeff${file}`)])
    t.match(await runImport(service, 'format=csv&mapping=students', text), {
      status: 'succeeded',
      result: { created: 0, updated: 0, unchanged: 9 },
    })
  await service.asOwner("update students set enrolment_status = 'withdrew' where number = '20263'")
  await runImport(service, 'format=csv&mapping=students', bytes)
  t.equal((await stored(service))[2]?.status, 'withdrew', 'an empty cell says nothing')
})

t.test('a class of a name is one of one college: nobody lands in another’s', async t => {
  const { service, put } = await given(t)
  await put('students', students)
  const head = file.split('\r\n')[0] ?? ''
  const row = (number: string, college: string, staff: string) =>
    file
      .split('\r\n')[1]
      ?.replace('20261', number)
      .replace('数学学院', college)
      .replace('数学2601班', '1班')
      .replace('owner', staff) ?? ''
  const both = [head, row('a', '数学学院', 'owner'), row('b', '物理学院', 'colleague'), ''].join('\r\n')
  const refused = await runImport(service, 'format=csv&mapping=students', Buffer.from(both))
  t.match(refused, { problem: { code: 'import_has_errors' }, result: { errors: [{ row: 3, code: 'ambiguous_unit' }] } })
  const partly = await runImport(service, 'format=csv&mapping=students&mode=per_row', Buffer.from(both))
  t.match(partly, { status: 'succeeded', result: { errorCount: 1 } })
  const later = [head, row('b', '物理学院', 'colleague'), ''].join('\r\n')
  t.match(await runImport(service, 'format=csv&mapping=students', Buffer.from(later)), {
    problem: { code: 'import_has_errors' },
    result: { errors: [{ row: 2, code: 'ambiguous_unit' }] },
  })
  t.match(await stored(service), [{ number: 'a', unit: '1班', above: '数学学院' }])
  const roles = await service.asOwner(
    `select s.external_id as staff from staff_roles r join staff s on s.id = r.staff_id join org_units u on u.id = r.org_unit_id where u.name_zh = '1班'`,
  )
  t.same(roles, [{ staff: 'owner' }], 'nor does its counsellor')
  const again = [head, row('a', '数学学院', 'owner'), ''].join('\r\n')
  t.match(await runImport(service, 'format=csv&mapping=students', Buffer.from(again)), { result: { errorCount: 0 } })
})

t.test('a part of the students changes only those; a full file marks who is missing', async t => {
  const { service, put } = await given(t)
  await put('students', students)
  await runImport(service, 'format=csv&mapping=students', file)
  const two = file.split('\r\n').slice(0, 3).join('\r\n')
  t.match(await runImport(service, 'format=csv&mapping=students', two), { result: { vanished: 0 } })
  const refused = await runImport(service, 'format=csv&mapping=students&scope=full', two)
  t.match(refused, {
    status: 'failed',
    problem: { code: 'too_many_would_vanish', vanishing: { known: 3, missing: 1 } },
  })
  const done = await runImport(service, 'format=csv&mapping=students&scope=full&maxDisappear=34', two)
  t.match(done, { status: 'succeeded', result: { vanished: 1 } })
  t.same(
    (await stored(service)).map(row => row.absent),
    ['here', 'here', '2026-09-14'],
  )
})

t.test('courses, terms, sections, enrolments, assessments and results come in as plain CSV', async t => {
  const { service, put } = await given(t)
  const bring = async (name: string, mapping: object, text: string, query = '') => {
    t.match((await put(name, mapping)).status, /20[01]/, name)
    return runImport(service, `format=csv&mapping=${name}${query}`, text)
  }
  const first = await bring(
    'courses',
    { kind: 'courses', columns: { externalId: '课程号', name: '课程名', credits: '学分' } },
    csv('课程号,课程名,学分', 'M1,高数,5', 'M2,线代,3.5'),
  )
  t.match(first, { status: 'succeeded', result: { created: 2 } })
  await bring(
    'terms',
    { kind: 'terms', columns: { externalId: 'id', name: 'n', startsOn: 'a', endsOn: 'b' }, delimiter: ';' },
    csv('id;n;a;b', 'T1;一;2026.9.1;2027.1.20'),
  )
  await bring(
    'sections',
    { kind: 'sections', columns: { externalId: 'id', name: 'n', course: 'c' }, constants: { term: 'T1' } },
    csv('id,n,c', 'S1,高数1班,M1'),
  )
  await bring(
    'enrolments',
    { kind: 'enrolments', columns: { student: '学号', section: '教学班' } },
    csv('学号,教学班', '1,S1', '2,S1'),
  )
  await bring(
    'assessments',
    { kind: 'assessments', columns: { externalId: 'id', title: 't', section: 's', isFinal: 'f', weight: 'w' } },
    csv('id,t,s,f,w', 'A1,期中,S1,否,40', 'A2,总评,S1,是,'),
  )
  const results = {
    kind: 'results',
    columns: { student: '学号', course: '课程号', term: '学期', item: '项目', score: '成绩', outcome: '结果' },
    words: { outcome: { 缓考: 'exempt', 通过: 'passed' } },
  }
  const scores = csv(
    '学号,课程号,学期,项目,成绩,结果',
    '1,M1,T1,,59.5,',
    '2,M1,T1,,60,',
    '3,M1,T1,,,',
    '1,M2,T1,期中,,缓考',
  )
  t.match(await bring('results', results, scores), { status: 'succeeded', result: { created: 4 } })
  t.match(await runImport(service, 'format=csv&mapping=results', scores), { result: { created: 0, unchanged: 4 } })
  await bring(
    'by-assessment',
    { kind: 'results', columns: { externalId: 'id', student: 's', assessment: 'a', score: 'x' } },
    csv('id,s,a,x', 'R1,1,A1,80', 'R2,1,A2,81'),
  )
  t.same(
    await service.asOwner(
      `select s.number, c.external_id as course, r.item, r.score::float8 as score, r.outcome, r.assessment_id is not null as assessed
       from results r join students s on s.id = r.student_id join courses c on c.id = r.course_id order by 1, 2, 3, 4`,
    ),
    [
      { number: '1', course: 'M1', item: '', score: 59.5, outcome: 'failed', assessed: false },
      { number: '1', course: 'M1', item: '', score: 81, outcome: 'passed', assessed: true },
      { number: '1', course: 'M1', item: '期中', score: 80, outcome: 'passed', assessed: true },
      { number: '1', course: 'M2', item: '期中', score: null, outcome: 'exempt', assessed: false },
      { number: '2', course: 'M1', item: '', score: 60, outcome: 'passed', assessed: false },
      { number: '3', course: 'M1', item: '', score: null, outcome: 'missing', assessed: false },
    ],
  )
  t.same(
    await service.asOwner(
      'select valid_from::text as f, valid_until as u from enrolments order by external_id limit 1',
    ),
    [{ f: '2026-09-01', u: null }],
    'an enrolment begins with its term',
  )
})

t.test('staff come in with a role a row; a full file ends who is missing, but never who imports', async t => {
  const { service, put } = await given(t)
  const columns = { externalId: '工号', name: '姓名', role: '身份', orgUnit: '单位' }
  await put('staff', { kind: 'staff', columns, words: { role: { 辅导员: 'counsellor', 班主任: 'class_teacher' } } })
  const rows = ['T1,甲,辅导员,dept', 'T1,甲,班主任,class', 'T2,乙,班主任,class', 'administrator,陈管理,,']
  const done = await runImport(service, 'format=csv&mapping=staff', csv('工号,姓名,身份,单位', ...rows))
  t.match(done, { status: 'succeeded', result: { created: 5, updated: 1, errorCount: 0 } })
  const fewer = csv('工号,姓名,身份,单位', 'T1,甲,辅导员,dept')
  const full = await runImport(service, 'format=csv&mapping=staff&scope=full&maxDisappear=100', fewer)
  t.match(full, { status: 'succeeded', result: { vanished: 3 } })
  t.same(
    await service.asOwner(
      'select external_id as id, left_on::text as gone from staff where origin is not null order by 1',
    ),
    [
      { id: 'T1', gone: null },
      { id: 'T2', gone: '2026-09-14' },
      { id: 'administrator', gone: null },
    ],
  )
  const [held] = await service.asOwner(
    "select count(*)::int as n from staff_roles r join staff s on s.id = r.staff_id where s.external_id = 'administrator'",
  )
  t.equal(held?.n, 1, 'roles given otherwise stay')
})

t.test('bad rows of a plain file are named by row and member', async t => {
  const { service, put } = await given(t)
  await put('students', { ...students, createUnits: false })
  const rows = [
    '1,赵一,20261,x,数学,class,2026,owner,在读,2008/1/5',
    '2,钱二,,x,数学,class,2026,owner,在读,2008/1/5',
    '3,,20263,x,数学,class,2026,owner,在读,2008/1/5',
    '4,李四,20264,x,数学,nowhere,2026,owner,在读,2008/1/5',
    '5,周五,20265,x,数学,class,2026,owner,毕业了吧,2008/1/5',
    '6,吴六,20266,x,数学,class,2026,owner,在读,2008/13/45',
    '7,郑七,20261,x,数学,class,2026,owner,在读,2008/1/5',
    '8,王八,20268,x,,class,2026,nobody,在读,2008/1/5',
    '9,短',
  ]
  const text = csv('序号,姓名,学号,学院,专业,班级,年级,辅导员,学籍状态,出生日期', ...rows)
  const done = await runImport(service, 'format=csv&mapping=students&mode=per_row', text)
  const errors = done.result.errors.map(
    ({ row, code, detail }: Record<string, string>) => `${row} ${code} ${detail?.split(':')[0]}`,
  )
  t.same(errors.sort(), [
    '10 too_few_columns the row does not fit the header',
    '3 missing_value number',
    '4 missing_value name',
    '5 unknown_reference orgUnit',
    '5 unknown_reference orgUnit',
    '6 invalid_value enrolmentStatus',
    '7 invalid_value birthDate',
    '8 duplicate_row the id or the number stands twice in the file',
    '9 missing_value major',
    '9 unknown_reference staff',
  ])
  t.notMatch(JSON.stringify(done.result.errors), /毕业了吧|nowhere|nobody|王八/)
  t.same(
    (await stored(service)).map(row => row.number),
    ['20261'],
  )
})

t.test('a file the mapping does not fit is refused', async t => {
  const { service, put } = await given(t)
  await put('students', students)
  const missing = await runImport(service, 'format=csv&mapping=students', csv('学号,姓名', '1,甲'))
  t.match(missing, {
    status: 'failed',
    problem: { code: 'import_file_refused', errors: [{ row: 1, code: 'missing_header' }] },
  })
  await put('told', { ...students, encoding: 'utf-8' })
  const wrong = await runImport(service, 'format=csv&mapping=told', iconv.encode(file, 'gb18030'))
  t.match(wrong.problem.errors, [{ code: 'bad_encoding' }])
  const neither = Buffer.concat([iconv.encode(file, 'gb18030'), Buffer.from([0xff, 0xff])])
  t.match((await runImport(service, 'format=csv&mapping=students', neither)).problem.errors, [{ code: 'bad_encoding' }])
})

t.test('mappings are read, replaced by version, and checked against their kind', async t => {
  const { service, put } = await given(t)
  const made = await put('students', students)
  t.match(made, { status: 201, headers: { etag: '"1"' } })
  const get = (account = 'administrator') => service.call(account, 'GET', '/v1/import-mappings/students')
  t.match(await get(), {
    status: 200,
    headers: { etag: '"1"' },
    body: { ...students, encoding: 'auto', delimiter: ',' },
  })
  t.equal((await put('students', students)).body.code, 'precondition_required')
  t.match((await put('students', students, { 'if-match': '"7"' })).body, { code: 'version_stale', version: 1 })
  const changed = await put('students', { ...students, encoding: 'gb18030' }, { 'if-match': '"1"' })
  t.match(changed, { status: 200, headers: { etag: '"2"' }, body: { encoding: 'gb18030' } })
  t.equal((await put('new', students, { 'if-match': '"1"' })).body.code, 'version_stale')
  const strange = await put('strange', { kind: 'courses', columns: { externalId: 'a', shoeSize: 'b' } })
  t.match(strange, { status: 422, body: { code: 'mapping_invalid' } })
  t.same(
    strange.body.errors.map((error: { pointer: string }) => error.pointer),
    ['/columns/shoeSize', '/columns/name'],
  )
  t.equal((await put('Bad Name', students)).status, 400)
  t.equal((await put('x', { ...students, columns: { number: '' } })).status, 400)
  t.equal((await put('x', students, {}, 'owner')).status, 403)
  t.equal((await get('owner')).status, 403)
  t.equal((await put('machine', students, {}, 'machine')).status, 201)
  t.equal((await service.call('administrator', 'GET', '/v1/import-mappings/none')).body.code, 'not_found')
  const told = await service.asOwner(
    "select entry::json->'data' as data from journal where type = 'import_mapping.saved' order by seq",
  )
  t.same(told[0]?.data, { kind: 'students', columns: 9 })
})
