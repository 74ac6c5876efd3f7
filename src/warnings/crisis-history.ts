import { callerJson, callerParams } from '../people/actor.ts'
import { type Access, relationsJson, requireAccess } from '../people/guarded.ts'
import { tenantStatement } from '../platform/database.ts'
import type { FoundPage } from '../platform/lists.ts'
import { readingCte, readingEntry } from '../platform/reading.ts'
import { utc } from '../platform/sql.ts'
import type { Deps, Request } from '../platform/subject.ts'
import { logOf, wordsOf } from '../records/history.ts'
import { oneCrisisCtes } from './crisis-access.ts'
import { openWords } from './crisis-words.ts'

/** What happened in a crisis, minutes included. */
export const crisisTimeline = logOf('crisis:read', {
  name: 'crises.timeline',
  ctes: oneCrisisCtes,
  by: 'seq',
  entries: `select * from (
    (select j.* from journal j join c on c.id = j.subject_id where j.institution_id = $1::uuid and j.subject_version is not null
      and j.seq > $6::bigint and exists (select from rel))
    union all
    (select j.* from c join crisis_minutes m on m.institution_id = $1::uuid and m.crisis_id = c.id
      join journal j on j.institution_id = $1::uuid and j.subject_id = m.id and j.subject_version = 1
      where j.seq > $6::bigint and exists (select from rel))) j
  order by j.seq limit $7::int + 1`,
})

/** Words given with a command on a crisis. */
export const crisisWords = wordsOf(
  { kind: 'crisis', table: 'crises', ctes: oneCrisisCtes, toldWhole: true },
  'crisis:read',
)

interface Minute {
  readonly id: string
  readonly happenedAt: string
  readonly writtenAt: string
  readonly late: boolean
  readonly by: { readonly id: string; readonly name: string }
  readonly sealed: string | null
  readonly cursor: string
}

interface Minutes extends Access {
  readonly dataKey: string | null
  readonly items: readonly Minute[]
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
const minutesStatement = tenantStatement<Minutes>(
  'crises.minutes',
  `with ${oneCrisisCtes},
${told},
v as materialized (select m.* from crisis_minutes m join c on c.id = m.crisis_id where m.institution_id = $1::uuid and exists (select from rel)
  and ($10::timestamptz is null or (m.happened_at, m.id) > ($10::timestamptz, $11::uuid))
  order by m.happened_at, m.id limit $9::int + 1)
select ${callerJson} as caller, ${relationsJson} as relations, (select encode(data_key, 'base64') from c) as "dataKey",
  (select coalesce(json_agg(json_build_object('id', v.id, 'happenedAt', ${utc('v.happened_at')}, 'writtenAt', ${utc('v.at')},
    'late', v.late, 'by', json_build_object('id', v.by_id, 'name', w.name), 'sealed', encode(v.sealed, 'base64'), 'cursor', v.happened_at::text)
    order by v.happened_at, v.id), '[]')
  from v left join staff w on w.institution_id = $1::uuid and w.id = v.by_id) as items`,
)

/** A page of minutes in the order things happened, opened; the reading is journalled. @throws Problem key_is_erased */
export const crisisMinutes = async (
  deps: Deps,
  request: Request,
  input: { crisisId: string; after: readonly unknown[] | null; limit: number },
): Promise<FoundPage> => {
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
  const found = row as Minutes
  requireAccess(request, found, 'crisis:read')
  const page = found.items.slice(0, input.limit)
  const last = page.at(-1)
  const items = page.map(({ sealed, cursor: _, ...minute }) => {
    const where = { institution, crisisId, table: 'crisis_minutes', row: minute.id, field: 'sealed' }
    return { ...minute, text: openWords(deps, where, found.dataKey, sealed).text ?? '' }
  })
  return {
    items: JSON.stringify(items),
    last: found.items.length > input.limit && last ? [last.cursor, last.id] : null,
  }
}
