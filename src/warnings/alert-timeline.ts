import { callerJson, callerParams, type KnownCaller, knownCaller, requirePermission } from '../people/actor.ts'
import { relationsJson } from '../people/guarded.ts'
import { tenantStatement } from '../platform/database.ts'
import type { Deps, Request } from '../platform/subject.ts'
import { knowsCase, oneAlertCtes } from './alert-access.ts'
import { requireRelation } from './alert-facts.ts'

interface Row {
  readonly caller: KnownCaller
  readonly relations: readonly string[]
  readonly items: string
  readonly count: number
  readonly last: number | null
}

/** An entry `p` as its reader may see it: without the case or crisis they may not know of. */
const shown = `case when (p.case_id is not null and not ${knowsCase('p.case_id')})
  or (p.entry::jsonb #> '{data,crisisId}' is not null and not exists (select from rel where relation in ('owner', 'line_manager')))
then jsonb_set(p.entry::jsonb || '{"caseId":null}', '{data}', jsonb_build_object('dispositionId', p.entry::jsonb #> '{data,dispositionId}', 'kind', 'support_arranged'))
else p.entry::jsonb end`

/** Parameters: 1–4 caller, 5 alert, 6 version after which, 7 limit. */
const statement = tenantStatement<Row>(
  'alerts.timeline',
  `with ${oneAlertCtes},
v as materialized (select j.subject_version, j.position, j.entry, j.actor_id, j.case_id from journal j join al on al.id = j.subject_id
  where j.institution_id = $1::uuid and j.subject_version is not null and j.subject_version > $6::int order by j.subject_version limit $7::int + 1),
p as materialized (select * from v order by subject_version limit $7::int)
select ${callerJson} as caller, ${relationsJson} as relations, (select count(*)::int from v) as count, (select max(subject_version) from p) as last,
  (select coalesce(json_agg(json_build_object('position', p.position, 'actorName', coalesce(w.name, s.name), 'entry', ${shown}) order by p.subject_version), '[]')::text
    from p left join staff w on w.institution_id = $1::uuid and w.id = p.actor_id
    left join students s on s.institution_id = $1::uuid and s.id = p.actor_id) as items`,
)

/** A page of what happened to an alert, oldest first. One round trip. @throws Problem not_found */
export const alertTimeline = async (
  { db, ambient }: Deps,
  request: Request,
  input: { alertId: string; after: number; limit: number },
) => {
  const params = callerParams(request.caller, ambient.now())
  const [row] = await db
    .as(request.caller.institution)
    .rows(statement, ...params, input.alertId, input.after, input.limit)
  const found = row as Row
  requirePermission(request.caller, knownCaller(request.caller, found.caller), 'alert:timeline')
  requireRelation('alert:timeline', found.relations)
  return { items: found.items, more: found.count > input.limit, last: found.last }
}
