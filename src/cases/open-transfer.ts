/** JSON: id of the transfer of case `c` that waits for an answer, or null. */
export const openTransferJson = `(select x.id from transfers x where x.institution_id = $1::uuid
  and x.case_id = (select id from c) and x.status = 'offered')`

/** CTE that withdraws the offer of the changed case `c`: what was offered is no longer the offerer's to give. */
export const withdrawOffer = `offer as (update transfers x set status = 'withdrawn', answered_at = (given.e->>'at')::timestamptz
  from given, c where x.institution_id = $1::uuid and x.case_id = c.id and x.status = 'offered')`

/** Member of an entry's data that names the offer withdrawn with the change. */
export const withdrawnWith = (openTransferId: string | null) => (openTransferId ? { transferId: openTransferId } : {})
