import type { ProblemDefinition } from '../../kernel/problem.ts'
import { problem } from './problem.ts'

/** Problems of the sandbox. */
export const sandboxProblems = {
  not_in_sandbox: problem(
    409,
    'Not a sandbox',
    '非沙盒环境',
    'Only the embedded mode has a clock that can be moved.',
    '仅内嵌模式可以调整时钟。',
  ),
  clock_step_refused: problem(
    422,
    'Clock step refused',
    '时钟调整不允许',
    'The clock only goes forward, at most 366 days at a step; see now.',
    '时钟只能向前调整,每次至多366天,见now。',
    ['now'],
  ),
} as const satisfies Record<string, ProblemDefinition>
