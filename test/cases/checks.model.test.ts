import t from 'tap'
import { type CaseStep, casework } from '../../src/practice/casework.ts'
import { carryTo, earn, exampleOf, givenCaseAt, givenDraft, givenRecord, move } from '../support/cases.ts'
import { givenSchool, givenService, type Service } from '../support/service.ts'

interface Scene {
  readonly service: Service
  readonly caseId: string
  readonly staff: Readonly<Record<string, string>>
}

/** How a check alone is made to fail by way of the API. */
interface Spoiler {
  /** Everything else is earned beforehand unless told. */
  readonly earns?: false
  readonly given?: (service: Service, studentId: string, from: CaseStep) => Promise<string>
  readonly spoil: (scene: Scene) => Promise<void>
  /** Who asks for the move then; the owner unless told. */
  readonly account?: string
}

const ending = casework.remembers as CaseStep
const lastWorked = casework.edges.find(edge => edge.to === ending && edge.needs.length > 0)?.from as CaseStep
const second = casework.edges.find(edge => edge.from === casework.initial)?.to as CaseStep

const post = async ({ service, caseId }: Scene, account: string, path: string, body: object) => {
  const { version } = (await service.call('lineManager', 'GET', `/v1/cases/${caseId}`)).body
  const answer = await service.call(account, 'POST', `/v1/cases/${caseId}/${path}`, body, {
    'if-match': `"${version}"`,
  })
  if (answer.status !== 201) throw new Error(`${path}: ${answer.text}`)
}

const goalsOf = async ({ service }: Scene) => (await exampleOf(service, 'plan')).goals as { id: string }[]

const files =
  (kind: string, overlay: (scene: Scene) => Promise<object> | object) =>
  async (scene: Scene): Promise<void> => {
    await givenRecord(scene.service, scene.caseId, kind, { ...(await overlay(scene)) })
  }

/** A case that is ending for a reason, from a step. */
const ends = (from: CaseStep, reason: string) => async (service: Service, studentId: string) => {
  const caseId = await givenCaseAt(service, studentId, from)
  const moved = await move(service, caseId, { to: ending, reason })
  if (moved.status !== 201) throw new Error(moved.text)
  return caseId
}

/** A case whose plan was waived its review, carried on to a step. */
const unreviewed = async (service: Service, studentId: string, from: CaseStep) => {
  const caseId = await givenCaseAt(service, studentId, 'plan')
  const scene = { service, caseId, staff: {} }
  await files('plan', () => ({ feasibility: undefined }))(scene)
  await post(scene, 'lineManager', 'waivers', { needs: ['feasibility_reviewed'], mode: 'waived', reason: '课表未定' })
  return carryTo(service, caseId, from)
}

const spoilers: Readonly<Record<string, Spoiler>> = {
  not_paused: {
    spoil: scene => post(scene, 'owner', 'pause', { reason: 'illness', expectedReturn: '2027-01-01' }),
  },
  service_consent_in_force: {
    spoil: async scene => {
      const { consents } = (await scene.service.call('owner', 'GET', `/v1/cases/${scene.caseId}`)).body
      const { id } = consents.findLast(
        (each: { purpose: string; inForce: boolean }) => each.purpose === 'service' && each.inForce,
      )
      await post(scene, 'owner', `consents/${id}/withdrawal`, { words: '学生电话告知。' })
    },
  },
  helper_is_confirmed: {
    account: 'colleague',
    spoil: scene => post(scene, 'lineManager', 'reassignments', { toId: scene.staff.colleague, reason: 'workload' }),
  },
  risk_is_covered: { spoil: files('risk_screening', () => ({ level: 'crisis' })) },
  agreement_in_force: {
    spoil: async scene => {
      await files('service_agreement', () => ({ validUntil: '2026-09-15' }))(scene)
      scene.service.clock.now = new Date('2026-09-20T02:00:00Z')
    },
  },
  goals_graded: { spoil: files('plan', async scene => ({ goals: (await goalsOf(scene)).toReversed() })) },
  feasibility_reviewed: { spoil: files('plan', () => ({ feasibility: undefined })) },
  contact_was_made: {
    earns: false,
    spoil: files('session', async scene => ({
      outcome: 'attempted',
      progress: (await goalsOf(scene)).map(goal => ({ goalId: goal.id, progress: 'unknown', reason: '未接电话' })),
    })),
  },
  every_goal_has_progress: { earns: false, spoil: files('session', () => ({ progress: [] })) },
  intervention_is_recorded: { spoil: files('evaluation', () => ({ decision: 'intervene' })) },
  student_was_informed: { spoil: files('closing_summary', () => ({ informed: undefined })) },
  actions_are_settled: { earns: false, spoil: files('closing_summary', () => ({ settlements: undefined })) },
  drafts_are_settled: {
    spoil: async ({ service, caseId }) => {
      await givenDraft(service, caseId, 'contact')
    },
  },
  referrals_are_passed_on: {
    spoil: scene => post(scene, 'owner', 'referrals', { to: '心理中心', purpose: '评估', basis: 'danger' }),
  },
  no_open_crisis: { spoil: scene => post(scene, 'owner', 'holds', { kind: 'safety_crisis', note: '失联' }) },
  deferrals_are_settled: {
    given: unreviewed,
    spoil: scene => {
      const deferral = { needs: ['feasibility_reviewed'], mode: 'deferred', dueOn: '2026-12-01', reason: '课表未定' }
      return post(scene, 'lineManager', 'waivers', deferral)
    },
  },
  successor_is_opened: { given: ends(lastWorked, 'new_situation'), spoil: async () => {} },
  file_is_complete: {
    earns: false,
    given: ends(second, 'declined'),
    spoil: files('closing_summary', () => ({ settlements: undefined })),
  },
}

