import type { Client } from './client.ts'
import { averageOf, type Cohort } from './cohorts.ts'
import { type Registration, splitAt, troubles, type Work } from './data.ts'
import type { Days } from './days.ts'
import { fileRecord } from './forms.ts'

interface Step {
  readonly to: string
  readonly reason?: string
  readonly records: readonly (readonly [kind: string, overlay: Record<string, unknown>])[]
  /** Files its records without trying the move first: it would be taken without them. */
  readonly filesFirst?: true
}

/** What carrying a case needs. */
export interface Surroundings {
  readonly client: Client
  readonly days: Days
  /** The day that is played. */
  readonly date: string
  /** Where the student stands among everybody of the presentation by a day. */
  readonly cohort: (registration: Registration, day: number) => Cohort | null
}

/** A case, whom it is about and the day it was opened. */
export interface Carried {
  readonly caseId: string
  readonly studentId: string
  readonly registration: Registration
  readonly day: number
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

/** Tries the move first, as a front end would offer it; files what is asked for when it is refused. */
const take = async (around: Surroundings, caseId: string, step: Step): Promise<void> => {
  const { client, date } = around
  const { to, reason, records, filesFirst } = step
  const body = { to, ...(reason ? { reason } : {}), ...(to === 'plan' ? { note: 'As agreed.' } : {}) }
  if (!filesFirst) {
    const { version } = await client.get(`/v1/cases/${caseId}`)
    const early = await client.attempt(`/v1/cases/${caseId}/transitions`, body, version)
    if (early.status === 201) return
  }
  for (const [kind, overlay] of records) await fileRecord(client, date, `/v1/cases/${caseId}`, kind, overlay)
  const now = await client.get(`/v1/cases/${caseId}`)
  await client.post(`/v1/cases/${caseId}/transitions`, body, now.version)
}

const academicRecord = async ({ client, cohort, days }: Surroundings, { studentId, registration, day }: Carried) => {
  const { studentId: _, cohort: __, ...figures } = await client.get(`/v1/students/${studentId}/standing`)
  const { early } = splitAt(registration, day)
  const stands = cohort(registration, day)
  return {
    ...figures,
    asOf: days.dateOf(registration.presentation, day),
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

/** The steps from an open case to tracking. */
const firstSteps = async (around: Surroundings, carried: Carried): Promise<Step[]> => [
  {
    to: 'agreement',
    records: [
      ['academic_record', await academicRecord(around, carried)],
      ['personal_profile', {}],
      ['environment', {}],
      ['cause_attribution', {}],
      ['risk_screening', {}],
    ],
  },
  { to: 'plan', records: [['service_agreement', {}]] },
  { to: 'tracking', records: [['plan', {}]] },
]

/** The steps from tracking to the end, by what the later results say. */
const lastSteps = (registration: Registration, day: number, outcome: Outcome): Step[] => {
  const { early, late } = splitAt(registration, day)
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
  const end: Step = {
    to: 'closed',
    records: [
      ['action_settlement', {}],
      ['closing_summary', summary(registration, outcome, late)],
    ],
  }
  const { reason } = outcome
  if (reason === 'lost_contact') return [{ to: 'closure', reason, records: [] }, end]
  return [
    {
      to: 'evaluation',
      records: [
        ['session', { progress }],
        ['follow_up', { progress }],
      ],
    },
    { to: 'closure', reason, records: [['evaluation', { ...assessed, decision: 'close' }]], filesFirst: true },
    end,
  ]
}

/** Carries an open case from investigation to tracking. */
export const beginCase = async (around: Surroundings, carried: Carried): Promise<void> => {
  for (const step of await firstSteps(around, carried)) await take(around, carried.caseId, step)
}

/** Carries a case to its end, once the results are known. @returns the reason it ended for */
export const endCase = async (around: Surroundings, { caseId, registration, day }: Carried): Promise<string> => {
  const outcome = outcomeOf(registration, splitAt(registration, day).late)
  for (const step of lastSteps(registration, day, outcome)) await take(around, caseId, step)
  return outcome.reason
}
