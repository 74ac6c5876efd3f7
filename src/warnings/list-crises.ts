import { newestFirst, olderThanCursor, oneMore, type PageRow, readPage } from '../people/page.ts'
import type { Statement } from '../platform/database.ts'
import { utc } from '../platform/sql.ts'
import type { Deps, Request } from '../platform/subject.ts'
import { type crisisScopes, visibleCrises } from './crisis-access.ts'

const item = `json_build_object('id', c.id, 'kind', c.kind, 'subkind', c.subkind, 'step', c.step, 'version', c.version,
  'student', json_build_object('id', s.id, 'number', s.number, 'name', s.name),
  'lead', json_build_object('id', w.id, 'name', w.name), 'openedAt', ${utc('c.opened_at')}, 'updatedAt', ${utc('c.updated_at')},
  'dueAt', ${utc('c.due_at')}, 'beyondHorizon', c.beyond_horizon, 'overdue', coalesce(c.due_at < $4::timestamptz, false),
  'escalation', c.escalation, 'outcome', c.outcome, 'endReason', c.end_reason)`

const filters = { open: 'c.closed_at is null', closed: 'c.closed_at is not null', all: 'true' } as const

/** One page of crises the caller may see. Parameters from 8: step, kind, student, only overdue. */
const pageStatement = (scope: (typeof crisisScopes)[number], status: keyof typeof filters): Statement<PageRow> =>
  newestFirst(`crises.list_${scope}_${status}`, {
    visible: visibleCrises(
      scope,
      `${filters[status]} and ${olderThanCursor('c')}
    and ($8::text is null or c.step = $8::text) and ($9::text is null or c.kind = $9::text)
    and ($10::uuid is null or c.student_id = $10::uuid) and (not $11::boolean or c.due_at < $4::timestamptz)`,
      oneMore,
    ),
    joins: `join crises c on c.institution_id = $1::uuid and c.id = p.id
    join students s on s.institution_id = $1::uuid and s.id = c.student_id
    join staff w on w.institution_id = $1::uuid and w.id = c.lead_id`,
    item,
  })

const statusPages = (scope: (typeof crisisScopes)[number]) => ({
  open: pageStatement(scope, 'open'),
  closed: pageStatement(scope, 'closed'),
  all: pageStatement(scope, 'all'),
})

const pages = { all: statusPages('all'), mine: statusPages('mine'), unit: statusPages('unit') }

/** What to list. */
export interface ListCrises {
  readonly limit: number
  readonly cursor?: string | undefined
  readonly scope: (typeof crisisScopes)[number]
  readonly status: keyof typeof filters
  readonly step?: string | undefined
  readonly kind?: string | undefined
  readonly studentId?: string | undefined
  readonly overdue: boolean
}

/** A page of crises: {@link readPage}. */
export const listCrises = (deps: Deps, { caller }: Request, input: ListCrises) => {
  const { scope, status, step, kind, studentId, overdue } = input
  const asked = { operation: 'listCrises', input, permission: 'crisis:list' } as const
  return readPage(deps, caller, pages[scope][status], asked, step ?? null, kind ?? null, studentId ?? null, overdue)
}
