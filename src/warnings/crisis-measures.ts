import { type Deps, type Request, subjectStatement } from '../platform/subject.ts'
import type { measureBases, measureKinds } from '../practice/crisis-codes.ts'
import { Problem } from '../practice/problems.ts'
import { onCrisis, requirePast } from './crisis-facts.ts'
import { sealWords } from './crisis-words.ts'

const saveDecided = subjectStatement(
  'crises',
  'crises.decide_measure',
  '',
  `x as (insert into crisis_measures (institution_id, id, crisis_id, kind, basis, from_at, until_at, sealed, version, by_id, at)
  select $1::uuid, (e->>'measureId')::uuid, c.id, e->>'kind', e->>'basis', (e->>'from')::timestamptz, (e->>'until')::timestamptz,
    decode(e->>'sealed', 'base64'), c.version, $2::uuid, (e->>'at')::timestamptz from given cross join c)`,
)

const saveEnded = subjectStatement(
  'crises',
  'crises.end_measure',
  '',
  `x as (update crisis_measures x set ended_at = (given.e->>'endedAt')::timestamptz, ended_how = given.e->>'how',
    sealed_end = decode(given.e->>'sealed', 'base64')
  from given, c where x.institution_id = $1::uuid and x.id = (given.e->>'measureId')::uuid and x.crisis_id = c.id and x.ended_at is null)`,
)

const where = (request: Request, crisisId: string, row: string, field: string) => ({
  institution: request.caller.institution,
  crisisId,
  table: 'crisis_measures',
  row,
  field,
})

/** Decides a monitoring measure 监管 and what it rests on. @throws Problem time_out_of_order, crisis_is_over */
export const decideCrisisMeasure = (
  deps: Deps,
  request: Request,
  input: {
    crisisId: string
    kind: keyof typeof measureKinds
    basis: keyof typeof measureBases
    from: string
    until: string | null
    note: string
  },
) => {
  const measureId = deps.ambient.newId()
  const { crisisId, kind, basis, from, until, note } = input
  const about = { crisisId, permission: 'crisis:decide', writable: 'lasting' } as const
  return onCrisis(deps, request, about, saveDecided, ({ dataKey }) => {
    if (until !== null && Date.parse(until) <= Date.parse(from)) throw new Problem('time_out_of_order')
    const sealed = sealWords(deps, where(request, crisisId, measureId, 'sealed'), dataKey, { note })
    const data = { measureId, kind, basis, from, until }
    return {
      type: 'crisis.measure_decided',
      data,
      effects: { ...data, sealed },
      status: 201,
      receipt: { id: measureId, kind },
      location: `/v1/crises/${crisisId}`,
    }
  })
}

/** Ends a measure, or hands it over to others. @throws Problem not_found, measure_ended, time_out_of_order */
export const endCrisisMeasure = (
  deps: Deps,
  request: Request,
  input: { crisisId: string; measureId: string; how: 'ended' | 'handed_over'; endedAt: string; note: string | null },
) => {
  const { crisisId, measureId, how, endedAt, note } = input
  const about = { crisisId, permission: 'crisis:decide', writable: 'unclosed' } as const
  return onCrisis(deps, request, about, saveEnded, ({ facts, dataKey }, now) => {
    const measure = facts.measures.find(each => each.id === measureId)
    if (!measure) throw new Problem('not_found')
    if (measure.ended) throw new Problem('measure_ended')
    // What was to begin later may be ended before.
    requirePast(now, endedAt, Date.parse(measure.from) > now.getTime() ? null : measure.from)
    const sealed = sealWords(deps, where(request, crisisId, measureId, 'sealed_end'), dataKey, { note })
    return {
      type: 'crisis.measure_ended',
      data: { measureId, how },
      effects: { measureId, how, endedAt, sealed },
      status: 201,
      receipt: { id: measureId, how },
    }
  })
}