/** Checks no way of the API leads to, and why; they stand behind what already refuses. */
const behind: Readonly<Record<string, string>> = {
  every_goal_is_assessed: 'an evaluation that decides to close is not signed with a goal unassessed',
  goals_have_final_attainment: 'an earned ending comes from such an evaluation, whose attainment is final',
}

const uses = casework.edges
  .filter(edge => !('back' in edge && edge.back))
  .flatMap(edge => {
    const general = (casework.everywhere ?? []).filter(
      rule => !rule.exceptTo.includes(edge.to) && !rule.exceptFrom.includes(edge.from),
    )
    return [...new Set([...general, ...edge.checks].map(use => use.check as string))].map(check => ({ edge, check }))
  })

t.test('every check of the process can be made to fail alone, or says why it cannot', async t => {
  const named = [...new Set(uses.map(use => use.check))].sort()
  t.same([...Object.keys(spoilers), ...Object.keys(behind)].sort(), named)
})

t.test('every check alone blocks its move', async t => {
  const service = await givenService(t)
  const { staff } = await givenSchool(service)
  const today = service.clock.now
  const tried = uses.filter(use => spoilers[use.check])
  await service.roster(
    'students',
    tried.map((_, index) => ({
      number: `m${index}`,
      name: `学生${index}`,
      birthDate: '2005-05-05',
      major: '软件工程',
      grade: '2025',
      orgUnit: 'class',
    })),
  )
  const rows = await service.asOwner("select number, id from students where number like 'm%'")
  const ids = Object.fromEntries(rows.map(row => [String(row.number), String(row.id)]))
  for (const [index, { edge, check }] of tried.entries()) {
    const { account = 'owner', earns, given, spoil } = spoilers[check] as Spoiler
    const studentId = ids[`m${index}`] as string
    const caseId = given ? await given(service, studentId, edge.from) : await givenCaseAt(service, studentId, edge.from)
    const { closeReason } = (await service.call('owner', 'GET', `/v1/cases/${caseId}`)).body
    const asked = 'reasons' in edge && !('reasonOptional' in edge) ? edge.reasons[0] : null
    if (earns !== false) await earn(service, caseId, edge.to, asked ?? closeReason)
    await spoil({ service, caseId, staff })
    const { version } = (await service.call('lineManager', 'GET', `/v1/cases/${caseId}`)).body
    const body = { to: edge.to, note: '为何', ...(asked ? { reason: asked } : {}) }
    const refused = await move(service, caseId, body, { account, version })
    const where = `${edge.from} to ${edge.to}: ${check}`
    t.equal(refused.status, 422, where)
    const missing = (refused.body.missing ?? []).map(
      (each: { check?: string; need?: string }) => each.check ?? each.need,
    )
    t.same([...new Set(missing)], [check], where)
    service.clock.now = today
  }
})
