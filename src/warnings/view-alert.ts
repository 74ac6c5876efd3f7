import { knowsCase } from '../cases/access.ts'
import { callerJson, callerParams } from '../people/actor.ts'
import { type Access, relationsJson, requireAccess } from '../people/guarded.ts'
import { tenantStatement } from '../platform/database.ts'
import { readingCte, readingEntry } from '../platform/reading.ts'
import { utc } from '../platform/sql.ts'
import type { Deps, Request } from '../platform/subject.ts'
import { openBytes, openJson } from '../platform/words.ts'
import { ownOrigins } from '../practice/signals.ts'
import { oneAlertCtes } from './alert-access.ts'
import { newestSignals } from './alert-facts.ts'
import { isOverdue, madeOf } from './list-alerts.ts'
import { shownJson } from './shown-alert.ts'
import { openSignalWords, type SealedSignal } from './signal-words.ts'

type Json = Record<string, unknown>

interface Sealed extends Json {
  readonly id: string
  readonly sealed: string | null
}

interface Seen {
  readonly alert: Json
  /** What the student was told of it. */
  readonly shown: Json
  readonly signals: readonly (SealedSignal & Json)[]
  readonly progress: readonly Json[]
  readonly told: readonly Json[]
  readonly dispositions: readonly Sealed[]
  readonly notices: readonly Sealed[]
  readonly objections: readonly (Sealed & { readonly sealedAnswer: string | null })[]
  readonly notes: readonly Sealed[]
}

interface Row extends Access {
  readonly dataKey: string | null
  readonly seen: Seen | null
}

const rows = (columns: string, from: string, order: string) =>
  `(select coalesce(json_agg(json_build_object(${columns}) order by ${order}), '[]') from ${from})`

const own = (table: string) => `${table} x where x.institution_id = $1::uuid and x.alert_id = a.id`

const named = (id: string) =>
  `(select json_build_object('id', w.id, 'name', w.name) from staff w where w.institution_id = $1::uuid and w.id = ${id})`

const ownNames = ownOrigins.map(name => `'${name}'`).join(', ')

const signalColumns = `'id', g.id, 'kind', g.kind, 'severity', g.severity, 'status', g.status, 'observedAt', ${utc('g.observed_at')},
  'receivedAt', ${utc('g.received_at')}, 'figures', g.figures, 'sealed', encode(g.sealed, 'base64'), 'keyId', g.key_id,
  'dataKey', (select encode(k.data_key, 'base64') from signal_keys k where k.institution_id = $1::uuid and k.id = g.key_id),
  'raiser', json_build_object('kind', case when g.origin in (${ownNames}) then g.origin else 'source' end,
    'id', coalesce(g.raised_by::text, case when g.origin not in (${ownNames}) then g.origin end),
    'name', coalesce((select w.name from staff w where w.institution_id = $1::uuid and w.id = g.raised_by),
      (select w.name from students w where w.institution_id = $1::uuid and w.id = g.raised_by),
      (select o.name from signal_sources o where o.institution_id = $1::uuid and o.id::text = g.origin)))`

/** Whether a disposition `x` is hidden from those who may not know of the case or crisis it led to. */
const hidden = `((x.case_id is not null and not ${knowsCase('x.case_id')})
  or (x.crisis_id is not null and not exists (select from rel where relation in ('owner', 'line_manager'))))`

const seenJson = `(select json_build_object(
  'alert', json_build_object('id', a.id, 'step', a.step, 'severity', a.severity, 'version', a.version, ${madeOf},
    'student', (select json_build_object('id', s.id, 'number', s.number, 'name', s.name) from students s where s.institution_id = $1::uuid and s.id = a.student_id),
    'owner', ${named('a.owner_id')},
    'orgUnit', (select json_build_object('id', u.id, 'nameZh', u.name_zh, 'nameEn', u.name_en) from org_units u where u.institution_id = $1::uuid and u.id = a.org_unit_id),
    'openedAt', ${utc('a.opened_at')}, 'updatedAt', ${utc('a.updated_at')}, 'joinsUntil', ${utc('a.joins_until')}, 'risenAt', ${utc('a.risen_at')},
    'acknowledgedAt', ${utc('a.acknowledged_at')}, 'resolvedAt', ${utc('a.resolved_at')}, 'acknowledgeBy', ${utc('a.acknowledge_by')},
    'resolveBy', ${utc('a.resolve_by')}, 'beyondHorizon', a.beyond_horizon, 'overdue', ${isOverdue}, 'escalation', a.escalation,
    'mergedInto', a.merged_into, 'keyErased', a.data_key is null),
  'shown', ${shownJson()},
  'signals', ${rows(signalColumns, newestSignals('a.id', 500), 'g.observed_at, g.id')},
  'progress', ${rows(
    `'id', g.id, 'kind', g.kind, 'observedAt', ${utc('g.observed_at')}, 'figures', g.figures`,
    `(select * from signals g where g.institution_id = $1::uuid and g.student_id = a.student_id and g.severity is null and g.status = 'open'
      and g.observed_at > a.opened_at - interval '90 days' order by g.observed_at desc, g.id desc limit 20) g`,
    'g.observed_at, g.id',
  )},
  'told', ${rows(
    `'id', x.staff_id, 'name', (select w.name from staff w where w.institution_id = $1::uuid and w.id = x.staff_id), 'why', x.why, 'at', ${utc('x.at')}`,
    `${own('alert_told')} and (x.why <> 'case_owner' or x.staff_id = (select staff_id from me))`,
    'x.at, x.staff_id',
  )},
  'dispositions', ${rows(
    `'id', x.id, 'kind', case when ${hidden} then 'support_arranged' else x.kind end, 'on', x.on_day, 'at', ${utc('x.at')}, 'by', ${named('x.by_id')},
    'caseId', case when not ${hidden} then x.case_id end, 'crisisId', case when not ${hidden} then x.crisis_id end, 'until', x.until_day,
    'flaggedAt', ${utc('x.flagged_at')}, 'sealed', case when not ${hidden} then encode(x.sealed, 'base64') end`,
    own('alert_dispositions'),
    'x.at, x.id',
  )},
  'notices', ${rows(
    `'id', x.id, 'to', x.to_whom, 'method', x.method, 'outcome', x.outcome, 'on', x.on_day, 'at', ${utc('x.at')}, 'by', ${named('x.by_id')},
    'signedAt', ${utc('x.signed_at')}, 'sealed', encode(x.sealed, 'base64')`,
    own('alert_notices'),
    'x.at, x.id',
  )},
  'objections', ${rows(
    `'id', x.id, 'at', ${utc('x.at')}, 'answer', x.answer, 'answeredAt', ${utc('x.answered_at')}, 'sealed', encode(x.sealed, 'base64'),
    'sealedAnswer', encode(x.sealed_answer, 'base64')`,
    own('alert_objections'),
    'x.at, x.id',
  )},
  'notes', ${rows(
    `'id', j.id, 'type', j.type, 'at', ${utc('j.at')}, 'by', ${named('j.actor_id')}, 'sealed', encode(v.sealed, 'base64')`,
    `journal j join vault v on v.institution_id = $1::uuid and v.id = j.id where j.institution_id = $1::uuid and j.subject_id = a.id
      and j.subject_version is not null`,
    'j.subject_version',
  )}) from al a where exists (select from rel))`

