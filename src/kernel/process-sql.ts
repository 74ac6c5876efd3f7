import type { Process } from './process.ts'

const quoted = (value: string) => `'${value}'`

/**
 * The truths a table of moves must keep for a process, as literal SQL by constraint name: the edge exists, a return
 * leads to where the subject came from, the opening row enters the initial step. Nulls are named, so none slips through.
 * Columns used: n, from_step, to_step, came_from.
 */
export const moveConstraints = (process: Process, table: string): { name: string; sql: string }[] => {
  const edges = [...new Set(process.edges.map(edge => `(${quoted(edge.from)}, ${quoted(edge.to)})`))].join(', ')
  const back = process.edges.filter(edge => edge.back && edge.from === process.remembers).map(edge => edge.to)
  const returns = process.remembers
    ? [
        {
          name: `${table}_returns_to_origin`,
          sql: `from_step is null or from_step <> ${quoted(process.remembers)} or to_step not in (${[...new Set(back)].map(quoted).join(', ')}) or (came_from is not null and to_step = came_from)`,
        },
      ]
    : []
  return [
    {
      name: `${table}_edge_allowed`,
      sql: `(n = 0 and from_step is null and to_step = ${quoted(process.initial)}) or (n > 0 and from_step is not null and (from_step, to_step) in (${edges}))`,
    },
    ...returns,
  ]
}

/** `column in (…every step…)` as literal SQL. */
export const stepConstraint = (process: Process, column: string): string =>
  `${column} in (${Object.keys(process.steps).map(quoted).join(', ')})`
