import type { z } from 'zod'
import { caseEntriesPut, caseEntryOf, casesHeld, type MemberCase, memberCasesJson } from '../cases/enter-from-group.ts'
import { actorOf } from '../people/actor.ts'
import type { Answer } from '../platform/http/route.ts'
import { rowsOf } from '../platform/sql.ts'
import type { Change, Deps, Request } from '../platform/subject.ts'
import { countsOf } from '../practice/group-outcome.ts'
import { phaseOf } from '../practice/group-work.ts'
import { Problem } from '../practice/problems.ts'
import type { RecordKind, SigningFault } from '../practice/record-kind.ts'
import { groupSession, memberNote, type sessionContent } from '../practice/records/group/group-session.ts'
import { presentOnFaults } from '../practice/records/group/parts.ts'
import { repeatFaults } from '../practice/records/parts.ts'
import { sealContent, sealedOf } from '../records/content.ts'
import { groupStatement, type LoadedGroup, loadGroupStatement, onGroup } from './facts.ts'
import { groupRecords } from './house.ts'

const load = loadGroupStatement<{ cases: readonly MemberCase[] }>('groups.load_for_session', { cases: memberCasesJson })

const records = rowsOf('records', 'id uuid, kind text, content jsonb, sealed text')

const save = groupStatement(
  'groups.hold_session',
  "ending_announced_at = coalesce(groups.ending_announced_at, given.e->>'announcedAt')",
  `s as (update group_sessions s set status = 'held', held_version = c.version, record_id = (given.e->>'recordId')::uuid,
    on_day = (given.e->>'on')::date, starts_at = given.e->>'startsAt', duration_minutes = (given.e->>'durationMinutes')::int
  from given, c where s.institution_id = $1::uuid and s.group_id = c.id and s.id = given.e->>'sessionId'),
r as (insert into group_records (institution_id, id, group_id, kind, status, version, content, sealed, author_id, written_at, step, signed_at, signed_version)
  select $1::uuid, x.id, c.id, x.kind, 'signed', 1, x.content, decode(x.sealed, 'base64'), $2::uuid, (given.e->>'at')::timestamptz, c.step,
    (given.e->>'at')::timestamptz, c.version from given cross join c cross join ${records}),
g as (insert into group_record_signatures (institution_id, record_id, group_id, party, method, person_id, at, record_version)
  select $1::uuid, x.id, c.id, 'worker', 'own_token', $2::uuid, (given.e->>'at')::timestamptz, 1 from given cross join c cross join ${records}),
a as (insert into group_attendance (institution_id, group_id, session_id, member_id, status)
  select $1::uuid, c.id, given.e->>'sessionId', x."memberId", x.attendance
  from given cross join c cross join ${rowsOf('attendance', '"memberId" text, attendance text')}),
i as (insert into group_ratings (institution_id, group_id, session_id, from_id, to_id, rating)
  select $1::uuid, c.id, given.e->>'sessionId', x."fromId", x."toId", x.rating
  from given cross join c cross join ${rowsOf('interactions', '"fromId" text, "toId" text, rating int')}),
m as (update group_members m set told_version = c.version from given cross join c cross join ${rowsOf('told', '"memberId" text')}
  where m.institution_id = $1::uuid and m.group_id = c.id and m.id = x."memberId"),
${caseEntriesPut}`,
  casesHeld,
)

/** A session that took place, and what was seen of single members. */
export interface HoldSession {
  readonly groupId: string
  readonly ifMatch: number | null
  /** Content of a `group_session`. */
  readonly content: z.output<typeof sessionContent>
  readonly notes: readonly { readonly memberId: string; readonly note: string }[]
}

type Found = LoadedGroup<{ cases: readonly MemberCase[] }>

