import type { z } from 'zod'
import { type Collection, defineCollection, maybe, one, refs, resolved, rows } from './collection.ts'
import { assessments, courses, enrolmentsBy, resultsBy, sections, terms } from './course-collections.ts'
import { OrgUnitItem, SourceId, StaffItem, StudentItem } from './roster-schemas.ts'

const SourcedStaff = StaffItem.extend({ sourceId: SourceId })
const SourcedStudent = StudentItem.extend({ sourceId: SourceId })

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

const orgUnits = defineCollection<z.output<typeof OrgUnitItem>>({
  name: 'org-units',
  operationId: 'upsertOrgUnits',
  item: OrgUnitItem,
  example: { externalId: 'CS-2501', parent: 'CS-2025', kind: 'class', nameZh: '计算机2501班', nameEn: 'CS 2501' },
  keyOf: item => item.externalId,
  refsOf: item => refs(['units', item.parent, '/parent']),
  own: 'units',
  known: `select t.external_id as key, t.id, json_build_object('externalId', t.external_id, 'parent', p.external_id, 'parentId', p.id, 'kind', t.kind, 'nameZh', t.name_zh, 'nameEn', t.name_en) as item
    from keys ${one('org_units', 't', 'external_id = keys.key')} ${maybe('org_units', 'p', 'id = t.parent_id')} where t.institution_id = $1::uuid`,
  save: `u as (insert into org_units (institution_id, id, external_id, parent_id, kind, name_zh, name_en)
  select $1::uuid, x.id, x."externalId", x."parentId", x.kind, x."nameZh", x."nameEn"
  from ${rows('id uuid, "externalId" text, "parentId" uuid, kind text, "nameZh" text, "nameEn" text')} order by x."externalId"
  on conflict (institution_id, external_id) do update set parent_id = excluded.parent_id, kind = excluded.kind, name_zh = excluded.name_zh, name_en = excluded.name_en)`,
  // A parent that is not given is not among the references: it stays as it is known.
  rowOf: ({ parent, ...item }, id, found) => ({
    ...item,
    id,
    parentId: parent ? (resolved(found, 'units', parent) ?? (item as { parentId?: string }).parentId) : null,
  }),
})

const staff = defineCollection<z.output<typeof SourcedStaff>>({
  name: 'staff',
  operationId: 'upsertStaff',
  item: StaffItem as z.ZodType<z.output<typeof SourcedStaff>>,
  example: {
    externalId: 'T9001',
    name: '李老师',
    roles: [{ role: 'counsellor', orgUnit: 'CS', validFrom: '2026-09-01' }],
    identities: [{ issuer: 'https://id.example.edu.cn', subject: 'li' }],
  },
  origins: true,
  keyOf: item => item.externalId,
  refsOf: item =>
    (item.roles ?? []).map((held, index) => ({
      kind: 'units',
      id: held.orgUnit,
      pointer: `/roles/${index}/orgUnit`,
    })),
  known: `select t.external_id as key, t.id, json_build_object('externalId', t.external_id, 'name', t.name, 'nameEn', t.name_en, 'leftOn', t.left_on, 'sourceId', t.source_id, 'origin', t.origin,
      'roles', (select coalesce(json_agg(json_build_object('role', r.role, 'orgUnit', u.external_id, 'validFrom', r.valid_from, 'validUntil', r.valid_until)
          order by r.role, u.external_id, r.valid_from), '[]')
        from staff_roles r ${one('org_units', 'u', 'id = r.org_unit_id')} where r.institution_id = $1::uuid and r.staff_id = t.id),
      'identities', ${identitiesJson('staff_id')}) as item
    from keys ${one('staff', 't', 'external_id = keys.key')} where t.institution_id = $1::uuid`,
  save: `u as (insert into staff (institution_id, id, external_id, name, name_en, left_on, source_id, origin)
  select $1::uuid, x.id, x."externalId", x.name, x."nameEn", x."leftOn", x."sourceId", x.origin
  from ${rows('id uuid, "externalId" text, name text, "nameEn" text, "leftOn" date, "sourceId" text, origin text')} order by x."externalId"
  on conflict (institution_id, id) do update set external_id = excluded.external_id, name = excluded.name, name_en = excluded.name_en,
    left_on = excluded.left_on, source_id = coalesce(excluded.source_id, staff.source_id), origin = excluded.origin returning id),
dropped as (delete from staff_roles r using given cross join jsonb_to_recordset(given.e->'rows') x(id uuid, roles jsonb), free
  where free.ok and r.institution_id = $1::uuid and r.staff_id = x.id and x.roles is not null
    and not exists (select from jsonb_to_recordset(x.roles) n(role text, "unitId" uuid, "validFrom" date)
      where n.role = r.role and n."unitId" = r.org_unit_id and n."validFrom" = r.valid_from)),
held as (insert into staff_roles (institution_id, staff_id, role, org_unit_id, valid_from, valid_until)
  select $1::uuid, x.id, n.role, n."unitId", n."validFrom", n."validUntil"
  from given cross join jsonb_to_recordset(given.e->'rows') x(id uuid, roles jsonb)
  cross join jsonb_to_recordset(coalesce(x.roles, '[]')) n(role text, "unitId" uuid, "validFrom" date, "validUntil" date) cross join free where free.ok
  on conflict (institution_id, staff_id, role, org_unit_id, valid_from) do update set valid_until = excluded.valid_until),
${saveIdentities('staff_id')}`,
  rowOf: ({ roles, ...item }, id, found) => ({
    ...item,
    id,
    ...(roles ? { roles: roles.map(({ orgUnit, ...held }) => ({ ...held, unitId: found.units[orgUnit] })) } : {}),
  }),
})

