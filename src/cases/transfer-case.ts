import { type AskedPage, newestOf, readPage } from '../people/page.ts'
import { requireRole, rolesToday } from '../people/roles-today.ts'
import { utc } from '../platform/sql.ts'
import { ownerRoles } from '../practice/permissions.ts'
import { Problem } from '../practice/problems.ts'
import { endGrants } from './break-glass.ts'
import { type CaseDeps, changeStatement, onCase, type Request } from './change.ts'
import { loadStatement } from './facts.ts'

const loadForOffer = loadStatement<{ roles: string[] }>('cases.load_for_transfer', { roles: rolesToday('$7::uuid') })

interface Offer {
  readonly id: string
  readonly fromId: string
  readonly toId: string
  readonly status: string
}

const loadForAnswer = loadStatement<{ offer: Offer | null }>('cases.load_for_transfer_answer', {
  offer: `(select json_build_object('id', x.id, 'fromId', x.from_id, 'toId', x.to_id, 'status', x.status) from transfers x
    where x.institution_id = $1::uuid and x.case_id = (select id from c) and x.id = $7::uuid)`,
})

const saveOffer = changeStatement(
  'transfers.offer',
  '',
  `x as (insert into transfers (institution_id, id, case_id, from_id, to_id, status, offered_at)
  select $1::uuid, (e->>'transferId')::uuid, c.id, c.owner_id, (e->>'toId')::uuid, 'offered', (e->>'at')::timestamptz from given cross join c)`,
)

const saveAnswer = changeStatement(
  'transfers.answer',
  `owner_id = coalesce((given.e->>'newOwner')::uuid, cases.owner_id),
  owner_since = case when given.e->>'newOwner' is null then cases.owner_since else cases.version + 1 end`,
  `x as (update transfers x set status = given.e->>'status', answered_at = (given.e->>'at')::timestamptz from given, c
  where x.institution_id = $1::uuid and x.id = (given.e->>'transferId')::uuid and x.status = 'offered'),
${endGrants}`,
)

/** Offers the case to a colleague 移交. @throws Problem staff_unfit, already_owner, transfer_open */
export const offerTransfer = (
  deps: CaseDeps,
  request: Request,
  input: { caseId: string; ifMatch: number | null; toId: string; note: string },
) => {
  const transferId = deps.ambient.newId()
  return onCase(
    deps,
    request,
    { ...input, permission: 'transfer:offer', load: loadForOffer, params: [input.toId] },
    saveOffer,
    ({ facts, roles }) => {
      if (facts.ownerId === input.toId) throw new Problem('already_owner')
      requireRole(roles, ownerRoles)
      return {
        type: 'transfer.offered',
        data: { transferId, toId: input.toId },
        words: input.note,
        effects: { transferId, toId: input.toId },
        status: 201,
        receipt: { id: transferId, status: 'offered', toId: input.toId },
      }
    },
  )
}

/**
 * The colleague accepts (and owns the case) or rejects; the owner may withdraw.
 * @throws Problem transfer_answered, also when the one who offered is no longer the owner
 */
export const answerTransfer = (
  deps: CaseDeps,
  request: Request,
  input: { caseId: string; transferId: string; answer: 'accepted' | 'rejected' | 'withdrawn'; note: string | null },
) =>
  onCase(
    deps,
    request,
    {
      caseId: input.caseId,
      ifMatch: null,
      permission: input.answer === 'withdrawn' ? 'transfer:offer' : 'transfer:answer',
      load: loadForAnswer,
      params: [input.transferId],
    },
    saveAnswer,
    ({ offer, caller, facts }) => {
      if (!offer) throw new Problem('not_found')
      if (offer.status !== 'offered') throw new Problem('transfer_answered')
      if (input.answer !== 'withdrawn' && offer.toId !== caller.id) throw new Problem('not_found')
      if (input.answer === 'accepted' && offer.fromId !== facts.ownerId) throw new Problem('transfer_answered')
      const { answer: status, transferId } = input
      return {
        type: 'transfer.answered',
        data: { transferId, status, fromId: offer.fromId, toId: offer.toId },
        words: input.note,
        effects: {
          transferId,
          status,
          ...(status === 'accepted' ? { newOwner: offer.toId, leaverId: offer.fromId } : {}),
        },
        status: 201,
        receipt: { id: transferId, status, toId: offer.toId },
      }
    },
  )

const list = newestOf('transfers.list', {
  table: 'transfers',
  at: 'offered_at',
  where: "x.to_id = (select staff_id from me) and x.status = 'offered'",
  joins: `join cases c on c.institution_id = $1::uuid and c.id = x.case_id
  join staff w on w.institution_id = $1::uuid and w.id = x.from_id`,
  item: `json_build_object('id', x.id, 'caseId', x.case_id, 'caseNumber', c.number, 'fromId', x.from_id, 'fromName', w.name,
    'toId', x.to_id, 'status', x.status, 'offeredAt', ${utc('x.offered_at')})`,
})

/** Transfers that wait for the caller's answer, newest first: {@link readPage}. */
export const listTransfers = (deps: CaseDeps, { caller }: Request, input: AskedPage['input']) =>
  readPage(deps, caller, list, { operation: 'listTransfers', input, permission: 'transfer:list' })
