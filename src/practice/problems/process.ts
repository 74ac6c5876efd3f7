import type { ProblemDefinition } from '../../kernel/problem.ts'
import { problem } from './problem.ts'

/** Problems of moving any subject through its guarded process. */
export const processProblems = {
  step_not_reachable: problem(
    409,
    'Step not reachable',
    '步骤不可达',
    'No edge leads there from the present step; see reachable.',
    '当前步骤不能到达该步骤,见reachable。',
    ['reachable'],
  ),
  edge_not_yours: problem(
    403,
    'Move is not yours',
    '无权推进',
    'Others take this move; see by.',
    '此推进由他人执行,见by。',
    ['by'],
  ),
  reason_required: problem(
    422,
    'Reason required',
    '须说明原因',
    'This move needs a reason code; see reasons.',
    '此推进须给出原因代码,见reasons。',
    ['reasons'],
  ),
  reason_not_allowed: problem(
    422,
    'Reason not allowed',
    '原因不适用',
    'This reason does not go with this move; see reasons.',
    '该原因不适用于此推进,见reasons。',
    ['reasons'],
  ),
  note_required: problem(
    422,
    'Note required',
    '须附说明',
    'This move, or this reason, needs a note that says why.',
    '此推进或此原因须附文字说明。',
  ),
  requirements_unmet: problem(
    422,
    'Requirements unmet',
    '条件未满足',
    'The move is not earned yet; see missing.',
    '尚未满足推进条件,见missing。',
    ['missing'],
  ),
} as const satisfies Record<string, ProblemDefinition>
