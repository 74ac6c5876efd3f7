import fc from 'fast-check'
import t from 'tap'
import { type FusionContext, type FusionStudent, fuse, type PendingSignal } from '../../src/practice/fusion.ts'
import { nearest, routeAlert } from '../../src/practice/routing.ts'
import { graver, type Severity, type SignalKind, severities, signalKinds } from '../../src/practice/signals.ts'
import { soonerTargets, targetsOf } from '../../src/practice/targets.ts'
import { defaultCalendar, defaultSettings } from '../../src/practice/warning-settings.ts'

const grades = Object.keys(severities) as Severity[]
const kinds = Object.keys(signalKinds) as SignalKind[]
const now = new Date('2026-09-14T02:00:00Z')
const rules = {
  settings: defaultSettings,
  calendar: { ...defaultCalendar, timeZone: 'Asia/Shanghai', horizon: '2027-12-31' },
  version: 1,
}

const context = (): FusionContext => {
  let made = 0
  return { ...rules, load: () => 0, now, newId: () => `new-${made++}` }
}

const unit = {
  above: ['class', 'dept', 'school'],
  holders: [
    { role: 'counsellor', staffId: 'a', depth: 1, isBeside: false },
    { role: 'counsellor', staffId: 'b', depth: 1, isBeside: false },
    { role: 'counsellor', staffId: 'far', depth: 2, isBeside: false },
    { role: 'line_manager', staffId: 'boss', depth: 2, isBeside: false },
  ],
}

const signal = fc.record({
  kind: fc.constantFrom(...kinds),
  severity: fc.constantFrom(...grades),
  status: fc.constantFrom('open' as const, 'open' as const, 'cleared' as const),
  days: fc.integer({ min: 0, max: 60 }),
})
const student = fc.array(signal, { maxLength: 20 }).map(
  (signals): FusionStudent => ({
    id: 's',
    unit,
    died: false,
    alerts: [],
    signals: signals
      .map(
        ({ days, ...rest }, index): PendingSignal => ({
          ...rest,
          id: `signal-${index}`,
          observedAt: new Date(now.getTime() - days * 86_400_000),
          alert: null,
          watcherId: null,
        }),
      )
      .sort((a, b) => a.observedAt.getTime() - b.observedAt.getTime()),
  }),
)

t.test(
  'every signal is settled once; an alert is as grave as the gravest open signal in it, and no positive or cleared one raises',
  async t => {
    fc.assert(
      fc.property(student, it => {
        const { alerts, signals } = fuse([it], context())
        const settled =
          new Set(signals.map(each => each.id)).size === it.signals.length && signals.length === it.signals.length
        const byId = new Map(it.signals.map(each => [each.id, each]))
        return (
          settled &&
          alerts.every(alert => {
            const own = alert.signalIds.map(id => byId.get(id) as PendingSignal)
            const open = own.filter(each => each.status === 'open')
            const gravest = open.map(each => each.severity as Severity).reduce(graver)
            const window = alert.joinsUntil.getTime()
            return (
              alert.raised &&
              alert.severity === gravest &&
              own.every(each => each.observedAt.getTime() <= window && signalKinds[each.kind].area !== 'positive') &&
              open.length > 0 &&
              signals.filter(each => each.alertId === alert.id).length === own.length
            )
          })
        )
      }),
    )
    t.pass()
  },
)

t.test('fusing in two passes makes the same alerts as fusing at once', async t => {
  fc.assert(
    fc.property(student, fc.integer({ min: 0, max: 20 }), (it, cut) => {
      const once = fuse([it], context())
      const from = context()
      const first = fuse([{ ...it, signals: it.signals.slice(0, cut) }], from)
      const second = fuse([{ ...it, alerts: first.alerts, signals: it.signals.slice(cut) }], from)
      const final = new Map([...first.alerts, ...second.alerts].map(alert => [alert.id, alert.severity]))
      return JSON.stringify([...final]) === JSON.stringify(once.alerts.map(alert => [alert.id, alert.severity]))
    }),
  )
  t.pass()
})

t.test('joining only brings targets nearer', async t => {
  fc.assert(
    fc.property(
      fc.constantFrom(...grades),
      fc.constantFrom(...grades),
      fc.integer({ min: 0, max: 500 }),
      (old, fresh, hours) => {
        const before = targetsOf(rules, old, [], now)
        const after = soonerTargets(
          before,
          targetsOf(rules, graver(old, fresh), [], new Date(now.getTime() + hours * 3_600_000)),
        )
        const nearer = (a: Date | null, b: Date | null) => a !== null && b !== null && a <= b
        return nearer(after.acknowledgeBy, before.acknowledgeBy) && nearer(after.resolveBy, before.resolveBy)
      },
    ),
  )
  t.pass()
})

t.test('routing: the first rule that fits names the owner, all that fit tell', async t => {
  t.same(nearest(unit, 'counsellor'), ['a', 'b'])
  t.same(nearest(unit, 'auditor'), [])
  const office = { role: 'counsellor', staffId: 'office', depth: 0, isBeside: true }
  t.same(nearest({ ...unit, holders: [office, ...unit.holders] }, 'counsellor'), ['a', 'b'], 'who is above comes first')
  t.same(nearest({ ...unit, holders: [office] }, 'counsellor'), ['office'])
  const route = (load: Record<string, number>, severity: Severity, kind: SignalKind) =>
    routeAlert(defaultSettings, { severity, kinds: [kind] }, unit, id => load[id] ?? 0)
  t.same(route({}, 'blue', 'failed_course'), { ownerId: 'a', toldIds: [] })
  t.same(route({ a: 3, b: 2 }, 'blue', 'failed_course'), { ownerId: 'b', toldIds: [] })
  t.same(route({}, 'red', 'failed_course'), { ownerId: 'a', toldIds: ['boss'] })
  const only = { ...unit, holders: unit.holders.slice(3) }
  t.same(
    routeAlert(defaultSettings, { severity: 'blue', kinds: ['absence'] }, only, () => 0),
    { ownerId: 'boss', toldIds: [] },
  )
  t.same(
    routeAlert(defaultSettings, { severity: 'red', kinds: ['absence'] }, only, () => 0),
    { ownerId: null, toldIds: ['boss'] },
  )
})
