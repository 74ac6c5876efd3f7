import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { verify } from '../src/commands.ts'
import { readConfig } from '../src/config.ts'
import { readKeys } from '../src/platform/keys.ts'
import { root } from '../src/platform/migrations.ts'
import { institution, makeKeys } from '../src/set-up.ts'
import { openTestDatabase } from './support/database.ts'
import { givenService, type Service } from './support/service.ts'

const run = promisify(execFile)

const asked: Readonly<Record<string, string>> = {
  'name-zh': '江城大学',
  'name-en': 'Jiangcheng University',
  'time-zone': 'asia/shanghai',
  'admin-issuer': 'bangfu',
  'admin-subject': 'first',
}

const argsOf = (options: Readonly<Record<string, string>>) =>
  Object.entries(options).flatMap(([name, value]) => [`--${name}`, value])

const ask = async (db: Service['db'], options: Readonly<Record<string, string>>) => {
  const [words, printed]: [string[], string[]] = [[], []]
  const made = await institution(db, argsOf(options), {
    say: line => words.push(line),
    print: text => printed.push(text.trim()),
  })
  return { made, words: words.join('\n'), id: printed[0] as string }
}

t.test('the first institution has a root unit and an administrator, who can begin', async t => {
  const service = await givenService(t)
  service.clock.now = new Date()
  const { made, id, words } = await ask(service.db, {
    ...asked,
    'admin-name': '陈主任',
    'admin-number': 'T1',
    unit: 'JCU',
  })
  t.ok(made)
  t.match(id, /^[0-9a-f-]{36}$/)
  t.match(words, /TOKEN_ISSUERS/)
  const call = (method: 'GET' | 'POST', url: string, payload?: object) =>
    service.app.server.inject({
      method,
      url,
      headers: {
        authorization: `Bearer ${service.token('first', { institution: id })}`,
        ...(method === 'POST' ? { 'idempotency-key': randomUUID() } : {}),
      },
      ...(payload ? { payload } : {}),
    })
  t.match((await call('GET', '/v1/me')).json(), {
    kind: 'staff',
    name: '陈主任',
    roles: [{ role: 'administrator' }],
    institution: { nameZh: '江城大学', nameEn: 'Jiangcheng University' },
  })
  t.match((await call('GET', '/v1/org-units')).json().items, [{ externalId: 'JCU', kind: 'school', parentId: null }])
  const client = (await call('POST', '/v1/clients', { name: 'x', scopes: ['roster:write'] })).json()
  t.ok(client.secret, 'a client can be registered')
  const unit = { externalId: 'CS', parent: 'JCU', kind: 'college', nameZh: '计算机学院' }
  t.same((await call('POST', '/v1/roster/org-units', { items: [unit] })).json(), {
    created: 1,
    updated: 0,
    unchanged: 0,
  })
  await service.seal()
  const [entry] = await service.asOwner(
    `select entry::json as entry from journal where institution_id = '${id}' and position = 1`,
  )
  t.match(entry?.entry, {
    type: 'institution.created',
    institution: id,
    actor: { kind: 'service', id: null },
    subject: { kind: 'institution', id, version: null },
  })
  t.notMatch(JSON.stringify(entry), /江城|陈主任|first/, 'ids only')
  t.ok(await verify(service.db, readKeys(service.keyTexts), [], () => {}))
})

t.test(
  'the same again makes nothing and says what is there; another administrator or name is another institution',
  async t => {
    const { db, asOwner } = await openTestDatabase(t)
    const first = await ask(db, asked)
    const again = await ask(db, asked)
    t.notOk(again.made)
    t.match(again.words, new RegExp(`nothing was made.*${first.id}`))
    t.same(await asOwner('select count(*)::int as n from institutions'), [{ n: 1 }])
    t.same(await asOwner('select count(*)::int as n from journal'), [{ n: 1 }])
    t.ok((await ask(db, { ...asked, 'admin-subject': 'second' })).made)
    t.ok((await ask(db, { ...asked, 'name-en': 'Another' })).made)
    const together = await Promise.all(Array.from({ length: 4 }, () => ask(db, { ...asked, 'name-zh': '别的大学' })))
    t.equal(together.filter(each => each.made).length, 1, 'asked four times at once, made once')
    const days = await asOwner('select role, valid_from::text as day from staff_roles limit 1')
    t.match(days, [{ role: 'administrator', day: /^\d{4}-\d\d-\d\d$/ }])
  },
)

