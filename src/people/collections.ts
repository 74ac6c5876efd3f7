import type { z } from 'zod'
import { CourseItem, OrgUnitItem, ResultItem, StaffItem, StudentItem, TermItem } from './roster-schemas.ts'

/** What rows refer to, by the institution's own ids. */
export type RefKind = 'units' | 'students' | 'courses' | 'terms'

/** Ids by kind and the institution's own id. */
export type Refs = Readonly<Record<RefKind, Readonly<Record<string, string>>>>

/** A reference of an item: kind, own id, and where it stands. */
export interface Ref {
  readonly kind: RefKind
  readonly id: string
  readonly pointer: string
}

/** One collection of the roster: its items, how known ones read, how changed ones are written. */
export interface Collection<T = unknown> {
  readonly name: string
  readonly operationId: string
  readonly item: z.ZodType<T>
  readonly example: z.input<z.ZodType<T>>
  readonly keyOf: (item: T) => string
  readonly refsOf: (item: T) => Ref[]
  /** What a new row has where the item does not say. A known row keeps what it has. */
  readonly fresh?: Readonly<Partial<T>>
  /** Lists whose entries are added or changed and never dropped, with the member that names an entry. */
  readonly growing?: Readonly<Record<string, string>>
  /** Rows may refer to rows of the same call. */
  readonly own?: RefKind
  /** SQL: `key`, `id`, `item` (JSON in the shape of the input) of those whose key is in `keys(key)`. */
  readonly known: string
  /** SQL CTEs that write `rows` (JSON array `e->'rows'`); guarded by `free`. */
  readonly save: string
  /** Columns of one row, references resolved. */
  readonly rowOf: (item: T, id: string, refs: Refs) => Record<string, unknown>
}

const define = <T>(collection: Collection<T>): Collection => collection as unknown as Collection

const rows = (columns: string) =>
  `given cross join jsonb_to_recordset(given.e->'rows') x(${columns}) cross join free where free.ok`

const identitiesJson = (
  column: string,
) => `(select coalesce(json_agg(json_build_object('issuer', i.issuer, 'subject', i.subject) order by i.issuer, i.subject), '[]')
  from identities i where i.institution_id = $1::uuid and i.${column} = t.id)`

const saveIdentities = (column: string) => `
gone as (delete from identities i using given cross join jsonb_to_recordset(given.e->'rows') x(id uuid, identities jsonb), free
  where free.ok and i.institution_id = $1::uuid and i.${column} = x.id and x.identities is not null
    and not exists (select from jsonb_to_recordset(x.identities) n(issuer text, subject text) where n.issuer = i.issuer and n.subject = i.subject)),
linked as (insert into identities (institution_id, issuer, subject, ${column}, created_at)
  select $1::uuid, n.issuer, n.subject, x.id, (given.e->>'at')::timestamptz
  from given cross join jsonb_to_recordset(given.e->'rows') x(id uuid, identities jsonb)
  cross join jsonb_to_recordset(coalesce(x.identities, '[]')) n(issuer text, subject text) cross join free where free.ok
    and not exists (select from identities i where i.institution_id = $1::uuid and i.issuer = n.issuer and i.subject = n.subject and i.${column} = x.id))`

const orgUnits = define<z.output<typeof OrgUnitItem>>({
  name: 'org-units',
  operationId: 'upsertOrgUnits',
  item: OrgUnitItem,
  example: { externalId: 'CS-2501', parent: 'CS-2025', kind: 'class', nameZh: '计算机2501班', nameEn: 'CS 2501' },
  keyOf: item => item.externalId,
  refsOf: item => (item.parent ? [{ kind: 'units', id: item.parent, pointer: '/parent' }] : []),
  own: 'units',
  known: `select t.external_id as key, t.id, json_build_object('externalId', t.external_id, 'parent', p.external_id, 'parentId', p.id, 'kind', t.kind, 'nameZh', t.name_zh, 'nameEn', t.name_en) as item
    from org_units t join keys on keys.key = t.external_id left join org_units p on p.institution_id = $1::uuid and p.id = t.parent_id where t.institution_id = $1::uuid`,
  save: `u as (insert into org_units (institution_id, id, external_id, parent_id, kind, name_zh, name_en)
  select $1::uuid, x.id, x."externalId", x."parentId", x.kind, x."nameZh", x."nameEn"
  from ${rows('id uuid, "externalId" text, "parentId" uuid, kind text, "nameZh" text, "nameEn" text')} order by x."externalId"
  on conflict (institution_id, external_id) do update set parent_id = excluded.parent_id, kind = excluded.kind, name_zh = excluded.name_zh, name_en = excluded.name_en)`,
  // A parent that is not given is not among the references: it stays as it is known.
  rowOf: ({ parent, ...item }, id, refs) => ({
    ...item,
    id,
    parentId: parent ? (refs.units[parent] ?? (item as { parentId?: string }).parentId) : null,
  }),
})

