import { refuseMove } from '../../src/kernel/decide.ts'
import { defineProcess, type Standing } from '../../src/kernel/process.ts'

export const title = { en: 'x', zh: '某' }
export const small = defineProcess({
  name: 'small',
  title,
  initial: 'a',
  final: ['d'],
  remembers: 'c',
  steps: { a: { title }, b: { title }, c: { title }, d: { title } },
  edges: [
    {
      from: 'a',
      to: 'b',
      by: ['owner'],
      needs: [
        { record: 'k', since: 'case', waivable: true },
        { record: 'l', since: 'step' },
      ],
      checks: [{ check: 'ok' }],
    },
    {
      from: 'a',
      to: 'c',
      by: ['owner', 'boss'],
      needs: [{ record: 'k', since: 'case', when: { reason: ['good'] } }],
      checks: [],
      reasons: ['good', 'bad'],
    },
    {
      from: 'b',
      to: 'c',
      by: ['owner'],
      needs: [{ record: 'm', since: { record: 'n' }, where: { decision: ['end'] } }],
      checks: [],
    },
    { from: 'c', to: 'a', by: ['owner'], needs: [], checks: [], noteRequired: true, back: true },
    { from: 'c', to: 'b', by: ['owner'], needs: [], checks: [], noteRequired: true, back: true },
    { from: 'c', to: 'd', by: ['owner'], needs: [], checks: [] },
  ],
})
export const catalogue = {
  checks: { ok: { title, records: [], rule: (facts: { ok: boolean }) => (facts.ok ? [] : [{ check: 'ok', title }]) } },
  titleOf: () => title,
}
export type S = Standing<'a' | 'b' | 'c' | 'd', 'k' | 'l' | 'm' | 'n'>
export const standing = (more: Partial<S> = {}): S => ({
  step: 'a',
  stepSince: 1,
  cameFrom: null,
  baseline: 0,
  reason: null,
  signed: {},
  waived: [],
  ...more,
})
export const waived = (need: string, version: number, dueOn: string | null = null) =>
  ({ need, mode: dueOn ? 'deferred' : 'waived', dueOn, version }) as const
export const signed = (version: number, content: Record<string, unknown> = {}) => ({ id: 'r', version, content })
export const move = (to: string, reason: string | null = null, note: string | null = null) => ({
  to,
  reason,
  note,
  today: '2026-09-14',
})
export const refuse = (at: S, what: ReturnType<typeof move>, relations = ['owner'], ok = true) =>
  refuseMove(small as never, at as never, { ok }, catalogue as never, relations, what)
