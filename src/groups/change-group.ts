import type { Answer } from '../platform/http/route.ts'
import type { Deps, Request } from '../platform/subject.ts'
import { arisingItems, placesOverMaximum, promotions } from '../practice/membership.ts'
import { Problem } from '../practice/problems.ts'
import { groupStatement, loadGroupStatement, onGroup } from './facts.ts'
import { limitsOf } from './open-group.ts'
import { itemRows, itemsCount, itemsPut } from './open-items.ts'
import { promotedPut } from './promoted.ts'
import { type StoredType, storedTypesJson, typeOf } from './types.ts'

const load = loadGroupStatement<{ types: readonly StoredType[] }>('groups.load_for_change', { types: storedTypesJson })

const save = groupStatement(
  'groups.change',
  `name = coalesce(given.e->>'name', groups.name), type = given.e->>'type', composition = given.e->'composition', min_members = (given.e->>'minMembers')::int,
  max_members = (given.e->>'maxMembers')::int, roles = array(select jsonb_array_elements_text(given.e->'roles')),
  ${itemsCount}`,
  `p as (update group_pairs x set until_version = c.version from given, c where x.institution_id = $1::uuid and x.group_id = c.id
  and x.until_version is null and given.e->'composition'->>'rule' <> 'paired'),
${promotedPut},
${itemsPut}`,
)

/** What of a group shall be otherwise; null = as it is. */
export interface ChangeGroup {
  readonly groupId: string
  readonly ifMatch: number | null
  readonly name: string | null
  readonly type: string | null
  readonly minMembers: number | null
  readonly maxMembers: number | null
  readonly note: string | null
}

/**
 * Changes name, type or limits of a group that is not over; a running one says why. Another type brings its own rule; pairs end
 * where it knows none. In one that runs the maximum is never lower than the places taken; places it adds in preparation go to
 * who waits.
 * @throws Problem group_type_unknown, limits_unfit, member_role_unfit when a member has a role the type does not, note_required
 */
export const changeGroupData = (deps: Deps, request: Request, input: ChangeGroup): Promise<Answer> =>
  onGroup<{ types: readonly StoredType[]; name: string }>(
    deps,
    request,
    { groupId: input.groupId, ifMatch: input.ifMatch, permission: 'group:lead', load: load as never },
    save,
    ({ facts, types, caller }) => {
      if (facts.standing.step !== 'preparation' && !input.note) throw new Problem('note_required')
      const chosen = input.type === null ? facts : typeOf(types, input.type)
      const { composition } = chosen
      const limits = limitsOf(input.type === null ? facts : chosen, input)
      const roles = [...chosen.roles]
      const unfit = facts.members.filter(each => each.status !== 'left' && !roles.includes(each.role))
      if (unfit.length > 0) throw new Problem('member_role_unfit', { roles })
      const type = input.type ?? facts.type
      const after = { ...facts, ...limits, type, composition }
      const placesTaken = placesOverMaximum(facts, after)
      if (placesTaken !== null) throw new Problem('limits_unfit', { ...limits, placesTaken })
      const promoted = promotions(facts, after)
      const items = itemRows(facts, arisingItems(facts, after), caller.today)
      const told = { type, ...limits, promoted, openItems: items.map(({ id }) => id) }
      return {
        type: 'group.changed',
        data: told,
        words: input.note,
        effects: { name: input.name, type, composition, roles, ...limits, items, promoted },
        status: 200,
        receipt: told,
      }
    },
  )
