import t, { type Test } from 'tap'
import { csv, givenImports, manifest, rosterOf, runImport, runOneRoster, smallPackage } from '../support/imports.ts'
import type { Service } from '../support/service.ts'

const columns = { number: '学号', name: '姓名', orgUnit: '班级', counsellor: '辅导员' }
const header = '学号,姓名,班级,辅导员'

const given = async (t: Test) => {
  const service = await givenImports(t)
  const constants = { major: '化学', grade: '2026' }
  for (const name of ['chemistry', 'physics'])
    await service.call('administrator', 'PUT', `/v1/import-mappings/${name}`, { kind: 'students', columns, constants })
  const bring = (mapping: string, rows: readonly string[], query = '') =>
    runImport(service, `format=csv&mapping=${mapping}${query}`, csv(header, ...rows))
  return { service, bring }
}

const peopleOf = (service: Service) =>
  service.asOwner(
    `select number, origin, source_id as source, coalesce(absent_since::text, 'here') as absent from students
     where origin is not null order by number`,
  )

const counsellorsOf = async (service: Service) =>
  (
    await service.asOwner(
      `select s.external_id || ' ' || u.external_id || ' ' || r.origin || ' ' || coalesce(r.valid_until::text, '-') as held from staff_roles r
       join staff s on s.id = r.staff_id join org_units u on u.id = r.org_unit_id where r.role = 'counsellor' and r.origin is not null order by 1`,
    )
  ).map(row => row.held)

t.test('a OneRoster package does not miss what plain CSV brought, nor the other way round', async t => {
  const { service, bring } = await given(t)
  await runOneRoster(service, smallPackage())
  const brought = await bring('chemistry', ['H1,赵一,class,T0001', 'H2,钱二,class,T0001'])
  t.match(brought, { status: 'succeeded', result: { created: 3, errorCount: 0 } })
  const again = await runOneRoster(service, smallPackage(), '&maxDisappear=0')
  t.match(again, { status: 'succeeded', result: { created: 0, updated: 0, vanished: 0 } })
  t.same(await counsellorsOf(service), ['T0001 class csv:chemistry -', 'T0001 o-class oneroster 2027-09-01'])
  const refused = await bring('chemistry', ['H1,赵一,class,T0001'], '&scope=full')
  t.match(refused.problem, { vanishing: { collection: 'students', known: 2, missing: 1 } })
  await bring('physics', ['P1,孙三,class,'], '&scope=full')
  const full = await bring('chemistry', ['H1,赵一,class,T0001'], '&scope=full&maxDisappear=50')
  t.match(full, { status: 'succeeded', result: { vanished: 1 } })
  t.same(await peopleOf(service), [
    { number: '20260001', origin: 'oneroster', source: 'u-1', absent: 'here' },
    { number: '20260002', origin: 'oneroster', source: 'u-2', absent: 'here' },
    { number: 'H1', origin: 'csv:chemistry', source: null, absent: 'here' },
    { number: 'H2', origin: 'csv:chemistry', source: null, absent: '2026-09-14' },
    { number: 'P1', origin: 'csv:physics', source: null, absent: 'here' },
  ])
})

t.test('enrolments of another origin are not missed', async t => {
  const { service } = await given(t)
  await runOneRoster(service, smallPackage())
  const mapping = { kind: 'enrolments', columns: { student: 's', section: 'k' } }
  await service.call('administrator', 'PUT', '/v1/import-mappings/enrolments', mapping)
  await service.call('administrator', 'PUT', '/v1/import-mappings/chemistry-of', mapping)
  const bring = (name: string, ...rows: string[]) =>
    runImport(service, `format=csv&mapping=${name}&scope=full&maxDisappear=0`, csv('s,k', ...rows))
  t.match(await bring('enrolments', '1,k-1'), { status: 'succeeded', result: { created: 1 } })
  t.match(await bring('chemistry-of', '2,k-1'), { status: 'succeeded', result: { created: 1 } })
  t.match(await runOneRoster(service, smallPackage(), '&maxDisappear=0'), { result: { updated: 0, vanished: 0 } })
  t.same((await rosterOf(service)).enrolments, [
    '1|k-1 1 2026-09-01 -',
    '2|k-1 2 2026-09-01 -',
    'e-1 20260001 2026-09-01 -',
    'e-2 20260002 2026-09-10 -',
  ])
})

t.test('plain CSV finds those of OneRoster by number, gives a counsellor, and leaves their id', async t => {
  const { service, bring } = await given(t)
  await runOneRoster(service, smallPackage())
  const done = await bring('chemistry', ['20260001,王晓明,class,owner'], '&scope=full')
  t.match(done, { status: 'succeeded', result: { created: 1, updated: 1, errorCount: 0 } })
  const [first] = await peopleOf(service)
  t.match(first, { number: '20260001', origin: 'oneroster', source: 'u-1' })
  t.same(await counsellorsOf(service), ['T0001 o-class oneroster 2027-09-01', 'owner class csv:chemistry -'])
})

t.test('OneRoster takes over whom it names; a full CSV whom another mapping had', async t => {
  const { service, bring } = await given(t)
  await bring('chemistry', ['20260001,王晓明,class,', 'H1,赵一,class,', 'H2,钱二,class,'])
  await bring('physics', ['H1,赵一,class,'])
  t.match((await peopleOf(service))[1], { number: 'H1', origin: 'csv:chemistry' }, 'a part takes nobody over')
  await bring('physics', ['H1,赵一,class,', '20260001,王晓明,class,'], '&scope=full')
  t.match(await runOneRoster(service, smallPackage()), { status: 'succeeded', result: { errorCount: 0 } })
  t.match(await bring('physics', ['20260001,王晓明,class,'], '&scope=full&maxDisappear=100'), {
    result: { vanished: 1 },
  })
  t.match(await peopleOf(service), [
    { number: '20260001', origin: 'oneroster', source: 'u-1', absent: 'here' },
    { number: '20260002', origin: 'oneroster' },
    { number: 'H1', origin: 'csv:physics', absent: '2026-09-14' },
    { number: 'H2', origin: 'csv:chemistry', absent: 'here' },
  ])
  await bring('chemistry', ['H1,赵一,class,'])
  t.match((await peopleOf(service))[2], { origin: 'csv:chemistry', absent: 'here' }, 'who was missed is taken over')
})

t.test('what came before origins were kept is missed by none until it is named again', async t => {
  const { service, bring } = await given(t)
  await bring('chemistry', ['H1,赵一,class,', 'u-1,钱二,class,', '20260002,刘思雨,class,'])
  await service.asOwner('update students set origin = null, source_id = number where origin is not null')
  t.match(await bring('chemistry', ['H1,赵一,class,'], '&scope=full&maxDisappear=0'), { result: { vanished: 0 } })
  const packed = await runOneRoster(service, smallPackage(), '&mode=per_row')
  const changed = { file: 'users.csv', row: 2, code: 'number_changed' }
  t.match(packed.result.errors[0], changed, 'u-1 may be the number of another person')
  t.match(await peopleOf(service), [
    { number: '20260002', origin: 'oneroster', source: 'u-2' },
    { number: 'H1', origin: 'csv:chemistry' },
  ])
  const gone = csv('sourcedId,status,dateLastModified,givenName,familyName', 'u-2,tobedeleted,,,')
  await service.asOwner("update students set origin = null where number = '20260002'")
  const delta = { 'manifest.csv': manifest({ users: 'delta' }), 'users.csv': gone }
  t.match(await runOneRoster(service, delta, '&maxDisappear=50'), { result: { vanished: 1 } }, 'or told to be gone')
})
