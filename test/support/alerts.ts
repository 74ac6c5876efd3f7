import { randomUUID } from 'node:crypto'
import type { Service, Told } from './service.ts'

/** A signal as a source would send it. */
export interface GivenSignal {
  readonly studentId: string
  readonly kind?: string
  readonly severity?: string | null
  readonly status?: string
  readonly observedAt?: string
  readonly figures?: object
  readonly raisedBy?: string
  readonly institution?: string
}

const quoted = (value: string | null | undefined) => (value === null || value === undefined ? 'null' : `'${value}'`)

/** Puts signals in as intake does: stored, waiting to be fused. @returns their ids, in order */
export const givenSignals = async (service: Service, signals: readonly GivenSignal[]): Promise<string[]> => {
  const now = service.clock.now.toISOString()
  const ids = signals.map(() => randomUUID())
  const rows = signals.map((signal, index) => {
    const { studentId, kind = 'failed_course', severity = 'yellow', status = 'open', observedAt = now } = signal
    const institution = signal.institution ?? service.institution
    const values = [institution, ids[index], signal.raisedBy ? 'people' : 'rules', randomUUID()].map(quoted).join(', ')
    return `(${values}, (select number from students where institution_id = '${institution}' and id = '${studentId}'), '${studentId}', '${kind}', ${quoted(severity)}, '${status}',
      '${observedAt}', '${now}', 1, '${JSON.stringify(signal.figures ?? { courses: 2 })}', ${quoted(signal.raisedBy)}, true)`
  })
  await service.asOwner(
    `insert into signals (institution_id, id, origin, external_id, student_number, student_id, kind, severity, status, observed_at,
      received_at, revision, figures, raised_by, pending) values ${rows.join(', ')}`,
  )
  return ids
}

/** Observes a signal anew, as intake does. */
export const observeAgain = (service: Service, id: string, set: string) =>
  service.asOwner(`update signals set revision = revision + 1, pending = true, ${set} where id = '${id}'`)

/** Fuses what waits. */
export const fuse = (service: Service) => service.work('fuse-signals')

/** A piece of background work, as another process would run it too. */
export const workOf = (service: Service, name: string) => {
  const work = service.app.works.find(each => each.name === name)
  if (!work) throw new Error(`no work ${name}`)
  return work
}

/** Alerts of a student, oldest first, as stored. */
export const alertsOf = (service: Service, studentId: string) =>
  service.asOwner(
    `select a.*, (select s.external_id from staff s where s.id = a.owner_id) as owner from alerts a
     where a.student_id = '${studentId}' order by a.opened_at, a.id`,
  )

/** An alert and the account that owns it. */
export interface GivenAlert {
  readonly id: string
  readonly owner: string
  readonly signals: readonly string[]
}

/** Raises an alert by a signal of its own. */
export const givenAlert = async (
  service: Service,
  studentId: string,
  signal: Omit<GivenSignal, 'studentId'> = {},
): Promise<GivenAlert> => {
  const signals = await givenSignals(service, [{ studentId, ...signal }])
  await fuse(service)
  const [row] = await service.asOwner(
    `select a.id, s.external_id as owner from signals g join alerts a on a.id = g.alert_id left join staff s on s.id = a.owner_id where g.id = '${signals[0]}'`,
  )
  if (!row) throw new Error('no alert was raised')
  return { id: String(row.id), owner: String(row.owner), signals }
}

/** The stored version of an alert. */
export const alertVersion = async (service: Service, id: string): Promise<number> =>
  Number((await service.asOwner(`select version from alerts where id = '${id}'`))[0]?.version)

/** Posts to an alert with the version it has. */
export const act = async (
  service: Service,
  account: string,
  id: string,
  path: string,
  body?: object,
  options: { version?: number; key?: string } = {},
): Promise<Told> =>
  service.call(account, 'POST', `/v1/alerts/${id}/${path}`, body, {
    'if-match': `"${options.version ?? (await alertVersion(service, id))}"`,
    ...(options.key ? { 'idempotency-key': options.key } : {}),
  })

/** Journal entries about a subject, oldest first. */
export const entriesOf = async (service: Service, subjectId: string) =>
  (
    await service.asOwner(
      `select type, subject_version, actor_id, case_id, entry::jsonb as entry from journal where subject_id = '${subjectId}' and read_hour is null order by seq`,
    )
  ).map(row => ({
    type: String(row.type),
    version: row.subject_version as number | null,
    actorId: row.actor_id as string | null,
    caseId: row.case_id as string | null,
    data: ((row.entry as { data?: object }).data ?? {}) as Record<string, unknown>,
  }))

/** Versions of a guarded subject in the journal, which must be 1..n without holes. */
export const versionsOf = async (service: Service, subjectId: string): Promise<number[]> =>
  (await entriesOf(service, subjectId)).flatMap(({ version }) => (version === null ? [] : [version]))

/** Gives the institution a calendar: weekdays, no holidays, until the end of 2027. */
export const givenCalendar = async (
  service: Service,
  change: { settings?: object; calendar?: object } = {},
): Promise<Told> => {
  const { version, settings, calendar } = (await service.call('administrator', 'GET', '/v1/warning-settings')).body
  return service.call(
    'administrator',
    'PUT',
    '/v1/warning-settings',
    {
      settings: { ...settings, ...change.settings },
      calendar: { ...calendar, horizon: '2027-12-31', ...change.calendar },
    },
    { 'if-match': `"${version}"` },
  )
}
