import { onTeamOf } from '../cases/access.ts'
import { callerCtes } from '../people/actor.ts'
import { nearestDecides } from '../people/nearest.ts'
import { literals } from '../platform/sql.ts'
import type { Relation } from '../practice/permissions.ts'

/** Member statuses in which a person stands in a relation to the group. */
const joined = "('selected', 'consented', 'active', 'completed')"

const servesToday = (table: string, staffId: string) =>
  `${table}.staff_id = ${staffId} and ${table}.valid_from <= t.day and (${table}.valid_until is null or ${table}.valid_until > t.day)`

/** Whether the caller is on the team of an open case of student `studentId`: as owner or co-worker. */
const onCaseTeamOf = (studentId: string) => `exists (
    select from cases k where k.institution_id = $1::uuid and k.student_id = ${studentId} and k.closed_at is null
      and ${onTeamOf('k', 'me.staff_id')})`

/**
 * How the caller stands to group `c`: the one definition of every relation. CTEs `mine(id, role)`, the caller's own
 * memberships, and `rel(relation)`.
 */
const relationCtes = `
mine as materialized (
  select m.id, m.role from c cross join me join group_members m on m.institution_id = $1::uuid and m.group_id = c.id
    and (m.student_id = me.student_id or m.staff_id = me.staff_id) and m.status in ${joined}),
rel as materialized (
  select 'leader' as relation from c join me on c.leader_id = me.staff_id
  union all
  select 'co_leader' from c cross join me cross join t where exists (
    select from group_co_leaders w where w.institution_id = $1::uuid and w.group_id = c.id and ${servesToday('w', 'me.staff_id')})
  union all
  select distinct h.role from c cross join held h
    join org_ancestors a on a.institution_id = $1::uuid and a.unit_id = c.org_unit_id and a.ancestor_id = h.org_unit_id
    where h.role in ('line_manager', 'practice_supervisor')
  union all
  select distinct case when role = 'student' then 'member' else 'volunteer' end from mine
  union all
  select 'member_case_team' from c cross join me cross join t where me.staff_id is not null and exists (
    select from group_members m where m.institution_id = $1::uuid and m.group_id = c.id and ${onCaseTeamOf('m.student_id')}))`

/** CTEs `t`, `me`, `held`, `c`, `mine`, `rel` for one group: parameter 5 is its id. */
export const oneGroupCtes = `${callerCtes},
c as materialized (select * from groups where institution_id = $1::uuid and id = $5::uuid),
${relationCtes}`

/** Relations of those who take part, as against those who lead a group or look into it for work. */
const participants = ['member', 'volunteer'] as const

/** Relations that open no more of a group than one's own, or the notes on the student of one's case. */
export const outsiders = [...participants, 'member_case_team'] as const

/**
 * Whether who stands in these relations looks into the group as a whole: sees who the members are by name, and what puts
 * the group in question. In the group itself, in its sociogram and in lists alike.
 */
export const looksIntoGroup = (relations: readonly string[]): boolean =>
  relations.some(relation => !outsiders.includes(relation as 'member'))

const leads = `exists (select from rel where relation in ('leader', 'co_leader'))`
const looksIn = `exists (select from rel where relation not in (${literals(outsiders)}))`

/** What record `r`, an addendum, was added to in the end: `what` of it, an expression over `o`, where `holds`. */
const amended = (what: string, holds: string) => `(with recursive o as (
      select p.kind, p.status, p.content, p.amends_id from group_records p where p.institution_id = $1::uuid and p.id = r.amends_id
      union all
      select p.kind, p.status, p.content, p.amends_id from o join group_records p on p.institution_id = $1::uuid and p.id = o.amends_id)
    select ${what} from o where o.amends_id is null and ${holds})`

/** The member whom record `r` is a note on, itself or as an addendum to one; null for any other record. */
const notedMember = (noteKinds: readonly string[]) => `(case
  when r.kind in (${literals(noteKinds)}) then r.content->>'memberId'
  when r.amends_id is not null then ${amended("o.content->>'memberId'", `o.kind in (${literals(noteKinds)})`)} end)`

/** Whether a record, by its content, is about nobody, or about the caller. */
const ofNobodyElse = (content: string) =>
  `(${content}->>'memberId' is null or ${content}->>'memberId' in (select id from mine))`

