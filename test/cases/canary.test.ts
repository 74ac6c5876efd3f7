import { Writable } from 'node:stream'
import { pino } from 'pino'
import t from 'tap'
import { confidentialPaths, type RecordKind } from '../../src/practice/record-kind.ts'
import { recordKinds } from '../../src/practice/record-kinds.ts'
import { givenCase, givenCaseAt, givenRecord } from '../support/cases.ts'
import { givenSchool, givenService, type Service } from '../support/service.ts'

const canary = 'canary7f3a'

/** Puts the canary into every string at a path, whatever the shape of the content there. */
const spoil = (node: unknown, path: readonly string[]): unknown => {
  const [head, ...rest] = path
  if (head === '*') return Array.isArray(node) ? node.map(item => spoil(item, rest)) : node
  if (head !== undefined) {
    if (node === null || typeof node !== 'object' || !(head in node)) return node
    const holder = node as Record<string, unknown>
    return { ...holder, [head]: spoil(holder[head], rest) }
  }
  if (Array.isArray(node)) return node.map(item => spoil(item, []))
  return typeof node === 'string' && /[\u4e00-\u9fff]/.test(node) ? `${node.slice(0, 20)}${canary}` : node
}

const spoiled = (kind: RecordKind, content: unknown) =>
  confidentialPaths(kind.content).reduce((whole, path) => spoil(whole, path), content)

const stepFor = ({ writableIn }: RecordKind): string =>
  writableIn === 'after_closed'
    ? 'closed'
    : typeof writableIn === 'string'
      ? 'investigation'
      : (writableIn.at(-1) as string)

const writerOf = ({ writers }: RecordKind): string =>
  writers.includes('worker') ? 'owner' : writers.includes('student') ? 'student-3' : 'lineManager'

const command = async (service: Service, caseId: string, account: string, path: string, body: object) => {
  const { version } = (await service.call(account, 'GET', `/v1/cases/${caseId}`)).body
  const answer = await service.call(account, 'POST', `/v1/cases/${caseId}/${path}`, body, {
    'if-match': `"${version}"`,
  })
  if (answer.status !== 201) throw new Error(`${path}: ${answer.text}`)
  return answer
}

