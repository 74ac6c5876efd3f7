import { z } from 'zod'
import type { PermissionName } from '../../practice/permissions.ts'
import type { ProblemCode } from '../../practice/problems.ts'
import { type Answer, type Call, defineRoute, type Route } from './route.ts'

/** A move asked for. */
export interface AskedMove {
  readonly id: string
  readonly to: string
  readonly reason: string | null
  readonly note: string | null
  readonly ifMatch: number | null
  readonly dryRun: boolean
}

/** What differs between the moves of one guarded subject and another. */
export interface Moving {
  readonly tag: string
  /** Address of the subject, its id last: `/v1/cases/:caseId`. */
  readonly path: string
  readonly params: z.ZodType
  readonly schemas: Readonly<Record<'MoveBody' | 'Moved' | 'MoveAllowed' | 'Transitions', z.ZodType>>
  readonly explain: {
    readonly operationId: string
    readonly permission: PermissionName
    readonly run: (call: Call, id: string) => Promise<{ readonly version: number }>
  }
  readonly move: {
    readonly operationId: string
    readonly permission: PermissionName
    readonly summary?: string
    readonly description: string
    readonly problems: readonly ProblemCode[]
    readonly writes: readonly string[]
    readonly run: (call: Call, move: AskedMove) => Promise<Answer>
  }
}

/** Explaining every move from where a subject stands, and taking one. */
export const moveRoutes = ({ tag, path, params, schemas, explain, move }: Moving): Route[] => {
  const idOf = (call: Call) => (call.params as Record<string, string>)[path.slice(path.lastIndexOf(':') + 1)] as string
  const about = { tag, path: `${path}/transitions`, params }
  return [
    defineRoute({
      ...about,
      operationId: explain.operationId,
      method: 'GET',
      summary: 'Explain every move from here: what is met, what is missing, what would meet it',
      permission: explain.permission,
      answers: { 200: schemas.Transitions },
      problems: ['not_permitted', 'not_found'],
      handle: async call => {
        const explained = await explain.run(call, idOf(call))
        return { status: 200, body: explained, etag: explained.version }
      },
    }),
    defineRoute({
      ...about,
      operationId: move.operationId,
      method: 'POST',
      summary: move.summary ?? 'Take a move, or learn exactly what is missing',
      description: move.description,
      permission: move.permission,
      query: z.strictObject({ dryRun: z.enum(['true', 'false']).default('false').describe('Only decide') }),
      body: schemas.MoveBody,
      answers: { 201: schemas.Moved, 200: schemas.MoveAllowed },
      problems: move.problems,
      ifMatch: 'required',
      idempotency: 'required',
      writes: move.writes,
      handle: call => {
        const { to, reason, note } = call.body as Pick<AskedMove, 'to' | 'reason' | 'note'>
        const dryRun = call.query.dryRun === 'true'
        return move.run(call, { id: idOf(call), to, reason, note, ifMatch: call.ifMatch, dryRun })
      },
    }),
  ]
}
