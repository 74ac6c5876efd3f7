import type { Client } from './client.ts'
import type { Pace } from './pace.ts'
import { rosterPackage, type School } from './package.ts'
import type { Service } from './service.ts'

/** Days in which work may be handed in late. */
export const graceDays = 7

/** The rules that warn: missing work, a score under 40, two failures. */
const rules = [
  {
    nameZh: '缺交作业',
    nameEn: 'Missing work',
    severity: 'blue',
    criterion: { rule: 'missing_work', works: 1, graceDays },
  },
  {
    nameZh: '成绩低于40分',
    nameEn: 'Score under 40',
    severity: 'yellow',
    criterion: { rule: 'low_score', below: 40 },
  },
  {
    nameZh: '两次不合格',
    nameEn: 'Two failures',
    severity: 'orange',
    criterion: { rule: 'failing_work', works: 2, below: 40, graceDays },
  },
] as const

type Progress = (done: number, total: number) => void

/** Imports the package. @returns rows created */
const importRoster = async (administrator: Client, school: School, progress: Progress): Promise<number> => {
  const path = '/v1/imports?format=oneroster&passMark=40'
  const started = await administrator.upload(path, 'application/zip', rosterPackage(school))
  const { result } = await administrator.finished(started, progress)
  return Number((result as { created: number }).created)
}

/** Rules are data: those that are there already are left as they are. */
const writeRules = async (administrator: Client): Promise<void> => {
  const known = (await administrator.get('/v1/warning-rules')).items as { nameEn: string }[]
  for (const rule of rules)
    if (!known.some(each => each.nameEn === rule.nameEn)) await administrator.post('/v1/warning-rules', rule)
}

const linkStaff = async (administrator: Client, { staff, issuer }: Service): Promise<void> => {
  if (issuer === null) return
  const items = staff.map(({ number, name }) => ({
    externalId: number,
    name: `${name} OU`,
    identities: [{ issuer, subject: number }],
  }))
  await administrator.post('/v1/roster/staff', { items })
}

/** Brings in roster, accounts, rules and how the institution warns. @returns rows the import created */
export const openSchool = async (
  administrator: Client,
  service: Service,
  school: School,
  pace: Pace,
  progress: Progress,
): Promise<number> => {
  const created = await importRoster(administrator, school, progress)
  await linkStaff(administrator, service)
  const { version, settings, calendar } = await administrator.get('/v1/warning-settings')
  const put = pace.answering(settings as Record<string, unknown>, calendar as Record<string, unknown>)
  await administrator.put('/v1/warning-settings', put, version)
  await writeRules(administrator)
  return created
}
