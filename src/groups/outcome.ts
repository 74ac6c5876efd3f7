import type { Deps, Request } from '../platform/subject.ts'
import type { Attendance } from '../practice/group-codes.ts'
import { outcomeOf } from '../practice/group-outcome.ts'
import { finalEvaluation } from '../practice/records/group/final-evaluation.ts'
import { memberProfile } from '../practice/records/group/member-profile.ts'
import { figuresOf, type Measure } from '../practice/records/group/parts.ts'
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
  evaluations: signedRecordsJson(finalEvaluation.kind),
})

/** Figures by member of whatever measured them last. */
const figures = (measured: readonly { readonly memberId: string; readonly measure?: Measure | undefined }[]) =>
  new Map(measured.flatMap(({ memberId, measure }) => (measure ? [[memberId, figuresOf(measure)] as const] : [])))

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
  const profiles = found.profiles.map(record => open(record) as unknown as Profile)
  const evaluation = found.evaluations.map(record => open(record) as unknown as Evaluation).at(-1)
  const outcome = outcomeOf({
    members: facts.members.map(each => ({ ...each, attainment: found.attainment[each.id] ?? null })),
    attendance: found.attendance,
    sessions: facts.sessions,
    goals: found.weighted,
    before: figures(profiles.map(({ memberId, baseline }) => ({ memberId, measure: baseline }))),
    after: figures((evaluation?.members ?? []).map(({ memberId, after }) => ({ memberId, measure: after }))),
    satisfaction: evaluation?.satisfaction ?? [],
  })
  return { groupId, version: facts.version, step: facts.standing.step, ...outcome }
}
