import { edgesFrom } from './decide.ts'
import { everyReason, type NeedState, stateOfEdge } from './explain.ts'
import type { Catalogue, Process, Standing, Title } from './process.ts'

/** One edge from where a subject stands, with every need and check. */
export interface Transition {
  readonly to: string
  readonly title: Title
  readonly by: readonly string[]
  readonly yours: boolean
  readonly allowed: boolean
  readonly noteRequired: boolean
  readonly reasons: readonly {
    readonly reason: string | null
    readonly allowed: boolean
    readonly noteRequired: boolean
  }[]
  readonly requirements: readonly NeedState[]
}

/** Explains every edge from where a subject stands, for a caller in these relations to it. Pure. */
export const explainEdges = <S extends string, K extends string, C extends string, R extends string, F>(
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
    const reasons = options.map(reason => ({
      reason,
      allowed: state(reason).every(need => need.met),
      noteRequired: edge.noteRequired === true || (reason !== null && edge.noteFor?.includes(reason) === true),
    }))
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
