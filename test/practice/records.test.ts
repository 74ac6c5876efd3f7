import t from 'tap'
import { z } from 'zod'
import { isMinor } from '../../src/practice/facts.ts'
import { confidentialPaths, joinContent, type RecordKind, splitContent } from '../../src/practice/record-kind.ts'
import { kindsOf, recordKind, recordKinds, titleOfKind } from '../../src/practice/record-kinds.ts'
import { today } from './facts.ts'

type Json = Record<string, unknown>

interface Part {
  readonly at: string
  readonly node: Json
  /** It, or something around it, is confidential. */
  readonly secret: boolean
}

/** Every schema below a node with its path. */
const parts = (node: Json, at: string, around: boolean): Part[] => {
  const secret = around || node.confidential === true
  const children = [
    ...Object.entries((node.properties ?? {}) as Record<string, Json>).map(([name, child]) => ({
      at: `${at}/${name}`,
      child,
    })),
    ...(node.items ? [{ at: `${at}/*`, child: node.items as Json }] : []),
    ...(typeof node.additionalProperties === 'object'
      ? [{ at: `${at}/*`, child: node.additionalProperties as Json }]
      : []),
    ...[...((node.anyOf ?? []) as Json[]), ...((node.oneOf ?? []) as Json[])].map(child => ({ at, child })),
  ]
  return [{ at, node, secret }, ...children.flatMap(({ at: path, child }) => parts(child, path, secret))]
}

/** What the rules of the house find wrong with one schema. */
const faultsOf = ({ at, node, secret }: Part): string[] => {
  const coded = node.enum !== undefined || node.const !== undefined
  const isObject = node.type === 'object' && node.properties !== undefined
  const isMap = node.type === 'object' && node.properties === undefined
  const faults: [boolean, string][] = [
    [node.type === 'string' && !coded && !node.format && !secret && !node.public, 'free text in the clear'],
    [node.type === 'string' && !coded && !node.format && node.maxLength === undefined, 'string without end'],
    [node.type === 'array' && node.maxItems === undefined, 'array without end'],
    [
      ['number', 'integer'].includes(String(node.type)) && (node.minimum === undefined || node.maximum === undefined),
      'number without bounds',
    ],
    [isObject && node.additionalProperties !== false, 'object that takes anything'],
    [isMap && (node.propertyNames as Json | undefined)?.enum === undefined, 'map with any name'],
    ...Object.entries((node.properties ?? {}) as Record<string, Json>).map(([name, child]): [boolean, string] => [
      !child.description,
      `${name} is not described`,
    ]),
    ...((node.enum ?? []) as unknown[]).map((value): [boolean, string] => [
      !/^[a-z][a-z0-9_]*$/.test(String(value)),
      `${value} is no snake_case`,
    ]),
  ]
  return faults.filter(([wrong]) => wrong).map(([, what]) => `${at || '/'}: ${what}`)
}

const schemaFaults = (schema: z.ZodType): string[] =>
  parts(z.toJSONSchema(schema, { io: 'input' }) as Json, '', false).flatMap(faultsOf)

const contentOf = (kind: RecordKind): Json => {
  const parsed = kind.content.parse(kind.example(today))
  return (kind.derive ? kind.derive(parsed) : parsed) as Json
}

t.test('the walk through a schema finds each fault it is there for', async t => {
  const careless = z.object({
    open: z.string().max(9).describe('Open'),
    endless: z.string().meta({ public: 'x' }).describe('Endless'),
    inside: z.strictObject({ list: z.array(z.enum(['Bad-Name'])).describe('L') }).describe('I'),
    deep: z.union([z.null(), z.number().min(0)]).describe('Deep'),
    map: z.record(z.string().max(3), z.boolean()).describe('Map'),
    mute: z.boolean(),
  })
  const expected = [
    '/: mute is not described',
    '/: object that takes anything',
    '/open: free text in the clear',
    '/endless: string without end',
    '/inside/list: array without end',
    '/inside/list/*: Bad-Name is no snake_case',
    '/deep: number without bounds',
    '/map: map with any name',
  ]
  t.same(schemaFaults(careless).sort(), expected.sort())
})

