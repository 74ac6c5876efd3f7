import type { Standing } from '../kernel/process.ts'
import { attempt, type Replay, replayJson } from '../platform/command.ts'
import { type Statement, type Tenant, tenantStatement } from '../platform/database.ts'
import type { Answer, Caller, Idempotency } from '../platform/http/route.ts'
import { type Change, changeSubject, type Deps, type Request, type subjectStatement } from '../platform/subject.ts'
import { allowsRelation, type PermissionName, seeing } from '../practice/permissions.ts'
import { Problem, type ProblemCode } from '../practice/problems.ts'
import { actorOf, callerJson, callerParams, type KnownCaller, knownCaller, requirePermission } from './actor.ts'

/** A guarded subject: its names, and how a statement finds one and what decides about it. */
export interface Guarded {
  /** Name in entries, receipts and addresses: `case` gives `caseId`. */
  readonly kind: string
  /** Its table, and the first part of its addresses. */
  readonly table: string
  /** CTEs `t`, `me`, `held`, `c` (its row) and `rel(relation)`: parameters 1–4 as the caller's, 5 is its id. */
  readonly ctes: string
  /** Its facts as JSON over these CTEs, nothing unless `guard` holds. */
  readonly factsJson: (guard: string) => string
  /** Steps after which only little goes on, and the problem of what comes too late. */
  readonly closed: { readonly steps: readonly string[]; readonly problem: ProblemCode }
}

/** What every command looks at of the facts of a subject. */
export interface SubjectFacts {
  readonly id: string
  readonly version: number
  /** Rises with every write about the subject, drafts included. */
  readonly writes: number
  readonly standing: Standing
}

/** Who calls and how they stand to a subject, as statements find it. */
export interface Access {
  readonly caller: KnownCaller
  readonly relations: readonly string[]
}

/** What every command loads: who calls, how they stand to the subject, the facts, its key, the answer already given. */
export interface Found<F> extends Access {
  /** null when the subject does not exist or is not the caller's to see. */
  readonly facts: F | null
  /** Wrapped data key, base64; null once erased. */
  readonly dataKey: string | null
  readonly replay: Replay | null
}

/** {@link Found} after the permission was checked: the subject is there and its facts are known. */
export type Loaded<F = SubjectFacts, X = object> = Found<F> & X & { readonly facts: F }

/** JSON array of the relations found. */
export const relationsJson = `(select coalesce(json_agg(relation), '[]') from rel)`

/**
 * A load statement: the common part and `extras` (JSON member → SQL expression over `c`, `me`, `rel`).
 * Parameters: 1 institution, 2 issuer, 3 subject, 4 now, 5 id, 6 idempotency key, further ones from 7.
 */
export const loadStatementOf = <F, X extends object = object>(
  { ctes, factsJson }: Guarded,
  name: string,
  extras: Readonly<Record<string, string>> = {},
  guard = 'exists (select from rel)',
): Statement<{ found: Found<F> & X }> =>
  tenantStatement(
    name,
    `with ${ctes}
select json_build_object(
  'caller', ${callerJson}, 'relations', ${relationsJson}, 'facts', ${factsJson(guard)},
  'dataKey', (select encode(c.data_key, 'base64') from c where ${guard}),
  'replay', ${replayJson('(select person_id from me)', '$6::text')}
  ${Object.entries(extras)
    .map(([member, expression]) => `, '${member}', ${expression}`)
    .join('\n')}) as found`,
  )

/** Which subject, by whom, when. */
export interface About {
  readonly caller: Caller
  readonly id: string
  readonly now: Date
  readonly idempotency: Idempotency | null
}

/** What a command on a subject is about. */
export const aboutOf = (deps: Deps, { caller, idempotency }: Request, id: string): About => ({
  caller,
  id,
  now: deps.ambient.now(),
  idempotency,
})

