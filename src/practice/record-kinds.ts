import type { Title } from '../kernel/process.ts'
import type { RecordKind, SubjectKind } from './record-kind.ts'
import { academicRecord } from './records/academic-record.ts'
import { actionSettlement } from './records/action-settlement.ts'
import { addendum, groupAddendum, managerAddendum, studentAddendum } from './records/addendum.ts'
import { aftercareContact } from './records/aftercare-contact.ts'
import { causeAttribution } from './records/cause-attribution.ts'
import { closingSummary } from './records/closing-summary.ts'
import { contact } from './records/contact.ts'
import { environment } from './records/environment.ts'
import { evaluation } from './records/evaluation.ts'
import { followUp } from './records/follow-up.ts'
import { contingencyAdjustment } from './records/group/contingency-adjustment.ts'
import { finalEvaluation } from './records/group/final-evaluation.ts'
import { groupBudget } from './records/group/group-budget.ts'
import { contractAcceptance, groupContract } from './records/group/group-contract.ts'
import { groupPlan } from './records/group/group-plan.ts'
import { groupSession, memberNote } from './records/group/group-session.ts'
import { groupWaiver } from './records/group/group-waiver.ts'
import { memberProfile } from './records/group/member-profile.ts'
import { onwardPlan } from './records/group/onward-plan.ts'
import { phaseEvaluation } from './records/group/phase-evaluation.ts'
import { recruitmentPlan } from './records/group/recruitment-plan.ts'
import { sessionPlan } from './records/group/session-plan.ts'
import { taskAssignment } from './records/group/task-assignment.ts'
import { groupEntry } from './records/group-entry.ts'
import { helperConfirmation } from './records/helper-confirmation.ts'
import { instrumentResponse } from './records/instrument-response.ts'
import { intervention } from './records/intervention.ts'
import { offerRecord } from './records/offer-record.ts'
import { personalProfile } from './records/personal-profile.ts'
import { plan } from './records/plan.ts'
import { provisionalAction } from './records/provisional-action.ts'
import { riskCoverNote } from './records/risk-cover-note.ts'
import { riskScreening } from './records/risk-screening.ts'
import { serviceAgreement } from './records/service-agreement.ts'
import { session } from './records/session.ts'
import { studentEntry } from './records/student-entry.ts'
import { waiver } from './records/waiver.ts'

const all: readonly RecordKind[] = [
  academicRecord,
  personalProfile,
  environment,
  causeAttribution,
  riskScreening,
  riskCoverNote,
  offerRecord,
  serviceAgreement,
  helperConfirmation,
  plan,
  session,
  followUp,
  contact,
  intervention,
  provisionalAction,
  instrumentResponse,
  evaluation,
  actionSettlement,
  closingSummary,
  aftercareContact,
  studentEntry,
  groupEntry,
  addendum,
  managerAddendum,
  studentAddendum,
  waiver,
  groupPlan,
  recruitmentPlan,
  memberProfile,
  sessionPlan,
  groupBudget,
  groupContract,
  contractAcceptance,
  groupSession,
  memberNote,
  phaseEvaluation,
  contingencyAdjustment,
  taskAssignment,
  finalEvaluation,
  onwardPlan,
  groupAddendum,
  groupWaiver,
]

/** Every record kind by name, in the order of the work. */
export const recordKinds: Readonly<Record<string, RecordKind>> = Object.fromEntries(all.map(kind => [kind.kind, kind]))

/** The record kinds of a subject by name. */
export const kindsOf = (subject: SubjectKind): Readonly<Record<string, RecordKind>> =>
  Object.fromEntries(all.filter(kind => kind.of === subject).map(kind => [kind.kind, kind]))

/** A record kind by name. */
export const recordKind = (name: string): RecordKind | undefined =>
  Object.hasOwn(recordKinds, name) ? recordKinds[name] : undefined

/** Title of a kind; its name where there is none. */
export const titleOfKind = (name: string): Title => recordKind(name)?.title ?? { en: name, zh: name }
