import t from 'tap'
import type { HoldFact } from '../../src/practice/facts.ts'
import { daysAfter } from '../../src/practice/record-kind.ts'
import { kindsOf } from '../../src/practice/record-kinds.ts'
import { action, givenFacts, today } from './facts.ts'
import { faultsOf, type Json, kindOf, type Row, settle, tomorrow, yesterday } from './faults.ts'

const crisis: HoldFact = {
  id: 'h1',
  kind: 'safety_crisis',
  openedVersion: 3,
  liftedVersion: null,
  hasRecipient: false,
  crisisId: 'c1',
}
const { openedOn } = givenFacts()
const familyTold = { how: 'family_told', on: today, legalBasis: 'guardian_of_minor', remarks: '告知母亲' }
const [goal] = kindOf('plan').example(today).goals as Json[]

const rows: readonly Row[] = [
  [
    'service_agreement',
    'no consent to the service',
    { consents: [{ purpose: 'reporting' }] },
    ['/consents service_consent_missing'],
  ],
  [
    'service_agreement',
    'sharing with nobody',
    { consents: [{ purpose: 'service' }, { purpose: 'sharing' }] },
    ['/consents/1/recipient recipient_required'],
  ],
  [
    'service_agreement',
    'a consent given twice',
    { consents: [{ purpose: 'service' }, { purpose: 'service' }] },
    ['/consents/1 repeated_consent'],
  ],
  [
    'service_agreement',
    'sharing with two',
    {
      consents: [
        { purpose: 'service' },
        ...['教务处', '资助中心'].map(recipient => ({ purpose: 'sharing', recipient })),
      ],
    },
    [],
  ],
  [
    'service_agreement',
    'over already',
    { validFrom: daysAfter(today, -9), validUntil: yesterday },
    ['/validUntil not_in_force'],
  ],
  [
    'service_agreement',
    'ends before it begins',
    { validFrom: daysAfter(today, 9), validUntil: tomorrow },
    ['/validUntil not_in_force'],
  ],
  ['service_agreement', 'its last day', { validUntil: today }, []],
  [
    'closing_summary',
    'told tomorrow',
    { informed: { how: 'told', on: tomorrow, opinion: '同意' } },
    ['/informed/on in_the_future'],
  ],
  [
    'closing_summary',
    'attempts on one day',
    { informed: { how: 'attempted', attempts: [today, today], remarks: '电话' } },
    ['/informed/attempts too_few_days'],
  ],
  [
    'closing_summary',
    'an attempt to come',
    { informed: { how: 'attempted', attempts: [today, tomorrow], remarks: '电话' } },
    ['/informed/attempts/1 in_the_future'],
  ],
  [
    'closing_summary',
    'attempts on two days',
    { informed: { how: 'attempted', attempts: [yesterday, today], remarks: '电话' } },
    [],
  ],
  [
    'closing_summary',
    'a guardian of somebody of age',
    { informed: familyTold },
    ['/informed/legalBasis student_of_age'],
  ],
  ['closing_summary', 'a guardian of a minor', { informed: familyTold }, [], { birthDate: '2009-01-01' }],
  ['closing_summary', 'a guardian, birth date unknown', { informed: familyTold }, [], { birthDate: null }],
  [
    'closing_summary',
    'aftercare in the past',
    { aftercare: { planned: 'yes', dates: [tomorrow, yesterday] } },
    ['/aftercare/dates/1 in_the_past'],
  ],
  ['closing_summary', 'no word of how the student learned', { informed: undefined }, []],
  [
    'closing_summary',
    'unknown ids',
    { attainment: [{ goalId: 'g9', level: 1 }], ...settle('a9', 'done') },
    ['/attainment/0/goalId unknown_goal', '/settlements/0/actionId unknown_action'],
  ],
  ['waiver', 'deferred for ever', { dueOn: undefined }, ['/dueOn due_day_required']],
  ['waiver', 'deferred to the past', { dueOn: yesterday }, ['/dueOn in_the_past']],
  ['waiver', 'deferred for a year', { dueOn: daysAfter(today, 366) }, []],
  ['waiver', 'deferred for more than a year', { dueOn: daysAfter(today, 367) }, ['/dueOn too_far_ahead']],
  ['waiver', 'waived until a day', { mode: 'waived' }, ['/dueOn due_day_required']],
  ['waiver', 'waived until a day long past', { mode: 'waived', dueOn: '2020-01-01' }, ['/dueOn due_day_required']],
  ['waiver', 'waived for good', { mode: 'waived', dueOn: undefined }, []],
  ['waiver', 'a need named twice', { needs: ['environment', 'environment'] }, ['/needs/1 repeated_need']],
  ['waiver', 'urgent without a crisis', { urgent: true }, ['/urgent no_open_crisis']],
  [
    'waiver',
    'urgent, the crisis lifted',
    { urgent: true },
    ['/urgent no_open_crisis'],
    { holds: [{ ...crisis, liftedVersion: 4 }] },
  ],
  [
    'waiver',
    'urgent, the case held by hand',
    { urgent: true },
    ['/urgent no_open_crisis'],
    { holds: [{ ...crisis, crisisId: null }] },
  ],
  ['waiver', 'urgent in a crisis', { urgent: true }, [], { holds: [crisis] }],
  [
    'waiver',
    'urgent, for good',
    { urgent: true, mode: 'waived', dueOn: undefined },
    ['/mode urgent_defers'],
    { holds: [crisis] },
  ],
  [
    'waiver',
    'urgent, of what is never urgent',
    { urgent: true, needs: ['academic_record'] },
    ['/needs/0 not_urgent'],
    { holds: [crisis] },
  ],
  ['academic_record', 'fewer failed than listed', { failedCount: 1 }, ['/failedCount count_too_small']],
  [
    'academic_record',
    'one course failed twice',
    {
      failedCount: 1,
      failedCourses: ['一', '二'].map(term => ({
        course: '大学物理',
        code: 'P1',
        term,
        courseKind: 'required',
        credits: 4,
        score: null,
      })),
    },
    [],
  ],
  [
    'academic_record',
    'a rank beyond the cohort',
    { cohort: { size: 9, rank: 10, mean: 70, own: 50, percentile: 1 } },
    ['/cohort/rank rank_beyond_cohort'],
  ],
  ['academic_record', 'figures of tomorrow', { asOf: tomorrow }, ['/asOf in_the_future']],
  [
    'cause_attribution',
    'a cause named twice',
    { causes: [1, 2].map(weight => ({ cause: 'weak_will', weight, evidence: '自述' })) },
    ['/causes/1/cause repeated_cause'],
  ],
  ['instrument_response', 'answers missing', { answers: [1, 2] }, ['/answers wrong_count']],
  ['instrument_response', 'a version that never was', { version: 2 }, ['/version unknown_version']],
  [
    'provisional_action',
    'an id of an action there is',
    {},
    ['/actions/0/id id_taken'],
    { actions: [action('p1', null)] },
  ],
  [
    'provisional_action',
    'an id of an action done long ago',
    {},
    ['/actions/0/id id_taken'],
    { actions: [action('p1', 'g1', 'done')] },
  ],
  [
    'provisional_action',
    'an id used twice, due in the past',
    { actions: [1, 2].map(() => ({ id: 'p7', text: '联系', by: 'worker', dueOn: yesterday })) },
    ['/actions/1/id repeated_id', '/actions/0/dueOn in_the_past', '/actions/1/dueOn in_the_past'],
  ],
  [
    'cause_attribution',
    'a response nobody signed',
    { instrumentRecordId: '01936d3e-7c00-7000-8000-000000000001' },
    ['/instrumentRecordId unknown_record'],
  ],
  ['offer_record', 'another attempt in the past', { recontactOn: yesterday }, ['/recontactOn in_the_past']],
  ['risk_cover_note', 'a review in the past', { reviewOn: yesterday }, ['/reviewOn in_the_past']],
  ...[
    'risk_screening',
    'contact',
    'intervention',
    'instrument_response',
    'offer_record',
    'aftercare_contact',
    'student_entry',
  ].map((kind): Row => [kind, 'a day to come', { on: tomorrow }, ['/on in_the_future']]),
  ...['session', 'follow_up', 'intervention', 'offer_record', 'aftercare_contact'].flatMap((kind): Row[] => [
    [kind, 'a typed year', { on: '0001-01-01' }, ['/on before_opening']],
    [kind, 'before the case', { on: daysAfter(openedOn, -2) }, ['/on before_opening']],
    [kind, 'a day’s grace', { on: daysAfter(openedOn, -1) }, []],
  ]),
  ...['contact', 'risk_screening', 'instrument_response', 'student_entry'].flatMap((kind): Row[] => [
    [kind, 'a typed year', { on: '0026-09-01' }, ['/on long_before_opening']],
    [kind, 'long before the case', { on: daysAfter(openedOn, -367) }, ['/on long_before_opening']],
    [kind, 'within a year before the case', { on: daysAfter(openedOn, -366) }, []],
  ]),
  [
    'closing_summary',
    'told before the case',
    { informed: { how: 'told', on: '2001-06-01', opinion: '同意' } },
    ['/informed/on before_opening'],
  ],
  [
    'closing_summary',
    'family told before the case',
    { informed: { ...familyTold, on: daysAfter(openedOn, -2) } },
    ['/informed/on before_opening'],
    { birthDate: '2009-01-01' },
  ],
  [
    'closing_summary',
    'an attempt before the case',
    { informed: { how: 'attempted', attempts: [today, '0001-01-01'], remarks: '电话' } },
    ['/informed/attempts/1 before_opening'],
  ],
]

