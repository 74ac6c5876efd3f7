import { callerCtes, callerJson, callerParams, knownCaller, requirePermission } from '../people/actor.ts'
import { type PageRow, readPage } from '../people/page.ts'
import { studentVisible } from '../people/student-access.ts'
import { listName, readCursor, signCursor } from '../platform/cursor.ts'
import { tenantStatement } from '../platform/database.ts'
import { type Entry, entryText, onceAnHour, readHour } from '../platform/journal.ts'
import { utc } from '../platform/sql.ts'
import type { Deps, Request } from '../platform/subject.ts'
import { Problem } from '../practice/problems.ts'
import { ownOrigins } from '../practice/signals.ts'
import { relatedAlerts } from './alert-access.ts'
import { readsWords, standsClose } from './signal-access.ts'
import { openSignalWords, type SealedSignal } from './signal-words.ts'

/** What is asked of a list. */
export interface Asked {
  readonly limit: number
  readonly cursor?: string | undefined
}

const own = ownOrigins.map(name => `'${name}'`).join(', ')

/** Where signal `g` comes from: its source by name, and its id as the sender gave it. */
const origin = `'origin', case when g.origin in (${own}) then g.origin else 'source' end,
  'source', (select json_build_object('id', o.id, 'name', o.name) from signal_sources o where o.institution_id = $1::uuid and o.id::text = g.origin),
  'externalId', case when g.origin = 'people' then substr(g.external_id, 38) else g.external_id end,
  'raisedBy', (select json_build_object('id', g.raised_by, 'name', coalesce(
    (select w.name from staff w where w.institution_id = $1::uuid and w.id = g.raised_by),
    (select w.name from students w where w.institution_id = $1::uuid and w.id = g.raised_by))) where g.raised_by is not null)`

type Page = Omit<PageRow, 'items'>

/** Parameters: 1–4 caller, 5 limit, 6 and 7 cursor (number, id). */
const quarantineStatement = tenantStatement<PageRow>(
  'signals.quarantine',
  `with ${callerCtes},
v as materialized (select g.* from signals g where g.institution_id = $1::uuid and g.student_id is null
  and ($6::text is null or (g.student_number, g.id) > ($6::text, $7::uuid)) order by g.student_number, g.id limit $5::int + 1),
p as materialized (select * from v order by student_number, id limit $5::int)
select ${callerJson} as caller, (select count(*)::int from v) as count,
  (select json_build_array(student_number, id) from p order by student_number desc, id desc limit 1) as last,
  (select coalesce(json_agg(json_build_object('id', g.id, 'studentNumber', g.student_number, ${origin},
    'observedAt', ${utc('g.observed_at')}, 'receivedAt', ${utc('g.received_at')}) order by g.student_number, g.id), '[]')::text from p g) as items`,
)

/**
 * Signals whose student number nobody has, by number: where from and when, not what. One round trip.
 * @throws Problem not_permitted, bad_cursor
 */
export const listQuarantine = (deps: Deps, { caller }: Request, input: Asked) =>
  readPage(deps, caller, quarantineStatement, {
    operation: 'listQuarantine',
    input,
    permission: 'signals:quarantine',
  })

/** Stands for the reader in the entry the reading statement writes itself. */
const readerId = '00000000-0000-0000-0000-000000000000'

/** Parameters: 1–4 caller, 5 student, 6 limit, 7 and 8 cursor (observed_at, id), 9 entry text, 10 entry id, 11 hour. */
const ofStudentStatement = tenantStatement<Page & { found: boolean; items: readonly SealedSignal[] }>(
  'signals.of_student',
  `with ${callerCtes},
st as materialized (select s.id, s.org_unit_id from students s where s.institution_id = $1::uuid and s.id = $5::uuid and ${studentVisible}),
v as materialized (select g.* from st join signals g on g.institution_id = $1::uuid and g.student_id = st.id
  where $7::timestamptz is null or (g.observed_at, g.id) < ($7::timestamptz, $8::uuid) order by g.observed_at desc, g.id desc limit $6::int + 1),
close as materialized (select from st where ${standsClose('st')}),
p as materialized (select v.*, v.sealed is not null and ${readsWords('v', 'close')} as legible from v order by observed_at desc, id desc limit $6::int),
told as (insert into journal (institution_id, id, type, at, actor_id, subject_id, read_hour, entry)
  select $1::uuid, $10::uuid, 'signals.read', ($9::text::json->>'at')::timestamptz, me.staff_id, st.id, $11::text, replace($9::text, '${readerId}', me.staff_id::text)
  from st cross join me where me.staff_id is not null and exists (select from p where p.legible)
  ${onceAnHour})
select ${callerJson} as caller, exists (select from st) as found, (select count(*)::int from v) as count,
  (select json_build_array(observed_at::text, id) from p order by observed_at, id limit 1) as last,
  (select coalesce(json_agg(json_build_object('id', g.id, ${origin}, 'kind', g.kind, 'severity', g.severity, 'status', g.status,
      'observedAt', ${utc('g.observed_at')}, 'receivedAt', ${utc('g.received_at')}, 'revision', g.revision, 'figures', g.figures,
      'alertId', (${relatedAlerts('g.alert_id')}), 'sealed', case when g.legible then encode(g.sealed, 'base64') end, 'keyId', g.key_id,
      'dataKey', (select encode(k.data_key, 'base64') from signal_keys k where k.institution_id = $1::uuid and k.id = g.key_id))
    order by g.observed_at desc, g.id desc), '[]') from p g) as items`,
)

/**
 * Signals of a student, newest first, positive ones too, with figures, and with words for whoever needs to know them;
 * reading words is journalled by the same statement, once per actor, student and hour.
 * @throws Problem not_permitted, not_found, bad_cursor
 */
export const listOfStudent = async (deps: Deps, request: Request, studentId: string, asked: Asked) => {
  const { ambient } = deps
  const { caller, accessReason } = request
  const list = listName('listStudentSignals', { studentId })
  const after = asked.cursor === undefined ? [] : readCursor(ambient.keys.cursor, list, asked.cursor)
  const at = ambient.now().toISOString()
  const id = ambient.newId()
  const entry: Entry = {
    id,
    type: 'signals.read',
    at,
    institution: caller.institution,
    actor: { kind: 'staff', id: readerId },
    subject: { kind: 'student', id: studentId, version: null },
    caseId: null,
    request: request.requestId,
    ...(accessReason ? { reason: accessReason } : {}),
  }
  const [row] = await deps.db
    .as(caller.institution)
    .rows(
      ofStudentStatement,
      ...callerParams(caller, ambient.now()),
      studentId,
      asked.limit,
      (after[0] as string | undefined) ?? null,
      (after[1] as string | undefined) ?? null,
      entryText(entry),
      id,
      readHour(entry),
    )
  const page = row as Page & { found: boolean; items: readonly SealedSignal[] }
  requirePermission(caller, knownCaller(caller, page.caller), 'signals:read')
  if (!page.found) throw new Problem('not_found')
  const next = page.count > asked.limit && page.last ? signCursor(ambient.keys.cursor, list, page.last) : null
  const items = page.items.map(each => {
    const { words: note, ...signal } = openSignalWords(ambient, caller.institution, each)
    return { ...signal, note }
  })
  return { body: { items, next }, next }
}
