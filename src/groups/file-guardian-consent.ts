import type { Answer } from '../platform/http/route.ts'
import type { Deps, Request } from '../platform/subject.ts'
import { isMinor } from '../practice/facts.ts'
import { goesOn } from '../practice/membership.ts'
import { Problem } from '../practice/problems.ts'
import { loadWithGuardian, memberOf, notMovable, type OfMember, type WithGuardian } from './change-member.ts'
import { groupStatement, onGroup } from './facts.ts'

const save = groupStatement(
  'groups.file_guardian_consent',
  '',
  `m as (update group_members x set guardian_consented_on = (given.e->>'on')::date from given, c
  where x.institution_id = $1::uuid and x.group_id = c.id and x.id = given.e->>'memberId')`,
)

/** The consent of the guardian of one member, as a leader was given it. */
export interface FileGuardianConsent extends OfMember {
  readonly method: 'paper' | 'oral' | 'message'
  /** How, and by whom. */
  readonly note: string
}

/**
 * Files that the guardian of a minor agrees to their taking part, from the day the member is proposed until they leave.
 * Filed again, the newest day counts; the journal keeps every filing and its words.
 * @throws Problem not_found, member_not_movable once they have left, guardian_not_needed
 */
export const fileGuardianConsent = (deps: Deps, request: Request, input: FileGuardianConsent): Promise<Answer> => {
  const { groupId, memberId, ifMatch, method, note } = input
  return onGroup<WithGuardian>(
    deps,
    request,
    { groupId, ifMatch, permission: 'group:lead', load: loadWithGuardian, params: [memberId] },
    save,
    ({ facts, caller, guardian }) => {
      const member = memberOf(facts, memberId)
      if (!goesOn(member)) throw notMovable(member)
      if (!isMinor(guardian?.birthDate ?? null, caller.today)) throw new Problem('guardian_not_needed')
      return {
        type: 'group.guardian_consented',
        data: { memberId },
        onBehalfOf: 'guardian',
        reason: method,
        words: note,
        effects: { memberId, on: caller.today },
        status: 201,
        receipt: { memberId, guardianConsentedOn: caller.today },
      }
    },
  )
}
