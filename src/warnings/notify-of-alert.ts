import type { Answer } from '../platform/http/route.ts'
import { utc } from '../platform/sql.ts'
import type { Deps, Request } from '../platform/subject.ts'
import { sealJson } from '../platform/words.ts'
import { type ToldSignal, toldByNotice } from '../practice/notices.ts'
import { Problem } from '../practice/problems.ts'
import { loadAlertStatement, newestSignals } from './alert-facts.ts'
import { alertStatement, onAlert, requireDay, requireOpen } from './change-alert.ts'

/** How a notice may be given. */
export const noticeMethods = ['in_person', 'phone', 'message', 'letter', 'other'] as const
export const noticeOutcomes = ['given', 'signed', 'attempted'] as const

const load = loadAlertStatement<{ signals: readonly ToldSignal[] }>('alerts.load_for_notice', {
  signals: `(select coalesce(json_agg(json_build_object('id', g.id, 'kind', g.kind, 'severity', g.severity, 'status', g.status,
    'observedAt', ${utc('g.observed_at')}, 'figures', g.figures) order by g.observed_at, g.id), '[]')
    from ${newestSignals('(select id from al)', 500)})`,
})

const save = alertStatement(
  'alerts.notify',
  '',
  `n as (insert into alert_notices (institution_id, id, alert_id, to_whom, method, outcome, on_day, version, by_id, at, signed_at, shown, sealed)
  select $1::uuid, (e->>'noticeId')::uuid, c.id, e->>'to', e->>'method', e->>'outcome', (e->>'on')::date, c.version, $2::uuid, (e->>'at')::timestamptz,
    case when e->>'outcome' = 'signed' then (e->>'at')::timestamptz end, nullif(e->'shown', 'null'), decode(e->>'sealed', 'base64') from given cross join c)`,
)

const saveReceipt = alertStatement(
  'alerts.receive',
  '',
  `n as (update alert_notices x set signed_at = (given.e->>'at')::timestamptz from given, c
  where x.institution_id = $1::uuid and x.id = (given.e->>'noticeId')::uuid and x.signed_at is null)`,
)

/** A notice 告知 given or attempted. */
export interface Notice {
  readonly alertId: string
  readonly to: 'student' | 'family'
  readonly method: string
  readonly outcome: string
  /** Day, null = today. */
  readonly on: string | null
  /** Whether it tells the student of concerns for their safety too. */
  readonly namesSafety: boolean
  readonly words: string | null
}

/**
 * Files that the student or the family was told of an alert, or that it was tried. What a notice tells the student is
 * kept with it, and is what the student sees until the next.
 * @throws Problem alert_is_resolved, day_unfit
 */
export const notifyOfAlert = (deps: Deps, request: Request, input: Notice): Promise<Answer> => {
  const noticeId = deps.ambient.newId()
  const { alertId, to, method, outcome, namesSafety, words } = input
  const place = {
    institution: request.caller.institution,
    subject: alertId,
    table: 'alert_notices',
    row: noticeId,
    field: 'sealed',
  }
  const about = { alertId, ifMatch: null, permission: 'alert:notify', load } as const
  return onAlert(deps, request, about, save, ({ alert, caller, dataKey, signals }) => {
    requireOpen(alert)
    const on = input.on ?? caller.today
    requireDay(alert, on, caller.today)
    const shown = to === 'student' && outcome !== 'attempted' ? toldByNotice(signals, namesSafety) : null
    return {
      type: 'alert.notified',
      data: { noticeId, to, method, outcome, ...(namesSafety ? { namesSafety } : {}) },
      effects: { noticeId, to, method, outcome, on, shown, sealed: sealJson(deps.ambient, place, dataKey, { words }) },
      status: 201,
      receipt: { id: noticeId, to, outcome },
    }
  })
}

/** The student signs, by own token, that the notice was received. @throws Problem already_signed */
export const receiveNotice = (
  deps: Deps,
  request: Request,
  input: { alertId: string; ifMatch: number | null },
): Promise<Answer> =>
  onAlert(deps, request, { ...input, permission: 'alert:receive' }, saveReceipt, ({ alert }) => {
    const notice = alert.notices.findLast(each => each.to === 'student' && each.outcome === 'given' && !each.signed)
    if (!notice) throw new Problem('already_signed')
    return {
      type: 'alert.received',
      data: { noticeId: notice.id },
      effects: { noticeId: notice.id },
      status: 201,
      receipt: { id: notice.id },
    }
  })
