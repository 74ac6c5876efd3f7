import { type Severity, type SignalKind, severities, signalKinds } from '../practice/signals.ts'

/** A signal as evidence: what was observed, when, with its figures. */
export interface Evidence {
  readonly kind: SignalKind
  readonly severity: Severity | null
  readonly status: string
  readonly observedAt: string
  readonly figures: Readonly<Record<string, unknown>>
}

/** Longest evidence carried into a case or crisis, in characters. */
export const longestEvidence = 8000

const figureText = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value))

const lineOf = ({ kind, severity, status, observedAt, figures }: Evidence): string => {
  const words = [
    observedAt.slice(0, 10),
    `${signalKinds[kind].title.zh} ${kind}`,
    ...(severity ? [`${severities[severity].zh} ${severity}`] : []),
    ...(status === 'cleared' ? ['已解除 cleared'] : []),
    ...Object.entries(figures)
      .filter(([name]) => name !== 'facts')
      .map(([name, value]) => `${name}=${figureText(value)}`),
  ]
  return words.join(' · ')
}

const tailOf = (left: number): readonly string[] =>
  left > 0 ? [`另有${left}条较早的信号 · ${left} earlier signals`] : []

/**
 * The evidence of an alert in words, a line a signal, newest first, after the words of who carries it over. What finds no
 * place is counted in the last line: no line is cut. Pure.
 * @param signals newest first
 * @param count signals the alert has, those not given among them
 */
export const evidenceText = (words: string | null, signals: readonly Evidence[], count: number): string => {
  const first = words === null ? [] : [words]
  const lines = signals.map(lineOf)
  const text = (told: number) => [...first, ...lines.slice(0, told), ...tailOf(count - told)].join('\n')
  let told = lines.length
  while (told > 0 && text(told).length > longestEvidence) told--
  return text(told)
}
