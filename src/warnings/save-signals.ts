import { commandStatement } from '../platform/command.ts'

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
  `s as materialized (select x.* from given cross join jsonb_to_recordset(given.e->'states') x(${columns})),
go as materialized (select free.ok and not exists (select from s where s.replaces is not null and not exists (
  select from signals g where g.institution_id = $1::uuid and g.id = s.id and g.revision = s.replaces)) ok from free),
keyed as (insert into signal_keys (institution_id, id, month, data_key)
  select $1::uuid, k.id, k.month, decode(k."dataKey", 'base64') from given cross join go
  cross join jsonb_to_record(given.e->'newKey') k(id uuid, month text, "dataKey" text) where go.ok and k.id is not null),
used as (insert into signal_usage (institution_id, source_id, day, shard, taken)
  select $1::uuid, q."sourceId", q.day, q.shard, q.taken from given cross join go
  cross join jsonb_to_record(given.e->'usage') q("sourceId" uuid, day text, shard int, taken int) where go.ok and q.day is not null
  on conflict (institution_id, source_id, day, shard) do update set taken = signal_usage.taken + excluded.taken),
made as (insert into signals (institution_id, id, origin, external_id, student_number, student_id, kind, severity, status, observed_at,
    received_at, revision, figures, sealed, key_id, raised_by, pending)
  select $1::uuid, s.id, given.e->>'origin', (given.e->>'prefix') || s."externalId", s.student, s."studentId", s.kind, s.severity, s.status, s."observedAt",
    (given.e->>'at')::timestamptz, s.revision, s.figures, decode(s.sealed, 'base64'),
    case when s.sealed is not null then (given.e->>'keyId')::uuid end, (given.e->>'raisedBy')::uuid, ${needsFusion('s."studentId"')}
  from s cross join given cross join go where go.ok and s.replaces is null order by s."externalId"),
kept as (insert into signal_history (${historyColumns})
  select ${replaced} from s join signals g on g.institution_id = $1::uuid and g.id = s.id and g.revision = s.replaces
  cross join go where go.ok order by g.id),
changed as (update signals g set kind = s.kind, severity = s.severity, status = s.status, observed_at = s."observedAt",
    received_at = (given.e->>'at')::timestamptz, revision = s.revision, figures = s.figures, sealed = decode(s.sealed, 'base64'),
    key_id = case when s.sealed is not null then (given.e->>'keyId')::uuid end, student_id = coalesce(g.student_id, s."studentId"),
    pending = (${needsFusion('coalesce(g.student_id, s."studentId")')}) or (g.alert_id is not null and not exists (
      select from alerts a where a.institution_id = $1::uuid and a.id = g.alert_id and a.step = 'resolved'))
  from s cross join given cross join go
  where go.ok and g.institution_id = $1::uuid and g.id = s.id and g.revision = s.replaces),
late as (insert into signal_history (${historyColumns})
  select $1::uuid, x.id, x."observedAt", x.status, (given.e->>'at')::timestamptz, x.observation, decode(x.sealed, 'base64'),
    case when x.sealed is not null then (given.e->>'keyId')::uuid end
  from given cross join go
  cross join jsonb_to_recordset(given.e->'late') x(id uuid, "observedAt" timestamptz, status text, observation jsonb, sealed text)
  where go.ok on conflict (institution_id, signal_id, observed_at, status) do nothing)`,
  '(select ok from go)',
)
