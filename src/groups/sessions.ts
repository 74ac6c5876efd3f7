import { aboutOf, loadSubject } from '../people/guarded.ts'
import type { Deps, Request } from '../platform/subject.ts'
import type { Attendance } from '../practice/group-codes.ts'
import { looksIntoGroup } from './access.ts'
import { type LoadedFacts, loadGroupStatement } from './facts.ts'

interface Extras {
  readonly rows: readonly {
    readonly id: string
    readonly recordId: string | null
    readonly attendance: readonly { readonly memberId: string; readonly attendance: Attendance }[]
    readonly [fact: string]: unknown
  }[]
}

const load = loadGroupStatement<Extras>('groups.load_sessions', {
  rows: `(select coalesce(json_agg(json_build_object('id', x.id, 'phase', x.phase, 'kind', x.kind, 'status', x.status, 'on', x.on_day,
      'startsAt', x.starts_at, 'durationMinutes', x.duration_minutes, 'recordId', x.record_id,
      'attendance', (select coalesce(json_agg(json_build_object('memberId', a.member_id, 'attendance', a.status) order by m.place), '[]')
        from group_attendance a join group_members m on m.institution_id = a.institution_id and m.group_id = a.group_id and m.id = a.member_id
        where a.institution_id = $1::uuid and a.group_id = c.id and a.session_id = x.id)) order by x.on_day, x.starts_at, x.id), '[]')
    from group_sessions x join c on x.group_id = c.id where x.institution_id = $1::uuid)`,
})

/** The sessions with attendance: of all members, or to who takes part their own. @throws Problem not_permitted, not_found */
export const readSessions = async (deps: Deps, request: Request, groupId: string) => {
  const about = aboutOf(deps, { ...request, idempotency: null }, groupId)
  const tenant = deps.db.as(request.caller.institution)
  const { facts, relations, rows } = await loadSubject<LoadedFacts, Extras>(tenant, load, 'group:read', about)
  const whole = looksIntoGroup(relations)
  const items = rows.map(({ attendance, ...session }) => ({
    ...session,
    attendance: attendance.filter(({ memberId }) => whole || facts.mine.includes(memberId)),
  }))
  return { groupId, version: facts.version, items }
}
