import type { FieldFault } from '../../kernel/problem.ts'
import { decimalOf } from './csv.ts'
import type { CsvKind, Mapping } from './import-schemas.ts'

/** Members of each kind: those a mapping must give, and those it may. */
const members: Readonly<Record<CsvKind, { must: readonly string[]; may: readonly string[] }>> = {
  students: {
    must: ['number', 'name', 'orgUnit'],
    may: ['nameEn', 'birthDate', 'major', 'grade', 'enrolmentStatus', 'college', 'counsellor'],
  },
  staff: { must: ['externalId', 'name'], may: ['nameEn', 'leftOn', 'role', 'orgUnit', 'validFrom'] },
  courses: { must: ['externalId', 'name'], may: ['kind', 'credits'] },
  terms: { must: ['externalId', 'name', 'startsOn', 'endsOn'], may: [] },
  sections: { must: ['externalId', 'name', 'course', 'term'], may: [] },
  enrolments: { must: ['student', 'section'], may: ['externalId', 'from', 'until'] },
  assessments: {
    must: ['externalId', 'title'],
    may: ['section', 'course', 'term', 'dueOn', 'weight', 'maxScore', 'isFinal'],
  },
  results: {
    must: ['student'],
    may: ['externalId', 'assessment', 'course', 'term', 'item', 'score', 'outcome', 'recordedOn'],
  },
}

/** What does not fit in a mapping. */
export const mappingFaults = ({ kind, columns, constants, words }: Mapping): FieldFault[] => {
  const { must, may } = members[kind]
  const known = [...must, ...may]
  const strange = (part: string, given: object) =>
    Object.keys(given)
      .filter(member => !known.includes(member))
      .map(member => ({ pointer: `/${part}/${member}`, code: 'unknown_member', detail: `${kind} have no such member` }))
  return [
    ...strange('columns', columns),
    ...strange('constants', constants),
    ...strange('words', words),
    ...must
      .filter(member => !(member in columns) && !(member in constants))
      .map(member => ({ pointer: `/columns/${member}`, code: 'missing_value', detail: 'the kind needs it' })),
  ]
}

const dates = ['birthDate', 'leftOn', 'validFrom', 'startsOn', 'endsOn', 'from', 'until', 'dueOn', 'recordedOn']
const numbers = ['credits', 'weight', 'maxScore', 'score']

/** `2026-9-1`, `2026/09/01`, `2026.9.1`, `20260901`, `2026年9月1日` as `2026-09-01`; else as it is. */
const dayOf = (text: string): string => {
  const found = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/.exec(text) ?? /^(\d{4})(\d{2})(\d{2})$/.exec(text)
  if (!found) return text
  const [, year, month = '', day = ''] = found
  return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
}

const truths: Readonly<Record<string, boolean>> = {
  true: true,
  是: true,
  '1': true,
  false: false,
  否: false,
  '0': false,
}

/** A cell as the value of a member. */
export const cellValue = (member: string, text: string): unknown => {
  if (dates.includes(member)) return dayOf(text)
  if (numbers.includes(member)) return decimalOf(text)
  if (member === 'isFinal') return truths[text] ?? text
  return text
}
