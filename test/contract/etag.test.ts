import t from 'tap'
import { z } from 'zod'
import type { Route } from '../../src/platform/http/route.ts'
import { givenCase, givenDraft, givenRecord } from '../support/cases.ts'
import { givenSchool, givenService } from '../support/service.ts'

/** Bytes and words that never change once they are there. */
const immutable = ['getWords', 'getAttachment']

/**
 * Lists carry no ETag, also those under a parameter: nothing is changed through them with If-Match, and a version of
 * theirs would rise with every member. What can be changed has its version as a single resource, or is changed through
 * its case. That a list is one, its schema says: it answers `items`.
 */
const isList = ({ answers }: Route): boolean => {
  const answer = answers[200]
  return answer instanceof z.ZodObject && 'items' in answer.shape
}

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
      !isList(route) &&
      !immutable.includes(route.operationId) &&
      [...route.path.matchAll(/:(\w+)/g)].every(([, name]) => given[name as string]),
  )
  for (const name of ['getMe', 'getStudent', 'getStanding', 'getProcess', 'getRecordKind', 'getCase', 'getRecord'])
    t.ok(
      singles.some(route => route.operationId === name),
      name,
    )
  t.same(
    service.app.routes.filter(route => isList(route) && route.ifMatch).map(route => route.operationId),
    [],
    'no list asks for the version of one',
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