t.test('a canary in every confidential field is nowhere but in the answer to those who may read it', async t => {
  const lines: string[] = []
  const log = new Writable({
    write: (chunk, _encoding, done) => {
      lines.push(String(chunk))
      done()
    },
  })
  const service = await givenService(t, { logger: pino({ level: 'trace' }, log) })
  const { staff, students } = await givenSchool(service)
  const told: string[] = []
  const cases: Record<string, string> = {}
  const student = students['1'] as string
  // A case in closure or closed does not stand in the way of the next.
  for (const step of ['closed', 'closure', 'evaluation'])
    cases[step] = await givenCaseAt(service, step === 'evaluation' ? (students['2'] as string) : student, step)
  cases.investigation = await givenCase(service, students['3'] as string)
  cases.plan = await givenCaseAt(service, student, 'plan')
  for (const kind of Object.values(recordKinds)) {
    const caseId = cases[stepFor(kind)] as string
    const { example } = (await service.call('owner', 'GET', `/v1/record-kinds/${kind.kind}`)).body
    const content = spoiled(kind, example)
    if (kind.kind !== 'instrument_response') t.match(JSON.stringify(content), canary, `${kind.kind} holds the canary`)
    const drafted = await service.call(writerOf(kind), 'POST', `/v1/cases/${caseId}/records`, {
      kind: kind.kind,
      content,
    })
    t.equal(drafted.status, 201, `${kind.kind} ${drafted.text.slice(0, 200)}`)
    told.push(drafted.text)
    const read = await service.call(writerOf(kind), 'GET', `/v1/cases/${caseId}/records/${drafted.body.id}`)
    t.match(read.body.content, content as object, `${kind.kind} is read as it was written`)
    const refused = await service.call(writerOf(kind), 'POST', `/v1/cases/${caseId}/records`, {
      kind: kind.kind,
      content: {
        ...(content as object),
        [canary.slice(0, 3)]: canary,
        ...Object.fromEntries(Object.keys(content as object).map(name => [name, canary])),
      },
    })
    t.ok(refused.status >= 400, `${kind.kind} refused`)
    told.push(refused.text)
  }
  const { investigation: caseId = '' } = cases
  const words = `${canary} 不得外泄的一段话,写得足够长。`
  const held = await command(service, caseId, 'owner', 'holds', { kind: 'safety_crisis', note: words })
  await command(service, caseId, 'owner', `holds/${held.body.id}/lifting`, { outcome: 'stabilised', note: words })
  await command(service, caseId, 'owner', 'pause', { reason: 'internship', expectedReturn: '2026-12-01', note: words })
  await command(service, caseId, 'owner', 'resumption', undefined as never)
  await command(service, caseId, 'owner', 'referrals', { to: words, purpose: words, basis: 'danger' })
  await command(service, caseId, 'owner', 'transfers', { toId: staff.colleague, note: words })
  await command(service, caseId, 'lineManager', 'waivers', {
    needs: ['environment'],
    mode: 'deferred',
    dueOn: '2026-12-01',
    reason: words,
  })
  await command(service, caseId, 'lineManager', 'reassignments', {
    toId: staff.colleague,
    reason: 'workload',
    note: words,
  })
  await service.call('outsider', 'POST', `/v1/cases/${caseId}/break-glass`, {
    reason: 'danger_to_life',
    justification: words,
  })
  await command(service, caseId, 'colleague', 'transitions', { to: 'closure', reason: 'other', note: words })
  const file = { 'content-type': 'application/pdf', 'content-disposition': `attachment; filename="${canary}.pdf"` }
  const attached = await service.call(
    'colleague',
    'POST',
    `/v1/cases/${caseId}/attachments`,
    Buffer.from(`%PDF-1.7 ${canary}`),
    file,
  )
  t.equal(attached.status, 201)
  await givenRecord(service, cases.evaluation as string, 'contact', { summary: words })
  await service.seal()
  const tables = await service.asOwner("select table_name from information_schema.tables where table_schema = 'public'")
  t.ok(tables.length > 25)
  for (const { table_name: table } of tables) {
    const rows = await service.asOwner(
      `select x::text as line from ${table} x where x::text like '%${canary}%' limit 1`,
    )
    t.same(rows, [], String(table))
    const bytes = await service.asOwner(
      `select 1 from ${table} x where position(convert_to('${canary}', 'UTF8') in convert_to(x::text, 'UTF8')) > 0 or x::text like '%${Buffer.from(canary).toString('hex')}%' limit 1`,
    )
    t.same(bytes, [], `${table}, as bytes`)
  }
  await service.asOwner('alter table vault rename to vault_gone')
  const failed = await service.call(
    'colleague',
    'POST',
    `/v1/cases/${caseId}/transitions`,
    { to: 'investigation', note: words },
    { 'if-match': `"${(await service.call('colleague', 'GET', `/v1/cases/${caseId}`)).body.version}"` },
  )
  t.equal(failed.status, 500)
  t.match(lines.join(''), /internal error/, 'the fault is logged')
  told.push(failed.text)
  t.notMatch(told.join('\n'), canary, 'receipts and problems')
  t.notMatch(lines.join('\n'), canary, 'logs')
  t.notMatch((await service.call('administrator', 'GET', '/metrics')).text, canary, 'metrics')
  const feed = await service.call('auditor', 'GET', '/v1/journal?limit=200')
  t.ok(feed.body.items.length > 50)
  t.notMatch(feed.text, canary, 'feed')
  t.notMatch(
    (await service.call('colleague', 'GET', `/v1/cases/${caseId}/timeline?limit=200`)).text,
    canary,
    'timeline',
  )
  t.notMatch((await service.call('colleague', 'GET', '/v1/cases?status=all')).text, canary, 'list')
})
