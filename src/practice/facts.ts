import type { Standing } from '../kernel/process.ts'

export type ConsentPurpose = 'service' | 'sharing' | 'reporting'

export interface GoalFact {
  readonly id: string
  readonly status: 'open' | 'settled'
  readonly horizon: 'near' | 'mid' | 'far'
  readonly difficulty: number
  /** Case version of the last signed progress, 0 = none yet. */
  readonly progressVersion: number
  /** −2…+2, null = not assessed yet. */
  readonly attainment: number | null
  readonly attainmentVersion: number
  readonly attainmentFinal: boolean
}

export interface ActionFact {
  readonly id: string
  /** Null: provisional, it serves no goal. */
  readonly goalId: string | null
  readonly status: 'open' | 'done' | 'dropped'
}

export interface ConsentFact {
  readonly id: string
  readonly purpose: ConsentPurpose
  readonly recipient: string | null
  readonly inForce: boolean
}

export interface HoldFact {
  readonly id: string
  readonly kind: 'academic_crisis' | 'safety_crisis'
  /** Case version at opening and lifting. */
  readonly openedVersion: number
  readonly liftedVersion: number | null
  /** Somebody is named who carries an open crisis on after the case is closed. */
  readonly hasRecipient: boolean
  /** The crisis it belongs to and ends with; null = opened on the case itself. */
  readonly crisisId?: string | null
}

/** All that decides about a case: bounded, without session bodies, without confidential text. */
export interface CaseFacts {
  readonly id: string
  readonly number: string
  readonly kind: string
  readonly studentId: string
  readonly orgUnitId: string
  readonly ownerId: string
  /** Case version at which the present owner took over, 0 = since opening. */
  readonly ownerSince: number
  readonly version: number
  /** Rises with every write in the case, drafts included. */
  readonly writes: number
  readonly standing: Standing
  readonly openedOn: string
  readonly pausedOn: string | null
  /** The student's birth date, null when unknown. */
  readonly birthDate: string | null
  readonly enrolmentStatus: string
  /** Signed sessions and follow-ups since the last evaluation: held ones, and the different days of attempts. */
  readonly contacts: { readonly held: number; readonly attemptDays: number }
  readonly goals: readonly GoalFact[]
  readonly actions: readonly ActionFact[]
  readonly consents: readonly ConsentFact[]
  readonly holds: readonly HoldFact[]
  /** Drafts, but for those of others' own words: no business of the team until they are signed. */
  readonly drafts: number
  /** These drafts themselves, at most 50. */
  readonly openDrafts: readonly { readonly id: string; readonly kind: string }[]
  /** Ids of referrals that wait for an answer or a result. */
  readonly openReferrals: readonly string[]
  readonly hasSuccessor: boolean
  /** While it is ending: a successor or another case of the student and kind is open, and this one cannot be opened again. */
  readonly otherOpenCase: boolean
  /** The case's data key was erased: nothing confidential can be read or written any more. */
  readonly keyErased: boolean
}

/** Enrolment statuses of students who have left the school: told to the owner, never a closing by itself. */
export const leftSchool = [
  'dismissed',
  'withdrew',
  'graduated',
  'died',
  'transferred_school',
  'expelled',
  'dropped_out',
] as const

/** The holds that are crises, with responders and a clock; one set by hand has neither: it covers no risk, starts nothing. */
export const crisesOf = ({ holds }: Pick<CaseFacts, 'holds'>): HoldFact[] => holds.filter(hold => hold.crisisId)

/** Whether a crisis of the student is open: what an urgent start 紧急介入 rests on. Source: domain §2, waive and defer. */
export const crisisIsOpen = (facts: Pick<CaseFacts, 'holds'>): boolean =>
  crisesOf(facts).some(hold => hold.liftedVersion === null)

/** Whether the student is under 18 on a day; an unknown birth date counts as of age. */
export const isMinor = (birthDate: string | null, today: string): boolean => {
  if (birthDate === null) return false
  const [year, rest] = [Number(birthDate.slice(0, 4)), birthDate.slice(4)]
  return `${year + 18}${rest}` > today
}

/** The parties whose signatures put a record in force; the guardian signs only for a minor. */
export const partiesOf = (signers: readonly string[], facts: Pick<CaseFacts, 'birthDate'>, today: string): string[] =>
  signers.filter(party => party !== 'guardian' || isMinor(facts.birthDate, today))
