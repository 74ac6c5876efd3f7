import { actorOf } from '../people/actor.ts'
import { attempt, commandStatement, commit } from '../platform/command.ts'
import type { Answer } from '../platform/http/route.ts'
import type { Deps, Request } from '../platform/subject.ts'
import { isLate } from '../practice/crisis-clock.ts'
import { Problem } from '../practice/problems.ts'
import { beganAt, loadCrisis, requirePast } from './crisis-facts.ts'
import { sealWords } from './crisis-words.ts'

/** The step is compared, not the writes: several people keep minutes at the same time. */
const save = commandStatement(
  'crises.write_minute',
  `c as (update crises set writes = crises.writes + 1 from given
    where crises.institution_id = $1::uuid and crises.id = (given.e->>'crisisId')::uuid and crises.step <> 'closed'
      and (select ok from free) returning crises.*),
x as (insert into crisis_minutes (institution_id, id, crisis_id, happened_at, late, sealed, version, by_id, at)
  select $1::uuid, (e->>'minuteId')::uuid, c.id, (e->>'happenedAt')::timestamptz, (e->>'late')::boolean,
    decode(e->>'sealed', 'base64'), c.version, $2::uuid, (e->>'at')::timestamptz from given cross join c)`,
  'exists (select from c)',
)

/**
 * Writes a minute: what happened when. It is never changed; written long after, it says so. The version of the crisis
 * stays: a minute may meet a requirement but takes nothing from a decision in hand.
 * @throws Problem crisis_is_over, time_out_of_order
 */
export const writeCrisisMinute = (
  deps: Deps,
  request: Request,
  input: { crisisId: string; happenedAt: string; text: string },
): Promise<Answer> => {
  const { ambient } = deps
  const now = ambient.now()
  const { caller, idempotency } = request
  const { institution } = caller
  const { crisisId, happenedAt } = input
  const tenant = deps.db.as(institution)
  return attempt(
    idempotency,
    // load
    () => loadCrisis(tenant, 'crisis:respond', { caller, crisisId, now, idempotency }),
    async found => {
      // decide
      const { step } = found.facts.standing
      if (step === 'closed') throw new Problem('crisis_is_over', { step })
      requirePast(now, happenedAt, beganAt(found))
      // save, tell
      const [minuteId, at] = [ambient.newId(), now.toISOString()]
      const late = isLate(found.facts.kind, new Date(happenedAt), now)
      const where = { institution, crisisId, table: 'crisis_minutes', row: minuteId, field: 'sealed' }
      const sealed = sealWords(deps, where, found.dataKey, { text: input.text })
      const receipt = { crisisId, id: minuteId, late }
      const actor = actorOf(found.caller)
      const done = await commit(tenant, save, {
        actorId: actor.id,
        idempotency,
        status: 201,
        receipt,
        entries: [
          {
            id: ambient.newId(),
            type: 'crisis.minuted',
            at,
            institution,
            actor,
            subject: { kind: 'minute', id: minuteId, version: 1 },
            caseId: null,
            request: request.requestId,
            data: { crisisId, at: happenedAt, late },
          },
        ],
        effects: { crisisId, minuteId, happenedAt, late, sealed, at },
        wallClock: ambient.wallClock(),
      })
      return done ? { status: 201, body: receipt, location: `/v1/crises/${crisisId}/minutes` } : null
    },
  )
}
