import t, { type Test } from 'tap'
import { givenCase, givenDraft, givenRecord, sign } from '../support/cases.ts'
import { postgresUrl } from '../support/database.ts'
import { givenSchool, givenService, type Told } from '../support/service.ts'

const hour = 3_600_000

const equalButReplayed = (t: Test, first: Told, again: Told, name: string) => {
  t.equal(first.status, 201, `${name}: ${first.text}`)
  t.equal(again.status, first.status, name)
  t.equal(again.text, first.text, name)
  for (const header of ['location', 'etag', 'content-type'])
    t.equal(again.headers[header], first.headers[header], header)
  t.equal(first.headers['idempotent-replayed'], undefined)
  t.equal(again.headers['idempotent-replayed'], 'true')
}

t.test('a replay equals the first answer, where the new resource is too', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const key = { 'idempotency-key': 'first' }
  const body = { studentId: students['1'], source: 'outreach' }
  const open = () => service.call('owner', 'POST', '/v1/cases', body, key)
  const opened = await open()
  t.equal(opened.headers.location, `/v1/cases/${opened.body.caseId}`)
  equalButReplayed(t, opened, await open(), 'openCase')
  const { caseId } = opened.body
  const draft = () =>
    service.call(
      'owner',
      'POST',
      `/v1/cases/${caseId}/records`,
      { kind: 'addendum', content: { text: '补充' } },
      { 'idempotency-key': 'draft' },
    )
  equalButReplayed(t, await draft(), await draft(), 'draftRecord')
  const attach = () =>
    service.call('owner', 'POST', `/v1/cases/${caseId}/attachments`, Buffer.from('%PDF-1.7\n%%EOF\n'), {
      'content-type': 'application/pdf',
      'content-disposition': 'attachment; filename="a.pdf"',
      'idempotency-key': 'attach',
    })
  const attached = await attach()
  equalButReplayed(t, attached, await attach(), 'addAttachment')
  t.equal((await service.call('owner', 'GET', attached.headers.location as string)).status, 200)
})

t.test('an amendment is replayed after its record was superseded too', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  const recordId = await givenRecord(service, caseId, 'environment')
  const url = `/v1/cases/${caseId}/records/${recordId}/amendments`
  const amend = (key: string) => service.call('owner', 'POST', url, { text: '更正。' }, { 'idempotency-key': key })
  const first = await amend('amend')
  await givenRecord(service, caseId, 'environment')
  equalButReplayed(t, first, await amend('amend'), 'amendRecord')
  t.match(await amend('another'), { status: 409, body: { code: 'record_not_signed' } }, 'only asked anew it is refused')
})

t.test('a signature answers the version of the record it asks for, the first time and replayed', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  await givenRecord(service, caseId, 'environment')
  const { id } = (await givenDraft(service, caseId, 'contact')).body
  const give = () => sign(service, 'owner', caseId, id, { party: 'worker' }, 1, { 'idempotency-key': 'sign' })
  const first = await give()
  t.equal(first.headers.etag, '"1"')
  equalButReplayed(t, first, await give(), 'signRecord')
})

t.test('a key is bound to the request and its address, and to whoever used it', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const [one, two] = [
    await givenCase(service, students['1'] as string),
    await givenCase(service, students['2'] as string),
  ]
  const key = { 'idempotency-key': 'same' }
  const body = { kind: 'addendum', content: { text: '补充' } }
  const write = (caseId: string, account = 'owner', content: unknown = body) =>
    service.call(account, 'POST', `/v1/cases/${caseId}/records`, content, key)
  const first = await write(one)
  t.equal(first.status, 201)
  t.match(
    await write(two),
    { status: 422, body: { code: 'idempotency_key_reused' } },
    'the same body at another address',
  )
  t.match(await write(one, 'owner', { ...body, content: { text: '别的' } }), { status: 422 }, 'another body')
  t.match(
    await service.call('owner', 'POST', `/v1/cases/${one}/records?x=1`, body, key),
    { status: 400 },
    'a query it does not know',
  )
  const other = await write(one, 'outsider')
  t.equal(other.status, 404, 'a stranger is asked again who he is')
  t.equal(other.headers['idempotent-replayed'], undefined)
  const open = (account: string, studentId: string | undefined) =>
    service.call(account, 'POST', '/v1/cases', { studentId, source: 'outreach' }, { 'idempotency-key': 'opening' })
  const mine = await open('owner', students['3'])
  const theirs = await open('colleague', students['3'])
  t.match(theirs, { status: 409, body: { code: 'open_case_exists' } }, 'another actor is decided anew, not replayed')
  t.equal((await open('owner', students['3'])).body.caseId, mine.body.caseId)
})

