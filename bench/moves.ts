import type pg from 'pg'
import { v7 } from 'uuid'
// The application declares every statement.
import '../src/app.ts'
import { declaredStatements } from '../src/platform/database.ts'
import { caseId } from './fill.ts'
import { send } from './load.ts'
import { inlined } from './pgbench.ts'
import { clients, institution, issue, ownerId } from './world.ts'

const token = issue({ subject: 'owner', institution, lifetimeSeconds: 86_000 })

const versions = Array.from({ length: clients }, () => ({ version: 1, step: 'investigation' }))

/** Moves a case to closure and back, as its owner. */
export const mover = (base: string) => (client: number) => async () => {
  const at = versions[client] as { version: number; step: string }
  const body = at.step === 'closure' ? { to: 'investigation', note: '撤回' } : { to: 'closure', reason: 'declined' }
  const headers = { 'content-type': 'application/json', 'idempotency-key': v7(), 'if-match': `"${at.version}"` }
  const answer = await send(
    token,
    base,
    'POST',
    `/v1/cases/${caseId(client)}/transitions`,
    headers,
    JSON.stringify(body),
  )
  if (answer.status !== 201) throw new Error(answer.text)
  at.version++
  at.step = body.to
}

/** Lists fifty open cases. */
export const lister = (base: string) => () => async () => {
  const answer = await send(token, base, 'GET', '/v1/cases?limit=50', {})
  if (answer.status !== 200) throw new Error(answer.text)
}

/** A statement of the service by name. */
export const statement = (name: string): string => {
  const text = declaredStatements().get(name)
  if (!text) throw new Error(`no statement ${name}`)
  return text
}

/** Two moves, there and back, as the service's own statements; `w` counts the writes of the client's case. */
export const moveScript = (): string => {
  const id = `('00000000-0000-7000-8000-0000000000' || lpad((:client_id)::text, 2, '0'))`
  // A variable: a function that draws anew for every row could not use the index.
  const key = "lpad((:k)::text, 36, '0')"
  const now = new Date().toISOString()
  const load = inlined(statement('cases.load'), [institution, 'bangfu', 'owner', now, null, null], {
    5: id,
    6: key,
  })
  const save = (to: string, reason: string, words: string) => {
    const entry = `jsonb_build_array(jsonb_build_object('id', gen_random_uuid(), 'type', 'case.moved', 'at', '${now}', 'actor_id', '${ownerId}', 'case_id', ${id}, 'subject_id', ${id}, 'subject_version', (:w)::int + 1, 'read_hour', null, 'entry', repeat('x', 420)))`
    const effects = `jsonb_build_object('to', '${to}', 'reason', ${reason}, 'closeReason', ${reason}, 'closedAt', null, 'subjectId', ${id}, 'version', (:w)::int, 'writes', (:w)::int, 'at', '${now}', 'entryId', gen_random_uuid(), 'words', ${words})`
    return inlined(
      statement('cases.move'),
      [institution, ownerId, null, 'f', now, 201, '{"caseId":"x","caseVersion":7}'],
      { 3: key, 8: entry, 9: effects },
    )
  }
  const next = '\\set w :w + 1\n'
  const draw = '\\set k random(1, 9000000000000000000)\n'
  return `${draw}${load}${save('closure', "'declined'", 'null')}${next}${draw}${load}${save('investigation', 'null', "'QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB'")}${next}`
}

/** Every case a client moves stands where it began; journal and keys are empty. */
export const reset = async (client: pg.Client): Promise<void> => {
  await client.query('alter table cases disable trigger cases_keep_history')
  await client.query(
    `update cases set step = 'investigation', close_reason = null, came_from = null, came_from_since = null, version = 1, writes = 1, move_count = 0 where id::text like '00000000-0000-7000-8000-0000000000%'`,
  )
  await client.query(`delete from case_moves where n > 0 and case_id::text like '00000000-0000-7000-8000-0000000000%'`)
  await client.query('truncate journal, idempotency_keys, referral_answers, vault, journal_heads')
  await client.query('alter table cases enable trigger cases_keep_history')
  for (const at of versions) Object.assign(at, { version: 1, step: 'investigation' })
}

/** Whether moves, versions and journal agree. @throws when they do not */
export const books = async (client: pg.Client): Promise<void> => {
  const { rows } =
    await client.query(`select (select sum(move_count) from cases)::int = (select count(*) from case_moves where n > 0)::int as moves,
    not exists (select from journal where subject_version is not null group by subject_id having count(*) <> max(subject_version) - min(subject_version) + 1) as versions`)
  if (!rows[0].moves || !rows[0].versions) throw new Error('the books do not balance')
}
