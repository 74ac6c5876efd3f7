import { type Statement, tenantStatement } from '../platform/database.ts'
import type { Caller } from '../platform/http/route.ts'
import type { PermissionName } from '../practice/permissions.ts'
import { Problem } from '../practice/problems.ts'
import { callerCtes, callerJson, callerParams, type KnownCaller, knownCaller, requirePermission } from './actor.ts'
import { failedResult, newestFinals } from './final-results.ts'
import { type PageRow, readPage } from './page.ts'
import { rolesHeld } from './roles-today.ts'
import { studentVisible } from './student-access.ts'
import type { PeopleDeps } from './upsert.ts'

/**
 * A page in order of one text key and the id. Parameters: 1–4 caller, 5 limit, 6 and 7 cursor (key, id), 8 and 9 filters.
 */
const pageStatement = (name: string, from: string, key: string, item: string): Statement<PageRow> =>
  tenantStatement(
    name,
    `with ${callerCtes},
v as materialized (select x.*, ${key} as page_key from ${from} and ($6::text is null or (${key}, x.id) > ($6::text, $7::uuid)) order by ${key}, x.id limit $5::int + 1),
p as materialized (select * from v order by page_key, id limit $5::int)
select ${callerJson} as caller, (select count(*)::int from v) as count,
  (select json_build_array(page_key, id) from p order by page_key desc, id desc limit 1) as last,
  (select coalesce(json_agg(${item} order by x.page_key, x.id), '[]')::text from p x) as items`,
  )

const unitName = `(select json_build_object('id', u.id, 'nameZh', u.name_zh, 'nameEn', u.name_en) from org_units u where u.institution_id = $1::uuid and u.id = x.org_unit_id)`

/** Students whose number begins with a text, or whose name has it: each by its own index. Parameter 9. */
const studentsFound = `(
    select n.id from students n where n.institution_id = $1::uuid and starts_with(n.number, $9::text)
    union
    select n.id from students n where n.institution_id = $1::uuid and length($9::text) > 1
      and bigrams(n.name || ' ' || coalesce(n.name_en, '')) @> bigrams($9::text)
      and strpos(lower(n.name || ' ' || coalesce(n.name_en, '')), lower($9::text)) > 0)`

const studentPage = (name: string, from: string, condition: string): Statement<PageRow> =>
  pageStatement(
    name,
    `${from} cross join lateral (select s.*) x where s.institution_id = $1::uuid and ${condition} and ${studentVisible}
      and ($8::uuid is null or exists (select from org_ancestors a where a.institution_id = $1::uuid and a.unit_id = s.org_unit_id and a.ancestor_id = $8::uuid))`,
    'x.number',
    `json_build_object('id', x.id, 'number', x.number, 'name', x.name, 'nameEn', x.name_en, 'major', x.major, 'grade', x.grade,
      'enrolmentStatus', x.enrolment_status, 'orgUnit', ${unitName})`,
  )

const pages = {
  listOrgUnits: pageStatement(
    'people.org_units',
    'org_units x where x.institution_id = $1::uuid and ($8::uuid is null or x.parent_id = $8::uuid) and $9::text is null',
    'x.external_id',
    "json_build_object('id', x.id, 'externalId', x.external_id, 'parentId', x.parent_id, 'kind', x.kind, 'nameZh', x.name_zh, 'nameEn', x.name_en)",
  ),
  listStaff: pageStatement(
    'people.staff',
    `staff x cross join t where x.institution_id = $1::uuid and (x.left_on is null or x.left_on >= t.day) and (($8::uuid is null and $9::text is null) or exists (
      select from ${rolesHeld()} r left join org_ancestors a on a.institution_id = $1::uuid and a.unit_id = r.org_unit_id and a.ancestor_id = $8::uuid
      where r.staff_id = x.id and ($9::text is null or r.role = $9::text) and ($8::uuid is null or a.unit_id is not null)))`,
    'x.external_id',
    `json_build_object('id', x.id, 'externalId', x.external_id, 'name', x.name, 'nameEn', x.name_en, 'roles', (
      select coalesce(json_agg(json_build_object('role', r.role, 'unitId', r.org_unit_id) order by r.role, r.org_unit_id), '[]') from ${rolesHeld()} r where r.staff_id = x.id))`,
  ),
  listTerms: pageStatement(
    'people.terms',
    'terms x where x.institution_id = $1::uuid and $8::uuid is null and $9::text is null',
    'x.starts_on::text',
    "json_build_object('id', x.id, 'externalId', x.external_id, 'name', x.name, 'startsOn', x.starts_on, 'endsOn', x.ends_on)",
  ),
  listCourses: pageStatement(
    'people.courses',
    'courses x where x.institution_id = $1::uuid and $8::uuid is null and $9::text is null',
    'x.external_id',
    "json_build_object('id', x.id, 'externalId', x.external_id, 'name', x.name, 'kind', x.kind, 'credits', x.credits::float8)",
  ),
  searchStudents: studentPage('people.students', 'students s', '$9::text is null'),
} as const

