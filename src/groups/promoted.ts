/** CTE that gives the members named as `promoted`, who waited, their places. */
export const promotedPut = `promoted as (update group_members x set status = 'selected' from given, c
  where x.institution_id = $1::uuid and x.group_id = c.id and x.id in (select jsonb_array_elements_text(given.e->'promoted')))`
