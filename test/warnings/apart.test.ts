import t from 'tap'
import { following } from '../../src/platform/follow.ts'
import { givenAlert, givenCalendar, givenSignals } from '../support/alerts.ts'
import { givenCase } from '../support/cases.ts'
import { givenCrisis } from '../support/crises.ts'
import { givenSchool, givenService, type Service } from '../support/service.ts'

const other = '00000000-0000-4000-8000-000000000001'

/** Copies an institution's people and warnings, row by row, into another that is served before it. */
const givenOther = async (service: Service) => {
  const copied = async (table: string) => {
    const columns = await service.asOwner(
      `select string_agg(column_name, ', ') as names from information_schema.columns
       where table_name = '${table}' and column_name <> 'institution_id' and is_generated = 'NEVER'`,
    )
    const names = columns[0]?.names
    return `insert into ${table} (institution_id, ${names}) select '${other}', ${names} from ${table} where institution_id = '${service.institution}';`
  }
  const tables = ['org_units', 'org_ancestors', 'staff', 'staff_roles', 'students', 'warning_settings']
  const warned = ['alerts', 'alert_dispositions', 'crises', 'cases', 'signals']
  const copies = await Promise.all([...tables, ...warned].map(copied))
  await service.asOwner(
    `insert into institutions (id, name_zh, name_en, time_zone, created_at) values ('${other}', '别处', 'Elsewhere', 'Asia/Shanghai', now());
     set session_replication_role = replica; ${copies.join('\n')} set session_replication_role = default`,
  )
}

t.test('whatever waits at one institution is done though another’s cannot be', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const [one, two, three] = ['1', '2', '3'].map(number => students[number] as string) as [string, string, string]
  await givenAlert(service, one)
  await givenCrisis(service, two)
  await givenCase(service, two)
  await givenCalendar(service)
  await givenSignals(service, [{ studentId: three }])
  await service.asOwner(
    `update alerts set escalates_at = '2026-09-01', beyond_horizon = true, rules_version = 0, acknowledge_by = null;
     update crises set escalates_at = '2026-09-01', due_at = '2026-09-01';
     insert into alert_dispositions (institution_id, id, alert_id, kind, on_day, version, by_id, at, until_day)
       select institution_id, id, id, 'watch', '2026-09-01', 1, owner_id, now(), '2026-09-01' from alerts`,
  )
  await givenOther(service)
  await service.asOwner(
    `create function refuse() returns trigger language plpgsql as $$ begin raise exception 'full'; end $$;
     create trigger refuse before insert on journal for each row when (new.institution_id = '${other}') execute function refuse()`,
  )
  const told = async (institution: string) =>
    (await service.asOwner(`select type from journal where institution_id = '${institution}' order by seq`)).map(row =>
      String(row.type),
    )
  for (const [name, ...types] of [
    ['escalate-overdue', 'alert.escalated', 'crisis.escalated'],
    ['end-watches', 'alert.watch_ended'],
    ['set-targets', 'alert.targeted'],
    ['hold-cases-in-crisis', 'hold.opened'],
    ['fuse-signals', 'alert.raised'],
  ] as [string, ...string[]][]) {
    const before = (await told(service.institution)).length
    await t.rejects(service.work(name), { name: 'PartlyFailed', message: new RegExp(`^${other}: `) }, name)
    const now = (await told(service.institution)).slice(before)
    for (const type of types) t.ok(now.includes(type), type)
  }
  t.same(await told(other), [])
})

t.test('a follower of the journal goes on at one institution though it cannot at another', async t => {
  const service = await givenService(t)
  await givenOther(service)
  const unit = { externalId: 'school', parent: null, kind: 'school', nameZh: '学校' }
  for (const institution of [other, service.institution]) await service.roster('org-units', [unit], institution)
  await service.seal()
  const heard: string[] = []
  const follower = following(service.db, {
    name: 'half-deaf',
    types: ['roster.changed'],
    handle: async (_, institution) => {
      if (institution === other) throw new RangeError('no such zone')
      heard.push(institution)
    },
  })
  for (let pass = 0; pass < 2; pass++)
    await t.rejects(follower.pass(), {
      name: 'PartlyFailed',
      more: pass === 0,
      message: `${other}: RangeError: no such zone`,
    })
  t.same(heard, [service.institution], 'each entry once')
})
