import { z } from 'zod'
import { moveSchemas } from '../platform/http/move-schemas.ts'
import { at, exampleId, Id, instant, otherId, text, version } from '../platform/http/schemas.ts'
import { alertChecks, alertProcess } from '../practice/alerts.ts'
import { codesOf } from '../practice/codes.ts'
import type { ProblemCode } from '../practice/problems.ts'
import { severities, signalKinds } from '../practice/signals.ts'

/** Path of one alert. */
export const AlertParams = z.strictObject({ alertId: Id.describe('Alert') })
export const AlertStep = z.enum(codesOf(alertProcess.steps)).describe('Step of the alert')
export const AlertSeverity = z.enum(codesOf(severities)).describe('Severity')
/** A kind of signal. */
export const Kind = z.enum(codesOf(signalKinds)).describe('Kind of signal')
const kinds = z.array(Kind).max(codesOf(signalKinds).length).describe('Kinds of its signals')

/** Problems any change of an alert may answer with. */
export const alertChangeProblems: readonly ProblemCode[] = [
  'not_permitted',
  'not_found',
  'version_stale',
  'key_is_erased',
]

/** The answer of a command on an alert: ids, codes and the new version; what a replay gives again. */
export const alertReceipt = <S extends z.ZodRawShape>(id: string, shape: S, example: Record<string, unknown>) =>
  z
    .strictObject({
      alertId: Id.describe('Alert'),
      ...shape,
      alertVersion: version().describe('Version of the alert after the change'),
    })
    .meta({ id, examples: [{ alertId: exampleId, ...example, alertVersion: 4 }] })

const missing = { en: 'No disposition is on file', zh: '尚无处置记录' }

/** Moves of an alert: asking, taking, explaining. */
export const AlertMoves = moveSchemas(alertProcess as never, 'alert', 'Alert', 'Alert', 'the alert', {
  id: exampleId,
  from: 'raised',
  to: 'acknowledged',
  version: 2,
  explained: {
    step: 'acknowledged',
    version: 2,
    transitions: [
      {
        to: 'resolved',
        title: alertProcess.steps.resolved.title,
        by: ['owner', 'line_manager'],
        yours: true,
        allowed: false,
        noteRequired: false,
        reasons: [{ reason: null, allowed: false, noteRequired: false }],
        requirements: [
          {
            check: 'disposition_on_file',
            met: false,
            waived: false,
            waivable: false,
            title: alertChecks.disposition_on_file.title,
            records: [],
            operation: 'disposeAlert',
            missing: [{ check: 'disposition_on_file', title: missing }],
          },
        ],
      },
    ],
  },
})

/** A person by name. */
export const person = z.strictObject({ id: Id.describe('Person'), name: text(200).describe('Name') })
const student = z.strictObject({
  id: Id.describe('Student'),
  number: text(60).describe('学号'),
  name: text(200).describe('Name'),
})
/** Figures of a signal. */
export const figures = z.record(text(60), z.unknown()).describe('Figures and codes that show it')

/** A signal without who raised it. */
export const shownSignal = z
  .strictObject({
    kind: Kind,
    severity: AlertSeverity.nullable().describe('Severity, null = positive'),
    status: z.enum(['open', 'cleared']).describe('Whether it still holds'),
    observedAt: instant().describe('When it was observed'),
    figures,
  })
  .describe('A signal as the student sees it')

/** What lists and the alert itself show. */
export const header = {
  id: Id.describe('Alert'),
  step: AlertStep,
  severity: AlertSeverity.nullable().describe(
    'Severity; to the student that of what they were told, null = none of it',
  ),
  version: version().describe('Version: ETag of the alert'),
  kinds,
  openedAt: instant().describe('When it was raised'),
  student: student.optional().describe('The student; not shown to the student'),
  owner: person.nullable().optional().describe('Who answers for it, null = nobody'),
  signalCount: z.int().min(0).max(1_000_000).optional().describe('Signals it is made of'),
  overdue: z.boolean().optional().describe('Whether the target of its step is missed'),
  beyondHorizon: z
    .boolean()
    .optional()
    .describe('A target lies past the calendar’s horizon: it is not guessed, there is no deadline'),
  escalation: z.int().min(0).max(10).optional().describe('Levels it was told further up'),
  figures: z.array(shownSignal).max(500).optional().describe('What the newest notice told of; shown to the student'),
}

/** An example of the header. */
export const exampleHeader = {
  id: exampleId,
  step: 'raised' as const,
  severity: 'orange' as const,
  version: 1,
  kinds: ['failed_course' as const],
  openedAt: at,
  student: { id: otherId, number: '20250101', name: '王晓明' },
  owner: { id: otherId, name: '李老师' },
  signalCount: 2,
  overdue: false,
  beyondHorizon: false,
  escalation: 0,
}

/** When an alert is to be answered, and when it was: so that a list proves which were in time. */
export const answering = {
  acknowledgeBy: instant().nullable().optional().describe('Target for acknowledging, null = past the horizon'),
  acknowledgedAt: instant()
    .nullable()
    .optional()
    .describe('When it was acknowledged; null again once the alert rose, until a disposition is filed'),
  resolveBy: instant().nullable().optional().describe('Target for resolving, null = past the horizon'),
  resolvedAt: instant().nullable().optional().describe('When it was resolved'),
}

/** An alert in a list. */
export const AlertItem = z
  .strictObject({
    ...header,
    ...answering,
    ageMinutes: z.int().min(-1_000_000).max(100_000_000).optional().describe('Minutes since it was raised'),
    target: instant().nullable().optional().describe('When its step is to be answered, null = none'),
  })
  .meta({ id: 'AlertItem', examples: [{ ...exampleHeader, ageMinutes: 95, target: at }] })

export const exampleAlertItem = { ...exampleHeader, ageMinutes: 95, target: at }

const count = (what: string) => z.int().min(0).max(100_000_000).describe(what)

/** Open alerts counted. */
export const AlertCounters = z
  .strictObject({
    open: count('Open alerts'),
    steps: z.strictObject({ raised: count('Raised'), acknowledged: count('Acknowledged') }).describe('By step'),
    severities: z
      .strictObject({ blue: count('Blue'), yellow: count('Yellow'), orange: count('Orange'), red: count('Red') })
      .describe('By severity'),
    overdue: count('Overdue'),
    beyondHorizon: count('Without deadline, past the horizon'),
    unowned: count('Nobody answers for them, or whoever did holds no role any more'),
  })
  .meta({
    id: 'AlertCounters',
    examples: [
      {
        open: 3,
        steps: { raised: 2, acknowledged: 1 },
        severities: { blue: 0, yellow: 1, orange: 1, red: 1 },
        overdue: 1,
        beyondHorizon: 0,
        unowned: 0,
      },
    ],
  })