/** Whether one of the relations opens an operation. @throws Problem not_permitted where the subject is visible, else not_found */
const requireRelation = (permission: PermissionName, relations: readonly string[]): void => {
  if (allowsRelation(permission, relations)) return
  throw new Problem(relations.some(relation => seeing.includes(relation as 'owner')) ? 'not_permitted' : 'not_found')
}

/**
 * Who calls, checked against what was found.
 * @throws Problem not_permitted when the role can never, or the subject is visible but not for this; else not_found
 */
export const requireAccess = (
  { caller }: { readonly caller: Caller },
  found: Access,
  permission: PermissionName,
): KnownCaller => {
  const known = knownCaller(caller, found.caller)
  requirePermission(caller, known, permission)
  requireRelation(permission, found.relations)
  return known
}

/** Runs a load statement for what a role permits without any relation to the subject. @throws Problem not_permitted, not_found */
export const findSubject = async <F, X extends object>(
  tenant: Tenant,
  statement: Statement<{ found: Found<F> & X }>,
  permission: PermissionName,
  about: About,
  params: readonly (string | number | null)[] = [],
): Promise<Loaded<F, X>> => {
  const key = about.idempotency?.key ?? null
  const [row] = await tenant.rows(statement, ...callerParams(about.caller, about.now), about.id, key, ...params)
  const { found } = row as { found: Found<F> & X }
  const caller = knownCaller(about.caller, found.caller)
  requirePermission(about.caller, caller, permission)
  if (!found.facts) throw new Problem('not_found')
  return { ...found, caller, facts: found.facts }
}

/**
 * Runs a load statement and decides on access before anything else is looked at.
 * @throws Problem not_permitted when the role can never, or the subject is visible but not for this; else not_found
 */
export const loadSubject = async <F, X extends object>(
  ...asked: Parameters<typeof findSubject<F, X>>
): Promise<Loaded<F, X>> => {
  const found = await findSubject<F, X>(...asked)
  requireRelation(asked[2], found.relations)
  return found
}

/** Refuses a version other than the one there is. @throws Problem version_stale with the present one */
export const requireVersion = (ifMatch: number | null, version: number): void => {
  if (ifMatch !== null && ifMatch !== version) throw new Problem('version_stale', { version })
}

/** Saves and tells one change of a subject. @returns the answer, or null when the version compare was lost */
export const changeGuarded = (
  deps: Deps,
  { kind }: Guarded,
  statement: ReturnType<typeof subjectStatement>,
  request: Request,
  { facts, caller, dataKey }: Loaded,
  change: Change,
): Promise<Answer | null> => {
  const { id, version, writes } = facts
  const subject = { kind, id, version, writes, dataKey, caseId: kind === 'case' ? id : null }
  return changeSubject(deps, statement, request, actorOf(caller), subject, change)
}

/** What a command that changes a subject is about, who may, and how it is loaded. */
export interface Asked<F, X> {
  readonly id: string
  readonly ifMatch: number | null
  readonly permission: PermissionName
  /** It may be done after closing too. */
  readonly afterClosed?: true
  readonly load: Statement<{ found: Found<F> & X }>
  readonly params?: readonly (string | number | null)[]
}

/** A command that loads a subject, decides and changes it: what most commands are. @throws Problem as the subject's `closed` says */
export const onSubject = <F extends SubjectFacts, X extends object = object>(
  deps: Deps,
  subject: Guarded,
  request: Request,
  asked: Asked<F, X>,
  save: ReturnType<typeof subjectStatement>,
  decide: (found: Loaded<F, X>) => Change,
): Promise<Answer> => {
  const tenant = deps.db.as(request.caller.institution)
  const about = aboutOf(deps, request, asked.id)
  const { steps, problem } = subject.closed
  return attempt(
    request.idempotency,
    () => loadSubject(tenant, asked.load, asked.permission, about, asked.params),
    async found => {
      requireVersion(asked.ifMatch, found.facts.version)
      if (!asked.afterClosed && steps.includes(found.facts.standing.step)) throw new Problem(problem)
      return changeGuarded(deps, subject, save, request, found, decide(found))
    },
  )
}
