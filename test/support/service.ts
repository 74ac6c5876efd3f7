import { randomUUID } from 'node:crypto'
import type { FastifyBaseLogger, InjectOptions } from 'fastify'
import type { Test } from 'tap'
import { v7 } from 'uuid'
import { type App, buildApp } from '../../src/app.ts'
import type { ProblemDefinition } from '../../src/kernel/problem.ts'
import { type Database, systemStatement } from '../../src/platform/database.ts'
import { problemSchema } from '../../src/platform/http/problem-answers.ts'
import { type KeyTexts, newKeyTexts, readKeys } from '../../src/platform/keys.ts'
import { loadSandboxClock } from '../../src/platform/sandbox-clock.ts'
import { sealOnce } from '../../src/platform/sealer.ts'
import type { Deps } from '../../src/platform/subject.ts'
import { makeVault } from '../../src/platform/vault.ts'
import { scopes } from '../../src/practice/permissions.ts'
import { type MemberName, memberOf } from '../../src/practice/problems/members.ts'
import { type ProblemCode, problems } from '../../src/practice/problems.ts'
import { openTestDatabase, type TestDatabase } from './database.ts'

const aheadMs = Date.now() - Date.parse('2026-06-01T00:00:00Z')

/** Ids as of summer 2026, in order, on whatever day tests run: the time in an id tells how long a student is known. */
const newId = (): string => {
  const id = v7()
  const time = Number.parseInt(id.slice(0, 13).replace('-', ''), 16) - aheadMs
  const hex = time.toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}${id.slice(13)}`
}

/** An answer of the service. */
export interface Told {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers
  readonly body: any
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
}

/** The real application on a real database, with a clock that stands still. */
export interface Service extends TestDatabase {
  readonly app: App
  /** What commands are given, for calling one without HTTP. */
  readonly deps: Deps
  readonly institution: string
  readonly keyTexts: KeyTexts
  readonly clock: { now: Date }
  /** Seals what is written so far. */
  readonly seal: () => Promise<void>
  /** Does the background work that is waiting: of this name, or all. */
  readonly work: (name?: string) => Promise<void>
  readonly token: (subject: string, more?: { scopes?: string[]; institution?: string; clientId?: string }) => string
  /** Calls as an account of the school; `machine` is a client with every scope. */
  readonly call: (
    account: string,
    method: string,
    url: string,
    body?: unknown,
    headers?: Record<string, string>,
  ) => Promise<Told>
  readonly roster: (collection: string, items: unknown[], institution?: string) => Promise<Told>
}

/** Whether a problem may carry a member: one of every problem, or one the catalogue names, in its shape. */
const isDescribed = (code: ProblemCode, member: string, value: unknown): boolean => {
  const { members = [] } = problems[code] as ProblemDefinition
  if (members.includes(member)) return memberOf(code, member as MemberName).safeParse(value).success
  return member in problemSchema.properties
}

const makeInstitution = systemStatement(
  'test.institution',
  `insert into institutions (id, name_zh, name_en, time_zone, created_at) values ($1::uuid, '测试大学', 'Test University', 'Asia/Shanghai', $2::timestamptz)`,
)

/**
 * Starts the application on a database of its own; `sealing` runs the sealer too, `restored` starts it with the keys,
 * institution and clock of another service on a copy of its database.
 */
export const givenService = async (
  t: Test,
  options: {
    sealing?: boolean
    requestsPerMinute?: number
    trustProxy?: readonly string[]
    maxEventLoopDelayMs?: number
    logger?: FastifyBaseLogger
    restored?: { from: Service; db: Database }
    /** With the clock of the embedded mode, as it was left in the database. */
    sandbox?: boolean
  } = {},
): Promise<Service> => {
  const { restored } = options
  const database = restored ? { ...restored.from, db: restored.db } : await openTestDatabase(t)
  const keyTexts = restored?.from.keyTexts ?? newKeyTexts()
  const keys = readKeys(keyTexts)
  const clock = { now: restored?.from.clock.now ?? new Date('2026-09-14T02:00:00.000Z') }
  const wallClock = () => clock.now
  const sandbox = options.sandbox ? await loadSandboxClock(database.db, wallClock) : null
  const ambient = { now: sandbox?.now ?? wallClock, wallClock, newId, vault: makeVault(keys.kek), keys }
  const app = await buildApp({
    db: database.db,
    ambient,
    logger: options.logger ?? false,
    issuers: [],
    corsOrigins: ['https://front.example'],
    requestsPerMinute: options.requestsPerMinute ?? 0,
    trustProxy: options.trustProxy ?? [],
    maxEventLoopDelayMs: options.maxEventLoopDelayMs ?? 0,
    strict: true,
    sealing: options.sealing ?? false,
    working: false,
    version: '0.0.0',
    sandbox,
  })
  t.teardown(() => app.close())
  const institution = restored?.from.institution ?? randomUUID()
  if (!restored) await database.db.system.rows(makeInstitution, institution, clock.now.toISOString())
  const token: Service['token'] = (subject, more = {}) =>
    app.issue({ subject, institution, lifetimeSeconds: 3600, ...more })
  const send = async (
    bearer: string,
    method: string,
    url: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ) => {
    const response = await app.server.inject({
      method: method as NonNullable<InjectOptions['method']>,
      url,
      headers: {
        authorization: `Bearer ${bearer}`,
        ...(method === 'POST' ? { 'idempotency-key': randomUUID() } : {}),
        ...headers,
      },
      ...(body === undefined ? {} : { payload: body as object }),
    })
    if (response.headers['x-undeclared-problem'])
      t.fail(`${method} ${url} answered the undeclared ${response.headers['x-undeclared-problem']}`)
    const type = String(response.headers['content-type'] ?? '')
    const answer = type.includes('json') ? response.json() : null
    if (type.includes('problem'))
      for (const member of Object.keys(answer).filter(each => !isDescribed(answer.code, each, answer[each])))
        t.fail(`${method} ${url} answered ${answer.code} with the undescribed ${member}`)
    return {
      status: response.statusCode,
      body: answer,
      headers: response.headers,
      text: response.body,
    }
  }
  return {
    ...database,
    app,
    deps: { db: database.db, ambient },
    institution,
    keyTexts,
    clock,
    seal: async () => {
      const sealing = { wallClock: () => clock.now, newId: v7, signing: keys.signing }
      while ((await sealOnce(database.db, sealing)).full);
    },
    work: async name => {
      for (const work of app.works.filter(each => name === undefined || each.name === name)) while (await work.pass());
    },
    token,
    call: (account, method, url, body, headers) =>
      send(
        account === 'machine' ? token(institution, { scopes: [...scopes], clientId: institution }) : token(account),
        method,
        url,
        body,
        headers,
      ),
    roster: (collection, items, of = institution) =>
      send(
        token('roster', { scopes: ['roster:write'], clientId: of, institution: of }),
        'POST',
        `/v1/roster/${collection}`,
        { items },
      ),
  }
}

const role = (account: string, name: string, roleName: string, orgUnit: string, until: string | null = null) => ({
  externalId: account,
  name,
  roles: [{ role: roleName, orgUnit, validFrom: '2020-09-01', validUntil: until }],
  identities: [{ issuer: 'bangfu', subject: account }],
})

/** Accounts of the test institution, by role and place. */
export const accounts = [
  role('owner', '李老师', 'counsellor', 'dept'),
  role('coWorker', '赵老师', 'psychological_counsellor', 'school'),
  role('pastCoWorker', '钱老师', 'counsellor', 'dept'),
  role('colleague', '孙老师', 'counsellor', 'dept'),
  role('outsider', '周老师', 'counsellor', 'other'),
  role('lineManager', '吴主任', 'line_manager', 'college'),
  role('otherLineManager', '郑主任', 'line_manager', 'other'),
  role('practiceSupervisor', '王督导', 'practice_supervisor', 'college'),
  role('formerLineManager', '冯主任', 'line_manager', 'college', '2026-01-01'),
  role('administrator', '陈管理', 'administrator', 'school'),
  role('auditor', '褚审计', 'auditor', 'school'),
  role('keyHolder', '卫密钥', 'key_holder', 'school'),
]

/** A believable small school: units, staff of every role, three students. @returns ids by account and student number */
export const givenSchool = async (
  service: Service,
): Promise<{ staff: Record<string, string>; students: Record<string, string> }> => {
  const unit = (externalId: string, parent: string | null, kind: string) => ({
    externalId,
    parent,
    kind,
    nameZh: externalId,
  })
  await service.roster('org-units', [
    unit('school', null, 'school'),
    unit('college', 'school', 'college'),
    unit('dept', 'college', 'department'),
    unit('class', 'dept', 'class'),
    unit('other', 'school', 'college'),
  ])
  await service.roster('staff', accounts)
  const student = (number: string, name: string, birthDate: string, orgUnit = 'class') => ({
    number,
    name,
    birthDate,
    major: '软件工程',
    grade: '2025',
    orgUnit,
    identities: [{ issuer: 'bangfu', subject: `student-${number}` }],
  })
  await service.roster('students', [
    student('1', '王晓明', '2006-01-01'),
    student('2', '刘思雨', '2006-02-02'),
    student('3', '陈未成年', '2010-03-03'),
  ])
  const rows = await service.asOwner(
    'select external_id as key, id from staff union all select number, id from students',
  )
  const ids = Object.fromEntries(rows.map(row => [String(row.key), String(row.id)]))
  return { staff: ids, students: ids }
}
