import type { Client } from './client.ts'
import { averageOf, type Registration, troubles, type Work } from './data.ts'

interface Step {
  readonly to: string
  readonly reason?: string
  readonly records: readonly (readonly [kind: string, overlay: Record<string, unknown>])[]
}

/** How the results after the warning turned out. */
export interface Outcome {
  /** −2…+2 */
  readonly handedIn: number
  readonly passed: number
  /** Reason the case ends for. */
  readonly reason: string
}

/** What the later work and the final result say of the two goals: hand in the work, pass the module. */
export const outcomeOf = (registration: Registration, late: readonly Work[]): Outcome => {
  const levels: Record<string, number> = { Distinction: 2, Pass: 1, Fail: -1 }
  const passed = levels[registration.finalResult] ?? -2
  const share = late.filter(each => each.score !== null).length / late.length
  const handedIn = late.length === 0 ? Math.sign(passed) : share >= 1 ? 1 : share >= 0.5 ? 0 : share > 0 ? -1 : -2
  if (handedIn === -2 && passed < 0) return { handedIn, passed, reason: 'lost_contact' }
  if (handedIn >= 0 && passed >= 0) return { handedIn, passed, reason: 'goals_met' }
  return { handedIn, passed, reason: passed >= 0 ? 'mostly_met' : 'referred_on' }
}

const examples = new Map<string, { example: Record<string, unknown>; signers: string[] }>()

const kindOf = async (client: Client, kind: string) => {
  const known = examples.get(kind)
  if (known) return known
  const { example, signers } = (await client.get(`/v1/record-kinds/${kind}`)) as {
    example: Record<string, unknown>
    signers: string[]
  }
  examples.set(kind, { example, signers })
  return { example, signers }
}

const file = async (client: Client, caseId: string, kind: string, overlay: Record<string, unknown>): Promise<void> => {
  const { example, signers } = await kindOf(client, kind)
  const draft = await client.post(`/v1/cases/${caseId}/records`, { kind, content: { ...example, ...overlay } })
  for (const party of signers.filter(signer => signer !== 'guardian')) {
    const spoken = { party, method: 'oral', evidence: { words: 'Confirmed in the meeting.' } }
    await client.post(
      `/v1/cases/${caseId}/records/${draft.id}/signatures`,
      party === 'student' ? spoken : { party },
      draft.version,
    )
  }
}

/** Tries the move first, as a front end would offer it; files what is asked for when it is refused. */
const take = async (client: Client, caseId: string, { to, reason, records }: Step): Promise<void> => {
  const body = { to, ...(reason ? { reason } : {}), ...(to === 'plan' ? { note: 'As agreed.' } : {}) }
  const { version } = await client.get(`/v1/cases/${caseId}`)
  const early = await client.attempt(`/v1/cases/${caseId}/transitions`, body, version)
  if (early.status === 201) return
  for (const [kind, overlay] of records) await file(client, caseId, kind, overlay)
  const now = await client.get(`/v1/cases/${caseId}`)
  await client.post(`/v1/cases/${caseId}/transitions`, body, now.version)
}

const academicRecord = async (client: Client, studentId: string, early: readonly Work[]) => {
  const { studentId: _, ...figures } = await client.get(`/v1/students/${studentId}/standing`)
  return {
    ...figures,
    standing: troubles(early).length > 3 ? 'academic_probation' : 'warned',
    notKnown: [
      { what: 'credits', answer: 'not_applicable', reason: 'The data set has no programme plans.' },
      ...(figures.cohort ? [] : [{ what: 'cohort', answer: 'not_yet_known', reason: 'Nobody else has results yet.' }]),
    ],
    remarks: `Own average so far ${averageOf(early) ?? '–'}.`,
  }
}

const steps = async (
  client: Client,
  studentId: string,
  early: readonly Work[],
  late: readonly Work[],
  outcome: Outcome,
): Promise<Step[]> => {
  const assessed = {
    attainment: [
      { goalId: 'g1', level: outcome.handedIn },
      { goalId: 'g2', level: outcome.passed },
    ],
    academicChange: {
      averageBefore: averageOf(early),
      averageAfter: averageOf(late),
      failedBefore: troubles(early).length,
      failedAfter: troubles(late).length,
    },
  }
  const progress = [
    { goalId: 'g1', progress: outcome.handedIn >= 0 ? 'progress' : 'none' },
    { goalId: 'g2', progress: outcome.passed >= 0 ? 'progress' : 'none' },
  ]
  const begin: Step[] = [
    {
      to: 'agreement',
      records: [
        ['academic_record', await academicRecord(client, studentId, early)],
        ['personal_profile', {}],
        ['environment', {}],
        ['cause_attribution', {}],
        ['risk_screening', {}],
      ],
    },
    { to: 'plan', records: [['service_agreement', {}]] },
    { to: 'tracking', records: [['plan', {}]] },
  ]
  const end: Step = {
    to: 'closed',
    records: [
      ['action_settlement', {}],
      ['closing_summary', {}],
    ],
  }
  if (outcome.reason === 'lost_contact') return [...begin, { to: 'closure', reason: outcome.reason, records: [] }, end]
  return [
    ...begin,
    {
      to: 'evaluation',
      records: [
        ['session', { progress }],
        ['follow_up', { progress }],
      ],
    },
    { to: 'closure', reason: outcome.reason, records: [['evaluation', { ...assessed, decision: 'close' }]] },
    end,
  ]
}

/** Opens a case for a student and carries it to its end. @returns the reason it ended for */
export const carry = async (
  client: Client,
  studentId: string,
  registration: Registration,
  half: number,
): Promise<string> => {
  const early = registration.work.filter(each => each.dueDay <= half)
  const late = registration.work.filter(each => each.dueDay > half)
  const outcome = outcomeOf(registration, late)
  const opened = await client.post('/v1/cases', {
    studentId,
    source: 'alert',
    note: `${troubles(early).length} failed or missing assessments.`,
  })
  for (const step of await steps(client, studentId, early, late, outcome))
    await take(client, String(opened.caseId), step)
  return outcome.reason
}