const staff = define<z.output<typeof StaffItem>>({
  name: 'staff',
  operationId: 'upsertStaff',
  item: StaffItem,
  example: {
    externalId: 'T1001',
    name: '李老师',
    roles: [{ role: 'counsellor', orgUnit: 'CS', validFrom: '2026-09-01' }],
    identities: [{ issuer: 'https://id.example.edu.cn', subject: 'li' }],
  },
  keyOf: item => item.externalId,
  refsOf: item =>
    item.roles.map((held, index) => ({ kind: 'units', id: held.orgUnit, pointer: `/roles/${index}/orgUnit` })),
  known: `select t.external_id as key, t.id, json_build_object('externalId', t.external_id, 'name', t.name, 'nameEn', t.name_en, 'leftOn', t.left_on,
      'roles', (select coalesce(json_agg(json_build_object('role', r.role, 'orgUnit', u.external_id, 'validFrom', r.valid_from, 'validUntil', r.valid_until)
          order by r.role, u.external_id, r.valid_from), '[]')
        from staff_roles r join org_units u on u.institution_id = $1::uuid and u.id = r.org_unit_id where r.institution_id = $1::uuid and r.staff_id = t.id),
      'identities', ${identitiesJson('staff_id')}) as item
    from staff t join keys on keys.key = t.external_id where t.institution_id = $1::uuid`,
  save: `u as (insert into staff (institution_id, id, external_id, name, name_en, left_on)
  select $1::uuid, x.id, x."externalId", x.name, x."nameEn", x."leftOn"
  from ${rows('id uuid, "externalId" text, name text, "nameEn" text, "leftOn" date')} order by x."externalId"
  on conflict (institution_id, external_id) do update set name = excluded.name, name_en = excluded.name_en, left_on = excluded.left_on returning id),
dropped as (delete from staff_roles r using given cross join jsonb_to_recordset(given.e->'rows') x(id uuid, roles jsonb), free
  where free.ok and r.institution_id = $1::uuid and r.staff_id = x.id
    and not exists (select from jsonb_to_recordset(x.roles) n(role text, "unitId" uuid, "validFrom" date)
      where n.role = r.role and n."unitId" = r.org_unit_id and n."validFrom" = r.valid_from)),
held as (insert into staff_roles (institution_id, staff_id, role, org_unit_id, valid_from, valid_until)
  select $1::uuid, x.id, n.role, n."unitId", n."validFrom", n."validUntil"
  from given cross join jsonb_to_recordset(given.e->'rows') x(id uuid, roles jsonb)
  cross join jsonb_to_recordset(x.roles) n(role text, "unitId" uuid, "validFrom" date, "validUntil" date) cross join free where free.ok
  on conflict (institution_id, staff_id, role, org_unit_id, valid_from) do update set valid_until = excluded.valid_until),
${saveIdentities('staff_id')}`,
  rowOf: (item, id, refs) => ({
    ...item,
    id,
    roles: item.roles.map(({ orgUnit, ...held }) => ({ ...held, unitId: refs.units[orgUnit] })),
  }),
})

const students = define<z.output<typeof StudentItem>>({
  name: 'students',
  operationId: 'upsertStudents',
  item: StudentItem,
  example: {
    number: '20250101',
    name: '王晓明',
    birthDate: '2006-03-14',
    major: '计算机科学与技术',
    grade: '2025',
    orgUnit: 'CS-2501',
  },
  keyOf: item => item.number,
  fresh: { enrolmentStatus: 'enrolled' },
  growing: { contacts: 'externalId' },
  refsOf: item => [{ kind: 'units', id: item.orgUnit, pointer: '/orgUnit' }],
  known: `select t.number as key, t.id, json_build_object('number', t.number, 'name', t.name, 'nameEn', t.name_en, 'birthDate', t.birth_date,
      'major', t.major, 'grade', t.grade, 'orgUnit', u.external_id, 'enrolmentStatus', t.enrolment_status,
      'contacts', (select coalesce(json_agg(json_build_object('externalId', c.external_id, 'kind', c.kind, 'name', c.name, 'phone', c.phone) order by c.external_id), '[]')
        from contacts c where c.institution_id = $1::uuid and c.student_id = t.id),
      'identities', ${identitiesJson('student_id')}) as item
    from students t join keys on keys.key = t.number join org_units u on u.institution_id = $1::uuid and u.id = t.org_unit_id where t.institution_id = $1::uuid`,
  save: `u as (insert into students (institution_id, id, number, name, name_en, birth_date, major, grade, org_unit_id, enrolment_status)
  select $1::uuid, x.id, x.number, x.name, x."nameEn", x."birthDate", x.major, x.grade, x."unitId", x."enrolmentStatus"
  from ${rows('id uuid, number text, name text, "nameEn" text, "birthDate" date, major text, grade text, "unitId" uuid, "enrolmentStatus" text')} order by x.number
  on conflict (institution_id, number) do update set name = excluded.name, name_en = excluded.name_en, birth_date = excluded.birth_date,
    major = excluded.major, grade = excluded.grade, org_unit_id = excluded.org_unit_id, enrolment_status = excluded.enrolment_status),
reached as (insert into contacts (institution_id, id, external_id, student_id, kind, name, phone)
  select $1::uuid, n.id, n."externalId", x.id, n.kind, n.name, n.phone
  from given cross join jsonb_to_recordset(given.e->'rows') x(id uuid, contacts jsonb)
  cross join jsonb_to_recordset(coalesce(x.contacts, '[]')) n(id uuid, "externalId" text, kind text, name text, phone text) cross join free where free.ok
  on conflict (institution_id, student_id, external_id) do update set kind = excluded.kind, name = excluded.name, phone = excluded.phone),
${saveIdentities('student_id')}`,
  rowOf: ({ orgUnit, ...item }, id, refs) => ({ ...item, id, unitId: refs.units[orgUnit] }),
})

