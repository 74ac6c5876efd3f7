import t, { type Test } from 'tap'
import { postgresUrl } from '../support/database.ts'
import { done, givenReceipt } from '../support/group-life.ts'
import { givenGroup, givenGroupRecord, groupOf, post } from '../support/groups.ts'
import { givenSchool, givenService, type Service } from '../support/service.ts'

const lines = [
  { id: 'b1', category: 'materials', purpose: '习题册', source: '学院经费', plannedFen: 1000 },
  { id: 'b2', category: 'venue', purpose: '教室', source: '学院经费', plannedFen: 500 },
]

const givenBudget = async (t: Test) => {
  const service = await givenService(t)
  await givenSchool(service)
  const groupId = await givenGroup(service)
  await givenGroupRecord(service, groupId, 'group_budget', { lines })
  return { service, groupId, receiptId: await givenReceipt(service, groupId) }
}

const budgetOf = async (service: Service, groupId: string) =>
  (await service.call('owner', 'GET', `/v1/groups/${groupId}/budget`)).body

const approve = async (service: Service, groupId: string, given: Record<string, number>, account = 'lineManager') => {
  const lines = Object.entries(given).map(([lineId, approvedFen]) => ({ lineId, approvedFen }))
  const { version } = await budgetOf(service, groupId)
  const headers = { 'if-match': `"${version}"` }
  return service.call(account, 'POST', `/v1/groups/${groupId}/budget/approval`, { lines }, headers)
}

t.test('the line manager approves lines, the group spends with receipts, never more than was approved', async t => {
  const { service, groupId, receiptId } = await givenBudget(t)
  const spend = (amountFen: number, more: Record<string, unknown> = {}, line = 'b1') =>
    post(service, groupId, `budget/lines/${line}/expenses`, { amountFen, on: '2026-09-14', receiptId, ...more })
  t.match((await spend(1)).body, { code: 'line_not_approved' })
  for (const [account, status] of [
    ['owner', 403],
    ['practiceSupervisor', 403],
    ['otherLineManager', 404],
  ] as const)
    t.equal((await approve(service, groupId, { b1: 1 }, account)).status, status, account)
  const unfit = await approve(service, groupId, { b1: 1001, b9: 1 })
  t.match(unfit.body, {
    code: 'approval_unfit',
    errors: [
      { pointer: '/lines/0', code: 'more_than_planned' },
      { pointer: '/lines/1', code: 'unknown_line' },
    ],
  })
  t.match(await approve(service, groupId, { b1: 800, b2: 500 }), {
    status: 201,
    body: { lines: [{ approvedFen: 800 }, {}] },
  })

  const first = await spend(300, { note: '购买习题册。' })
  t.match(first, { status: 201, body: { lineId: 'b1', amountFen: 300, leftFen: 500 } })
  t.match((await spend(501)).body, { code: 'over_budget', leftFen: 500 })
  t.match((await spend(500)).body, { leftFen: 0 })
  t.match((await spend(1)).body, { code: 'over_budget', leftFen: 0 })
  t.match((await spend(1, { receiptId: groupId }, 'b2')).body, { code: 'unknown_attachment' })
  t.match((await spend(1, { on: '2026-09-15' }, 'b2')).body, { code: 'day_unfit' })
  t.equal((await spend(1, {}, 'b9')).status, 404)
  t.equal((await spend(0, {}, 'b2')).status, 400)
  t.match((await approve(service, groupId, { b1: 799 })).body.errors, [{ code: 'less_than_spent' }])
  t.match(await budgetOf(service, groupId), {
    lines: [
      { id: 'b1', category: 'materials', plannedFen: 1000, approvedFen: 800, spentFen: 800, settled: false },
      { id: 'b2', spentFen: 0 },
    ],
    expenses: [{ id: first.body.id, amountFen: 300, receiptId }, { amountFen: 500 }],
    plannedFen: 1500,
    approvedFen: 1300,
    spentFen: 800,
  })
  const { transitions } = (await service.call('owner', 'GET', `/v1/groups/${groupId}/transitions`)).body
  const missing = transitions[0].requirements.find(
    (each: { check: string }) => each.check === 'budget_is_funded',
  ).missing
  t.match(missing, [{ pointer: '/budgetLines/0', title: { en: 'Line b1: 8.00 of 10.00 approved', zh: /b1/ } }])
})

t.test('a new budget keeps what was approved up to its amounts; what was spent stays', async t => {
  const { service, groupId, receiptId } = await givenBudget(t)
  done(await approve(service, groupId, { b1: 1000, b2: 500 }))
  done(await post(service, groupId, 'budget/lines/b1/expenses', { amountFen: 600, on: '2026-09-14', receiptId }))
  const renew = (more: readonly unknown[]) => givenGroupRecord(service, groupId, 'group_budget', { lines: more })
  await t.rejects(renew([lines[1]]), { message: /line_was_used/ })
  await t.rejects(renew([{ ...lines[0], plannedFen: 599 }]), { message: /less_than_spent/ })
  const { version } = await groupOf(service, groupId)
  t.ok(version > 1)
  for (const draft of (await service.call('owner', 'GET', `/v1/groups/${groupId}/records?status=draft`)).body.items)
    done(
      await service.call('owner', 'DELETE', `/v1/groups/${groupId}/records/${draft.id}`, undefined, {
        'if-match': '"1"',
      }),
    )
  await renew([{ ...lines[0], plannedFen: 2000 }])
  t.match((await budgetOf(service, groupId)).lines, [{ id: 'b1', plannedFen: 2000, approvedFen: 1000, spentFen: 600 }])
  await renew([{ ...lines[0], plannedFen: 700 }])
  t.match((await budgetOf(service, groupId)).lines, [{ id: 'b1', plannedFen: 700, approvedFen: 700, spentFen: 600 }])
})

