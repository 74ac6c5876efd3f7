import t from 'tap'
import { caseworkChecks } from '../../src/practice/casework-checks.ts'
import type { CaseFacts } from '../../src/practice/facts.ts'
import { givenFacts } from '../practice/facts.ts'
import { givenCaseAt, givenDraft, move, sign } from '../support/cases.ts'
import { givenSchool, givenService } from '../support/service.ts'

t.test('a new main helper confirms anew with the student, in person', async t => {
  const service = await givenService(t)
  const { staff, students } = await givenSchool(service)
  const caseId = await givenCaseAt(service, students['1'] as string, 'agreement')
  const at = async (account: string) => ({
    'if-match': `"${(await service.call(account, 'GET', `/v1/cases/${caseId}`)).body.version}"`,
  })
  const asked = async () => {
    const { version } = (await service.call('colleague', 'GET', `/v1/cases/${caseId}`)).body
    const answer = await move(service, caseId, { to: 'plan' }, { account: 'colleague', version, dryRun: true })
    return (answer.body.missing ?? []).map((each: { check?: string; need?: string }) => each.check ?? each.need)
  }
  const both = async (recordId: string, worker: string) => {
    const first = await sign(service, worker, caseId, recordId, { party: 'worker' })
    if (first.status === 201) await sign(service, 'student-1', caseId, recordId, { party: 'student' })
    return first
  }
  const drafted = async (kind: string, overlay = {}) =>
    (await givenDraft(service, caseId, kind, overlay, 'colleague')).body.id as string

  const old = (await givenDraft(service, caseId, 'service_agreement')).body.id
  await sign(service, 'owner', caseId, old, { party: 'worker' })
  await service.call('owner', 'POST', `/v1/cases/${caseId}/co-workers`, { staffId: staff.coWorker }, await at('owner'))
  const given = { toId: staff.colleague, reason: 'workload' }
  await service.call('lineManager', 'POST', `/v1/cases/${caseId}/reassignments`, given, await at('lineManager'))
  t.equal((await sign(service, 'student-1', caseId, old, { party: 'student' })).body.status, 'signed')
  t.same(await asked(), ['helper_is_confirmed'], 'the student signed later, with the helper of before')

  const parting = await drafted('helper_confirmation', { agreementStands: false })
  const refused = await both(parting, 'coWorker')
  t.same([refused.status, refused.body.code], [403, 'signature_not_yours'], 'a co-worker is not the main helper')
  await both(parting, 'colleague')
  t.same(await asked(), ['helper_is_confirmed'], 'both said that the agreement does not stand')

  await both(await drafted('service_agreement'), 'coWorker')
  t.same(await asked(), ['helper_is_confirmed'], 'a newer agreement, with a co-worker')
  await both(await drafted('service_agreement'), 'colleague')
  t.same(await asked(), [])
  await both(await drafted('service_agreement'), 'coWorker')
  t.same(await asked(), ['helper_is_confirmed'], 'renewed by a co-worker, while no confirmation stands')
  await both(await drafted('helper_confirmation'), 'colleague')
  t.same(await asked(), [], 'going on under the agreement as it is')
})

t.test('when main helper and student count as agreed', async t => {
  const fact = (version: number, signedBy: string | null, content = {}) => ({
    id: `r${version}`,
    version,
    signedBy,
    content,
  })
  const met = (ownerSince: number, signed: Record<string, ReturnType<typeof fact>>) => {
    const facts: CaseFacts = givenFacts({ ownerId: 'new', ownerSince })
    const standing = { ...facts.standing, signed }
    return caseworkChecks.helper_is_confirmed.rule({ ...facts, standing }).length === 0
  }
  const stands = (version: number, by: string, agreementStands: boolean) => fact(version, by, { agreementStands })
  t.ok(met(5, {}), 'nothing was agreed yet: that is another need')
  t.ok(met(0, { service_agreement: fact(3, 'co') }), 'the first owner, a co-worker signed')
  t.ok(met(0, { service_agreement: fact(3, null) }))
  t.notOk(met(5, { service_agreement: fact(3, 'old') }))
  t.notOk(met(5, { service_agreement: fact(3, 'new') }), 'agreed in a former time as owner')
  t.notOk(met(5, { service_agreement: fact(6, 'old') }))
  t.notOk(met(5, { service_agreement: fact(6, null) }))
  t.ok(met(5, { service_agreement: fact(6, 'new') }))
  t.ok(met(5, { service_agreement: fact(3, 'old'), helper_confirmation: stands(6, 'new', true) }))
  t.notOk(met(5, { service_agreement: fact(3, 'old'), helper_confirmation: stands(6, 'co', true) }))
  t.notOk(met(5, { service_agreement: fact(3, 'old'), helper_confirmation: stands(4, 'new', true) }))
  t.notOk(met(5, { service_agreement: fact(6, 'new'), helper_confirmation: stands(7, 'new', false) }))
  t.ok(met(5, { service_agreement: fact(8, 'new'), helper_confirmation: stands(7, 'new', false) }))
  t.notOk(
    met(0, { service_agreement: fact(6, 'new'), helper_confirmation: stands(7, 'new', false) }),
    'the same helper',
  )
  t.ok(met(0, { service_agreement: fact(8, 'co'), helper_confirmation: stands(7, 'new', false) }))
})
