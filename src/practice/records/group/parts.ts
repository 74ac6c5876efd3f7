import { z } from 'zod'
import { memberStatuses } from '../../group-codes.ts'
import type { GroupFacts, MemberFact } from '../../group-facts.ts'
import { scoresOf } from '../../instruments.ts'
import { confidential, localId, type SigningFault } from '../../record-kind.ts'
import { fault, repeatFaults } from '../parts.ts'

/** The member a form, or an item of it, is about. */
export const memberId = () => localId().describe('Member: m1, m2, … in this group')

/** A member of the group who has not left. */
export const presentMember = ({ members }: Pick<GroupFacts, 'members'>, id: string): MemberFact | undefined =>
  members.find(each => each.id === id && each.status !== 'left')

const unknownMember = (pointer: string): SigningFault =>
  fault(pointer, 'unknown_member', 'Nobody who is in the group has the id', '小组没有此成员')

/** A member who is not in the group, or has left it. */
export const memberFaults = (pointer: string, id: string, facts: GroupFacts): SigningFault[] =>
  presentMember(facts, id) ? [] : [unknownMember(pointer)]

/** Members named who are not in the group, or named twice. */
export const membersFaults = (
  ids: readonly string[],
  pointer: (index: number) => string,
  facts: GroupFacts,
): SigningFault[] => [
  ...ids.flatMap((id, index) => memberFaults(pointer(index), id, facts)),
  ...repeatFaults(ids, pointer, 'repeated_member', '成员重复'),
]

/** A member who has not agreed to take part. */
export const joinedFaults = (pointer: string, id: string, facts: GroupFacts): SigningFault[] => {
  const member = presentMember(facts, id)
  if (!member) return [unknownMember(pointer)]
  return memberStatuses[member.status].joined
    ? []
    : [fault(pointer, 'not_consented', 'The member has not agreed to take part', '成员尚未同意参加')]
}

/**
 * Whether a member took part, as far as is known of a day: what is told late is told of the group as it was. The day of
 * consent is the day it was filed, so that it excuses from being named, and keeps nobody from it.
 */
const tookPartOn = ({ status, consentedOn, leftOn }: MemberFact, on: string): boolean =>
  memberStatuses[status].joined || (consentedOn !== null && leftOn !== null && leftOn >= on)

/** A member who had not agreed to take part, or had left before the day. */
export const joinedOnFaults = (pointer: string, id: string, on: string, facts: GroupFacts): SigningFault[] =>
  facts.members.some(each => each.id === id && tookPartOn(each, on)) ? [] : joinedFaults(pointer, id, facts)

/** A member who is not in the group, unless they took part on the day and left since. */
export const presentOnFaults = (pointer: string, id: string, on: string, facts: GroupFacts): SigningFault[] =>
  facts.members.some(each => each.id === id && tookPartOn(each, on)) ? [] : memberFaults(pointer, id, facts)

const rating = (what: string) => z.int().min(0).max(10).optional().describe(what)

/**
 * How things stand for a member, before or after: own ratings 0–10, or the instrument the service scores. Source: seed
 * article 3, §4 (生活、学习以及人际交往满意度、自信心、情绪).
 */
export const measure = () =>
  confidential(
    z.discriminatedUnion('by', [
      z.strictObject({
        by: z.literal('ratings').describe('Own ratings, 0 worst … 10 best'),
        life: rating('Satisfaction with life'),
        study: rating('Satisfaction with study'),
        relations: rating('Satisfaction with relations'),
        confidence: rating('Confidence'),
        mood: rating('Mood'),
      }),
      z.strictObject({
        by: z.literal('how_things_stand').describe('The instrument of the name'),
        answers: z.array(z.int().min(1).max(5)).length(5).describe('Answers in order of the items, 1–5'),
      }),
    ]),
  )

export type Measure = z.output<ReturnType<typeof measure>>

/**
 * A measure as figures by name: ratings as they are, an instrument by its subscales (`how_things_stand.mood`), so that one
 * is never compared with the other. Pure.
 */
export const figuresOf = (measured: Measure): Readonly<Record<string, number>> => {
  if (measured.by === 'how_things_stand') {
    const scores = Object.entries(scoresOf(measured.by, measured.answers) ?? {})
    return Object.fromEntries(scores.map(([subscale, score]) => [`${measured.by}.${subscale}`, score]))
  }
  const { by: _, ...ratings } = measured
  return Object.fromEntries(Object.entries(ratings).filter(([, value]) => value !== undefined)) as Record<
    string,
    number
  >
}

/** A measure that says nothing. */
export const measureFaults = (pointer: string, measured: Measure | undefined): SigningFault[] =>
  measured && Object.keys(figuresOf(measured)).length === 0
    ? [fault(pointer, 'nothing_rated', 'Rate one thing at least', '请至少评定一项')]
    : []
