import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

/** A registration for one presentation of a module, with what became of its assessments. */
export interface Registration {
  readonly student: string
  /** `AAA-2013J` */
  readonly presentation: string
  readonly module: string
  readonly finalResult: string
  readonly work: readonly Work[]
}

/** One assessment of a presentation as it went for a student. */
export interface Work {
  readonly assessment: string
  readonly type: string
  /** Day due, counted from the start of the presentation. */
  readonly dueDay: number
  readonly weight: number
  /** 0–100, null when nothing was handed in. */
  readonly score: number | null
}

/** The pass mark of the Open University. */
export const passMark = 40

const rowsOf = (text: string): Record<string, string>[] => {
  const [head = '', ...lines] = text.trim().split(/\r?\n/)
  const names = head.split(',')
  return lines.map(line => {
    const cells = line.split(',')
    return Object.fromEntries(names.map((name, index) => [name, cells[index] ?? '']))
  })
}

const read = async (folder: string, name: string): Promise<Record<string, string>[]> => {
  const bytes = await readFile(join(folder, name))
  return rowsOf((name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8'))
}

/** First day of a presentation: J starts in October, B in February. */
export const startOf = (presentation: string): Date => {
  const code = presentation.slice(-5)
  return new Date(Date.UTC(Number(code.slice(0, 4)), code.endsWith('J') ? 9 : 1, 1))
}

/** A day of a presentation as `YYYY-MM-DD`. */
export const dayOf = (presentation: string, day: number): string =>
  new Date(startOf(presentation).getTime() + day * 86_400_000).toISOString().slice(0, 10)

/** Reads the dataset: registrations with their work. */
export const readOulad = async (folder: string): Promise<Registration[]> => {
  const [assessments, infos, results] = await Promise.all([
    read(folder, 'assessments.csv'),
    read(folder, 'studentInfo.csv.gz'),
    read(folder, 'studentAssessment.csv.gz'),
  ])
  const nameOf = (row: Record<string, string>) => `${row.code_module}-${row.code_presentation}`
  const scores = new Map(
    results.map(row => [`${row.id_student}/${row.id_assessment}`, row.score === '' ? null : Number(row.score)]),
  )
  const byPresentation = new Map<string, Record<string, string>[]>()
  for (const row of assessments) byPresentation.set(nameOf(row), [...(byPresentation.get(nameOf(row)) ?? []), row])
  return infos.map((row): Registration => {
    const presentation = nameOf(row)
    const student = row.id_student as string
    const work = (byPresentation.get(presentation) ?? [])
      .filter(assessment => assessment.assessment_type !== 'Exam')
      .map(assessment => ({
        assessment: assessment.id_assessment as string,
        type: assessment.assessment_type as string,
        dueDay: Number(assessment.date),
        weight: Number(assessment.weight),
        score: scores.get(`${student}/${assessment.id_assessment}`) ?? null,
      }))
      .sort((a, b) => a.dueDay - b.dueDay)
    return { student, presentation, module: row.code_module as string, finalResult: row.final_result as string, work }
  })
}

/** A spread of registrations over all presentations, one a student. */
export const sampleOf = (registrations: readonly Registration[], count: number): Registration[] => {
  const unique = [...new Map(registrations.map(each => [each.student, each])).values()]
  const step = unique.length / Math.min(count, unique.length)
  return Array.from(
    { length: Math.min(count, unique.length) },
    (_, index) => unique[Math.floor(index * step)] as Registration,
  )
}

/** Failed or missing work. */
export const troubles = (work: readonly Work[]): Work[] =>
  work.filter(each => each.score === null || each.score < passMark)

/** The day of the second failed or missing assessment: when a warning would be raised; null for who has fewer. */
export const warnedOn = (registration: Registration): number | null => troubles(registration.work)[1]?.dueDay ?? null

/** Mean of the scores by weight; what is missing counts nothing. null without any work. */
export const averageOf = (work: readonly Work[]): number | null => {
  if (work.length === 0) return null
  const weight = work.reduce((sum, each) => sum + Math.max(each.weight, 1), 0)
  const points = work.reduce((sum, each) => sum + (each.score ?? 0) * Math.max(each.weight, 1), 0)
  return Math.round((points / weight) * 100) / 100
}

/** Says where a student stands by a day among everybody registered for the presentation, on the work due by then. */
export const cohorts = (registrations: readonly Registration[]) => {
  const of = new Map<string, Registration[]>()
  for (const each of registrations) {
    const others = of.get(each.presentation)
    if (others) others.push(each)
    else of.set(each.presentation, [each])
  }
  const known = new Map<string, number[]>()
  const averageBy = (registration: Registration, day: number) =>
    averageOf(registration.work.filter(each => each.dueDay <= day))
  const averagesOf = (presentation: string, day: number): number[] => {
    const name = `${presentation}/${day}`
    const found =
      known.get(name) ??
      (of.get(presentation) ?? [])
        .map(each => averageBy(each, day))
        .filter(average => average !== null)
        .sort((a, b) => b - a)
    known.set(name, found)
    return found
  }
  return (registration: Registration, day: number) => {
    const all = averagesOf(registration.presentation, day)
    const own = averageBy(registration, day)
    if (own === null || all.length < 2) return null
    const rounded = (value: number) => Math.round(value * 100) / 100
    return {
      size: all.length,
      rank: 1 + all.filter(each => each > own).length,
      mean: rounded(all.reduce((sum, each) => sum + each, 0) / all.length),
      own,
      percentile: rounded((100 * all.filter(each => each <= own).length) / all.length),
    }
  }
}