const students = defineCollection<z.output<typeof SourcedStudent>>({
  name: 'students',
  operationId: 'upsertStudents',
  item: StudentItem as z.ZodType<z.output<typeof SourcedStudent>>,
  example: {
    number: '20250101',
    name: '王晓明',
    birthDate: '2006-03-14',
    major: '计算机科学与技术',
    grade: '2025',
    orgUnit: 'CS-2501',
  },
  origins: true,
  keyOf: item => item.number,
  fresh: { enrolmentStatus: 'enrolled' },
  growing: { contacts: 'externalId' },
  refsOf: item => refs(['units', item.orgUnit, '/orgUnit']),
  present: { absentSince: null },
  known: `select t.number as key, t.id, json_build_object('number', t.number, 'name', t.name, 'nameEn', t.name_en, 'birthDate', t.birth_date,
      'major', t.major, 'grade', t.grade, 'orgUnit', u.external_id, 'enrolmentStatus', t.enrolment_status,
      'sourceId', t.source_id, 'origin', t.origin, 'absentSince', t.absent_since,
      'contacts', (select coalesce(json_agg(json_build_object('externalId', c.external_id, 'kind', c.kind, 'name', c.name, 'phone', c.phone) order by c.external_id), '[]')
        from contacts c where c.institution_id = $1::uuid and c.student_id = t.id),
      'identities', ${identitiesJson('student_id')}) as item
    from keys ${one('students', 't', 'number = keys.key')} ${one('org_units', 'u', 'id = t.org_unit_id')} where t.institution_id = $1::uuid`,
  save: `u as (insert into students (institution_id, id, number, name, name_en, birth_date, major, grade, org_unit_id, enrolment_status, source_id, origin)
  select $1::uuid, x.id, x.number, x.name, x."nameEn", x."birthDate", x.major, x.grade, x."unitId", x."enrolmentStatus", x."sourceId", x.origin
  from ${rows('id uuid, number text, name text, "nameEn" text, "birthDate" date, major text, grade text, "unitId" uuid, "enrolmentStatus" text, "sourceId" text, origin text')} order by x.number
  on conflict (institution_id, id) do update set number = excluded.number, name = excluded.name, name_en = excluded.name_en,
    birth_date = excluded.birth_date, major = excluded.major, grade = excluded.grade, org_unit_id = excluded.org_unit_id, enrolment_status = excluded.enrolment_status,
    source_id = coalesce(excluded.source_id, students.source_id), origin = excluded.origin, absent_since = null),
reached as (insert into contacts (institution_id, id, external_id, student_id, kind, name, phone)
  select $1::uuid, n.id, n."externalId", x.id, n.kind, n.name, n.phone
  from given cross join jsonb_to_recordset(given.e->'rows') x(id uuid, contacts jsonb)
  cross join jsonb_to_recordset(coalesce(x.contacts, '[]')) n(id uuid, "externalId" text, kind text, name text, phone text) cross join free where free.ok
  on conflict (institution_id, student_id, external_id) do update set kind = excluded.kind, name = excluded.name, phone = excluded.phone),
${saveIdentities('student_id')}`,
  rowOf: ({ orgUnit, ...item }, id, found) => ({ ...item, id, unitId: found.units[orgUnit] }),
})

/** People as imports bring them: with the id in the system they come from, where it has one. */
export const sourced = {
  staff: { ...staff, item: SourcedStaff, sources: 'staffSources' },
  students: { ...students, item: SourcedStudent, sources: 'studentSources' },
} as const satisfies Record<string, Collection>

/** The collections of the roster, in the order they refer to one another. */
export const collections: readonly Collection[] = [
  orgUnits,
  staff,
  students,
  terms,
  courses,
  sections,
  enrolmentsBy.number,
  assessments,
  resultsBy.number,
]
