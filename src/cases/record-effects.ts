import { rowsOf } from '../platform/sql.ts'
import type { CaseEffects } from '../practice/case-effects.ts'
import { deferralDueOn, withRecord } from '../practice/checks/deferrals.ts'
import type { CaseFacts } from '../practice/facts.ts'
import type { SignatureEffects } from '../records/house.ts'

/** What a waiver in force puts on file, whichever way it was signed. */
export const waiversPut = `waived as (insert into waivers (institution_id, case_id, record_id, need, mode, due_on, version)
  select $1::uuid, c.id, (given.e->>'recordId')::uuid, x.need, x.mode, x."dueOn", c.version
  from given cross join c cross join ${rowsOf('waivers', 'need text, mode text, "dueOn" date')})`

const ctes = `goals_put as (insert into goals (institution_id, case_id, id, plan_id, place, status, aim, horizon, difficulty, weight, due_on,
    progress_version, attainment_version, attainment_final)
  select $1::uuid, c.id, x.id, (given.e->>'recordId')::uuid, x.place, 'open', x.aim, x.horizon, x.difficulty, x.weight, x."dueOn", 0, 0, false
  from given cross join c cross join ${rowsOf('goals', 'id text, place int, aim text, horizon text, difficulty int, weight int, "dueOn" date')}
  on conflict (institution_id, case_id, id) do update set plan_id = excluded.plan_id, place = excluded.place, status = 'open',
    aim = excluded.aim, horizon = excluded.horizon, difficulty = excluded.difficulty, weight = excluded.weight, due_on = excluded.due_on),
goals_left as (update goals g set status = 'settled' from given, c
  where g.institution_id = $1::uuid and g.case_id = c.id and given.e ? 'goals'
    and not exists (select from ${rowsOf('goals', 'id text')} where x.id = g.id)),
goals_told as (update goals g set progress = coalesce(x.progress, g.progress),
    progress_version = case when x.progress is null then g.progress_version else c.version end,
    attainment = coalesce(x.level, g.attainment),
    attainment_version = case when x.level is null then g.attainment_version else c.version end,
    attainment_final = case when x.level is null then g.attainment_final else coalesce(x.final, false) end
  from given cross join c cross join ${rowsOf('told', '"goalId" text, progress text, level int, final boolean')}
  where g.institution_id = $1::uuid and g.case_id = c.id and g.id = x."goalId"),
actions_put as (insert into actions (institution_id, case_id, id, goal_id, plan_id, place, status, by, strategy, due_on)
  select $1::uuid, c.id, x.id, x."goalId", (given.e->>'recordId')::uuid, x.place, 'open', x.by, x.strategy, x."dueOn"
  from given cross join c cross join ${rowsOf('actions', 'id text, "goalId" text, place int, by text, strategy text, "dueOn" date')}
  on conflict (institution_id, case_id, id) do update set goal_id = excluded.goal_id, plan_id = excluded.plan_id,
    place = excluded.place, status = 'open', by = excluded.by, strategy = excluded.strategy, due_on = excluded.due_on, settled_version = null),
actions_settled as (update actions a set status = x.outcome, settled_version = c.version
  from given cross join c cross join ${rowsOf('settled', '"actionId" text, outcome text')}
  where a.institution_id = $1::uuid and a.case_id = c.id and a.id = x."actionId"),
consents_ended as (update consents o set ended = 'renewed', ended_version = c.version from given, c
  where o.institution_id = $1::uuid and o.case_id = c.id and o.ended is null and given.e ? 'consents'),
consents_given as (insert into consents (institution_id, id, case_id, record_id, purpose, recipient, given_version)
  select $1::uuid, x.id, c.id, (given.e->>'recordId')::uuid, x.purpose, x.recipient, c.version
  from given cross join c cross join ${rowsOf('consents', 'id uuid, purpose text, recipient text')}),
${waiversPut}`

/** Effects of a record in force as rows of the statement. */
const effectRows = (newId: () => string, effects: CaseEffects) => ({
  ...(effects.plan
    ? {
        goals: effects.plan.goals.map((goal, place) => ({ ...goal, place })),
      }
    : {}),
  actions: (effects.plan?.actions ?? effects.actions ?? []).map((action, place) => ({ ...action, place })),
  told: mergeTold(effects),
  settled: (effects.settled ?? []).filter(
    each => each.outcome !== 'carried' && !effects.plan?.actions.some(action => action.id === each.actionId),
  ),
  ...(effects.consents ? { consents: effects.consents.map(consent => ({ ...consent, id: newId() })) } : {}),
  waivers: effects.waivers ?? [],
  agreementUntil: effects.agreementUntil ?? null,
})

/** One row a goal, however many things were told of it. */
const mergeTold = (effects: CaseEffects) => {
  const rows = new Map<string, Record<string, unknown>>()
  for (const each of [...(effects.progress ?? []), ...(effects.attainment ?? [])])
    rows.set(each.goalId, { ...rows.get(each.goalId), ...each })
  return [...rows.values()]
}

/** What a record in force says of goals, actions, consents and waivers takes effect with its last signature. */
export const caseSignature: SignatureEffects<CaseFacts, CaseEffects> = {
  set: `deferral_due_on = (given.e->>'deferralDueOn')::date,
  agreement_until = coalesce((given.e->>'agreementUntil')::date, cases.agreement_until)`,
  ctes,
  rows: (newId, facts, record, complete) => ({
    deferralDueOn: deferralDueOn(complete ? withRecord(facts, { ...record, ...complete }) : facts),
    ...(complete ? effectRows(newId, complete) : {}),
  }),
}
