import { explainEdges } from '../kernel/transitions.ts'
import { aboutOf, loadSubject } from '../people/guarded.ts'
import { type Guard, type Move, moveSubject } from '../people/move-subject.ts'
import type { Answer } from '../platform/http/route.ts'
import type { Deps, Request } from '../platform/subject.ts'
import { groupChecks } from '../practice/group-checks.ts'
import { memberStatuses } from '../practice/group-codes.ts'
import { groupWork, runningSteps } from '../practice/group-work.ts'
import { titleOfKind } from '../practice/record-kinds.ts'
import { changeGroup, groupStatement, type LoadedFacts, loadGroup } from './facts.ts'

const catalogue = { checks: groupChecks, titleOf: titleOfKind, recordOperation: 'createGroupRecord' }
const guard: Guard<LoadedFacts> = { process: groupWork as never, catalogue }

/** Who takes part when a group ends has completed it; who never joined, or is in a group that is cancelled, has left. */
const ends = (['waiting', 'proposed', 'selected', 'consented', 'active'] as const)
  .flatMap(status => [
    `('ended', '${status}', '${memberStatuses[status].joined ? 'completed' : 'left'}')`,
    `('cancelled', '${status}', 'left')`,
  ])
  .join(', ')

/**
 * The step, and with it the members: those who consented become active when the group begins, whoever takes part has
 * completed it when it ends, who never joined has left; nor is anybody, or any pair, left in a group that was cancelled.
 * What put its composition in question is resolved by ending it.
 */
const save = groupStatement(
  'groups.move',
  `step = given.e->>'to', moved_by = $2::uuid, move_reason = given.e->>'reason',
   end_reason = coalesce(given.e->>'reason', groups.end_reason), ended_at = (given.e->>'endedAt')::timestamptz`,
  `moved_members as (update group_members m set status = x.status,
    left_on = case when x.status = 'left' then (given.e->>'today')::date end,
    left_reason = case when x.status = 'left' then 'group_' || (given.e->>'to') end,
    left_version = case when x.status = 'left' then c.version else 0 end
  from given cross join c cross join lateral (values ('early', 'consented', 'active'), ${ends}) x("to", "from", status)
  where m.institution_id = $1::uuid and m.group_id = c.id and x."to" = given.e->>'to' and x."from" = m.status),
ended_pairs as (update group_pairs x set until_version = c.version from given, c where x.institution_id = $1::uuid and x.group_id = c.id
  and x.until_version is null and given.e->>'to' = 'cancelled'),
resolved as (update group_open_items o set resolution = 'ended_early', resolved_version = c.version from given, c
  where o.institution_id = $1::uuid and o.group_id = c.id and o.resolution is null and given.e->>'to' in ('ending', 'cancelled'))`,
)

/**
 * Takes an edge of group work, or says exactly why not.
 * @throws Problem as {@link moveSubject}
 */
export const moveGroup = (deps: Deps, request: Request, input: Move): Promise<Answer> => {
  const now = deps.ambient.now()
  const about = aboutOf(deps, input.dryRun ? { ...request, idempotency: null } : request, input.id)
  const tenant = deps.db.as(request.caller.institution)
  return moveSubject(
    request,
    guard,
    input,
    // load
    () => loadSubject<LoadedFacts, object>(tenant, loadGroup, 'group:move', about),
    // save, tell
    found => {
      const { step: from } = found.facts.standing
      const open = found.facts.openItems.filter(each => each.resolution === null).map(each => each.id)
      return changeGroup(deps, save, request, found, {
        type: 'group.moved',
        reason: input.reason,
        data: {
          from,
          to: input.to,
          ...(open.length > 0 && !runningSteps.includes(input.to as 'early') ? { openItems: open } : {}),
        },
        words: input.note,
        effects: {
          to: input.to,
          reason: input.reason,
          today: found.caller.today,
          endedAt: groupWork.final.includes(input.to as 'ended') ? now.toISOString() : null,
        },
        status: 201,
        receipt: { from, to: input.to },
      })
    },
  )
}

/** Answers `GET /v1/groups/{id}/transitions`. */
export const explainGroup = async (deps: Deps, request: Request, groupId: string) => {
  const about = aboutOf(deps, { ...request, idempotency: null }, groupId)
  const tenant = deps.db.as(request.caller.institution)
  const { facts, relations, caller } = await loadSubject<LoadedFacts, object>(tenant, loadGroup, 'group:explain', about)
  return {
    groupId,
    step: facts.standing.step,
    version: facts.version,
    transitions: explainEdges(groupWork as never, facts.standing as never, facts, catalogue, relations, caller.today),
  }
}
