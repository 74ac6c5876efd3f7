import { commandStatement } from '../platform/command.ts'
import { probe } from './load-signals.ts'

const columns = `id uuid, "externalId" text, student text, "studentId" uuid, kind text, severity text, status text,
  "observedAt" timestamptz, figures jsonb, sealed text, revision int, replaces int`

/** A row of `signal_history` made of what stands at signal `g`. */
const replaced = `g.institution_id, g.id, g.observed_at, g.status, g.received_at,
  jsonb_build_object('kind', g.kind, 'severity', g.severity, 'figures', g.figures), g.sealed, g.key_id`

const historyColumns = 'institution_id, signal_id, observed_at, status, received_at, observation, sealed, key_id'

const needsFusion = (studentId: string) => `${studentId} is not null and s.status = 'open' and s.severity is not null`

/**
 * Stores signals of one origin, all or nothing: `states` are new or replace the revision they name, `late` is history
 * already. Two writers of one signal collide on `signals_once` or `signal_history_pk`, and the second loads again.
 * Effects JSON: `origin`, `prefix`, `at`, `raisedBy`, `keyId`, `newKey {id, month, dataKey}`, `usage {sourceId, day, shard, taken}`,
 * `states`, `late`.
 */
export const saveSignals = commandStatement(
  'signals.save',
  `o as materialized (select e->>'origin' as origin, e->>'prefix' as prefix, (e->>'at')::timestamptz as at, (e->>'raisedBy')::uuid as raised_by,
  (e->>'keyId')::uuid as key_id from given),
s as materialized (select x.* from given cross join jsonb_to_recordset(given.e->'states') x(${columns})),
r as materialized (select * from s where s.replaces is not null),
go as materialized (select free.ok and (select count(*) from r) = (select count(*) from r cross join lateral (
  select from signals g where g.institution_id = $1::uuid and g.id = r.id and g.revision = r.replaces limit 1) g) ok from free),
keyed as (insert into signal_keys (institution_id, id, month, data_key)
  select $1::uuid, k.id, k.month, decode(k."dataKey", 'base64') from given cross join go
  cross join jsonb_to_record(given.e->'newKey') k(id uuid, month text, "dataKey" text) where go.ok and k.id is not null),
used as (insert into signal_usage (institution_id, source_id, day, shard, taken)
  select $1::uuid, q."sourceId", q.day, q.shard, q.taken from given cross join go
  cross join jsonb_to_record(given.e->'usage') q("sourceId" uuid, day text, shard int, taken int) where go.ok and q.day is not null
  on conflict (institution_id, source_id, day, shard) do update set taken = signal_usage.taken + excluded.taken),
made as (insert into signals (institution_id, id, origin, external_id, student_number, student_id, kind, severity, status, observed_at,
    received_at, revision, figures, sealed, key_id, raised_by, pending)
  select $1::uuid, s.id, o.origin, o.prefix || s."externalId", s.student, s."studentId", s.kind, s.severity, s.status, s."observedAt",
    o.at, s.revision, s.figures, decode(s.sealed, 'base64'),
    case when s.sealed is not null then o.key_id end, o.raised_by, ${needsFusion('s."studentId"')}
  from s cross join o cross join go where go.ok and s.replaces is null order by s."externalId"),
kept as (insert into signal_history (${historyColumns})
  select ${replaced} from r cross join lateral (select * from signals x
    where x.institution_id = $1::uuid and x.id = r.id and x.revision = r.replaces limit 1) g
  cross join go where go.ok order by g.id),
changed as (update signals g set kind = s.kind, severity = s.severity, status = s.status, observed_at = s."observedAt",
    received_at = o.at, revision = s.revision, figures = s.figures, sealed = decode(s.sealed, 'base64'),
    key_id = case when s.sealed is not null then o.key_id end, student_id = coalesce(g.student_id, s."studentId"),
    pending = (${needsFusion('coalesce(g.student_id, s."studentId")')}) or (g.alert_id is not null and coalesce((select a.step from alerts a
      where a.institution_id = $1::uuid and ${probe('a.id', 'g.alert_id')}), '') <> 'resolved')
  from r s cross join o cross join go
  where go.ok and g.institution_id = $1::uuid and g.id = any (array(select id from r)) and g.id = s.id and g.revision = s.replaces),
late as (insert into signal_history (${historyColumns})
  select $1::uuid, x.id, x."observedAt", x.status, o.at, x.observation, decode(x.sealed, 'base64'),
    case when x.sealed is not null then o.key_id end
  from given cross join o cross join go
  cross join jsonb_to_recordset(given.e->'late') x(id uuid, "observedAt" timestamptz, status text, observation jsonb, sealed text)
  where go.ok on conflict (institution_id, signal_id, observed_at, status) do nothing)`,
  '(select ok from go)',
)
