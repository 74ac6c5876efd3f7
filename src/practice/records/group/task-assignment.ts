import { z } from 'zod'
import { day, daysAfter, defineRecord, localId, words } from '../../record-kind.ts'
import { fault, pastDueDays, repeatedIds } from '../parts.ts'
import { joinedFaults, memberId } from './parts.ts'

/** Task assignment 任务分配: to members and leaders. Source: seed article 3, §3.3 分配和执行任务. */
export const taskAssignment = defineRecord({
  kind: 'task_assignment',
  of: 'group',
  title: { en: 'Task assignment', zh: '任务分配' },
  source: 'Seed article 3, §3.3 分配和执行任务 and (3) 指导者和成员的任务; MZ/T 095-2017 成熟',
  writers: ['worker'],
  signers: ['worker'],
  writableIn: ['early', 'middle', 'late'],
  cardinality: 'many',
  studentReads: 'nothing',
  content: z.strictObject({
    tasks: z
      .array(
        z.strictObject({
          id: localId().describe('Id in this group; an open task named again is given anew'),
          memberId: memberId().nullable().describe('Who does it; null = the leaders'),
          text: words(1000).describe('What is done'),
          dueOn: day().describe('Due day'),
        }),
      )
      .min(1)
      .max(100)
      .describe('Tasks'),
  }),
  check: ({ tasks }, facts, today) => [
    ...repeatedIds(tasks, 'tasks'),
    ...pastDueDays(tasks, 'tasks', today),
    ...tasks.flatMap(({ id, memberId }, index) => [
      ...(memberId === null ? [] : joinedFaults(`/tasks/${index}/memberId`, memberId, facts)),
      ...(facts.tasks.some(each => each.id === id && each.status !== 'open')
        ? [fault(`/tasks/${index}/id`, 'task_settled', 'A task of this id is settled', '该编号的任务已处理')]
        : []),
    ]),
  ],
  effects: ({ tasks }) => ({ tasks: tasks.map(({ id, memberId, dueOn }) => ({ id, memberId, dueOn })) }),
  example: today => ({
    tasks: [
      { id: 't1', memberId: 'm1', text: '每周整理一份高数错题,讲给同伴听。', dueOn: daysAfter(today, 21) },
      { id: 't2', memberId: 'm2', text: '每周带读一篇英语短文。', dueOn: daysAfter(today, 21) },
      { id: 't3', memberId: null, text: '联系任课教师安排一次答疑。', dueOn: daysAfter(today, 14) },
    ],
  }),
})
