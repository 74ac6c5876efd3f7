/** Whether row `row` of `results` was failed, or not handed in. SQL. */
export const failedResult = (row: string): string => `${row}.outcome in ('failed', 'missing')`

/**
 * The final result that counts of each student and course: the newest; of one day, that of the later term, and the better.
 * SQL; a resit that is passed leaves nothing failed, and credits are earned once.
 * @param finals rows of `results` with the `starts_on` of their term, as they follow `from`
 */
export const newestFinals = (finals: string): string =>
  `(select distinct on (student_id, course_id) * from ${finals} x
  order by student_id, course_id, recorded_on desc, starts_on desc, ${failedResult('x')})`
