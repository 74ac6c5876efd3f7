import { stateOfEdge } from './explain.ts'
import type { Catalogue, Edge, Missing, Process, Standing } from './process.ts'

/** Why a move is refused; `code` is a problem code. */
export type MoveRefusal =
  | { readonly code: 'step_not_reachable'; readonly reachable: string[] }
  | { readonly code: 'edge_not_yours'; readonly by: string[] }
  | { readonly code: 'reason_required'; readonly reasons: string[] }
  | { readonly code: 'reason_not_allowed'; readonly reasons: string[] }
  | { readonly code: 'note_required' }
  | { readonly code: 'requirements_unmet'; readonly missing: Missing[] }

/** Edges that lead out of where the subject stands; those back lead only to where it came from. Pure. */
export const edgesFrom = <S extends string, K extends string, C extends string, R extends string>(
  process: Process<S, K, C, R>,
  standing: Pick<Standing<S, K>, 'step' | 'cameFrom'>,
): Edge<S, K, C, R>[] =>
  process.edges.filter(
    edge =>
      edge.from === standing.step &&
      (edge.from !== process.remembers || edge.back !== true || edge.to === standing.cameFrom),
  )

/** Decides a move; null when it may be taken. Pure. */
export const refuseMove = <S extends string, K extends string, C extends string, R extends string, F>(
  process: Process<S, K, C, R>,
  standing: Standing<S, K>,
  facts: F,
  catalogue: Catalogue<F, K, C>,
  relations: readonly string[],
  move: { readonly to: string; readonly reason: string | null; readonly note: string | null; readonly today: string },
): MoveRefusal | null => {
  const edges = edgesFrom(process, standing)
  const edge = edges.find(candidate => candidate.to === move.to)
  if (!edge) return { code: 'step_not_reachable', reachable: edges.map(candidate => candidate.to) }
  if (!edge.by.some(relation => relations.includes(relation))) return { code: 'edge_not_yours', by: [...edge.by] }
  if (edge.reasons && !edge.reasonOptional && move.reason === null)
    return { code: 'reason_required', reasons: [...edge.reasons] }
  if (move.reason !== null && !edge.reasons?.includes(move.reason))
    return { code: 'reason_not_allowed', reasons: [...(edge.reasons ?? [])] }
  const wantsNote = edge.noteRequired === true || (move.reason !== null && edge.noteFor?.includes(move.reason))
  if (wantsNote && !move.note?.trim()) return { code: 'note_required' }
  const missing = stateOfEdge(process, edge, standing, facts, catalogue, move).flatMap(state => state.missing)
  return missing.length > 0 ? { code: 'requirements_unmet', missing } : null
}
