import { missing } from '../checks/check.ts'
import { openItemKinds } from '../group-codes.ts'
import type { BudgetLineFact, GroupFacts } from '../group-facts.ts'
import type { GroupChecks } from './check.ts'
import { forEach, servedMembers } from './members.ts'

const yuan = (fen: number) => (fen / 100).toFixed(2)

/** One thing missing for each line that is not as it should be. */
const forLines = (
  { budgetLines }: GroupFacts,
  check: string,
  wrong: (line: BudgetLineFact) => boolean,
  say: (line: BudgetLineFact) => { en: string; zh: string },
) => budgetLines.flatMap((line, index) => (wrong(line) ? [missing(check, say(line), `/budgetLines/${index}`)] : []))

/** Rules about tasks, goals, money and what is still open. Source: domain §3; seed article 3, §3.3 (1), (4), (5). */
export const workChecks = {
  tasks_are_assigned: {
    title: { en: 'Every student has a task', zh: '每位学生均有任务' },
    records: ['task_assignment'],
    rule: facts =>
      forEach(
        servedMembers(facts),
        facts,
        ({ id }) => !facts.tasks.some(each => each.memberId === id),
        ({ id }) => missing('tasks_are_assigned', { en: `Member ${id} has no task`, zh: `成员${id}尚无任务` }),
      ),
  },
  tasks_are_settled: {
    title: { en: 'Tasks are done or settled', zh: '任务已完成或处理' },
    records: [],
    operation: 'settleGroupTask',
    rule: facts =>
      facts.tasks.flatMap(({ id, status }, index) =>
        status === 'open'
          ? [
              missing(
                'tasks_are_settled',
                { en: `Task ${id} is still open`, zh: `任务${id}尚未处理` },
                `/tasks/${index}`,
              ),
            ]
          : [],
      ),
  },
  budget_is_funded: {
    title: { en: 'The budget is funded', zh: '预算已落实' },
    records: ['group_budget'],
    operation: 'approveGroupBudget',
    rule: facts =>
      forLines(
        facts,
        'budget_is_funded',
        line => !line.settled && (line.approvedFen ?? 0) < line.plannedFen,
        ({ id, plannedFen, approvedFen }) => ({
          en: `Line ${id}: ${yuan(approvedFen ?? 0)} of ${yuan(plannedFen)} approved`,
          zh: `预算项${id}:计划${yuan(plannedFen)}元,批准${yuan(approvedFen ?? 0)}元`,
        }),
      ),
  },
  budget_is_settled: {
    title: { en: 'The budget is settled', zh: '经费已结算' },
    records: [],
    operation: 'settleGroupBudget',
    rule: facts =>
      forLines(
        facts,
        'budget_is_settled',
        line => !line.settled,
        ({ id }) => ({ en: `Line ${id} is not settled`, zh: `预算项${id}尚未结算` }),
      ),
  },
  group_goals_are_assessed: {
    title: { en: 'Every goal of the group is assessed', zh: '小组目标均已评定' },
    records: ['final_evaluation'],
    rule: facts =>
      facts.goals.flatMap(({ id, status, attainmentFinal }, index) =>
        status === 'open' && !attainmentFinal
          ? [
              missing(
                'group_goals_are_assessed',
                { en: `Goal ${id} has no final attainment`, zh: `目标${id}没有最终达成度` },
                `/goals/${index}`,
              ),
            ]
          : [],
      ),
  },
  open_items_are_resolved: {
    title: { en: 'What puts the composition in question is resolved', zh: '成员变动事项已处理' },
    records: [],
    operation: 'resolveGroupOpenItem',
    rule: facts =>
      facts.openItems.flatMap(({ kind, dueOn, resolution }, index) =>
        resolution === null
          ? [
              missing(
                'open_items_are_resolved',
                {
                  en: `${openItemKinds[kind].en}: not resolved yet (by ${dueOn})`,
                  zh: `${openItemKinds[kind].zh},尚未处理(期限${dueOn})`,
                },
                `/openItems/${index}`,
              ),
            ]
          : [],
      ),
  },
  group_drafts_are_settled: {
    title: { en: 'Drafts are signed or discarded', zh: '草稿已签署或作废' },
    records: [],
    operation: 'discardGroupRecord',
    rule: facts =>
      facts.openDrafts.map(({ id, kind }) =>
        missing(
          'group_drafts_are_settled',
          { en: `A draft of ${kind} is still open`, zh: `${kind}草稿尚未处理` },
          `/records/${id}`,
          kind,
        ),
      ),
  },
} as const satisfies GroupChecks
