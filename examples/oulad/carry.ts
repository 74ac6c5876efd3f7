import type { Client } from './client.ts'
import { averageOf, dayOf, type Registration, troubles, type Work } from './data.ts'

interface Step {
  readonly to: string
  readonly reason?: string
  readonly records: readonly (readonly [kind: string, overlay: Record<string, unknown>])[]
  /** Files its records without trying the move first: it would be taken without them. */
  readonly filesFirst?: true
}

/** What carrying a case needs beside the registration. */
export interface Surroundings {
  readonly client: Client
  /** Where the student stands among everybody of the presentation by a day. */
  readonly cohort: (registration: Registration, day: number) => Cohort | null
  /** Makes the results known that came after the warning. */
  readonly publishLater: (registration: Registration, day: number) => Promise<void>
}

/** Where a student stands among everybody of the presentation: as the academic record has it. */
export interface Cohort {
  readonly size: number
  readonly rank: number
  readonly mean: number
  readonly own: number
  readonly percentile: number
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
const take = async (client: Client, caseId: string, { to, reason, records, filesFirst }: Step): Promise<void> => {
  const body = { to, ...(reason ? { reason } : {}), ...(to === 'plan' ? { note: 'As agreed.' } : {}) }
  if (!filesFirst) {
    const { version } = await client.get(`/v1/cases/${caseId}`)
    const early = await client.attempt(`/v1/cases/${caseId}/transitions`, body, version)
    if (early.status === 201) return
  }
  for (const [kind, overlay] of records) await file(client, caseId, kind, overlay)
  const now = await client.get(`/v1/cases/${caseId}`)
  await client.post(`/v1/cases/${caseId}/transitions`, body, now.version)
}

const academicRecord = async (
  { client, cohort }: Surroundings,
  studentId: string,
  registration: Registration,
  day: number,
) => {
  const { studentId: _, cohort: __, ...figures } = await client.get(`/v1/students/${studentId}/standing`)
  const early = registration.work.filter(each => each.dueDay <= day)
  const stands = cohort(registration, day)
  return {
    ...figures,
    asOf: dayOf(registration.presentation, day),
    asOfTerm: registration.presentation,
    standing: troubles(early).length > 3 ? 'academic_probation' : 'warned',
    cohort: stands,
    notKnown: [
      { what: 'credits', answer: 'not_applicable', reason: 'The data set has no programme plans.' },
      ...(stands ? [] : [{ what: 'cohort', answer: 'not_yet_known', reason: 'Nobody else has results yet.' }]),
    ],
    timetable: undefined,
    remarks: `Own average so far ${averageOf(early) ?? '–'} over ${early.length} assessments.`,
  }
}

/** What the closing summary says, from the results. */
const summary = (registration: Registration, outcome: Outcome, late: readonly Work[]) => ({
  attainmentSummary: `Final result ${registration.finalResult}; ${late.filter(each => each.score !== null).length} of ${late.length} later assessments handed in.`,
  reflection: { obtained: 'no', attempts: 1, reason: 'The data set holds no words of the students.' },
  remainingNeeds: outcome.passed >= 0 ? 'None that the data shows.' : 'The module was not passed.',
  aftercare: { planned: 'no', reason: 'The presentation is over.' },
})

const steps = async (
  around: Surroundings,
  studentId: string,
  registration: Registration,
  day: number,
  outcome: Outcome,
): Promise<Step[]> => {
  const early = registration.work.filter(each => each.dueDay <= day)
  const late = registration.work.filter(each => each.dueDay > day)
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
        ['academic_record', await academicRecord(around, studentId, registration, day)],
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
      ['closing_summary', summary(registration, outcome, late)],
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
    {
      to: 'closure',
      reason: outcome.reason,
      records: [['evaluation', { ...assessed, decision: 'close' }]],
      filesFirst: true,
    },
    end,
  ]
}

/** Opens a case for a student and carries it to its end. @returns its id and the reason it ended for */
export const carry = async (
  around: Surroundings,
  studentId: string,
  registration: Registration,
  day: number,
): Promise<{ readonly caseId: string; readonly reason: string }> => {
  const { client } = around
  const early = registration.work.filter(each => each.dueDay <= day)
  const outcome = outcomeOf(
    registration,
    registration.work.filter(each => each.dueDay > day),
  )
  const opened = await client.post('/v1/cases', {
    studentId,
    source: 'alert',
    note: `${troubles(early).length} failed or missing assessments.`,
  })
  const caseId = String(opened.caseId)
  for (const step of await steps(around, studentId, registration, day, outcome)) {
    if (step.to === 'evaluation' || step.to === 'closure') await around.publishLater(registration, day)
    await take(client, caseId, step)
  }
  return { caseId, reason: outcome.reason }
}
