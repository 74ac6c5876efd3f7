import type { App } from '../app.ts'
import { type Database, systemStatement } from '../platform/database.ts'
import { fileRecord } from './file-record.ts'
import { demoClients, demoInstitution, demoRoster, demoSource, demoStaff, demoStudents } from './roster.ts'
import { type DemoSignal, seedAlerts, seedCalendar } from './seed-alerts.ts'
import { seedGroup } from './seed-group.ts'

/** A demo account: whose token, in what role. */
export interface DemoAccount {
  readonly role: string
  readonly who: string
  readonly subject: string
  readonly scopes?: readonly string[]
}

const machines = (ids: Readonly<Record<string, string>>): Record<string, DemoAccount> =>
  Object.fromEntries(
    Object.entries(demoClients).map(([account, { scopes }]) => [
      account,
      { role: 'machine client', who: account, subject: ids[account] ?? '', scopes },
    ]),
  )

/** Accounts of the demo institution by name; `clientIds` are those of its machine clients. */
export const demoAccounts = (clientIds: Readonly<Record<string, string>>): Record<string, DemoAccount> => ({
  ...Object.fromEntries(
    demoStaff.map(member => [
      member.identities[0]?.subject ?? '',
      {
        role: member.roles[0]?.role ?? '',
        who: `${member.name} ${member.nameEn}`,
        subject: member.identities[0]?.subject ?? '',
      },
    ]),
  ),
  student: { role: 'student', who: `${demoStudents[0]?.name} ${demoStudents[0]?.nameEn}`, subject: 'student' },
  ...machines(clientIds),
})

const makeInstitution = systemStatement<{ made: boolean }>(
  'demo.institution',
  `with i as (insert into institutions (id, name_zh, name_en, time_zone, created_at)
    values ($1::uuid, $2::text, $3::text, $4::text, $5::timestamptz) on conflict do nothing returning 1)
  select exists (select from i) as made`,
)

/** Makes the institution itself. @returns false when it was there already */
const ensureInstitution = async (db: Database, now: Date): Promise<boolean> => {
  const { id, nameZh, nameEn, timeZone } = demoInstitution
  const [row] = await db.system.rows(makeInstitution, id, nameZh, nameEn, timeZone, now.toISOString())
  return row?.made ?? false
}

interface Told {
  readonly status: number
  readonly body: Record<string, unknown>
}

/** Calls the application as a demo account would, through its own API. */
const callerOf = (app: App, token: string) => {
  let calls = 0
  return async (method: 'GET' | 'POST' | 'PUT', url: string, payload?: object, version?: number): Promise<Told> => {
    const headers = {
      authorization: `Bearer ${token}`,
      ...(method === 'POST' ? { 'idempotency-key': `seed-${calls++}-${url}`.slice(0, 200) } : {}),
      ...(version === undefined ? {} : { 'if-match': `"${version}"` }),
    }
    const response = await app.server.inject({ method, url, headers, ...(payload ? { payload } : {}) })
    const body = response.body ? (response.json() as Record<string, unknown>) : {}
    if (response.statusCode >= 400)
      throw new Error(`seeding: ${method} ${url} answered ${response.statusCode} ${JSON.stringify(body)}`)
    return { status: response.statusCode, body }
  }
}

type Caller = ReturnType<typeof callerOf>

const versionOf = async (call: Caller, caseId: unknown) =>
  Number((await call('GET', `/v1/cases/${caseId}`)).body.version)

const path: readonly { readonly to: string; readonly records: readonly string[]; readonly reason?: string }[] = [
  {
    to: 'agreement',
    records: ['academic_record', 'personal_profile', 'environment', 'cause_attribution', 'risk_screening'],
  },
  { to: 'plan', records: ['service_agreement'] },
  { to: 'tracking', records: ['plan'] },
  { to: 'evaluation', records: ['session'] },
  { to: 'closure', records: ['evaluation'], reason: 'goals_met' },
  { to: 'closed', records: ['action_settlement', 'closing_summary'] },
]

/** Cases in different steps, each carried there through the API: how many edges each goes. */
const caseSteps = [0, 1, 2, 3, 4, 6]

const seedCases = async (call: Caller): Promise<void> => {
  const { items } = (await call('POST', '/v1/students/search', { limit: 20 })).body as { items: { id: string }[] }
  for (const [index, edges] of caseSteps.entries()) {
    const opened = (await call('POST', '/v1/cases', { studentId: items[index]?.id, source: 'outreach' })).body
    for (const { to, records, reason } of path.slice(0, edges)) {
      for (const kind of records) await fileRecord(call, `/v1/cases/${opened.caseId}`, kind)
      const version = await versionOf(call, opened.caseId)
      await call('POST', `/v1/cases/${opened.caseId}/transitions`, { to, ...(reason ? { reason } : {}) }, version)
    }
  }
}

/** Sends signals as the academic warning system does, and has them fused. */
const senderOf = (app: App, call: Caller, now: Date) => async (signals: readonly DemoSignal[]) => {
  const items = signals.map(signal => ({ ...signal, observedAt: now.toISOString() }))
  await call('POST', '/v1/signals/batch', { items })
  const fusion = app.works.find(work => work.name === 'fuse-signals')
  while (await fusion?.pass());
}

/**
 * Fills the embedded database with the demo institution on its first start: roster, results, cases and alerts in different
 * steps, a running group.
 * @returns ids of the demo machine clients, with id and secret of the signal source, when it was made now; null when it was there
 */
export const seedDemo = async (
  db: Database,
  app: App,
  now: Date,
  say: (words: string) => void,
): Promise<Record<string, string> | null> => {
  if (!(await ensureInstitution(db, now))) return null
  say('making the demo institution (roster, results, cases and alerts in different steps, a group) …')
  const roster = app.issue({
    subject: 'demo-seed',
    institution: demoInstitution.id,
    lifetimeSeconds: 600,
    scopes: ['roster:write'],
    clientId: demoInstitution.id,
  })
  const fill = callerOf(app, roster)
  for (const [name, items] of Object.entries(demoRoster)) await fill('POST', `/v1/roster/${name}`, { items })
  const tokenFor = (subject: string) => app.issue({ subject, institution: demoInstitution.id, lifetimeSeconds: 600 })
  const ids: Record<string, string> = {}
  const administrate = callerOf(app, tokenFor('administrator'))
  for (const [name, client] of Object.entries(demoClients))
    ids[name] = String((await administrate('POST', '/v1/clients', { name, ...client })).body.id)
  const { id, secret } = (
    await administrate('POST', '/v1/signal-sources', { ...demoSource, clientId: ids.warningSystem })
  ).body
  await seedCalendar(administrate)
  const [counsel, manage] = [callerOf(app, tokenFor('counsellor')), callerOf(app, tokenFor('lineManager'))]
  await seedCases(counsel)
  await seedGroup(counsel, manage)
  const clientId = ids.warningSystem as string
  const machine = { subject: clientId, clientId, scopes: demoClients.warningSystem.scopes }
  const source = app.issue({ ...machine, institution: demoInstitution.id, lifetimeSeconds: 600 })
  await seedAlerts(senderOf(app, callerOf(app, source), now), manage)
  return { ...ids, signalSource: String(id), signalSecret: String(secret) }
}
