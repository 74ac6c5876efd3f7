import t from 'tap'
import {
  contact,
  course,
  enrolment,
  givenCourses,
  held,
  identity,
  member,
  result,
  student,
  term,
  unit,
} from '../support/rows.ts'
import { givenService } from '../support/service.ts'

type Row = Record<string, unknown>

const bad: Readonly<Record<string, readonly (readonly [what: string, rows: Row[], code: string, pointer?: string])[]>> =
  {
    'org-units': [
      ['no id', [{ ...unit, externalId: ' ' }], 'invalid_request', '/items/0/externalId'],
      ['a bell in an id', [{ ...unit, externalId: 'u\u00071' }], 'invalid_request', '/items/0/externalId'],
      ['an unknown kind', [{ ...unit, kind: 'planet' }], 'invalid_request', '/items/0/kind'],
      ['an unknown parent', [{ ...unit, parent: 'nowhere' }], 'unknown_reference', '/items/0/parent'],
      ['itself as parent', [{ ...unit, parent: 'u1' }], 'unit_cycle'],
      ['one id twice', [unit, { ...unit, externalId: ' u1 ' }], 'duplicate_row', '/items/1'],
    ],
    staff: [
      ['one role twice', [{ ...member, roles: [held, held] }], 'invalid_request', '/items/0/roles'],
      [
        'one role twice until different days',
        [{ ...member, roles: [held, { ...held, validUntil: '2027-01-01' }] }],
        'invalid_request',
        '/items/0/roles',
      ],
      [
        'a role that ends before it begins',
        [{ ...member, roles: [{ ...held, validUntil: '2026-08-31' }] }],
        'invalid_request',
        '/items/0/roles/0/validUntil',
      ],
      ['a day that is none', [{ ...member, leftOn: '2026-02-30' }], 'invalid_request', '/items/0/leftOn'],
      ['the year nought', [{ ...member, leftOn: '0000-01-01' }], 'invalid_request', '/items/0/leftOn'],
      [
        'an unknown unit',
        [{ ...member, roles: [{ ...held, orgUnit: 'x' }] }],
        'unknown_reference',
        '/items/0/roles/0/orgUnit',
      ],
      [
        'one identity twice',
        [{ ...member, identities: [identity, identity] }],
        'invalid_request',
        '/items/0/identities',
      ],
      [
        'the identity of another member',
        [{ ...member, identities: [identity, { issuer: 'bangfu', subject: 'owner' }] }],
        'identity_taken',
        '/items/0/identities/1',
      ],
      [
        'the identity of a student',
        [{ ...member, identities: [{ issuer: 'bangfu', subject: 'student-1' }] }],
        'identity_taken',
        '/items/0/identities/0',
      ],
      [
        'one identity for two',
        [
          { ...member, identities: [identity] },
          { ...member, externalId: 's2', identities: [identity] },
        ],
        'identity_taken',
        '/items/1/identities/0',
      ],
    ],
    students: [
      ['one contact twice', [{ ...student, contacts: [contact, contact] }], 'invalid_request', '/items/0/contacts'],
      ['an unknown status', [{ ...student, enrolmentStatus: 'asleep' }], 'invalid_request', '/items/0/enrolmentStatus'],
      ['a birth date that is none', [{ ...student, birthDate: '2006-13-01' }], 'invalid_request', '/items/0/birthDate'],
      ['the year nought', [{ ...student, birthDate: '0000-12-31' }], 'invalid_request', '/items/0/birthDate'],
      ['not born yet', [{ ...student, birthDate: '2999-01-01' }], 'invalid_request', '/items/0/birthDate'],
      ['no unit', [{ ...student, orgUnit: null }], 'invalid_request', '/items/0/orgUnit'],
      ['a bell in a name', [{ ...student, name: 'a\u0007b' }], 'invalid_request', '/items/0/name'],
      ['a name written backwards', [{ ...student, name: 'a\u202eb' }], 'invalid_request', '/items/0/name'],
      ['a number with what nobody sees', [{ ...student, number: '9\u200b00' }], 'invalid_request', '/items/0/number'],
      ['one number twice', [student, student], 'duplicate_row', '/items/1'],
      [
        'the identity of a member of staff',
        [{ ...student, identities: [{ issuer: 'bangfu', subject: 'owner' }] }],
        'identity_taken',
        '/items/0/identities/0',
      ],
    ],
    terms: [
      ['an end before its start', [{ ...term, endsOn: '2025-08-31' }], 'invalid_request', '/items/0/endsOn'],
      ['the year nought', [{ ...term, startsOn: '0000-01-01' }], 'invalid_request', '/items/0/startsOn'],
      ['an unknown member', [{ ...term, weeks: 20 }], 'invalid_request', '/items/0/weeks'],
    ],
    courses: [
      ['credits below nothing', [{ ...course, credits: -1 }], 'invalid_request', '/items/0/credits'],
      ['too many credits', [{ ...course, credits: 1e9 }], 'invalid_request', '/items/0/credits'],
      ['an unknown kind', [{ ...course, kind: 'fun' }], 'invalid_request', '/items/0/kind'],
    ],
    enrolments: [
      ['an end before its start', [{ ...enrolment, until: '2025-08-31' }], 'invalid_request', '/items/0/until'],
    ],
    results: [
      [
        'known before it was',
        [result, { ...result, externalId: 'r2', recordedOn: '2026-09-15' }],
        'invalid_request',
        '/items/1/recordedOn',
      ],
      ['more than all', [{ ...result, score: 100.1 }], 'invalid_request', '/items/0/score'],
      ['an unknown student', [{ ...result, student: 'x' }], 'unknown_reference', '/items/0/student'],
      ['an unknown course', [{ ...result, course: 'x' }], 'unknown_reference', '/items/0/course'],
      ['an unknown term', [{ ...result, term: 'x' }], 'unknown_reference', '/items/0/term'],
      ['an unknown outcome', [{ ...result, outcome: 'won' }], 'invalid_request', '/items/0/outcome'],
      ['one id twice', [result, result], 'duplicate_row', '/items/1'],
    ],
  }

t.test('a row that does not fit is refused with where and why, and nothing of the call is written', async t => {
  const service = await givenService(t)
  await givenCourses(service)
  const before = await service.asOwner('select count(*) from journal')
  for (const [collection, rows] of Object.entries(bad))
    for (const [what, items, code, pointer] of rows) {
      const { status, body } = await service.roster(collection, items)
      t.match({ status, code: body.code }, { code }, `${collection}: ${what}`)
      t.ok(status >= 400 && status < 500, `${collection}: ${what} is ${status}`)
      if (pointer)
        t.ok(
          body.errors.some((each: { pointer: string }) => each.pointer === pointer),
          `${collection}: ${what} is told at ${pointer}: ${JSON.stringify(body.errors)}`,
        )
    }
  t.same(await service.asOwner('select count(*) from journal'), before)
  t.same(await service.asOwner("select 1 from staff where external_id in ('s1', 's2')"), [])
  t.same(await service.asOwner("select 1 from identities where subject = 'new'"), [])
})
