import type { ProblemDefinition } from '../../kernel/problem.ts'
import { problem } from './problem.ts'

/** Problems of alerts and of how an institution warns. */
export const alertProblems = {
  alert_is_resolved: problem(
    409,
    'Alert is resolved',
    '预警已处置',
    'Nothing is added to an alert once it is resolved.',
    '预警处置完毕后不再添加内容。',
  ),
  alerts_unfit: problem(
    422,
    'Alerts unfit',
    '预警不适用',
    'Two different open alerts of the same student are merged.',
    '只可合并同一学生的两条未结预警。',
  ),
  signals_unfit: problem(
    422,
    'Signals unfit',
    '信号不适用',
    'Some signals of the alert are split off, and some stay.',
    '拆分的须是本预警的部分信号,且须有信号留下。',
  ),
  day_unfit: problem(
    422,
    'Day unfit',
    '日期不适用',
    'What happened is dated today or before, and not before the first signal of the alert, or the opening of the group; what is watched ends after today, within a year.',
    '已发生的事项日期不晚于今日,且不早于预警的首个信号或小组设立日;观察期须晚于今日,且不超过一年。',
  ),
  no_objection_upheld: problem(
    409,
    'No objection upheld',
    '无成立的异议',
    'This disposition needs an objection of the student, answered as upheld.',
    '此处置须有学生异议,且答复为成立。',
  ),
  objection_answered: problem(
    409,
    'Objection already answered',
    '异议已答复',
    'This objection was answered already.',
    '该异议已经答复。',
  ),
  case_unfit: problem(
    422,
    'Case unfit',
    '个案不适用',
    'An alert is joined to an open case of the same student.',
    '预警只可并入同一学生的未结个案。',
  ),
  year_not_announced: problem(
    422,
    'Year not announced',
    '年份未公布',
    'The arrangement of holidays for this year is not known yet; see newest. It is not guessed.',
    '该年节假日安排尚未公布,见newest;不作推测。',
    ['newest'],
  ),
} as const satisfies Record<string, ProblemDefinition>
