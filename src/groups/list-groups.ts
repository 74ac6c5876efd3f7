import { newestFirst, olderThanCursor, oneMore, type PageRow, readPage } from '../people/page.ts'
import type { Statement } from '../platform/database.ts'
import { utc } from '../platform/sql.ts'
import type { Deps, Request } from '../platform/subject.ts'
import { visibleGroups } from './access.ts'

const item = `json_build_object('id', c.id, 'number', c.number, 'name', c.name, 'type', c.type, 'step', c.step, 'version', c.version,
  'leader', json_build_object('id', w.id, 'name', w.name), 'orgUnitId', c.org_unit_id,
  'openedAt', ${utc('c.opened_at')}, 'updatedAt', ${utc('c.updated_at')}, 'endReason', c.end_reason,
  'minMembers', c.min_members, 'maxMembers', c.max_members,
  'members', (select count(*)::int from group_members m where m.institution_id = $1::uuid and m.group_id = c.id
    and m.status in ('consented', 'active', 'completed') and m.role in ('student', 'volunteer')),
  'openItems', case when p.looks_in then (select count(*)::int from group_open_items o
    where o.institution_id = $1::uuid and o.group_id = c.id and o.resolution is null) end)`

const filters = { open: 'c.ended_at is null', ended: 'c.ended_at is not null', all: 'true' } as const

/** One page of groups the caller may see. Parameters from 8: step, type, text of name or number. */
const pageStatement = (status: keyof typeof filters): Statement<PageRow> =>
  newestFirst(`groups.list_${status}`, {
    visible: visibleGroups(
      `${filters[status]} and ${olderThanCursor('c')}
    and ($8::text is null or c.step = $8::text) and ($9::text is null or c.type = $9::text)
    and ($10::text is null or c.number = $10::text or strpos(lower(c.name), lower($10::text)) > 0)`,
      oneMore,
    ),
    joins: `join groups c on c.institution_id = $1::uuid and c.id = p.id
    join staff w on w.institution_id = $1::uuid and w.id = c.leader_id`,
    item,
  })

const pages = { open: pageStatement('open'), ended: pageStatement('ended'), all: pageStatement('all') }

/** What to list. */
export interface ListGroups {
  readonly limit: number
  readonly cursor?: string | undefined
  readonly status: keyof typeof filters
  readonly step?: string | undefined
  readonly type?: string | undefined
  /** Group number, or part of the name. */
  readonly text?: string | undefined
}

/** A page of groups: {@link readPage}. */
export const listGroups = (deps: Deps, { caller }: Request, input: ListGroups) => {
  const { text, status, step, type } = input
  const asked = {
    operation: text === undefined ? 'listGroups' : 'searchGroups',
    input,
    permission: 'group:list',
  } as const
  return readPage(deps, caller, pages[status], asked, step ?? null, type ?? null, text ?? null)
}
