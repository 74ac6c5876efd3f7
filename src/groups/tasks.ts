import type { Answer } from '../platform/http/route.ts'
import type { Deps, Request } from '../platform/subject.ts'
import type { TaskFact } from '../practice/group-facts.ts'
import { Problem } from '../practice/problems.ts'
import { taskAssignment } from '../practice/records/group/task-assignment.ts'
import { looksIntoGroup } from './access.ts'
import { groupStatement, onGroup } from './facts.ts'
import { readWords, type SealedRecord, signedRecordsJson, wordsStatement } from './read-words.ts'

const save = groupStatement(
  'groups.settle_task',
  '',
  `x as (update group_tasks x set status = given.e->>'status', settled_version = c.version from given, c
  where x.institution_id = $1::uuid and x.group_id = c.id and x.id = given.e->>'taskId')`,
)

/** Settles a task: done or dropped; a dropped one says why. @throws Problem not_found, task_settled, note_required */
export const settleTask = (
  deps: Deps,
  request: Request,
  input: {
    readonly groupId: string
    readonly taskId: string
    readonly ifMatch: number | null
    readonly status: 'done' | 'dropped'
    readonly note: string | null
  },
): Promise<Answer> => {
  const { groupId, taskId, ifMatch, status, note } = input
  return onGroup(deps, request, { groupId, ifMatch, permission: 'group:lead' }, save, ({ facts }) => {
    const task = facts.tasks.find(each => each.id === taskId)
    if (!task) throw new Problem('not_found')
    if (task.status !== 'open') throw new Problem('task_settled')
    if (status === 'dropped' && !note) throw new Problem('note_required')
    return {
      type: 'group.task_settled',
      data: { taskId, status, memberId: task.memberId },
      words: note,
      effects: { taskId, status },
      status: 201,
      receipt: { taskId, status },
    }
  })
}

type Row = TaskFact & { readonly recordId: string }

const load = wordsStatement<{ rows: readonly Row[]; records: readonly SealedRecord[] }>(
  'groups.read_tasks',
  'group:read',
  {
    rows: `(select coalesce(json_agg(json_build_object('id', x.id, 'memberId', x.member_id, 'status', x.status, 'dueOn', x.due_on, 'recordId', x.record_id)
      order by x.due_on, x.id), '[]') from group_tasks x join c on x.group_id = c.id where x.institution_id = $1::uuid)`,
    records: signedRecordsJson(taskAssignment.kind),
  },
)

/** The tasks with their words: all, or to who takes part their own. @throws Problem not_permitted, not_found, key_is_erased */
export const readTasks = async (deps: Deps, request: Request, groupId: string) => {
  const { facts, relations, rows, records, caller, open } = await readWords(deps, request, load, groupId)
  const whole = looksIntoGroup(relations)
  const said = new Map(records.map(record => [record.id, open(record).tasks as { id: string; text: string }[]]))
  const items = rows
    .filter(({ memberId }) => whole || (memberId !== null && facts.mine.includes(memberId)))
    .map(({ recordId, ...task }) => ({
      ...task,
      overdue: task.status === 'open' && task.dueOn < caller.today,
      text: said.get(recordId)?.find(each => each.id === task.id)?.text ?? '',
    }))
  return { groupId, version: facts.version, items }
}