t.test('settling ends the spending, and says what goes back', async t => {
  const { service, groupId, receiptId } = await givenBudget(t)
  done(await approve(service, groupId, { b1: 1000, b2: 0 }))
  const spend = () =>
    post(service, groupId, 'budget/lines/b1/expenses', { amountFen: 250, on: '2026-09-14', receiptId })
  done(await spend())
  t.match(await post(service, groupId, 'budget/settlement', { note: '余款退回。' }), {
    status: 201,
    body: {
      lines: [
        { lineId: 'b1', spentFen: 250, returnedFen: 750 },
        { lineId: 'b2', spentFen: 0, returnedFen: 0 },
      ],
    },
  })
  t.match((await spend()).body, { code: 'line_settled' })
  t.match((await approve(service, groupId, { b2: 1 })).body.errors, [{ code: 'line_settled' }])
  t.match((await post(service, groupId, 'budget/settlement', { note: '再次。' })).body, { code: 'budget_settled' })
})

t.test('sixty lines of ten million yuan each are added up', async t => {
  const { service, groupId } = await givenBudget(t)
  const many = Array.from({ length: 60 }, (_, index) => ({
    ...lines[0],
    id: `b${index + 1}`,
    plannedFen: 1_000_000_000,
  }))
  await givenGroupRecord(service, groupId, 'group_budget', { lines: many })
  t.equal((await budgetOf(service, groupId)).plannedFen, 60_000_000_000)
})

t.test('who leads a group does not approve its money, though they manage the unit', async t => {
  const { service, groupId } = await givenBudget(t)
  await service.asOwner(`update groups set leader_id = (select id from staff where external_id = 'lineManager')`)
  const { version } = await groupOf(service, groupId, 'lineManager')
  const told = await service.call(
    'lineManager',
    'POST',
    `/v1/groups/${groupId}/budget/approval`,
    { lines: [{ lineId: 'b1', approvedFen: 1 }] },
    { 'if-match': `"${version}"` },
  )
  t.match(told, { status: 403, body: { code: 'not_nearest_line_manager' } })
})

t.test('of 16 who spend the last money at once, one does', { skip: !postgresUrl }, async t => {
  const { service, groupId, receiptId } = await givenBudget(t)
  done(await approve(service, groupId, { b1: 1000 }))
  const spend = () =>
    service.call('owner', 'POST', `/v1/groups/${groupId}/budget/lines/b1/expenses`, {
      amountFen: 700,
      on: '2026-09-14',
      receiptId,
    })
  const answers = await Promise.all(Array.from({ length: 16 }, spend))
  t.equal(answers.filter(each => each.status === 201).length, 1)
  t.ok(answers.every(each => each.status === 201 || ['over_budget', 'version_stale'].includes(each.body.code)))
  t.equal((await budgetOf(service, groupId)).spentFen, 700)
  const refusal = await service
    .asApplication(`update group_budget_lines set spent_fen = approved_fen + 1 where id = 'b1'`)
    .catch((error: { constraint?: string }) => error.constraint)
  t.equal(refusal, 'group_budget_lines_within', 'nor does the database')
})

t.test('signing a budget anew decides nothing: what nobody approved stays unapproved', async t => {
  const { service, groupId } = await givenBudget(t)
  const approved = async () =>
    (await budgetOf(service, groupId)).lines.map((each: { approvedFen: number | null }) => each.approvedFen)
  const sign = (given: object[]) => givenGroupRecord(service, groupId, 'group_budget', { lines: given })
  await sign(lines)
  t.same(await approved(), [null, null])
  t.equal((await approve(service, groupId, { b1: 1000, b2: 500 })).status, 201)
  await sign([
    { ...lines[0], plannedFen: 1500 },
    { ...lines[1], plannedFen: 400 },
  ])
  t.same(await approved(), [1000, 400], 'up to the new amount, and never more than was approved')
  await sign([{ ...lines[0], category: 'rewards' }, { ...lines[1] }])
  t.same(await approved(), [null, 400], 'what it pays for was not approved')
})

t.test('a budget settled before the group began leaves it a way on', async t => {
  const { service, groupId } = await givenBudget(t)
  t.equal((await post(service, groupId, 'budget/settlement', { note: '不再需要经费。' })).status, 201)
  const { transitions } = (await service.call('owner', 'GET', `/v1/groups/${groupId}/transitions`)).body
  const { requirements } = transitions.find((each: { to: string }) => each.to === 'early')
  t.match(
    requirements.find((each: { check: string }) => each.check === 'budget_is_funded'),
    { met: true },
  )
})