const requireSound = ({ content, notes }: HoldSession, { facts, caller }: Found): void => {
  const faults: SigningFault[] = [
    ...(groupSession.check?.(content, facts, caller.today, [], caller.time) ?? []),
    ...notes.flatMap(({ memberId }, index) => presentOnFaults(`/notes/${index}/memberId`, memberId, content.on, facts)),
    ...repeatFaults(
      notes.map(each => each.memberId),
      index => `/notes/${index}/memberId`,
      'repeated_member',
      '成员重复',
    ),
  ]
  if (faults.length > 0) throw new Problem('signing_refused', { errors: faults })
}

/** The entries into the cases of members who have one: nobody but those cases is told which they are. */
const caseEntries = (
  { ambient }: Deps,
  request: Request,
  { content }: HoldSession,
  { facts, caller, cases }: Found,
  noteIds: ReadonlyMap<string, string>,
) => {
  const told = {
    at: ambient.now().toISOString(),
    institution: request.caller.institution,
    actor: actorOf(caller),
    request: request.requestId,
  }
  const phase = phaseOf(facts.standing.step)
  return content.attendance.flatMap(({ memberId, attendance }) => {
    const found = cases.find(each => each.memberId === memberId)
    if (!found || !phase) return []
    const { sessionId, on } = content
    const noteRecordId = noteIds.get(memberId) ?? null
    return [
      caseEntryOf(told, ambient.newId, found, { groupId: facts.id, sessionId, phase, on, attendance, noteRecordId }),
    ]
  })
}

const changeOf = (deps: Deps, request: Request, input: HoldSession, found: Found): Change => {
  const { content, notes } = input
  const { sessionId, on, startsAt, durationMinutes, attendance, interactions, endingAnnounced } = content
  const sealed = sealedOf(request, found)
  const record = (kind: RecordKind, id: string, given: unknown) => ({
    id,
    kind: kind.kind,
    ...sealContent(deps, groupRecords, sealed, kind, id, given),
  })
  const recordId = deps.ambient.newId()
  const noteIds = new Map(notes.map(each => [each.memberId, deps.ambient.newId()]))
  const along = caseEntries(deps, request, input, found, noteIds)
  const told = groupSession.effects?.(content, found.facts).told ?? []
  const counts = countsOf(attendance.map(each => each.attendance))
  return {
    type: 'group.session_held',
    data: { sessionId, recordId, on, counts, noteIds: [...noteIds.values()], endingAnnounced },
    along: along.map(each => each.entry),
    effects: {
      sessionId,
      recordId,
      on,
      startsAt,
      durationMinutes,
      attendance,
      interactions,
      announcedAt: endingAnnounced ? sessionId : null,
      told: told.map(memberId => ({ memberId })),
      records: [
        record(groupSession, recordId, content),
        ...notes.map(({ memberId, note }) =>
          record(memberNote, noteIds.get(memberId) as string, { memberId, on, sessionId, note }),
        ),
      ],
      caseEntries: along.map(each => each.row),
    },
    status: 201,
    receipt: {
      sessionId,
      recordId,
      counts,
      notes: [...noteIds].map(([memberId, noteId]) => ({ memberId, recordId: noteId })),
    },
    location: `/v1/groups/${found.facts.id}/records/${recordId}`,
  }
}

/**
 * Holds a session: its record, attendance, interaction ratings, private notes, and an entry into the open case of each
 * member who has one, in one statement, all or nothing. A case that changed meanwhile is loaded again.
 * @throws Problem not_found, signing_refused, kind_not_writable_here, key_is_erased, version_stale, group_is_over
 */
export const holdSession = (deps: Deps, request: Request, input: HoldSession): Promise<Answer> => {
  const about = { groupId: input.groupId, ifMatch: input.ifMatch, permission: 'group:lead', load } as const
  return onGroup(deps, request, about, save, found => {
    const { writableIn } = groupSession
    if (phaseOf(found.facts.standing.step) === null)
      throw new Problem('kind_not_writable_here', { steps: [...(writableIn as readonly string[])] })
    requireSound(input, found)
    return changeOf(deps, request, input, found)
  })
}