for (const kind of Object.keys(kindsOf('case')))
  t.test(`${kind}: its example is signed as it stands; each fault is found where it lies`, async t => {
    t.same(faultsOf(kind, {}), [], 'the example')
    for (const [, what, overlay, faults, facts] of rows.filter(([name]) => name === kind))
      t.same(faultsOf(kind, overlay, facts), faults, what)
  })

t.test('what a schema refuses before anybody signs', async t => {
  const refused: readonly (readonly [string, Json])[] = [
    ['cause_attribution', { causes: [] }],
    ['cause_attribution', { causes: [{ cause: 'weak_will', weight: 6, evidence: '自述' }] }],
    ['plan', { goals: [] }],
    ['plan', { goals: [{ ...goal, scale: ['一', '二', '三', '四'] }] }],
    ['plan', { goals: [{ ...goal, difficulty: 2.5 }] }],
    ['plan', { goals: [{ ...goal, id: 'G 1' }] }],
    ['evaluation', { attainment: [{ goalId: 'g1', level: 3 }] }],
    ['closing_summary', { informed: { how: 'family_told', on: today, remarks: '母亲' } }],
    ['closing_summary', { informed: { how: 'attempted', attempts: [today], remarks: '电话' } }],
    ['closing_summary', { aftercare: { planned: 'yes', dates: [] } }],
    ['personal_profile', { physicalCondition: { answer: 'not_yet_known' } }],
    ['personal_profile', { presentingProblem: '   ' }],
    ['environment', { family: { answer: 'known', value: { situation: '务工', direction: 'to_student' } } }],
    ['waiver', { needs: ['risk_screening'] }],
    ['session', { on: '2026-02-30' }],
  ]
  for (const [kind, overlay] of refused)
    t.notOk(
      kindOf(kind).content.safeParse({ ...kindOf(kind).example(today), ...overlay }).success,
      `${kind} ${JSON.stringify(overlay)}`,
    )
})
