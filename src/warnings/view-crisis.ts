import { relatedCases } from '../cases/access.ts'
import { callerJson, callerParams } from '../people/actor.ts'
import { type Access, relationsJson, requireAccess } from '../people/guarded.ts'
import { tenantStatement } from '../platform/database.ts'
import { readingCte, readingEntry } from '../platform/reading.ts'
import { utc } from '../platform/sql.ts'
import type { Deps, Request } from '../platform/subject.ts'
import { Problem } from '../practice/problems.ts'
import { oneCrisisCtes } from './crisis-access.ts'
import { openWords } from './crisis-words.ts'

type Item = { readonly id: string } & Readonly<Record<string, unknown>>

interface View extends Item {
  readonly version: number
  readonly sealed: string | null
  readonly responders: readonly Item[]
  readonly measures: readonly Item[]
  readonly notices: readonly Item[]
  readonly exemptions: readonly Item[]
  readonly decisions: readonly Item[]
  readonly debriefs: readonly Item[]
}

interface Row extends Access {
  readonly view: View | null
  readonly dataKey: string | null
}

const sealedAs = (...columns: readonly string[]) =>
  columns.map(column => `'${column}', encode(x.${column}, 'base64')`).join(', ')

const items = (table: string, columns: string) =>
  `(select coalesce(json_agg(json_build_object('id', x.id, 'byId', x.by_id, 'writtenAt', ${utc('x.at')}, ${columns}) order by x.version, x.id), '[]')
    from ${table} x where x.institution_id = $1::uuid and x.crisis_id = c.id)`

const person = (table: string, id: string, more = '') =>
  `(select json_build_object('id', p.id, 'name', p.name${more}) from ${table} p where p.institution_id = $1::uuid and p.id = ${id})`

/** Parameters: 1–4 caller, 5 crisis, 6 entry text, 7 entry id, 8 hour. */
const load = tenantStatement<Row>(
  'crises.view',
  `with ${oneCrisisCtes},
${readingCte({ caseId: 'null::uuid', subjectId: 'c.id', from: 'c', where: 'exists (select from rel)', text: '$6', id: '$7', hour: '$8' })}
select ${callerJson} as caller, ${relationsJson} as relations, (select encode(data_key, 'base64') from c) as "dataKey",
  (select json_build_object('id', c.id, 'kind', c.kind, 'subkind', c.subkind, 'step', c.step, 'version', c.version,
    'student', ${person('students', 'c.student_id', ", 'number', p.number")}, 'lead', ${person('staff', 'c.lead_id')},
    'orgUnitId', c.org_unit_id, 'alertId', c.alert_id,
    'caseId', (select k.id from (${relatedCases('select x.case_id from crises x where x.institution_id = $1::uuid and x.id = $5::uuid')}) k),
    'openedAt', ${utc('c.opened_at')}, 'updatedAt', ${utc('c.updated_at')}, 'closedAt', ${utc('c.closed_at')},
    'dueAt', ${utc('c.due_at')}, 'beyondHorizon', c.beyond_horizon, 'overdue', coalesce(c.due_at < $4::timestamptz, false), 'escalation', c.escalation,
    'outcome', c.outcome, 'outcomeOn', c.outcome_on, 'endReason', c.end_reason, 'sealed', encode(c.sealed, 'base64'),
    'responders', ${items('crisis_responders', `'kind', x.kind, 'staffId', x.staff_id, 'contactedAt', ${utc('x.contacted_at')}, 'answeredAt', ${utc('x.answered_at')}, 'answer', x.answer, 'releasedAt', ${utc('x.released_at')}, ${sealedAs('sealed', 'sealed_answer')}`)},
    'measures', ${items('crisis_measures', `'kind', x.kind, 'basis', x.basis, 'from', ${utc('x.from_at')}, 'until', ${utc('x.until_at')}, 'endedAt', ${utc('x.ended_at')}, 'endedHow', x.ended_how, ${sealedAs('sealed', 'sealed_end')}`)},
    'notices', ${items('crisis_notices', `'method', x.method, 'outcome', x.outcome, 'at', ${utc('x.on_at')}, ${sealedAs('sealed')}`)},
    'exemptions', ${items('crisis_exemptions', `'from', x.exempt_from, 'reason', x.reason, ${sealedAs('sealed')}`)},
    'decisions', ${items('crisis_decisions', `'decision', x.decision, 'decidedOn', x.decided_on, 'appealedOn', x.appealed_on, 'settledOn', x.settled_on, 'result', x.result, ${sealedAs('sealed', 'sealed_appeal', 'sealed_result')}`)},
    'debriefs', ${items('crisis_debriefs', `'on', x.on_day, ${sealedAs('sealed')}`)})
    from c where exists (select from rel)) as view`,
)

/** What the words of each sealed column are called in the answer. */
const namesOf: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  sealed: {},
  sealed_answer: { note: 'answerNote' },
  sealed_end: { note: 'endNote' },
  sealed_appeal: { note: 'appealNote' },
  sealed_result: { note: 'resultNote' },
}

/** An item with its sealed columns opened. */
const opened = (
  deps: Deps,
  institution: string,
  crisisId: string,
  dataKey: string | null,
  table: string,
  item: Item,
) => {
  const { id } = item
  const words = Object.entries(namesOf).flatMap(([field, names]) => {
    const sealed = (item[field] as string | null | undefined) ?? null
    const found = openWords(deps, { institution, crisisId, table, row: id, field }, dataKey, sealed)
    return Object.entries(found).map(([name, text]) => [names[name] ?? name, text] as const)
  })
  const plain = Object.entries(item).filter(([name]) => !(name in namesOf))
  return { ...Object.fromEntries(plain), ...Object.fromEntries(words) }
}

/**
 * One crisis with its words; the reading is journalled by the same statement.
 * @throws Problem not_found, not_permitted, key_is_erased
 */
export const viewCrisis = async (deps: Deps, request: Request, crisisId: string) => {
  const { institution } = request.caller
  const { ambient } = deps
  const [row] = await deps.db
    .as(institution)
    .rows(
      load,
      ...callerParams(request.caller, ambient.now()),
      crisisId,
      ...readingEntry(ambient, request, { kind: 'crisis', id: crisisId }, null),
    )
  const found = row as Row
  requireAccess(request, found, 'crisis:read')
  if (!found.view) throw new Problem('not_found')
  const { view, dataKey } = found
  const open = (table: string, list: readonly Item[]) =>
    list.map(item => opened(deps, institution, crisisId, dataKey, table, item))
  return {
    ...opened(deps, institution, crisisId, dataKey, 'crises', view),
    version: view.version,
    relations: found.relations,
    responders: open('crisis_responders', view.responders),
    measures: open('crisis_measures', view.measures),
    notices: open('crisis_notices', view.notices),
    exemptions: open('crisis_exemptions', view.exemptions),
    decisions: open('crisis_decisions', view.decisions),
    debriefs: open('crisis_debriefs', view.debriefs),
  }
}
