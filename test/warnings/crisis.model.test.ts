import t from 'tap'
import { edgeBetween, stepsOf } from '../../src/kernel/process.ts'
import { crisisProcess } from '../../src/practice/crisis.ts'
import { givenCrisisAt, moveCrisis, readCrisis } from '../support/crises.ts'
import { givenSchool, givenService } from '../support/service.ts'

const steps = stepsOf(crisisProcess)

t.test('every stage to every stage: the API and the database agree with the definition', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  const student = (index: number) => ({
    number: `m${index}`,
    name: `学生${index}`,
    birthDate: '2005-05-05',
    major: '软件工程',
    grade: '2025',
    orgUnit: 'class',
  })
  await service.roster(
    'students',
    steps.map((_, index) => student(index)),
  )
  const rows = await service.asOwner("select number, id from students where number like 'm%'")
  const ids = Object.fromEntries(rows.map(row => [String(row.number), String(row.id)]))
  for (const [index, from] of steps.entries()) {
    const crisisId = await givenCrisisAt(service, ids[`m${index}`] as string, from)
    const { version } = await readCrisis(service, crisisId)
    for (const to of steps) {
      const edge = edgeBetween(crisisProcess, from, to)
      const reasons = edge?.reasons ?? [null]
      for (const reason of reasons) {
        const asked = await moveCrisis(service, crisisId, { to, reason, note: '说明。' }, { dryRun: true, version })
        t.equal(asked.body.code === 'step_not_reachable', edge === undefined, `API: ${from} to ${to}`)
        if (edge) t.ok([200, 422].includes(asked.status), `${asked.status}`)
        if (edge && !['requirements_unmet', undefined].includes(asked.body.code)) t.fail(asked.text)
      }
      const stored = await service
        .asApplication(
          `do $$ begin update crises set step = '${to}', version = version + 1, writes = writes + 1,
             closed_at = case when '${to}' = 'closed' then now() end where id = '${crisisId}';
           raise exception 'it was stored'; end $$`,
        )
        .then(
          () => '',
          error => String((error as Error).message),
        )
      t.equal(/it was stored/.test(stored), edge !== undefined || from === to, `database: ${from} to ${to} ${stored}`)
    }
  }
})

t.test('illegal history cannot be stored, by the application role either', async t => {
  const service = await givenService(t)
  const { students } = await givenSchool(service)
  const id = await givenCrisisAt(service, students['1'] as string, 'mobilised')
  const refuses = (what: string, sql: string) => t.rejects(service.asApplication(sql), what)
  await refuses(
    'a forged move',
    `insert into crisis_moves select institution_id, subject_id, 99, 'mobilised', 'stabilised', null, 99, now(), by_id, null from crisis_moves where subject_id = '${id}' limit 1`,
  )
  await refuses('a move deleted', `delete from crisis_moves where subject_id = '${id}'`)
  await refuses('a move rewritten', `update crisis_moves set to_step = 'closed' where subject_id = '${id}'`)
  await refuses('a crisis deleted', `delete from crises where id = '${id}'`)
  await refuses('a step without a version', `update crises set step = 'stabilised' where id = '${id}'`)
  await refuses('a version rewound', `update crises set version = 1 where id = '${id}'`)
  await refuses('writes rewound', `update crises set writes = 0 where id = '${id}'`)
  await refuses(
    'a stage skipped',
    `update crises set step = 'closed', closed_at = now(), version = version + 1 where id = '${id}'`,
  )
  await refuses('a stage unknown', `update crises set step = 'limbo', version = version + 1 where id = '${id}'`)
  await refuses('a null stage', `update crises set step = null, version = version + 1 where id = '${id}'`)
  await refuses('a closing time of an open crisis', `update crises set closed_at = now() where id = '${id}'`)
  await refuses('a forged stage start', `update crises set step_since = 1, version = version + 1 where id = '${id}'`)
  await refuses('a minute rewritten', `update crisis_minutes set late = true where crisis_id = '${id}'`)
  await refuses('a minute deleted', `delete from crisis_minutes where crisis_id = '${id}'`)
  await refuses('an exemption withdrawn', `delete from crisis_exemptions where crisis_id = '${id}'`)
  await refuses('a notice rewritten', `update crisis_notices set outcome = 'given' where crisis_id = '${id}'`)
  await refuses(
    'an answer without contact',
    `update crisis_responders set contacted_at = null where crisis_id = '${id}'`,
  )
  await refuses(
    'an opening at a later stage',
    `insert into crises select (jsonb_populate_record(c, jsonb_build_object('id', gen_random_uuid(), 'student_id', '${students['2']}'))).* from crises c where id = '${id}'`,
  )
  await refuses(
    'a second open crisis of the kind',
    `insert into crises select (jsonb_populate_record(c, jsonb_build_object('id', gen_random_uuid(), 'step', 'open'))).* from crises c where id = '${id}'`,
  )
})
