import { z } from 'zod'
import { defineRoute, type Route } from '../platform/http/route.ts'
import { type Deps, requestOf } from '../platform/subject.ts'
import { TypeCode } from './schemas.ts'
import { GroupType, GroupTypeBody, GroupTypes } from './type-schemas.ts'
import { putType, readType, readTypes } from './types.ts'

const tag = 'Group types'
const Params = z.strictObject({ groupType: TypeCode })

/** Types of groups as data. */
export const groupTypeRoutes = (deps: Deps): Route[] => [
  defineRoute({
    operationId: 'listGroupTypes',
    method: 'GET',
    path: '/v1/group-types',
    summary: 'List the types of groups: rule of composition, limits, roles',
    tag,
    permission: 'group:types',
    answers: { 200: GroupTypes },
    problems: ['not_permitted'],
    handle: call => readTypes(deps, requestOf(call)),
  }),
  defineRoute({
    operationId: 'getGroupType',
    method: 'GET',
    path: '/v1/group-types/:groupType',
    summary: 'Read one type of group',
    tag,
    permission: 'group:types',
    params: Params,
    answers: { 200: GroupType },
    problems: ['not_permitted', 'not_found'],
    handle: call => readType(deps, requestOf(call), call.params.groupType),
  }),
  defineRoute({
    operationId: 'putGroupType',
    method: 'PUT',
    path: '/v1/group-types/:groupType',
    summary: 'Define a type of group, or change one whole',
    description:
      'The rule is one of the known ones with its parameters. Groups keep the rule they were opened with. If-Match is `"0"` for a type that was not set yet.',
    tag,
    permission: 'group:set_types',
    params: Params,
    body: GroupTypeBody,
    answers: { 200: GroupType },
    problems: ['not_permitted', 'limits_unfit', 'type_roles_lacking'],
    ifMatch: 'required',
    writes: ['group_type.saved'],
    handle: call =>
      putType(deps, requestOf(call), { ...call.body, code: call.params.groupType, ifMatch: call.ifMatch }),
  }),
]
