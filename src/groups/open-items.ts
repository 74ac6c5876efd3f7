import type { Answer } from '../platform/http/route.ts'
import { rowsOf } from '../platform/sql.ts'
import type { Deps, Request } from '../platform/subject.ts'
import { type OpenItemKind, resolvedByHand } from '../practice/group-codes.ts'
import { openItemDays, unmended } from '../practice/membership.ts'
import { Problem } from '../practice/problems.ts'
import { daysAfter } from '../practice/record-kind.ts'
import { groupStatement, type LoadedFacts, onGroup } from './facts.ts'

/** Column of the group that counts the open items given as `items`, if any are. */
export const itemsCount = "item_count = groups.item_count + coalesce(jsonb_array_length(given.e->'items'), 0)"

/** CTE that puts them. */
export const itemsPut = `items_put as (insert into group_open_items (institution_id, group_id, id, place, kind, due_on, opened_version)
  select $1::uuid, c.id, x.id, x.place, x.kind, x."dueOn", c.version
  from given cross join c cross join ${rowsOf('items', 'id text, place int, kind text, "dueOn" date')})`

/** Rows of the open items that arise. Pure. */
export const itemRows = (
  { itemCount }: Pick<LoadedFacts, 'itemCount'>,
  kinds: readonly OpenItemKind[],
  today: string,
) =>
  kinds.map((kind, index) => {
    const place = itemCount + index + 1
    return { id: `o${place}`, place, kind, dueOn: daysAfter(today, openItemDays) }
  })

const save = groupStatement(
  'groups.resolve_item',
  '',
  `x as (update group_open_items o set resolution = given.e->>'resolution', resolved_version = c.version from given, c
  where o.institution_id = $1::uuid and o.group_id = c.id and o.id = given.e->>'itemId')`,
)

/**
 * Resolves an open item: mended, once the composition holds again, or gone on with for a reason. The move that ends a group
 * early, or cancels it, resolves what is left.
 * @throws Problem not_found, open_item_settled, resolution_unfit, note_required
 */
export const resolveItem = (
  deps: Deps,
  request: Request,
  input: {
    readonly groupId: string
    readonly itemId: string
    readonly ifMatch: number | null
    readonly resolution: keyof typeof resolvedByHand
    readonly note: string | null
  },
): Promise<Answer> =>
  onGroup(
    deps,
    request,
    { groupId: input.groupId, ifMatch: input.ifMatch, permission: 'group:lead' },
    save,
    ({ facts }) => {
      const { itemId, resolution, note } = input
      const item = facts.openItems.find(each => each.id === itemId)
      if (!item) throw new Problem('not_found')
      if (item.resolution !== null) throw new Problem('open_item_settled')
      const missing = unmended(facts, item.kind)
      if (resolvedByHand[resolution].mends && missing.length > 0)
        throw new Problem('resolution_unfit', { missing: [...missing] })
      if (resolution === 'goes_on' && !note) throw new Problem('note_required')
      const told = { itemId, kind: item.kind, resolution }
      return { type: 'group.item_resolved', data: told, words: note, effects: told, status: 201, receipt: told }
    },
  )
