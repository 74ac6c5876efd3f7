import { knowsCase } from '../cases/access.ts'
import { historyOf } from '../records/history.ts'
import { oneAlertCtes } from './alert-access.ts'

/** An entry `p` as its reader may see it: without the case or crisis they may not know of. */
const shown = `case when (p.case_id is not null and not ${knowsCase('p.case_id')})
  or (p.entry::jsonb #> '{data,crisisId}' is not null and not exists (select from rel where relation in ('owner', 'line_manager')))
then jsonb_set(p.entry::jsonb || '{"caseId":null}', '{data}', jsonb_build_object('dispositionId', p.entry::jsonb #> '{data,dispositionId}', 'kind', 'support_arranged'))
else p.entry::jsonb end`

/** What happened to an alert. */
export const alertTimeline = historyOf(
  { table: 'alerts', ctes: `${oneAlertCtes},\nc as (select * from al)` },
  'alert:timeline',
  shown,
)
