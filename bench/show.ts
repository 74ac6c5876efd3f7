/** The middle value. */
export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

/** One line of the result. */
export const show = (what: string, text: string) => process.stdout.write(`${what.padEnd(48)}${text}\n`)

/** Shows a ratio as median and span over the rounds. @returns whether the median keeps the floor */
export const ratio = (name: string, floor: number, values: readonly number[]): boolean => {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const found = median(values)
  show(name, `${found.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)}; floor ${floor.toFixed(2)})`)
  return found >= floor
}
