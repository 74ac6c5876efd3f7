import { type Severity, type SignalKind, severities, signalKinds } from '../practice/signals.ts'

/** A signal as evidence: what was observed, when, with its figures. */
export interface Evidence {
  readonly kind: SignalKind
  readonly severity: Severity | null
  readonly status: string
  readonly observedAt: string
  readonly figures: Readonly<Record<string, unknown>>
}

/** Longest evidence carried into a case, in characters. */
const longest = 8000

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

/** The evidence of an alert in words, a line a signal, after the words of who carries it over. Pure. */
export const evidenceText = (words: string | null, signals: readonly Evidence[]): string =>
  [...(words ? [words] : []), ...signals.map(lineOf)].join('\n').slice(0, longest)
