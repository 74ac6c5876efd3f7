import { z } from 'zod'
import { encodings } from './csv.ts'

/** Kinds of rows plain CSV can bring. */
export const csvKinds = [
  'students',
  'staff',
  'courses',
  'terms',
  'sections',
  'enrolments',
  'assessments',
  'results',
] as const
export type CsvKind = (typeof csvKinds)[number]

const member = z.string().regex(/^[a-zA-Z]{1,40}$/)
const header = z.string().trim().min(1).max(100)

const exampleMapping = {
  kind: 'students',
  columns: {
    number: '学号',
    name: '姓名',
    college: '学院',
    major: '专业',
    orgUnit: '班级',
    grade: '年级',
    counsellor: '辅导员工号',
  },
  words: { enrolmentStatus: { 在读: 'enrolled', 休学: 'on_leave' } },
  createUnits: true,
  unitsBelow: 'school',
} as const

/** How the columns of a plain CSV file are read. */
export const Mapping = z
  .strictObject({
    kind: z.enum(csvKinds).describe('What the rows are'),
    encoding: z
      .enum(['auto', ...encodings])
      .default('auto')
      .describe('`auto`: UTF-8 when the whole file is, else GB18030'),
    delimiter: z.enum([',', ';', '\t', '|']).default(',').describe('What stands between cells'),
    columns: z.record(member, header).describe('Column of the file by member of the row, e.g. `number: 学号`'),
    constants: z.record(member, z.string().max(200)).default({}).describe('Members every row has alike'),
    words: z
      .record(member, z.record(z.string().max(100), z.string().max(100)))
      .default({})
      .describe('Words of the file by member, and the code each stands for, e.g. `在读: enrolled`'),
    createUnits: z
      .boolean()
      .default(false)
      .describe('Students: make colleges and classes that are not known, with their name as id'),
    unitsBelow: z.string().max(100).nullable().default(null).describe('Unit the colleges made are placed below'),
  })
  .meta({ id: 'ImportMapping', examples: [exampleMapping] })

/** A mapping as it is kept. */
export const SavedMapping = z
  .strictObject({ ...Mapping.shape, version: z.int().min(1).max(2_147_483_647).describe('Version: ETag') })
  .meta({
    id: 'SavedImportMapping',
    examples: [{ ...exampleMapping, encoding: 'auto', delimiter: ',', constants: {}, version: 1 }],
  })

export type Mapping = z.output<typeof Mapping>

const flag = (what: string) =>
  z
    .enum(['true', 'false'])
    .default('false')
    .transform(value => value === 'true')
    .describe(what)
const percent = (what: string, standard: number) => z.coerce.number().min(0).max(100).default(standard).describe(what)

/** Options of an import. */
export const ImportQuery = z.strictObject({
  format: z.enum(['oneroster', 'csv']).describe('`oneroster`: a OneRoster 1.2 zip; `csv`: one plain CSV file'),
  mapping: z.string().max(60).optional().describe('CSV: name of the saved column mapping'),
  scope: z
    .enum(['partial', 'full'])
    .default('partial')
    .describe(
      'CSV: `full` = the file holds all there are; who is missing has vanished. OneRoster: the manifest says it',
    ),
  mode: z
    .enum(['all_or_nothing', 'per_row'])
    .default('all_or_nothing')
    .describe('Whether one bad row stops everything, or is left out'),
  dryRun: flag('Check and count, change nothing'),
  maxDisappear: percent(
    'Percent of students, staff, roles of staff, enrolments of running terms or results that may vanish; more of one, and nothing is changed',
    10,
  ),
  passMark: percent('Score from which a OneRoster result is passed', 60),
})

export type ImportOptions = z.output<typeof ImportQuery>

/** What an import operation is given. */
export interface ImportInput extends Omit<ImportOptions, 'mapping'> {
  readonly today: string
  readonly mapping: Mapping | null
  /** Who brings what it holds; not told by imports asked for before origins were kept. */
  readonly origin?: string
}