/** Whether `r` is a signed addendum to a signed record that those who take part read whole: it is read with that. */
const addedToWhole = (wholeKinds: readonly string[]) =>
  `(r.amends_id is not null and r.status in ('signed', 'superseded') and ${amended(
    'true',
    `o.kind in (${literals(wholeKinds)}) and o.status in ('signed', 'superseded') and ${ofNobodyElse('o.content')}`,
  )})`

/**
 * Whether the caller may see record `r` of group `c`. A note about a member, and what is added to one: the leaders, and
 * once it is signed that member's case team. What names one member of what is open to members: that member. `opened` =
 * kinds open to those who take part; `wholeKinds` = those they read whole, and with them what is added to them.
 */
export const recordVisible = (
  noteKinds: readonly string[],
  wholeKinds: readonly string[],
  opened: string,
): string => `(case
  when ${notedMember(noteKinds)} is not null then ${leads} or (r.status in ('signed', 'superseded') and exists (
    select from group_members m cross join me cross join t where m.institution_id = $1::uuid and m.group_id = c.id
      and m.id = ${notedMember(noteKinds)} and me.staff_id is not null and ${onCaseTeamOf('m.student_id')}))
  else ${looksIn} or (exists (select from mine) and ((${opened} and ${ofNobodyElse('r.content')}) or ${addedToWhole(wholeKinds)})) end)`

/**
 * Whether a staff member leads group `c`, or is a volunteer in it of their own consent. Being a worker or a supporter is
 * not meant: whom the leader puts there would be silenced by the leader.
 */
const isOwn = (
  staffId: string,
) => `(${staffId} = c.leader_id or exists (select from group_co_leaders w where w.institution_id = $1::uuid
  and w.group_id = c.id and ${servesToday('w', staffId)}) or exists (select from group_members m where m.institution_id = $1::uuid
  and m.group_id = c.id and m.staff_id = ${staffId} and m.role = 'volunteer' and m.status in ('consented', 'active', 'completed')))`

/** Whether the caller is the line manager who decides about `c`, whoever leads it or is a volunteer in it not counted. */
export const decidesOnGroup = nearestDecides(isOwn)

/**
 * The groups (id, opened_at) a caller may list, and whether they look into each (looks_in), each branch walking one index
 * from the cursor on.
 */
export const visibleGroups = (filter: string, limit: string): string => {
  const page = `${filter} order by c.opened_at desc, c.id desc limit ${limit}`
  const as = (relation: Relation) => `select c.id, c.opened_at, ${looksIntoGroup([relation])} as looks_in from groups c`
  const mine = 'c.institution_id = $1::uuid'
  const member = (
    column: 'student_id' | 'staff_id',
  ) => `(${as('member')} join group_members m on m.institution_id = c.institution_id
    and m.group_id = c.id where ${mine} and m.${column} = (select ${column} from me) and m.status in ${joined} and ${page})`
  return `select id, opened_at, bool_or(looks_in) as looks_in from (
  (${as('leader')} where ${mine} and c.leader_id = (select staff_id from me) and ${page})
  union all
  (${as('co_leader')} join group_co_leaders w on w.institution_id = c.institution_id and w.group_id = c.id cross join t
    where ${mine} and ${servesToday('w', '(select staff_id from me)')} and ${page})
  union all
  (select b.* from (select distinct a.unit_id from held h
      join org_ancestors a on a.institution_id = $1::uuid and a.ancestor_id = h.org_unit_id
      where h.role in ('line_manager', 'practice_supervisor')) u
    cross join lateral (${as('line_manager')} where ${mine} and c.org_unit_id = u.unit_id and ${page}) b)
  union all
  ${member('student_id')}
  union all
  ${member('staff_id')}) seen group by id, opened_at`
}

/** Ids of those of the given groups whose history the caller may read: for the feed. */
export const relatedGroups = (ids: string): string => `
  select c.id from groups c where c.institution_id = $1::uuid and c.id in (${ids}) and (
    c.leader_id = (select staff_id from me)
    or exists (select from group_co_leaders w cross join t where w.institution_id = $1::uuid and w.group_id = c.id
      and ${servesToday('w', '(select staff_id from me)')})
    or exists (select from held h join org_ancestors a on a.institution_id = $1::uuid and a.unit_id = c.org_unit_id
      and a.ancestor_id = h.org_unit_id where h.role in ('line_manager', 'practice_supervisor')))`
