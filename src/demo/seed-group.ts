import { fileRecord } from './file-record.ts'
import type { DemoCaller } from './seed-alerts.ts'

/**
 * Members of the mutual-aid group, by number: what each failed or lacks, and what each can give another, as their results
 * have it. The first is the demo account `student`, whose open case hears of the sessions.
 */
export const demoMembers = [
  {
    number: '2025010101',
    gender: 'male',
    problems: '高数挂科,作业总拖到最后一晚。',
    strong: '物理成绩好,愿意给人讲题。',
    needs: ['course:MATH1001', 'skill:time_management'],
    strengths: ['course:PHYS1002'],
  },
  {
    number: '2025010114',
    gender: 'male',
    problems: '三门不及格,编程上机跟不上。',
    strong: '作息规律,能督促别人按计划学习。',
    needs: ['course:CS1001'],
    strengths: ['skill:time_management'],
  },
  {
    number: '2025010117',
    gender: 'female',
    problems: '大学物理听不懂,课后不敢提问。',
    strong: '笔记清楚,善于归纳。',
    needs: ['course:PHYS1002'],
    strengths: ['skill:note_taking'],
  },
  {
    number: '2025010120',
    gender: 'female',
    problems: '物理不及格,不会整理知识点。',
    strong: '程序设计九十五分。',
    needs: ['course:PHYS1002', 'skill:note_taking'],
    strengths: ['course:CS1001'],
  },
] as const

/** Who turned to whom at the opening session: the last member was sought, and sought nobody. */
const interactions = [
  { fromId: 'm1', toId: 'm4', rating: 2 },
  { fromId: 'm2', toId: 'm1', rating: 1 },
  { fromId: 'm3', toId: 'm1', rating: 2 },
  { fromId: 'm1', toId: 'm3', rating: 1 },
]

const attendance = demoMembers.map((_, index) => ({
  memberId: `m${index + 1}`,
  attendance: index === 1 ? 'late' : 'present',
}))

const joinMembers = async (lead: DemoCaller, group: string): Promise<void> => {
  const { items } = (await lead('POST', '/v1/students/search', { limit: 200 })).body as {
    items: { id: string; number: string }[]
  }
  for (const { number, ...profile } of demoMembers) {
    const studentId = items.find(each => each.number === number)?.id
    const { memberId } = (await lead('POST', `${group}/members`, { role: 'student', studentId })).body
    await lead('POST', `${group}/members/${memberId}/selection`, {})
    await lead('POST', `${group}/members/${memberId}/consent`, { method: 'oral', note: '面谈中同意参加。' })
    await fileRecord(lead, group, 'member_profile', { memberId, ...profile })
  }
}

/**
 * Makes a mutual-aid group in its early phase, its opening session held, through the API.
 * @param lead calls as its leader
 * @param manage calls as the line manager, who approves the budget as it is planned
 */
export const seedGroup = async (lead: DemoCaller, manage: DemoCaller): Promise<void> => {
  const { roles } = (await lead('GET', '/v1/me')).body as { roles: { unitId: string }[] }
  const asked = { name: '软件2501班互助小组', type: 'mutual_aid', orgUnitId: roles[0]?.unitId }
  const group = `/v1/groups/${(await lead('POST', '/v1/groups', asked)).body.groupId}`
  await joinMembers(lead, group)
  for (const kind of ['group_plan', 'recruitment_plan', 'session_plan', 'group_budget'])
    await fileRecord(lead, group, kind)
  const { version, budgetLines } = (await lead('GET', group)).body
  const lines = (budgetLines as { id: string; plannedFen: number }[]).map(({ id, plannedFen }) => ({
    lineId: id,
    approvedFen: plannedFen,
  }))
  const approved = (await manage('POST', `${group}/budget/approval`, { lines }, Number(version))).body
  await lead('POST', `${group}/transitions`, { to: 'early' }, Number(approved.groupVersion))
  const { sessionId, ...session } = ((await lead('GET', '/v1/record-kinds/group_session')).body.example ?? {}) as {
    sessionId: string
  }
  await lead('POST', `${group}/sessions/${sessionId}/holding`, { ...session, attendance, interactions })
}
