import type { Test } from 'tap'
import { givenCase } from './cases.ts'
import { givenGroupAt } from './group-way.ts'
import { givenSchool, givenService, type Service } from './service.ts'

/** What is noted of a member. */
export const secret = '两次想发言又停下。'

/** A group of two in its early phase; the first member has an open case of another owner, the second one closing. */
export const givenRunning = async (t: Test) => {
  const service = await givenService(t)
  const { students, staff } = await givenSchool(service)
  const [one, two] = [students['1'] as string, students['2'] as string]
  const groupId = await givenGroupAt(service, [one, two], 'early')
  const caseId = await givenCase(service, one)
  await service.asOwner(`update cases set owner_id = '${staff.colleague}' where id = '${caseId}'`)
  return { service, groupId, caseId, two, three: students['3'] as string }
}

/** Version of a case, whoever may read it. */
export const versionOf = async (service: Service, caseId: string): Promise<number> =>
  Number((await service.asOwner(`select version from cases where id = '${caseId}'`))[0]?.version)

/** Entries from groups in a case. */
export const entriesOf = async (service: Service, caseId: string) =>
  (await service.asOwner(
    `select content, status, signed_version from records where case_id = '${caseId}' and kind = 'group_entry'`,
  )) as {
    content: Record<string, unknown>
    status: string
    signed_version: number
  }[]