t.test('after 24 hours a key is free again, though its row still lies there', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const caseId = await givenCase(service, students['1'] as string)
  const write = (text = '补充') =>
    service.call(
      'owner',
      'POST',
      `/v1/cases/${caseId}/records`,
      { kind: 'addendum', content: { text } },
      { 'idempotency-key': 'daily' },
    )
  const begun = service.clock.now.getTime()
  const first = await write()
  service.clock.now = new Date(begun + 24 * hour - 1_000)
  t.equal((await write()).body.id, first.body.id, 'kept for a day')
  t.equal((await write('别的')).status, 422)
  service.clock.now = new Date(begun + 25 * hour)
  const second = await write('别的')
  t.equal(second.status, 201, second.text)
  t.not(second.body.id, first.body.id)
  t.equal(second.headers['idempotent-replayed'], undefined)
  t.equal((await write('别的')).body.id, second.body.id, 'and kept for a day anew')
  t.equal((await write()).status, 422)
})

t.test('keys whose day is over are deleted in the background, in bounded batches', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  await givenCase(service, students['1'] as string)
  const count = async () =>
    (await service.asOwner('select count(*)::int as count from idempotency_keys'))[0]?.count as number
  const live = await count()
  t.ok(live > 0)
  await service.asOwner(
    `insert into idempotency_keys (institution_id, actor_id, key, fingerprint, status, receipt, expires_at)
     select '${service.institution}', '${students.owner}', 'old ' || n, 'x', 201, '{}', '2026-09-01' from generate_series(1, 1500) n`,
  )
  const work = service.app.works.find(each => each.name === 'idempotency')
  t.equal(await work?.pass(), true, 'more is waiting')
  t.equal(await count(), live + 500)
  await service.work('idempotency')
  t.equal(await count(), live)
  service.clock.now = new Date(service.clock.now.getTime() + 25 * hour)
  await service.work('idempotency')
  t.equal(await count(), 0)
})

t.test('a machine client registered again under its key is told without its secret', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const body = { name: '学业预警系统', scopes: ['signals:write'] }
  const create = (content: unknown = body) =>
    service.call('administrator', 'POST', '/v1/clients', content, { 'idempotency-key': 'client' })
  const first = await create()
  t.equal(first.status, 201)
  t.match(first.body.secret, /^bfs_/)
  const again = await create()
  t.equal(again.status, 201)
  t.equal(again.headers['idempotent-replayed'], 'true')
  const { secret, ...told } = first.body
  t.same(again.body, told)
  t.notMatch(again.text, secret)
  t.match(await create({ ...body, name: 'another' }), { status: 422, body: { code: 'idempotency_key_reused' } })
  t.equal((await service.call('administrator', 'GET', '/v1/clients')).body.items.length, 1)
  const kept = await service.asOwner('select receipt::text as receipt from idempotency_keys')
  t.notMatch(JSON.stringify(kept), secret)
  t.match(await service.call('owner', 'POST', '/v1/clients', body), { status: 403 })
})

t.test(
  'one key sent many times at once, after its first day too, takes effect once',
  { skip: postgresUrl ? false : 'needs DATABASE_URL' },
  async t => {
    const service = await givenService(t)
    const { students } = await givenSchool(service)
    const caseId = await givenCase(service, students['1'] as string)
    const drafts = async () =>
      (await service.asOwner(`select count(*)::int as count from records where case_id = '${caseId}'`))[0]?.count
    for (const day of [0, 1, 2]) {
      service.clock.now = new Date(service.clock.now.getTime() + (day && 25 * hour))
      const answers = await Promise.all(
        Array.from({ length: 24 }, () =>
          service.call(
            'owner',
            'POST',
            `/v1/cases/${caseId}/records`,
            { kind: 'addendum', content: { text: '补充' } },
            { 'idempotency-key': 'race' },
          ),
        ),
      )
      t.equal(answers.filter(each => each.status === 201 && !each.headers['idempotent-replayed']).length, 1)
      for (const each of answers) t.ok([201, 409].includes(each.status), each.text)
      t.equal(await drafts(), day + 1)
    }
  },
)
