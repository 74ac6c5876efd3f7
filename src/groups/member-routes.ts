import { defineRoute, type Route } from '../platform/http/route.ts'
import { type Deps, requestOf } from '../platform/subject.ts'
import { addMember } from './add-member.ts'
import { consentMember, selectMember } from './change-member.ts'
import { Composition, readComposition } from './composition.ts'
import { fileGuardianConsent } from './file-guardian-consent.ts'
import { leaveGroup } from './leave-group.ts'
import {
  AddMemberBody,
  ConsentBody,
  GuardianConsentBody,
  GuardianConsented,
  ItemResolved,
  LeaveBody,
  MemberAdded,
  MemberConsented,
  MemberLeft,
  MemberSelected,
  PairBody,
  PairEnded,
  Paired,
  ResolveBody,
  SelectBody,
} from './member-schemas.ts'
import { resolveItem } from './open-items.ts'
import { endPair, pairMembers } from './pairs.ts'
import { changeProblems, GroupParams, LocalId, MemberId, withGroup } from './schemas.ts'

const tag = 'Group members'
const MemberParams = withGroup({ memberId: MemberId })

/** Members through their life in a group. */
export const groupMemberRoutes = (deps: Deps): Route[] => [
  defineRoute({
    operationId: 'addGroupMember',
    method: 'POST',
    path: '/v1/groups/:groupId/members',
    summary: 'Propose a member: a student, a staff member, or a supporter from outside',
    description: 'In a group that runs, `note` says why they join late.',
    tag,
    permission: 'group:lead',
    params: GroupParams,
    body: AddMemberBody,
    answers: { 201: MemberAdded },
    problems: [...changeProblems, 'already_member', 'too_many_proposed', 'member_role_unfit', 'note_required'],
    ifMatch: 'accepted',
    idempotency: 'required',
    writes: ['group.member_proposed'],
    handle: call => addMember(deps, requestOf(call), { ...call.body, ...call.params, ifMatch: call.ifMatch }),
  }),
  defineRoute({
    operationId: 'selectGroupMember',
    method: 'POST',
    path: '/v1/groups/:groupId/members/:memberId/selection',
    summary: 'Give a member a place, or put them on the waiting list',
    description: 'In a group that runs, `note` is the leader’s reason.',
    tag,
    permission: 'group:lead',
    params: MemberParams,
    body: SelectBody,
    answers: { 201: MemberSelected },
    problems: [...changeProblems, 'member_not_movable', 'group_is_full', 'note_required'],
    ifMatch: 'accepted',
    idempotency: 'accepted',
    writes: ['group.member_moved'],
    handle: call => selectMember(deps, requestOf(call), { ...call.body, ...call.params, ifMatch: call.ifMatch }),
  }),
  defineRoute({
    operationId: 'consentGroupMember',
    method: 'POST',
    path: '/v1/groups/:groupId/members/:memberId/consent',
    summary: 'Agree to take part; or file, as leader, how a member agreed',
    description:
      'Of a student under 18 the consent of the guardian is filed first. In a group that runs they are active at once, or once they accept the norms in force. If its composition breaks by them, an open item arises.',
    tag,
    permission: 'group:consent',
    params: MemberParams,
    body: ConsentBody,
    answers: { 201: MemberConsented },
    problems: [
      ...changeProblems,
      'member_not_movable',
      'signature_not_yours',
      'evidence_required',
      'guardian_consent_missing',
    ],
    ifMatch: 'accepted',
    idempotency: 'accepted',
    writes: ['group.member_moved'],
    handle: call => consentMember(deps, requestOf(call), { ...call.body, ...call.params, ifMatch: call.ifMatch }),
  }),
  defineRoute({
    operationId: 'fileGuardianConsent',
    method: 'POST',
    path: '/v1/groups/:groupId/members/:memberId/guardian-consent',
    summary: 'File that the guardian of a member under 18 agrees to their taking part',
    description:
      'From when the member is proposed until they leave; without it they cannot consent. Filed again, the newest day counts. Who comes of age meanwhile needs none.',
    tag,
    permission: 'group:lead',
    params: MemberParams,
    body: GuardianConsentBody,
    answers: { 201: GuardianConsented },
    problems: [...changeProblems, 'member_not_movable', 'guardian_not_needed'],
    ifMatch: 'accepted',
    idempotency: 'accepted',
    writes: ['group.guardian_consented'],
    handle: call => fileGuardianConsent(deps, requestOf(call), { ...call.body, ...call.params, ifMatch: call.ifMatch }),
  }),
  defineRoute({
    operationId: 'leaveGroup',
    method: 'POST',
    path: '/v1/groups/:groupId/members/:memberId/leaving',
    summary: 'File that a member leaves: reason, exit talk, tasks passed on, outcome so far, way on',
    description:
      'If the group falls below its minimum or its composition breaks, an open item arises, to be resolved before the next phase. In preparation the place goes to who waits.',
    tag,
    permission: 'group:lead',
    params: MemberParams,
    body: LeaveBody,
    answers: { 201: MemberLeft },
    problems: [...changeProblems, 'member_not_movable', 'leaving_incomplete', 'note_required', 'day_unfit'],
    ifMatch: 'accepted',
    idempotency: 'accepted',
    writes: ['group.member_left'],
    handle: call => leaveGroup(deps, requestOf(call), { ...call.body, ...call.params, ifMatch: call.ifMatch }),
  }),
  ...compositionRoutes(deps),
]

