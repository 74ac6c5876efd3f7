import type { Severity, SignalKind } from '../practice/signals.ts'

/** A signal of the demo, by the student's number. */
export interface DemoSignal {
  readonly externalId: string
  readonly student: string
  readonly kind: SignalKind
  readonly severity: Severity | null
  readonly figures: Readonly<Record<string, number | string>>
}

const signal = (
  student: string,
  kind: SignalKind,
  severity: Severity | null,
  figures: DemoSignal['figures'],
): DemoSignal => ({ externalId: `demo-${student}-${kind}`, student, kind, severity, figures })

/** Signals about five students of one class, mild to grave, and one that tells something good. */
export const demoSignals: readonly DemoSignal[] = [
  signal('2025010107', 'failed_course', 'yellow', { course: 'MATH1001', score: 43 }),
  signal('2025010107', 'absence', 'orange', { course: 'MATH1001', count: 6 }),
  signal('2025010108', 'missing_work', 'blue', { course: 'CS1001', count: 3 }),
  signal('2025010109', 'low_mood', 'orange', { weeks: 2 }),
  signal('2025010110', 'credit_shortfall', 'yellow', { credits: 9 }),
  signal('2025010111', 'drop_in_results', 'blue', { before: 81, average: 62 }),
  signal('2025010112', 'progress', null, { before: 52, average: 74 }),
]

/** Calls as one demo account. */
export type DemoCaller = (
  method: 'GET' | 'POST' | 'PUT',
  url: string,
  payload?: object,
  version?: number,
) => Promise<{ readonly body: Record<string, unknown> }>

/** What becomes of the demo's alerts, by the student's number: moves and what they need, as a line manager does them. */
const work: Readonly<Record<string, readonly (readonly [path: string, body: object])[]>> = {
  '2025010107': [
    ['transitions', { to: 'acknowledged' }],
    ['notices', { to: 'student', method: 'in_person', outcome: 'given' }],
    [
      'dispositions',
      {
        kind: 'crisis_opened',
        crisis: 'academic',
        subkind: 'academic_probation',
        words: '一门不及格,缺勤六次,面临学业警示。',
      },
    ],
  ],
  '2025010108': [['transitions', { to: 'acknowledged' }]],
  '2025010109': [
    ['transitions', { to: 'acknowledged' }],
    ['notices', { to: 'student', method: 'in_person', outcome: 'given' }],
    ['dispositions', { kind: 'talk', words: '与学生面谈,了解情况并约定每周一次见面。' }],
  ],
  '2025010110': [
    ['transitions', { to: 'acknowledged' }],
    ['notices', { to: 'student', method: 'phone', outcome: 'given' }],
    ['dispositions', { kind: 'no_action', words: '学分差额为缓考所致,已核实。' }],
    ['transitions', { to: 'resolved' }],
  ],
}

/** Gives the demo institution a calendar as far as it is announced. */
export const seedCalendar = async (administrate: DemoCaller): Promise<void> => {
  const { version, settings } = (await administrate('GET', '/v1/warning-settings')).body
  const calendar = (await administrate('GET', '/v1/warning-settings/calendar-proposal?year=2025')).body
  await administrate('PUT', '/v1/warning-settings', { settings: settings as object, calendar }, Number(version))
}

/**
 * Puts alerts of the demo in different steps, through the API.
 * @param send gives {@link demoSignals} in, and has them fused
 * @param manage calls as the line manager above the students
 */
export const seedAlerts = async (
  send: (signals: readonly DemoSignal[]) => Promise<void>,
  manage: DemoCaller,
): Promise<void> => {
  await send(demoSignals)
  const { items } = (await manage('GET', '/v1/alerts')).body as { items: { id: string; student: { number: string } }[] }
  for (const { id, student } of items) {
    const url = `/v1/alerts/${id}`
    for (const [path, body] of work[student.number] ?? []) {
      const { version } = (await manage('GET', url)).body
      await manage('POST', `${url}/${path}`, body, Number(version))
    }
  }
}
