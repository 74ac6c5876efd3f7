import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

/** A registration for one presentation of a module, with what became of its assessments. */
export interface Registration {
  readonly student: string
  /** `AAA-2013J` */
  readonly presentation: string
  readonly module: string
  /** Days the presentation lasts. */
  readonly days: number
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
  /** Day the score became known: when due, or when handed in later; null without one. */
  readonly knownDay: number | null
}

/** The pass mark of the Open University. */
export const passMark = 40

/** Score from which somebody can help others: passed, with something to spare. */
export const strongFrom = passMark + 10

/** Whether a final result is a pass. */
export const isPassed = ({ finalResult }: Registration): boolean => ['Pass', 'Distinction'].includes(finalResult)

type Row = Readonly<Record<string, string>>

const rowsOf = (text: string): Row[] => {
  const [head = '', ...lines] = text.trim().split(/\r?\n/)
  const names = head.split(',')
  return lines.map(line => {
    const cells = line.split(',')
    return Object.fromEntries(names.map((name, index) => [name, cells[index] ?? '']))
  })
}

const read = async (folder: string, name: string): Promise<Row[]> => {
  const bytes = await readFile(join(folder, name))
  return rowsOf((name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8'))
}

const presentationOf = (row: Row) => `${row.code_module}-${row.code_presentation}`

const workOf = (assessment: Row, result: Row | undefined, days: number): Work => {
  const dueDay = Number(assessment.date)
  const score = result && result.score !== '' ? Number(result.score) : null
  return {
    assessment: assessment.id_assessment as string,
    type: assessment.assessment_type as string,
    dueDay,
    weight: Number(assessment.weight),
    score,
    knownDay: score === null ? null : Math.min(Math.max(dueDay, Number(result?.date_submitted)), days - 1),
  }
}

/** Reads the dataset: registrations with their work. */
export const readOulad = async (folder: string): Promise<Registration[]> => {
  const [courses, assessments, infos, results] = await Promise.all([
    read(folder, 'courses.csv'),
    read(folder, 'assessments.csv'),
    read(folder, 'studentInfo.csv.gz'),
    read(folder, 'studentAssessment.csv.gz'),
  ])
  const lengths = new Map(courses.map(row => [presentationOf(row), Number(row.module_presentation_length)]))
  const known = new Map(results.map(row => [`${row.id_student}/${row.id_assessment}`, row]))
  const marked = assessments.filter(row => row.assessment_type !== 'Exam')
  return infos.map((row): Registration => {
    const presentation = presentationOf(row)
    const student = row.id_student as string
    const days = lengths.get(presentation) ?? 270
    return {
      student,
      presentation,
      module: row.code_module as string,
      days,
      finalResult: row.final_result as string,
      work: marked
        .filter(each => presentationOf(each) === presentation)
        .map(each => workOf(each, known.get(`${student}/${each.id_assessment}`), days))
        .sort((a, b) => a.dueDay - b.dueDay),
    }
  })
}

/** A spread of registrations over all presentations, one a student. */
export const sampleOf = (registrations: readonly Registration[], count: number): Registration[] => {
  const unique = [...new Map(registrations.map(each => [each.student, each])).values()]
  const size = Math.min(count, unique.length)
  return Array.from({ length: size }, (_, index) => unique[Math.floor((index * unique.length) / size)] as Registration)
}

/** Failed or missing work. */
export const troubles = (work: readonly Work[]): Work[] =>
  work.filter(each => each.score === null || each.score < passMark)

/** Work that was due by a day, and its complement. */
export const splitAt = ({ work }: Registration, day: number): { readonly early: Work[]; readonly late: Work[] } => ({
  early: work.filter(each => each.dueDay <= day),
  late: work.filter(each => each.dueDay > day),
})