const terms = define<z.output<typeof TermItem>>({
  name: 'terms',
  operationId: 'upsertTerms',
  item: TermItem,
  example: { externalId: '2026-1', name: '2026–2027学年第一学期', startsOn: '2026-09-01', endsOn: '2027-01-20' },
  keyOf: item => item.externalId,
  refsOf: () => [],
  known: `select t.external_id as key, t.id, json_build_object('externalId', t.external_id, 'name', t.name, 'startsOn', t.starts_on, 'endsOn', t.ends_on) as item
    from terms t join keys on keys.key = t.external_id where t.institution_id = $1::uuid`,
  save: `u as (insert into terms (institution_id, id, external_id, name, starts_on, ends_on)
  select $1::uuid, x.id, x."externalId", x.name, x."startsOn", x."endsOn"
  from ${rows('id uuid, "externalId" text, name text, "startsOn" date, "endsOn" date')} order by x."externalId"
  on conflict (institution_id, external_id) do update set name = excluded.name, starts_on = excluded.starts_on, ends_on = excluded.ends_on)`,
  rowOf: (item, id) => ({ ...item, id }),
})

const courses = define<z.output<typeof CourseItem>>({
  name: 'courses',
  operationId: 'upsertCourses',
  item: CourseItem,
  example: { externalId: 'MATH1001', name: '高等数学A(上)', kind: 'required', credits: 5 },
  keyOf: item => item.externalId,
  fresh: { kind: 'required' },
  refsOf: () => [],
  known: `select t.external_id as key, t.id, json_build_object('externalId', t.external_id, 'name', t.name, 'kind', t.kind, 'credits', t.credits::float8) as item
    from courses t join keys on keys.key = t.external_id where t.institution_id = $1::uuid`,
  save: `u as (insert into courses (institution_id, id, external_id, name, kind, credits)
  select $1::uuid, x.id, x."externalId", x.name, x.kind, x.credits from ${rows('id uuid, "externalId" text, name text, kind text, credits numeric')} order by x."externalId"
  on conflict (institution_id, external_id) do update set name = excluded.name, kind = excluded.kind, credits = excluded.credits)`,
  rowOf: (item, id) => ({ ...item, id }),
})

const results = define<z.output<typeof ResultItem>>({
  name: 'results',
  operationId: 'upsertResults',
  item: ResultItem,
  example: {
    externalId: 'R-1',
    student: '20250101',
    course: 'MATH1001',
    term: '2026-1',
    score: 43,
    outcome: 'failed',
    recordedOn: '2027-01-18',
  },
  keyOf: item => item.externalId,
  fresh: { item: '' },
  refsOf: item => [
    { kind: 'students', id: item.student, pointer: '/student' },
    { kind: 'courses', id: item.course, pointer: '/course' },
    { kind: 'terms', id: item.term, pointer: '/term' },
  ],
  known: `select t.external_id as key, t.id, json_build_object('externalId', t.external_id, 'student', s.number, 'course', c.external_id, 'term', m.external_id,
      'item', t.item, 'score', t.score::float8, 'outcome', t.outcome, 'recordedOn', t.recorded_on) as item
    from results t join keys on keys.key = t.external_id
    join students s on s.institution_id = $1::uuid and s.id = t.student_id join courses c on c.institution_id = $1::uuid and c.id = t.course_id
    join terms m on m.institution_id = $1::uuid and m.id = t.term_id where t.institution_id = $1::uuid`,
  save: `u as (insert into results (institution_id, id, external_id, student_id, course_id, term_id, item, score, outcome, recorded_on)
  select $1::uuid, x.id, x."externalId", x."studentId", x."courseId", x."termId", x.item, x.score, x.outcome, x."recordedOn"
  from ${rows('id uuid, "externalId" text, "studentId" uuid, "courseId" uuid, "termId" uuid, item text, score numeric, outcome text, "recordedOn" date')} order by x."externalId"
  on conflict (institution_id, external_id) do update set student_id = excluded.student_id, course_id = excluded.course_id, term_id = excluded.term_id,
    item = excluded.item, score = excluded.score, outcome = excluded.outcome, recorded_on = excluded.recorded_on)`,
  rowOf: ({ student, course, term, ...item }, id, refs) => ({
    ...item,
    id,
    studentId: refs.students[student],
    courseId: refs.courses[course],
    termId: refs.terms[term],
  }),
})

/** The collections of the roster, in the order they refer to one another. */
export const collections: readonly Collection[] = [orgUnits, staff, students, terms, courses, results]