for (const kind of Object.values(recordKinds)) {
  t.test(`${kind.kind}: free text is confidential or says why not; all is bounded, closed, described`, async t => {
    t.same(schemaFaults(kind.content), [])
    t.throws(() => kind.content.parse({ ...kind.example(today), nonsense: 1 }), 'an unknown member is refused')
  })

  t.test(`${kind.kind}: its example holds, comes apart and together again`, async t => {
    const content = contentOf(kind)
    const split = splitContent(content, confidentialPaths(kind.content))
    t.same(joinContent(split), content)
    t.same(contentOf(kind), content, 'taking apart changed nothing')
    const open = JSON.stringify(split.open)
    for (const [pointer, value] of Object.entries(split.secret))
      if (typeof value === 'string') t.notOk(open.includes(value), `${pointer} is not in the open part`)
    const named = kind.kind === 'academic_record' || kind.kind === 'service_agreement'
    t.equal(/[\u4e00-\u9fff]/.test(open), named, 'names of courses and offices are the only words in the clear')
  })

  t.test(`${kind.kind}: titles in both languages, a source, writers who sign, fields that exist`, async t => {
    t.equal(recordKind(kind.kind), kind)
    t.match(titleOfKind(kind.kind).zh, /[\u4e00-\u9fff]/)
    t.match(titleOfKind(kind.kind).en, /^[A-Z][\x20-\x7e’]+$/)
    t.match(kind.source, /MZ\/T|[Ss]eed article/)
    t.ok(kind.signers.some(party => (kind.writers as readonly string[]).includes(party)))
    const fields = Object.keys((z.toJSONSchema(kind.content) as { properties: Json }).properties)
    t.same(typeof kind.studentReads === 'string' ? [] : kind.studentReads.filter(field => !fields.includes(field)), [])
  })
}

t.test('students read agreement, plan, next steps and closing words; of the workers’ notes nothing', async t => {
  const read = Object.values(kindsOf('case')).filter(kind => kind.studentReads !== 'nothing')
  t.same(Object.fromEntries(read.map(kind => [kind.kind, kind.studentReads])), {
    service_agreement: 'whole',
    helper_confirmation: 'whole',
    plan: 'whole',
    student_entry: 'whole',
    student_addendum: 'whole',
    group_entry: ['groupId', 'sessionId', 'phase', 'on', 'attendance'],
    session: ['outcome', 'on', 'startsAt', 'durationMinutes', 'medium', 'place', 'nextStep'],
    follow_up: ['outcome', 'on', 'medium'],
    evaluation: ['decision'],
    closing_summary: ['attainmentSummary', 'reflection', 'remainingNeeds', 'aftercare'],
  })
})

t.test('members read goals, plan, norms and next steps of their group, and onward plans of their own', async t => {
  const read = Object.values(kindsOf('group')).filter(kind => kind.studentReads !== 'nothing')
  t.same(Object.fromEntries(read.map(kind => [kind.kind, kind.studentReads])), {
    group_plan: ['goals'],
    session_plan: 'whole',
    group_contract: 'whole',
    contract_acceptance: 'whole',
    group_session: ['sessionId', 'on', 'startsAt', 'durationMinutes', 'next'],
    onward_plan: 'whole',
  })
})

t.test('what the guard reads of a record stays in the clear', async t => {
  const openOf = (name: string) => {
    const kind = recordKind(name) as RecordKind
    return splitContent(contentOf(kind), confidentialPaths(kind.content)).open
  }
  t.equal(openOf('risk_screening').level, 'low')
  t.notOk('indicators' in openOf('risk_screening'))
  t.equal(openOf('evaluation').decision, 'close')
  t.match(openOf('session'), { outcome: 'held', on: today })
  t.match(openOf('follow_up'), { outcome: 'held', on: today })
  t.match(openOf('service_agreement'), { validFrom: today, validUntil: /^2027/ })
  t.match(openOf('closing_summary').informed, { how: 'told', on: today })
  const plan = openOf('plan') as { goals: Json[]; feasibility: Json }
  t.match(plan.goals[0], { id: 'g1', difficulty: 2, horizon: 'near', dueOn: String })
  t.notOk('scale' in (plan.goals[0] as Json), 'a list of words goes as a whole')
  t.equal(plan.feasibility.studentConfidence, 6)
})

t.test('every kind is the form of one subject, and no two have a name in common', async t => {
  const subjects = [...new Set(Object.values(recordKinds).map(kind => kind.of))]
  const named = subjects.flatMap(subject => Object.keys(kindsOf(subject)))
  t.same(named.sort(), Object.keys(recordKinds).sort())
})

t.test('an unknown kind has no definition, and is called by its name', async t => {
  t.equal(recordKind('constructor'), undefined)
  t.same(titleOfKind('toString'), { en: 'toString', zh: 'toString' })
})

t.test('eighteen is counted to the day', async t => {
  t.ok(isMinor('2008-09-15', today))
  t.notOk(isMinor('2008-09-14', today), 'the birthday itself')
  t.notOk(isMinor(null, today), 'unknown counts as of age')
  t.ok(isMinor('2008-12-31', today))
})
