import type { Process } from '../kernel/process.ts'

/** Needs and checks of a process that may be waived, by name: derived from it. */
export const waivableOf = <S extends string, K extends string, C extends string, R extends string>(
  process: Process<S, K, C, R>,
): [string, ...string[]] => {
  const names = process.edges.flatMap((edge): string[] => [
    ...edge.needs.filter(need => need.waivable).map(need => need.record),
    ...edge.checks.filter(check => check.waivable).map(check => check.check),
  ])
  return [...new Set(names)] as [string, ...string[]]
}
