import t from 'tap'
import { codeLists, describeProcess, processes } from '../../src/definitions/describe.ts'
import { casework, closureReasons } from '../../src/practice/casework.ts'
import * as codes from '../../src/practice/codes.ts'
import { relations } from '../../src/practice/permissions.ts'
import { recordKinds } from '../../src/practice/record-kinds.ts'
import { givenSchool, givenService } from '../support/service.ts'

t.test('a client draws every form from one list: schema, example, signers, steps', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const list = await service.call('owner', 'GET', '/v1/record-kinds')
  t.equal(list.status, 200)
  t.same(
    list.body.items.map((each: { kind: string }) => each.kind),
    Object.keys(recordKinds),
  )
  for (const item of list.body.items) {
    const one = await service.call('owner', 'GET', `/v1/record-kinds/${item.kind}`)
    t.same(item, one.body, `${item.kind}: the list says what the kind says`)
    t.equal(item.schema.type, 'object')
    t.ok(Object.keys(item.example).every(member => member in item.schema.properties))
  }
  const session = list.body.items.find((each: { kind: string }) => each.kind === 'session')
  t.equal(session.schema.properties.summary.confidential, true)
  t.match(session, { lateAfterDays: 7, writableIn: 'open' })
})

t.test('forms say whose they are, who they are about, and what writes those that are not drafted', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const { body } = await service.call('owner', 'GET', '/v1/record-kinds')
  const found = (name: string) => body.items.find((each: { kind: string }) => each.kind === name)
  t.match(found('plan'), { of: 'case', aboutMember: false, writtenBy: null })
  t.match(found('onward_plan'), { of: 'group', aboutMember: true, writtenBy: null })
  t.match(found('group_session'), { of: 'group', aboutMember: false, writtenBy: 'holdGroupSession' })
})

t.test('group work is read and drawn as any process', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const { body } = await service.call('owner', 'GET', '/v1/processes/group')
  t.same(
    body.steps.map((each: { step: string }) => each.step),
    ['preparation', 'early', 'middle', 'late', 'ending', 'ended', 'cancelled'],
  )
  const edge = (from: string, to: string) =>
    body.edges.find((each: { from: string; to: string }) => each.from === from && each.to === to)
  t.match(edge('preparation', 'early').checks[1], { check: 'composition_fits', waivable: true, title: { zh: /组成/ } })
  t.match(edge('late', 'ending'), { reasonRequired: false, noteFor: edge('early', 'ending').reasons })
  t.match(edge('early', 'cancelled'), { reasonRequired: true, noteRequired: true })
  t.match(body.reasons, { harm: { zh: /伤害/ }, not_funded: { en: 'Not funded' } })
  const drawn = await service.call('owner', 'GET', '/v1/processes/group/diagram?language=zh')
  t.match(drawn.text, /<svg[\s\S]*准备期[\s\S]*已取消/)
  const mermaid = await service.call('owner', 'GET', '/v1/processes/group/diagram?format=mermaid')
  t.match(mermaid.text, 'preparation --> early')
})

t.test('every code list of the profession is served with titles in both languages', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const { body } = await service.call('student-1', 'GET', '/v1/codes')
  t.same(body, JSON.parse(JSON.stringify(codeLists())))
  const { codesOf: _, ...lists } = codes
  t.same(
    Object.keys(lists).filter(name => !(name in body)),
    [],
    'none is left out',
  )
  for (const [list, items] of Object.entries(body as Record<string, Record<string, Record<string, unknown>>>))
    for (const [code, item] of Object.entries(items)) {
      const title = (item.title ?? item) as { en?: string; zh?: string }
      t.match(title.en, /^[A-Z]/, `${list}.${code}`)
      t.match(title.zh, /[\u4e00-\u9fff]/, `${list}.${code}`)
    }
  t.equal(body.interventionTriggers.crisis.zh, '危机')
  t.equal(body.strategies.tutoring.line, 'teaching')
  t.notOk('items' in body.instruments.how_things_stand, 'items of instruments have their own list')
})

t.test('a process says in both languages why a case ends and who takes an edge', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const { body } = await service.call('owner', 'GET', '/v1/processes/case')
  t.same(Object.keys(body.reasons).sort(), [...closureReasons, 'revision_dropped'].sort())
  t.match(body.reasons.declined, { zh: /不愿/ })
  t.match(body.relations, { owner: { en: 'Owner' }, line_manager: { zh: '主管' } })
  t.same(
    body.edges.filter((each: { noteFor: string[] }) => each.noteFor.length > 0).map((each: { to: string }) => each.to),
    Array(5).fill('closure'),
    '“other” asks for words wherever a case ends',
  )
  for (const [name, process] of Object.entries(processes)) {
    const { edges, relations: by, reasons } = describeProcess(process)
    for (const edge of edges) {
      t.same(
        edge.by.filter(each => !(each in by)),
        [],
        name,
      )
      t.same(
        edge.reasons.filter(each => !(each in reasons)),
        [],
        name,
      )
    }
  }
  t.same(Object.keys(codes.relationTitles), [...relations])
  t.ok(casework.edges.every(edge => edge.by.every(each => each in codes.relationTitles)))
})
