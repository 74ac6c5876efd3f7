import type { Deps, Request } from '../platform/subject.ts'
import type { Attendance } from '../practice/group-codes.ts'
import { outcomeOf } from '../practice/group-outcome.ts'
import { finalEvaluation } from '../practice/records/group/final-evaluation.ts'
import { memberProfile } from '../practice/records/group/member-profile.ts'
import { figuresOf, type Measure } from '../practice/records/group/parts.ts'
import type { LoadedFacts } from './facts.ts'
import { readWords, type SealedRecord, signedRecordsJson, wordsStatement } from './read-words.ts'

interface Extras {
  readonly attendance: readonly { memberId: string; sessionId: string; attendance: Attendance }[]
  readonly attainment: Readonly<Record<string, number | null>>
  readonly weighted: readonly { weight: number; attainment: number | null }[]
  readonly profiles: readonly SealedRecord[]
  readonly evaluations: readonly SealedRecord[]
}

const of = (table: string) => `from ${table} x join c on x.group_id = c.id where x.institution_id = $1::uuid`

const load = wordsStatement<Extras>('groups.read_outcome', 'group:explain', {
  attendance: `(select coalesce(json_agg(json_build_object('memberId', x.member_id, 'sessionId', x.session_id, 'attendance', x.status)), '[]') ${of('group_attendance')})`,
  attainment: `(select coalesce(json_object_agg(x.id, x.attainment), '{}') ${of('group_members')})`,
  weighted: `(select coalesce(json_agg(json_build_object('weight', x.weight, 'attainment', x.attainment) order by x.place), '[]') ${of('group_goals')} and x.status = 'open')`,
  profiles: signedRecordsJson(memberProfile.kind),
  evaluations: signedRecordsJson(finalEvaluation.kind, ['superseded', 'signed']),
})

interface Measured {
  readonly memberId: string
  readonly measure?: Measure | undefined
}

/** Figures by member, each of whatever measured it last. */
const figures = (measured: readonly Measured[]) => {
  const found = new Map<string, Readonly<Record<string, number>>>()
  for (const { memberId, measure } of measured)
    if (measure) found.set(memberId, { ...found.get(memberId), ...figuresOf(measure) })
  return found
}

/** Where things stood before the work: by the newest baseline before the first session, else the first that tells. */
const before = (baselines: readonly (Measured & { readonly version: number })[], sessions: LoadedFacts['sessions']) => {
  const work = Math.min(...sessions.flatMap(each => (each.heldVersion > 0 ? [each.heldVersion] : [])))
  const [early, late] = [baselines.filter(each => each.version < work), baselines.filter(each => each.version > work)]
  return figures([...late.reverse(), ...early])
}

interface Profile {
  readonly memberId: string
  readonly baseline?: Measure
}

interface Evaluation {
  readonly members: readonly { readonly memberId: string; readonly after?: Measure }[]
  readonly satisfaction: readonly number[]
}

/** Outcome of a group and of each member, so far or in the end. @throws Problem not_permitted, not_found, key_is_erased */
export const readOutcome = async (deps: Deps, request: Request, groupId: string) => {
  const found = await readWords(deps, request, load, groupId)
  const { facts, open } = found
  const baselines = found.profiles.map(record => {
    const { memberId, baseline } = open(record) as unknown as Profile
    return { memberId, measure: baseline, version: record.version }
  })
  const evaluations = found.evaluations.map(record => open(record) as unknown as Evaluation)
  const outcome = outcomeOf({
    members: facts.members.map(each => ({ ...each, attainment: found.attainment[each.id] ?? null })),
    attendance: found.attendance,
    sessions: facts.sessions,
    goals: found.weighted,
    before: before(baselines, facts.sessions),
    after: figures(
      evaluations.flatMap(each => each.members).map(({ memberId, after }) => ({ memberId, measure: after })),
    ),
    satisfaction: evaluations.at(-1)?.satisfaction ?? [],
  })
  return { groupId, version: facts.version, step: facts.standing.step, ...outcome }
}
