import { callerJson, callerParams, type KnownCaller } from '../people/actor.ts'
import { tenantStatement } from '../platform/database.ts'
import { readingCte, readingEntry } from '../platform/reading.ts'
import { utc } from '../platform/sql.ts'
import type { Deps, Request } from '../platform/subject.ts'
import { openBytes } from '../platform/words.ts'
import { Problem } from '../practice/problems.ts'
import { crisisRelationsJson, oneCrisisCtes } from './crisis-access.ts'
import { requireCrisisAccess } from './crisis-facts.ts'
import { openWords } from './crisis-words.ts'

interface Access {
  readonly caller: KnownCaller
  readonly relations: readonly string[]
  readonly dataKey: string | null
}

const access = `${callerJson} as caller, ${crisisRelationsJson} as relations, (select encode(data_key, 'base64') from c) as "dataKey"`

/** Parameters: 1–4 caller, 5 crisis, 6 after (seq), 7 limit. */
const timelineStatement = tenantStatement<Access & { items: string; count: number; last: number | null }>(
  'crises.timeline',
  `with ${oneCrisisCtes},
v as materialized (
  select * from (
    (select j.* from journal j join c on c.id = j.subject_id where j.institution_id = $1::uuid and j.subject_version is not null
      and j.seq > $6::bigint and exists (select from rel))
    union all
    (select j.* from c join crisis_minutes m on m.institution_id = $1::uuid and m.crisis_id = c.id
      join journal j on j.institution_id = $1::uuid and j.subject_id = m.id and j.subject_version = 1
      where j.seq > $6::bigint and exists (select from rel))) j
  order by j.seq limit $7::int + 1),
p as materialized (select * from v order by seq limit $7::int)
select ${access}, (select count(*)::int from v) as count, (select max(seq) from p) as last,
  (select coalesce(json_agg(json_build_object('position', p.position, 'actorName', w.name, 'entry', p.entry::json) order by p.seq), '[]')::text
    from p left join staff w on w.institution_id = $1::uuid and w.id = p.actor_id) as items`,
)

/** A page of what happened in a crisis, oldest first, minutes included. One round trip. */
export const crisisTimeline = async (
  { db, ambient }: Deps,
  request: Request,
  input: { crisisId: string; after: number; limit: number },
) => {
  const [row] = await db
    .as(request.caller.institution)
    .rows(timelineStatement, ...callerParams(request.caller, ambient.now()), input.crisisId, input.after, input.limit)
  const found = row as Access & { items: string; count: number; last: number | null }
  requireCrisisAccess(request.caller, found, 'crisis:read')
  return { items: found.items, more: found.count > input.limit, last: found.last }
}

interface Minute {
  readonly id: string
  readonly happenedAt: string
  readonly writtenAt: string
  readonly late: boolean
  readonly by: { readonly id: string; readonly name: string }
  readonly sealed: string | null
  readonly cursor: string
}

const told = readingCte({
  caseId: 'null::uuid',
  subjectId: 'c.id',
  from: 'c',
  where: 'exists (select from rel)',
  text: '$6',
  id: '$7',
  hour: '$8',
})

/** Parameters: 1–4 caller, 5 crisis, 6–8 reading, 9 limit, 10 and 11 cursor (happened_at, id). */
const minutesStatement = tenantStatement<Access & { items: readonly Minute[] }>(
  'crises.minutes',
  `with ${oneCrisisCtes},
${told},
v as materialized (select m.* from crisis_minutes m join c on c.id = m.crisis_id where m.institution_id = $1::uuid and exists (select from rel)
  and ($10::timestamptz is null or (m.happened_at, m.id) > ($10::timestamptz, $11::uuid))
  order by m.happened_at, m.id limit $9::int + 1)
select ${access}, (select coalesce(json_agg(json_build_object('id', v.id, 'happenedAt', ${utc('v.happened_at')}, 'writtenAt', ${utc('v.at')},
    'late', v.late, 'by', json_build_object('id', v.by_id, 'name', w.name), 'sealed', encode(v.sealed, 'base64'), 'cursor', v.happened_at::text)
    order by v.happened_at, v.id), '[]')
  from v left join staff w on w.institution_id = $1::uuid and w.id = v.by_id) as items`,
)

/** A page of minutes in the order things happened, opened; the reading is journalled. @throws Problem key_is_erased */
export const crisisMinutes = async (
  deps: Deps,
  request: Request,
  input: { crisisId: string; after: readonly unknown[] | null; limit: number },
) => {
  const { ambient } = deps
  const { institution } = request.caller
  const { crisisId } = input
  const [row] = await deps.db
    .as(institution)
    .rows(
      minutesStatement,
      ...callerParams(request.caller, ambient.now()),
      crisisId,
      ...readingEntry(ambient, request, { kind: 'crisis', id: crisisId }, null),
      input.limit,
      (input.after?.[0] as string | undefined) ?? null,
      (input.after?.[1] as string | undefined) ?? null,
    )
  const found = row as Access & { items: readonly Minute[] }
  requireCrisisAccess(request.caller, found, 'crisis:read')
  const page = found.items.slice(0, input.limit)
  const last = page.at(-1)
  const items = page.map(({ sealed, cursor: _, ...minute }) => {
    const where = { institution, crisisId, table: 'crisis_minutes', row: minute.id, field: 'sealed' }
    return { ...minute, text: openWords(deps, where, found.dataKey, sealed).text ?? '' }
  })
  return { items, last: found.items.length > input.limit && last ? [last.cursor, last.id] : null }
}

/** Parameters: 1–4 caller, 5 crisis, 6–8 reading, 9 words. */
const wordsStatement = tenantStatement<Access & { sealed: string | null }>(
  'crises.words',
  `with ${oneCrisisCtes},
x as materialized (select v.* from vault v join c on c.id = v.subject_id where v.institution_id = $1::uuid and v.id = $9::uuid),
${told.replace('exists (select from rel)', 'exists (select from rel) and exists (select from x)')}
select ${access}, (select encode(sealed, 'base64') from x where exists (select from rel)) as sealed`,
)

/** Words given with a command, named by `wordsId` of its entry; the reading is journalled. @throws Problem not_found */
export const crisisWords = async (deps: Deps, request: Request, crisisId: string, wordsId: string) => {
  const { ambient } = deps
  const { institution } = request.caller
  const [row] = await deps.db
    .as(institution)
    .rows(
      wordsStatement,
      ...callerParams(request.caller, ambient.now()),
      crisisId,
      ...readingEntry(ambient, request, { kind: 'crisis', id: crisisId }, null),
      wordsId,
    )
  const found = row as Access & { sealed: string | null }
  requireCrisisAccess(request.caller, found, 'crisis:read')
  if (found.sealed === null) throw new Problem('not_found')
  const place = { institution, subject: crisisId, table: 'vault', row: wordsId, field: 'words' }
  return { id: wordsId, words: openBytes(ambient, place, found.dataKey, found.sealed).toString('utf8') }
}
