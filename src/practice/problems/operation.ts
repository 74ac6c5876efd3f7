import type { ProblemDefinition } from '../../kernel/problem.ts'
import { problem } from './problem.ts'

/** Problems of long work and of imports. */
export const operationProblems = {
  operation_finished: problem(
    409,
    'Operation has ended',
    '操作已结束',
    'It has ended; nothing is left to cancel.',
    '操作已结束,无可取消。',
    ['ended'],
  ),
  operation_not_cancellable: problem(
    409,
    'Operation cannot be cancelled any more',
    '操作已不可取消',
    'Stopping now would leave it half done; it goes on to its end.',
    '此时停止会只完成一半,操作将执行到底。',
  ),
  operation_abandoned: problem(
    500,
    'Operation given up',
    '操作已放弃',
    'Several processes tried and ended without any progress.',
    '多个进程尝试后均无进展而终止。',
  ),
  archive_refused: problem(
    422,
    'Archive refused',
    '压缩包被拒绝',
    'The archive is not one we open: see reason.',
    '此压缩包不可打开,原因见reason。',
    ['reason'],
  ),
  import_file_refused: problem(
    422,
    'Import file refused',
    '导入文件被拒绝',
    'A file as a whole cannot be read; see errors.',
    '有文件整体无法读取,见errors。',
    ['errors'],
  ),
  import_has_errors: problem(
    422,
    'Import has errors',
    '导入有错误行',
    'Rows have errors and the import is all or nothing: nothing was changed. The errors are in the result.',
    '存在错误行而导入为全有或全无:未作任何更改。错误见结果。',
    ['errorCount'],
  ),
  too_many_would_vanish: problem(
    422,
    'Too many would vanish',
    '消失过多',
    'More of those known are missing from the import than maxDisappear allows: nothing was changed.',
    '导入中缺失的已知人员超过maxDisappear:未作任何更改。',
    ['vanishing'],
  ),
  mapping_invalid: problem(
    422,
    'Mapping does not fit',
    '映射不适用',
    'The mapping lacks a column that is needed or names one that the kind does not have; see errors.',
    '映射缺少必需列,或指定了该类型没有的列,见errors。',
    ['errors'],
  ),
} as const satisfies Record<string, ProblemDefinition>