/** Parameters: 1–4 caller, 5 alert, 6 entry text, 7 entry id, 8 hour. */
const statement = tenantStatement<Row>(
  'alerts.view',
  `with ${oneAlertCtes},
${readingCte({
  caseId: 'null',
  subjectId: 'al.id',
  from: 'al',
  where: 'exists (select from rel)',
  text: '$6',
  id: '$7',
  hour: '$8',
})}
select ${callerJson} as caller, ${relationsJson} as relations, (select encode(data_key, 'base64') from al) as "dataKey", ${seenJson} as seen`,
)

/** Opens what is sealed under an alert's key; what was erased is null. */
const openerOf = ({ ambient }: Deps, institution: string, alertId: string, dataKey: string | null) => {
  const place = (table: string, row: string, field: string) => ({ institution, subject: alertId, table, row, field })
  return {
    json: (table: string, row: string, field: string, sealed: string | null): Json | null =>
      sealed === null || dataKey === null
        ? null
        : (openJson(ambient, place(table, row, field), dataKey, sealed) as Json),
    words: (row: string, sealed: string | null): string | null =>
      sealed === null || dataKey === null
        ? null
        : openBytes(ambient, place('vault', row, 'words'), dataKey, sealed).toString('utf8'),
  }
}

type Opener = ReturnType<typeof openerOf>

const objectionOf = (open: Opener, { sealed, sealedAnswer, ...objection }: Seen['objections'][number]) => ({
  ...objection,
  words: open.json('alert_objections', objection.id, 'sealed', sealed)?.words ?? null,
  answerWords: open.json('alert_objections', objection.id, 'sealed_answer', sealedAnswer)?.words ?? null,
})

const forStudent = (seen: Seen, open: Opener, relations: readonly string[]) => {
  const { id, step, version, openedAt } = seen.alert
  return {
    id,
    step,
    version,
    openedAt,
    relations,
    ...seen.shown,
    notices: seen.notices
      .filter(notice => notice.to === 'student' && notice.outcome !== 'attempted')
      .map(({ id: noticeId, to, method, outcome, on, signedAt }) => ({
        id: noticeId,
        to,
        method,
        outcome,
        on,
        signedAt,
      })),
    objections: seen.objections.map(objection => objectionOf(open, objection)),
  }
}

const forStaff = (deps: Deps, institution: string, seen: Seen, open: Opener, relations: readonly string[]) => ({
  ...seen.alert,
  relations,
  signals: seen.signals.map(signal => openSignalWords(deps.ambient, institution, signal)),
  progress: seen.progress,
  told: seen.told,
  dispositions: seen.dispositions.map(({ sealed, ...disposition }) => {
    const { words = null, attempts = null } = open.json('alert_dispositions', disposition.id, 'sealed', sealed) ?? {}
    return { ...disposition, words, attempts }
  }),
  notices: seen.notices.map(({ sealed, ...notice }) => ({
    ...notice,
    words: open.json('alert_notices', notice.id, 'sealed', sealed)?.words ?? null,
  })),
  objections: seen.objections.map(objection => objectionOf(open, objection)),
  notes: seen.notes.map(({ sealed, ...note }) => ({ ...note, words: open.words(note.id, sealed) })),
})

/**
 * One alert as its reader may see it, words opened; the reading is journalled by the same statement. One round trip.
 * @throws Problem not_found
 */
export const viewAlert = async (deps: Deps, request: Request, alertId: string) => {
  const { db, ambient } = deps
  const { institution } = request.caller
  const reading = readingEntry(ambient, request, { kind: 'alert', id: alertId }, null)
  const params = callerParams(request.caller, ambient.now())
  const [row] = await db.as(institution).rows(statement, ...params, alertId, ...reading)
  const read = row as Row
  const { relations, dataKey, seen } = read
  requireAccess(request, read, 'alert:read')
  const open = openerOf(deps, institution, alertId, dataKey)
  const found = seen as Seen
  const works = relations.some(relation => relation !== 'student')
  return works ? forStaff(deps, institution, found, open, relations) : forStudent(found, open, relations)
}