const compositionRoutes = (deps: Deps): Route[] => [
  defineRoute({
    operationId: 'getGroupComposition',
    method: 'GET',
    path: '/v1/groups/:groupId/composition',
    summary: 'Explain the composition: who breaks the rule, and what would mend it',
    tag,
    permission: 'group:explain',
    params: GroupParams,
    answers: { 200: Composition },
    problems: ['not_permitted', 'not_found'],
    handle: async call => {
      const found = await readComposition(deps, requestOf(call), call.params.groupId)
      return { status: 200, body: found, etag: found.version }
    },
  }),
  defineRoute({
    operationId: 'pairGroupMembers',
    method: 'POST',
    path: '/v1/groups/:groupId/pairs',
    summary: 'Pair a volunteer with a student',
    tag,
    permission: 'group:lead',
    params: GroupParams,
    body: PairBody,
    answers: { 201: Paired },
    problems: [...changeProblems, 'pair_exists', 'pair_unfit'],
    ifMatch: 'accepted',
    idempotency: 'accepted',
    writes: ['group.paired'],
    handle: call => pairMembers(deps, requestOf(call), { ...call.body, ...call.params, ifMatch: call.ifMatch }),
  }),
  defineRoute({
    operationId: 'endGroupPair',
    method: 'DELETE',
    path: '/v1/groups/:groupId/pairs/:volunteerId/:studentId',
    summary: 'End a pair; who is left without a partner is an open item',
    tag,
    permission: 'group:lead',
    params: withGroup({ volunteerId: MemberId.describe('Volunteer'), studentId: MemberId.describe('Student') }),
    answers: { 200: PairEnded },
    problems: changeProblems,
    ifMatch: 'required',
    writes: ['group.pair_ended'],
    handle: call => endPair(deps, requestOf(call), { ...call.params, ifMatch: call.ifMatch }),
  }),
  defineRoute({
    operationId: 'resolveGroupOpenItem',
    method: 'POST',
    path: '/v1/groups/:groupId/open-items/:itemId/resolution',
    summary: 'Resolve what puts the composition in question',
    description: 'Mended once the composition holds again; or gone on with, for a reason; or by ending early.',
    tag,
    permission: 'group:lead',
    params: withGroup({ itemId: LocalId.describe('Open item') }),
    body: ResolveBody,
    answers: { 201: ItemResolved },
    problems: [...changeProblems, 'open_item_settled', 'resolution_unfit', 'note_required'],
    ifMatch: 'required',
    idempotency: 'accepted',
    writes: ['group.item_resolved'],
    handle: call => resolveItem(deps, requestOf(call), { ...call.body, ...call.params, ifMatch: call.ifMatch }),
  }),
]