t.test('what is missing or does not fit is said all at once, and nothing is made', async t => {
  const { db, asOwner } = await openTestDatabase(t)
  const faultsOf = async (options: Readonly<Record<string, string>>): Promise<string> =>
    ask(db, options).then(
      () => 'made',
      error => (error.name === 'ConfigInvalid' ? error.message : String(error)),
    )
  const none = await faultsOf({})
  for (const name of Object.keys(asked)) t.match(none, new RegExp(`^--${name}: `, 'm'))
  t.match(none, /usage: bangfu institution/)
  t.match(await faultsOf({ ...asked, 'name-zh': ' ' }), /^--name-zh: /m)
  // Names some databases list beside the zones, by which no day can be told, are refused too.
  for (const zone of ['Mars/Olympus', 'Factory', 'posix/Asia/Shanghai'])
    t.match(await faultsOf({ ...asked, 'time-zone': zone }), new RegExp(`^--time-zone: ${zone} is no zone`, 'm'))
  t.match(await faultsOf({ ...asked, 'admin-mail': 'x' }), /Unknown option '--admin-mail'/)
  t.same(await asOwner('select 1 from institutions'), [])
})

const production = (folder: string) => ({
  DATABASE_URL: 'postgres://bangfu@localhost/bangfu',
  BANGFU_KEY_RING_FILE: join(folder, 'key-ring.json'),
  BANGFU_SIGNING_KEY_FILE: join(folder, 'signing-key.pem'),
  BANGFU_SECRET_FILE: join(folder, 'secret'),
})

t.test('keys for production are made once, private, and as the configuration takes them', async t => {
  const folder = join(t.testdir(), 'secrets')
  const words: string[] = []
  await makeKeys([folder], line => words.push(line))
  t.equal((await stat(folder)).mode & 0o777, 0o700)
  for (const name of ['key-ring.json', 'signing-key.pem', 'secret']) {
    t.equal((await stat(join(folder, name))).mode & 0o777, 0o600, name)
    t.notMatch(words.join('\n'), await readFile(join(folder, name), 'utf8'), `${name} is not said`)
  }
  const environment = production(folder)
  t.same(
    words.sort(),
    Object.entries(environment)
      .filter(([name]) => name !== 'DATABASE_URL')
      .map(([name, path]) => `${name}=${path}`)
      .sort(),
  )
  t.ok(readConfig(environment).keys?.kek.current)
  const before = await readFile(join(folder, 'secret'), 'utf8')
  await t.rejects(
    makeKeys([folder], () => {}),
    { name: 'ConfigInvalid' },
    'never over others',
  )
  t.equal(await readFile(join(folder, 'secret'), 'utf8'), before)
  for (const args of [[], ['--help'], [folder, 'x']])
    await t.rejects(
      makeKeys(args, () => {}),
      { name: 'ConfigInvalid' },
    )
})

t.test('both are commands of the program', async t => {
  const folder = join(t.testdir(), 'secrets')
  const main = join(root, 'dist/src/main.js')
  const env = { PATH: process.env.PATH ?? '' }
  await run(process.execPath, [main, 'make-keys', folder], { env })
  t.equal((await stat(join(folder, 'secret'))).mode & 0o777, 0o600)
  const database = await openTestDatabase(t)
  const own = database.url
    ? { ...production(folder), DATABASE_URL: database.url }
    : { BANGFU_DATA_DIR: join(t.testdirName, 'data') }
  const make = () => run(process.execPath, [main, 'institution', ...argsOf(asked)], { env: { ...env, ...own } })
  const { stdout } = await make()
  t.match(stdout, /^[0-9a-f-]{36}\n$/, 'the id alone on standard output')
  const again = await make().catch(error => error)
  t.equal(again.code, 1)
  t.match(again.stderr, new RegExp(stdout.trim()))
})
