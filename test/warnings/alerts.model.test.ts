import t from 'tap'
import { type Process, stepsOf } from '../../src/kernel/process.ts'
import { alertProcess } from '../../src/practice/alerts.ts'
import { act, alertVersion, type GivenAlert, givenAlert } from '../support/alerts.ts'
import { everyStepAgrees } from '../support/model.ts'
import { givenSchool, givenService, type Service } from '../support/service.ts'

const process = alertProcess as unknown as Process
const steps = stepsOf(process)

/** What meets a check, by the operation the API names for it. */
const meets: Readonly<Record<string, (service: Service, alert: GivenAlert, check: string) => Promise<unknown>>> = {
  disposeAlert: (service, { id, owner }) => act(service, owner, id, 'dispositions', { kind: 'talk', words: '面谈。' }),
  notifyOfAlert: (service, { id, owner }, check) =>
    act(service, owner, id, 'notices', { to: check.split('_')[0], method: 'in_person', outcome: 'given' }),
}

/** Files whatever an edge still asks for, knowing only what the API says. */
const earn = async (service: Service, alert: GivenAlert, to: string, but: string | null = null) => {
  const { transitions } = (await service.call(alert.owner, 'GET', `/v1/alerts/${alert.id}/transitions`)).body
  const edge = transitions.find((each: { to: string }) => each.to === to)
  for (const { check, met, operation } of edge.requirements)
    if (!met && check !== but) await meets[operation]?.(service, alert, check)
}

/** Carries a red alert to a step by way of the API alone. */
const givenAlertAt = async (service: Service, studentId: string, step: string): Promise<GivenAlert> => {
  const alert = await givenAlert(service, studentId, { severity: 'red' })
  for (const next of steps.slice(1)) {
    const { transitions, step: here } = (await service.call(alert.owner, 'GET', `/v1/alerts/${alert.id}/transitions`))
      .body
    if (here === step) break
    if (!transitions.some((each: { to: string }) => each.to === next)) continue
    await earn(service, alert, next)
    const moved = await act(service, alert.owner, alert.id, 'transitions', { to: next })
    if (moved.status !== 201) throw new Error(moved.text)
  }
  return alert
}

t.test('every step to every step: the API and the database agree with the definition', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  for (const [index, from] of steps.entries()) {
    const { id, owner } = await givenAlertAt(service, students[String(index + 1)] as string, from)
    await everyStepAgrees(t, service, process, {
      id,
      table: 'alerts',
      moves: 'alert_moves',
      key: 'subject_id',
      from,
      ask: to => act(service, owner, id, 'transitions?dryRun=true', { to }),
      columns: () => '',
    })
  }
})

t.test('every check alone blocks its move', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  let seen = 0
  for (const edge of process.edges)
    for (const { check } of edge.checks) {
      const alert = await givenAlertAt(service, students['1'] as string, edge.from)
      await earn(service, alert, edge.to, check)
      if (check === 'objections_are_answered') {
        const objected = await act(service, 'student-1', alert.id, 'objections', { words: '有误。' })
        t.equal(objected.status, 201)
      }
      const refused = await act(service, alert.owner, alert.id, 'transitions', { to: edge.to })
      t.equal(refused.status, 422, `${edge.from} to ${edge.to} without ${check}`)
      t.equal(refused.body.code, 'requirements_unmet')
      t.same(
        refused.body.missing.map((each: { check: string }) => each.check),
        [check],
      )
      seen++
      await service.asOwner(
        `update alerts set step = 'acknowledged', version = version + 1 where id = '${alert.id}' and step = 'raised';
         update alerts set step = 'resolved', version = version + 1 where id = '${alert.id}'`,
      )
    }
  t.equal(seen, 4)
})

t.test('illegal history of an alert cannot be stored, by the application role either', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const { id } = await givenAlertAt(service, students['1'] as string, 'acknowledged')
  const refuses = async (what: string, sql: string) => t.rejects(service.asApplication(sql), what)
  await refuses(
    'a forged move',
    `insert into alert_moves select institution_id, subject_id, 9, 'raised', 'acknowledged', null, 9, now() from alert_moves limit 1`,
  )
  await refuses('a move deleted', 'delete from alert_moves')
  await refuses('a move rewritten', "update alert_moves set to_step = 'resolved'")
  await refuses('an alert deleted', 'delete from alerts')
  await refuses('a step without a version', `update alerts set step = 'resolved' where id = '${id}'`)
  await refuses('a version rewound', `update alerts set version = 1 where id = '${id}'`)
  await refuses('a step back', `update alerts set step = 'raised', version = version + 1 where id = '${id}'`)
  await refuses('a null step', `update alerts set step = null, version = version + 1 where id = '${id}'`)
  await refuses('a forged move count', `update alerts set move_count = 7 where id = '${id}'`)
  await refuses('a disposition rewritten', "update alert_dispositions set kind = 'declined'")
  await refuses('a disposition deleted', 'delete from alert_dispositions')
  await refuses('somebody untold', 'delete from alert_told')
  await refuses(
    'an opening at a later step',
    `insert into alerts select (jsonb_populate_record(a, jsonb_build_object('id', gen_random_uuid(), 'step', 'resolved'))).* from alerts a`,
  )
  t.equal(await alertVersion(service, id), 2)
})