const foundByText = studentPage('people.students_found', `${studentsFound} f join students s on s.id = f.id`, 'true')

/** Lists of the roster. */
export type RosterList = keyof typeof pages

/** A page of the roster: {@link readPage}. */
export const listPeople = (
  deps: PeopleDeps,
  caller: Caller,
  operation: RosterList,
  permission: PermissionName,
  input: { limit: number; cursor?: string | undefined; unitId?: string | undefined; text?: string | undefined },
) =>
  readPage(
    deps,
    caller,
    operation === 'searchStudents' && input.text !== undefined ? foundByText : pages[operation],
    { operation, input, permission },
    input.unitId ?? null,
    input.text ?? null,
  )

interface One {
  readonly caller: KnownCaller
  readonly found: string | null
}

/** Parameters: 1–4 caller, 5 student, 6 term or null. */
const oneStatement = (name: string, expression: string): Statement<One> =>
  tenantStatement(
    name,
    `with ${callerCtes},
s as materialized (select s.* from students s where s.institution_id = $1::uuid and s.id = $5::uuid and ${studentVisible} and ($6::uuid is null or true))
select ${callerJson} as caller, (select (${expression})::text from s) as found`,
  )

const finals = `results r where r.institution_id = $1::uuid and ($6::uuid is null or r.term_id = $6::uuid)`
const described = `'course', c.name, 'code', c.external_id, 'term', m.name, 'courseKind', c.kind, 'credits', c.credits::float8, 'score', r.score::float8`
const joined = `join courses c on c.institution_id = $1::uuid and c.id = r.course_id join terms m on m.institution_id = $1::uuid and m.id = r.term_id`
const own = '(select average from mine)'

const ones = {
  getStudent: oneStatement(
    'people.student',
    `json_build_object('id', s.id, 'number', s.number, 'name', s.name, 'nameEn', s.name_en, 'birthDate', s.birth_date, 'major', s.major,
      'grade', s.grade, 'enrolmentStatus', s.enrolment_status, 'absentSince', s.absent_since,
      'orgUnit', (select json_build_object('id', u.id, 'nameZh', u.name_zh, 'nameEn', u.name_en) from org_units u where u.institution_id = $1::uuid and u.id = s.org_unit_id),
      'contacts', (select coalesce(json_agg(json_build_object('id', k.id, 'kind', k.kind, 'name', k.name, 'phone', k.phone) order by k.external_id), '[]')
        from contacts k where k.institution_id = $1::uuid and k.student_id = s.id))`,
  ),
  getStanding: oneStatement(
    'people.standing',
    `with own as (select r.*, (select m.starts_on from terms m where m.institution_id = $1::uuid and m.id = r.term_id) from ${finals} and r.student_id = s.id),
     counted as (select n.* from ${newestFinals("(select * from own where item = '')")} n),
     failed as (select r.* from counted r where ${failedResult('r')}),
     mine as (select avg(score) as average from own where item = ''),
     peers as (select r.student_id, avg(r.score) as average from ${finals} and r.item = '' and r.student_id in (
       select q.id from students q where q.institution_id = $1::uuid and q.major = s.major and q.grade = s.grade) group by r.student_id having avg(r.score) is not null)
     select json_build_object('studentId', s.id,
      'failedCount', (select count(*)::int from failed),
      'failedCourses', (select coalesce(json_agg(json_build_object(${described}) order by m.starts_on, c.external_id), '[]')
        from failed r ${joined}),
      'missingWork', (select coalesce(json_agg(json_build_object('course', c.name, 'item', r.item, 'outcome', r.outcome, 'score', r.score::float8) order by r.recorded_on, r.item), '[]')
        from own r ${joined} where r.item <> '' and ${failedResult('r')}),
      'credits', (select json_build_object('earned', coalesce(sum(c.credits) filter (where r.outcome in ('passed', 'exempt')), 0)::float8, 'required', null, 'short', null)
        from counted r ${joined}),
      'cohort', (select case when count(*) = 0 then null else json_build_object('size', count(*)::int,
          'rank', case when ${own} is not null then (1 + count(*) filter (where average > ${own}))::int end, 'mean', round(avg(average), 2)::float8,
          'own', round(${own}, 2)::float8,
          'percentile', case when ${own} is not null then round(100.0 * count(*) filter (where average <= ${own}) / count(*), 1)::float8 end) end from peers))`,
  ),
} as const

/** One student, or where they stand; JSON text. One round trip. @throws Problem not_permitted, not_found */
export const readStudent = async (
  { db, ambient }: PeopleDeps,
  caller: Caller,
  what: keyof typeof ones,
  studentId: string,
  termId: string | null = null,
): Promise<string> => {
  const params = [...callerParams(caller, ambient.now()), studentId, termId] as const
  const [row] = await db.as(caller.institution).rows(ones[what], ...params)
  const { caller: found, found: body } = row as One
  requirePermission(caller, knownCaller(caller, found), 'students:read')
  if (body === null) throw new Problem('not_found')
  return body
}
