import { newestFirst, olderThanCursor, oneMore, type PageRow, readPage } from '../people/page.ts'
import type { Statement } from '../platform/database.ts'
import { utc } from '../platform/sql.ts'
import type { CaseFlag } from '../practice/codes.ts'
import { visibleCases } from './access.ts'
import type { CaseDeps, Request } from './change.ts'
import { flagged, flagNames, flagsJson } from './flags.ts'

const item = `json_build_object('id', c.id, 'number', c.number, 'kind', c.kind, 'step', c.step, 'version', c.version,
  'student', json_build_object('id', s.id, 'number', s.number, 'name', s.name),
  'owner', json_build_object('id', w.id, 'name', w.name),
  'openedAt', ${utc('c.opened_at')}, 'updatedAt', ${utc('c.updated_at')}, 'closeReason', c.close_reason, 'pausedOn', c.paused_on,
  'flags', case when (select staff_id from me) is null then '[]' else ${flagsJson} end)`

/** One page of cases the caller may see. Parameters from 8: step, owner, student, then the search's. */
const pageStatement = (name: string, status: string, found = ''): Statement<PageRow> =>
  newestFirst(name, {
    visible: visibleCases(
      `${status} and ${olderThanCursor('c')}
    and ($8::text is null or c.step = $8::text) and ($9::uuid is null or c.owner_id = $9::uuid)
    and ($10::uuid is null or c.student_id = $10::uuid)${found}`,
      oneMore,
    ),
    joins: `join cases c on c.institution_id = $1::uuid and c.id = p.id
    join students s on s.institution_id = $1::uuid and s.id = c.student_id
    join staff w on w.institution_id = $1::uuid and w.id = c.owner_id`,
    item,
  })

const byNumberOrName = ` and (c.number = $11::text or c.student_id in (
    select s.id from students s where s.institution_id = $1::uuid and (s.number = $11::text
      or (length($11::text) > 1 and bigrams(s.name || ' ' || coalesce(s.name_en, '')) @> bigrams($11::text)
        and strpos(lower(s.name || ' ' || coalesce(s.name_en, '')), lower($11::text)) > 0))))`

const filters = { open: 'c.closed_at is null', closed: 'c.closed_at is not null', all: 'true' } as const

const pages = {
  open: pageStatement('cases.list_open', filters.open),
  closed: pageStatement('cases.list_closed', filters.closed),
  all: pageStatement('cases.list_all', filters.all),
} as const

/** A page of flagged cases a status and flag: the condition stands in the text, so that an index can serve it. */
const flaggedPages = Object.fromEntries(
  flagNames.map(flag => [
    flag,
    {
      open: pageStatement(`cases.list_open_${flag}`, filters.open, flagged(flag)),
      closed: pageStatement(`cases.list_closed_${flag}`, filters.closed, flagged(flag)),
      all: pageStatement(`cases.list_all_${flag}`, filters.all, flagged(flag)),
    },
  ]),
) as Readonly<Record<CaseFlag, typeof pages>>

const searches = {
  open: pageStatement('cases.search_open', filters.open, byNumberOrName),
  closed: pageStatement('cases.search_closed', filters.closed, byNumberOrName),
  all: pageStatement('cases.search_all', filters.all, byNumberOrName),
} as const

/** What to list. */
export interface ListCases {
  readonly limit: number
  readonly cursor?: string | undefined
  readonly status: 'open' | 'closed' | 'all'
  readonly step?: string | undefined
  readonly ownerId?: string | undefined
  readonly studentId?: string | undefined
  /** Only cases with this flag. */
  readonly flag?: CaseFlag | undefined
  /** Case number, student number, or at least two characters of a name. */
  readonly text?: string | undefined
}

/** A page of cases: {@link readPage}. */
export const listCases = (deps: CaseDeps, { caller }: Request, input: ListCases) => {
  const { text, flag, status, step, ownerId, studentId } = input
  const operation = text === undefined ? 'listCases' : 'searchCases'
  const statement = text === undefined ? (flag ? flaggedPages[flag] : pages)[status] : searches[status]
  const filters = [step ?? null, ownerId ?? null, studentId ?? null, ...(text === undefined ? [] : [text])]
  return readPage(deps, caller, statement, { operation, input, permission: 'case:list' }, ...filters)
}
