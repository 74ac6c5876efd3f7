import { z } from 'zod'
import { reassignReasons } from '../cases/codes.ts'
import { defineRoute, type Route } from '../platform/http/route.ts'
import { exampleId, Id } from '../platform/http/schemas.ts'
import { type Deps, requestOf } from '../platform/subject.ts'
import { addCoLeader, endCoLeader, reassignGroup } from './leaders.ts'
import { changeProblems, GroupParams, note, receipt, withGroup } from './schemas.ts'

const tag = 'Groups'
const staffId = Id.describe('Staff member')

/** Who leads a group. */
export const groupLeaderRoutes = (deps: Deps): Route[] => [
  defineRoute({
    operationId: 'reassignGroup',
    method: 'POST',
    path: '/v1/groups/:groupId/reassignments',
    summary: 'Give the group to another leader, as line manager',
    tag,
    permission: 'group:decide',
    params: GroupParams,
    body: z
      .strictObject({ toId: Id.describe('New leader'), reason: z.enum(reassignReasons).describe('Reason'), note })
      .meta({ id: 'ReassignGroup', examples: [{ toId: exampleId, reason: 'owner_left' }] }),
    answers: { 201: receipt('GroupReassigned', { leaderId: Id.describe('New leader') }, { leaderId: exampleId }) },
    problems: [...changeProblems, 'already_owner', 'staff_unfit', 'note_required'],
    ifMatch: 'required',
    idempotency: 'accepted',
    writes: ['group.reassigned'],
    handle: call => reassignGroup(deps, requestOf(call), { ...call.body, ...call.params, ifMatch: call.ifMatch }),
  }),
  defineRoute({
    operationId: 'addCoLeader',
    method: 'POST',
    path: '/v1/groups/:groupId/co-leaders',
    summary: 'Add a co-leader from today on',
    tag,
    permission: 'group:team',
    params: GroupParams,
    body: z.strictObject({ staffId }).meta({ id: 'AddCoLeader', examples: [{ staffId: exampleId }] }),
    answers: { 201: receipt('CoLeaderAdded', { staffId }, { staffId: exampleId }) },
    problems: [...changeProblems, 'already_owner', 'already_on_team', 'staff_unfit'],
    ifMatch: 'required',
    idempotency: 'accepted',
    writes: ['group.co_leader_added'],
    handle: call => addCoLeader(deps, requestOf(call), { ...call.body, ...call.params, ifMatch: call.ifMatch }),
  }),
  defineRoute({
    operationId: 'endCoLeader',
    method: 'DELETE',
    path: '/v1/groups/:groupId/co-leaders/:staffId',
    summary: 'End a co-leader’s part today',
    tag,
    permission: 'group:team',
    params: withGroup({ staffId }),
    answers: { 200: receipt('CoLeaderEnded', { staffId }, { staffId: exampleId }) },
    problems: changeProblems,
    ifMatch: 'required',
    writes: ['group.co_leader_ended'],
    handle: call => endCoLeader(deps, requestOf(call), { ...call.params, ifMatch: call.ifMatch }),
  }),
]
