import type pg from 'pg'
import { newSubjectKey } from '../src/platform/words.ts'
import { ambient, clients, institution, ownerId } from './world.ts'

/** The case each client moves. */
export const caseId = (client: number) => `00000000-0000-7000-8000-0000000000${String(client).padStart(2, '0')}`

/** A believable amount of data: 20,000 students with a closed case each, 2,000 open ones, and one case a client to move. */
export const fill = async (client: pg.Client): Promise<void> => {
  const i = `'${institution}'::uuid`
  await client.query(`
    insert into institutions values (${i}, '校', 'School', 'Asia/Shanghai', now());
    insert into org_units values (${i}, '0193a000-0000-7000-8000-00000000000a', 'u', null, 'college', '院', 'College');
    insert into org_ancestors values (${i}, '0193a000-0000-7000-8000-00000000000a', '0193a000-0000-7000-8000-00000000000a', 0);
    insert into staff select ${i}, ('0193a000-0000-7000-8000-0000000' || lpad(n::text, 5, '0'))::uuid, 's' || n, '员' || n from generate_series(1, 100) n;
    insert into staff values (${i}, '${ownerId}', 'owner', '李老师');
    insert into identities values (${i}, 'bangfu', 'owner', '${ownerId}', null, now());
    insert into staff_roles select ${i}, id, 'counsellor', '0193a000-0000-7000-8000-00000000000a', '2020-01-01', null from staff;
    insert into students select ${i}, ('0193a001-0000-7000-8000-0000' || lpad(n::text, 8, '0'))::uuid, 'n' || n, '学生' || n, null, null, '软件', '2025',
      '0193a000-0000-7000-8000-00000000000a', 'enrolled' from generate_series(1, 22016) n;
    insert into cases (institution_id, id, number, kind, student_id, org_unit_id, owner_id, owner_since, source, step, step_since, version, move_count,
        opened_at, updated_at, moved_by, writes, draft_count, data_key, reached, counts_as_open)
      select ${i}, case when n > 22000 then ('00000000-0000-7000-8000-0000000000' || lpad((n - 22001)::text, 2, '0'))::uuid else gen_random_uuid() end,
        'x-' || n, 'academic', s.id, s.org_unit_id,
        case when n <= 500 or n > 22000 then '${ownerId}'::uuid else ('0193a000-0000-7000-8000-0000000' || lpad((1 + n % 100)::text, 5, '0'))::uuid end,
        0, 'self', 'investigation', 1, 1, 0, now() - n * interval '1 minute', now(), '${ownerId}', 1, 0, null, '{}', true
      from generate_series(1, 22016) n join students s on s.number = 'n' || n`)
  for (let n = 0; n < clients; n++) {
    const key = newSubjectKey(ambient, { institution, subject: caseId(n) })
    await client.query("update cases set data_key = decode($1, 'base64') where id = $2", [key, caseId(n)])
  }
  await client.query(
    "update cases set step = 'closure', close_reason = 'other', version = 2, writes = 2 where number in (select 'x-' || n from generate_series(2001, 22000) n)",
  )
  await client.query(
    "update cases set step = 'closed', closed_at = now(), version = 3, writes = 3 where step = 'closure'",
  )
  await client.query('vacuum analyze')
}
