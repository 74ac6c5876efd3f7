import {
  type Catalogue,
  edgesFrom,
  everyReason,
  type NeedState,
  type Process,
  type Standing,
  stateOfEdge,
} from './process.ts'

/** One edge from where a subject stands, with every need and check. */
export interface Transition {
  readonly to: string
  readonly title: { en: string; zh: string }
  readonly by: readonly string[]
  readonly yours: boolean
  readonly allowed: boolean
  readonly noteRequired: boolean
  readonly reasons: readonly { readonly reason: string | null; readonly allowed: boolean }[]
  readonly requirements: readonly NeedState[]
}

/** Explains every edge from here to somebody who stands in `relations` to the subject. Pure. */
export const transitionsFrom = <S extends string, K extends string, C extends string, R extends string, F>(
  process: Process<S, K, C, R>,
  standing: Standing<S, K>,
  facts: F,
  catalogue: Catalogue<F, K, C>,
  relations: readonly string[],
  today: string,
): Transition[] =>
  edgesFrom(process, standing).map(edge => {
    const state = (reason: string | null) => stateOfEdge(process, edge, standing, facts, catalogue, { reason, today })
    const options = [...(edge.reasons ?? []), ...(edge.reasons && !edge.reasonOptional ? [] : [null])]
    const reasons = options.map(reason => ({ reason, allowed: state(reason).every(need => need.met) }))
    const yours = edge.by.some(relation => relations.includes(relation))
    return {
      to: edge.to,
      title: process.steps[edge.to].title,
      by: edge.by,
      yours,
      allowed: yours && reasons.some(option => option.allowed),
      noteRequired: edge.noteRequired === true,
      reasons,
      requirements: state(everyReason),
    }
  })
