import t from 'tap'
import { givenCase, givenDraft, givenRecord } from '../support/cases.ts'
import { givenSchool, givenService } from '../support/service.ts'

/** Addresses with a parameter that answer no resource of one's own to change, or bytes that never change. */
const without = [
  'getTimeline',
  'getAccessLog',
  'listRecords',
  'listAttachments',
  'listReferrals',
  'listStudentSignals',
  'getWords',
  'getAttachment',
]

/** Who reads what the owner of a case may not. */
const readers: Readonly<Record<string, string>> = { getImportMapping: 'administrator' }

t.test('every single resource carries an ETag: its version, or one made of what is answered', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  const mapping = service.app.routes.find(route => route.operationId === 'putImportMapping')?.body?.meta() as {
    examples: unknown[]
  }
  await service.call('administrator', 'PUT', '/v1/import-mappings/case', mapping.examples[0])
  const given: Record<string, string> = {
    caseId,
    studentId: students['1'] as string,
    recordId: await givenRecord(service, caseId, 'risk_screening'),
    kind: 'addendum',
    name: 'case',
    code: 'not_found',
  }
  const singles = service.app.routes.filter(
    route =>
      route.method === 'GET' &&
      (route.path.includes('/:') || route.operationId === 'getMe') &&
      !without.includes(route.operationId) &&
      [...route.path.matchAll(/:(\w+)/g)].every(([, name]) => given[name as string]),
  )
  for (const name of ['getMe', 'getStudent', 'getStanding', 'getProcess', 'getRecordKind', 'getCase', 'getRecord'])
    t.ok(
      singles.some(route => route.operationId === name),
      name,
    )
  for (const route of singles) {
    const url = route.path.replace(/:(\w+)/g, (_all, name: string) => given[name] as string)
    const read = async () => (await service.call(readers[route.operationId] ?? 'owner', 'GET', url)).headers.etag
    const etag = await read()
    t.match(etag, /^("\d+"|W\/"[0-9a-f]{32}")$/, route.operationId)
    t.equal(await read(), etag, `${route.operationId} is the same until something changes`)
  }
  const standing = () => service.call('owner', 'GET', `/v1/students/${students['1']}`)
  const before = (await standing()).headers.etag
  await service.roster('students', [
    { number: '1', name: '王小明', birthDate: '2006-01-01', major: '软件工程', grade: '2025', orgUnit: 'class' },
  ])
  t.not((await standing()).headers.etag, before)
})

t.test('a write answers the version it made', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const opened = await service.call('owner', 'POST', '/v1/cases', { studentId: students['1'], source: 'self' })
  t.equal(opened.headers.etag, '"1"')
  const drafted = await givenDraft(service, opened.body.caseId, 'contact')
  t.equal(drafted.headers.etag, '"1"')
})
