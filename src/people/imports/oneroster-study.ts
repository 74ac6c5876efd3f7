import type { Tenant } from '../../platform/database.ts'
import { resultOutcomes } from '../codes.ts'
import { type CsvRow, decimalOf } from './csv.ts'
import { told } from './oneroster-people.ts'
import { knownScales } from './people-known.ts'

type Cell = CsvRow['cell']

const dayMs = 86_400_000

/** The day before: OneRoster ends are exclusive, the last day of a term is a day of it. */
const dayBefore = (day: string): string => {
  const at = Date.parse(`${day}T00:00:00Z`)
  return Number.isNaN(at) ? day : new Date(at - dayMs).toISOString().slice(0, 10)
}

/** academicSessions.csv: every kind of session is a term. */
export const termOf = (cell: Cell) => {
  const [startsOn, end] = [cell('startDate'), cell('endDate')]
  return told({
    externalId: cell('sourcedId'),
    name: cell('title'),
    startsOn,
    endsOn: end > startsOn ? dayBefore(end) : end,
  })
}

/** courses.csv: credits and kind are metadata of ours. */
export const courseOf = (cell: Cell) => {
  const credits = cell('metadata.credits')
  return told({
    externalId: cell('sourcedId'),
    name: cell('title'),
    kind: cell('metadata.kind'),
    credits: credits === '' ? undefined : decimalOf(credits),
  })
}

/** classes.csv: a class that runs over several sessions belongs to the first. */
export const sectionOf = (cell: Cell) =>
  told({
    externalId: cell('sourcedId'),
    name: cell('title'),
    course: cell('courseSourcedId'),
    term: cell('termSourcedIds').split(',')[0]?.trim() ?? '',
  })

/** enrollments.csv: students only. */
export const enrolmentOf = (cell: Cell) =>
  cell('role') === 'student'
    ? {
        ...told({
          externalId: cell('sourcedId'),
          student: cell('userSourcedId'),
          section: cell('classSourcedId'),
          from: cell('beginDate'),
        }),
        until: cell('endDate') || null,
      }
    : null

/** Whether results of a line item are final ones; undefined where the row does not say. */
const finalIn = (cell: Cell): boolean | undefined => {
  const final = cell('metadata.final').toLowerCase()
  if (final === 'true' || cell('categorySourcedId') === 'final') return true
  return final === '' ? undefined : false
}

/**
 * lineItems.csv: `metadata.final` true, or the category `final`, makes its results the final ones of the course.
 * @param scales gets the points that are 100 %, where the row says them
 */
export const lineItemOf = (cell: Cell, scales: Map<string, number>) => {
  const [externalId, max, weight] = [cell('sourcedId'), cell('resultValueMax'), cell('metadata.weight')]
  const maxScore = max === '' ? undefined : decimalOf(max)
  if (maxScore !== undefined) scales.set(externalId, maxScore)
  return told({
    externalId,
    title: cell('title'),
    section: cell('classSourcedId'),
    dueOn: cell('dueDate').slice(0, 10),
    weight: weight === '' ? undefined : decimalOf(weight),
    maxScore,
    isFinal: finalIn(cell),
  })
}

const statuses = ['exempt', 'fully graded', 'not submitted', 'partially graded', 'submitted']

/** results.csv: what is not graded yet is no result; the score is scaled by {@link completeScores}. */
export const resultOf = (cell: Cell) => {
  const [status, score] = [cell('scoreStatus'), cell('score')]
  if (!statuses.includes(status)) return 'invalid_value:scoreStatus'
  if (status === 'submitted' || status === 'partially graded') return null
  const outcome = cell('metadata.outcome')
  if (outcome !== '' && !(resultOutcomes as readonly string[]).includes(outcome))
    return 'invalid_value:metadata.outcome'
  const graded = status === 'fully graded'
  if (graded && score === '' && outcome === '') return 'missing_value:score'
  return {
    ...told({
      externalId: cell('sourcedId'),
      student: cell('studentSourcedId'),
      assessment: cell('lineItemSourcedId'),
      recordedOn: cell('scoreDate').slice(0, 10),
      outcome: outcome || (status === 'exempt' ? 'exempt' : graded ? undefined : 'missing'),
    }),
    score: graded && score !== '' ? decimalOf(score) : null,
  }
}

const rounded = (score: number) => Math.round(score * 100) / 100

/** Scales scores to 0–100 by the points of their assessments and says who has passed. */
export const completeScores =
  (scales: Map<string, number>, passMark: number) =>
  async (tenant: Tenant, rows: readonly { readonly given: Record<string, unknown> }[]): Promise<void> => {
    const asked = new Set(rows.map(({ given }) => String(given.assessment ?? '')).filter(id => !scales.has(id)))
    if (asked.size > 0) for (const [id, max] of await knownScales(tenant, [...asked])) scales.set(id, max)
    for (const { given } of rows) {
      if (typeof given.score !== 'number') continue
      const score = rounded((given.score * 100) / (scales.get(String(given.assessment)) ?? 100))
      given.score = score
      given.outcome ??= score >= passMark ? 'passed' : 'failed'
    }
  }
