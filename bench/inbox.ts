import { once } from 'node:events'
import type pg from 'pg'
import { rate, send, startService } from './load.ts'
import { median, show } from './show.ts'
import { institution, inWorld, issue, ownerId, seconds, type World } from './world.ts'

const unit = (letter: string) => `0193a000-0000-7000-8000-00000000000${letter}`
const managerId = '0193a000-0000-7000-8000-0000000000bb'
const colleagueId = '0193a000-0000-7000-8000-0000000000cc'
const [few, many] = [10_000, 1_000_000]
const signalsAnAlert = 4
const openAlerts = 600
const ceiling = 1.5
const rounds = Number(process.env.BENCH_ROUNDS ?? 5)

/** A counsellor, a colleague and their manager, and 20,000 students of a college; another college beside it. */
const fillPeople = (client: pg.Client): Promise<unknown> => {
  const i = `'${institution}'::uuid`
  return client.query(`
    insert into institutions values (${i}, '校', 'School', 'Asia/Shanghai', now());
    insert into org_units values (${i}, '${unit('a')}', 'a', null, 'college', '院', 'A'), (${i}, '${unit('b')}', 'b', null, 'college', '院', 'B');
    insert into org_ancestors select ${i}, id, id, 0 from org_units;
    insert into staff values (${i}, '${ownerId}', 'owner', '李'), (${i}, '${managerId}', 'manager', '周'), (${i}, '${colleagueId}', 'colleague', '赵');
    insert into identities values (${i}, 'bangfu', 'owner', '${ownerId}', null, now()), (${i}, 'bangfu', 'manager', '${managerId}', null, now());
    insert into staff_roles values (${i}, '${ownerId}', 'counsellor', '${unit('a')}', '2020-01-01', null),
      (${i}, '${colleagueId}', 'counsellor', '${unit('a')}', '2020-01-01', null), (${i}, '${managerId}', 'line_manager', '${unit('a')}', '2020-01-01', null);
    insert into students select ${i}, ('0193a001-0000-7000-8000-0000' || lpad(n::text, 8, '0'))::uuid, 'n' || n, '学生' || n, null, null, '软件', '2025',
      '${unit('a')}', 'enrolled' from generate_series(0, 19999) n`)
}

/**
 * Signals and the alerts they made. The newest alerts of the first fill are open; what comes later is history, but for
 * one in fifty in the other college. The triggers, which write the moves, are left out: no list reads moves.
 */
const fillSignals = async (client: pg.Client, from: number, to: number): Promise<void> => {
  const i = `'${institution}'::uuid`
  const id = (kind: string, n: string) => `('0193${kind}-0000-7000-8000-' || lpad((${n})::text, 12, '0'))::uuid`
  const student = (n: string) => `('0193a001-0000-7000-8000-0000' || lpad(((${n}) * 7919 % 20000)::text, 8, '0'))::uuid`
  const later = from > 0
  const step = later
    ? "case when n % 50 = 0 then 'raised' else 'resolved' end"
    : `case when n < ${openAlerts} then 'raised' else 'resolved' end`
  await client.query(`
    alter table alerts disable trigger user;
    insert into alerts (institution_id, id, step, step_since, version, writes, move_count, opened_at, updated_at, student_id, org_unit_id, owner_id,
        severity, joins_until, signal_count, acknowledge_by, resolve_by, beyond_horizon, rules_version, escalation)
      select ${i}, ${id('a002', 'n')}, ${step}, 1, 1, 1, 0, now() - n * interval '1 minute', now(), ${student('n')},
        case when ${later} and n % 50 = 0 then '${unit('b')}'::uuid else '${unit('a')}'::uuid end,
        case when n % 3 = 0 and not (${later} and n % 50 = 0) then '${ownerId}'::uuid else '${colleagueId}'::uuid end,
        'yellow', now(), ${signalsAnAlert}, now() + interval '1 day', now() + interval '5 days', false, 0, 0
      from generate_series(${from / signalsAnAlert}, ${to / signalsAnAlert - 1}) n;
    alter table alerts enable trigger user;
    insert into alert_told select institution_id, id, '${ownerId}', 'routed', opened_at, opened_at, step <> 'resolved' from alerts
      where owner_id = '${colleagueId}' and signal_count = ${signalsAnAlert} and id >= ${id('a002', String(from / signalsAnAlert))}
        and student_id::text like '%5' and org_unit_id = '${unit('a')}';
    insert into signals (institution_id, id, origin, external_id, student_number, student_id, kind, severity, status, observed_at, received_at, revision,
        figures, pending, alert_id)
      select ${i}, ${id('a003', 'n')}, 'rules', 's-' || n, 'n' || (n / ${signalsAnAlert} * 7919 % 20000), ${student(`n / ${signalsAnAlert}`)},
        'failed_course', 'yellow', 'open', now(), now(), 1, '{"score":43}', false, ${id('a002', `n / ${signalsAnAlert}`)}
      from generate_series(${from}, ${to - 1}) n`)
  await client.query('vacuum analyze')
}

/** Pages of the inbox a second, of one member of staff. */
const pages = (base: string, subject: string): Promise<number> => {
  const token = issue({ subject, institution, lifetimeSeconds: 86_000 })
  return rate(seconds, () => async () => {
    const answer = await send(token, base, 'GET', '/v1/alerts?limit=50', {})
    if (answer.status !== 200 || JSON.parse(answer.text).items.length !== 50) throw new Error(answer.text)
  })
}

/** A service in front of so many signals. */
const inFrontOf = async ({ client, url }: World, signals: number) => {
  await fillPeople(client)
  await fillSignals(client, 0, few)
  if (signals > few) await fillSignals(client, few, signals)
  const { child, base } = await startService(url, false)
  const stop = async () => {
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
  return { base, stop }
}

/** Times as long in front of many signals as in front of few, round by round so that both meet the same machine. */
const compared = async (bases: readonly [string, string], subject: string): Promise<number> => {
  for (const base of bases) await pages(base, subject)
  const found: number[] = []
  for (let n = 0; n < rounds; n++) {
    const before = await pages(bases[0], subject)
    found.push(before / (await pages(bases[1], subject)))
  }
  const [low, high] = [Math.min(...found), Math.max(...found)]
  const span = `${low.toFixed(2)}–${high.toFixed(2)}; ceiling ${ceiling.toFixed(2)}`
  show(`inbox page, ${subject}, 1,000,000 ÷ 10,000 signals`, `${median(found).toFixed(2)} (${span})`)
  return median(found)
}

/** The inbox in front of many signals against few. @returns whether the ceiling is kept */
export const benchInbox = (): Promise<boolean> =>
  inWorld('inbox_few', small =>
    inWorld('inbox_many', async large => {
      const [before, after] = [await inFrontOf(small, few), await inFrontOf(large, many)]
      const bases = [before.base, after.base] as const
      const owner = await compared(bases, 'owner')
      const manager = await compared(bases, 'manager')
      await before.stop()
      await after.stop()
      return Math.max(owner, manager) <= ceiling
    }),
  )
