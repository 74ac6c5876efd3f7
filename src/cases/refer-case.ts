import { sealJson } from '../platform/words.ts'
import { Problem } from '../practice/problems.ts'
import { type CaseDeps, changeStatement, onCase, type Request } from './change.ts'
import { loadStatement } from './facts.ts'

const load = loadStatement<{ referral: { status: string } | null }>('cases.load_referral', {
  referral: `(select json_build_object('status', x.status) from referrals x where x.institution_id = $1::uuid
    and x.case_id = (select id from c) and x.id = $7::uuid)`,
})

const saveMade = changeStatement(
  'referrals.make',
  '',
  `x as (insert into referrals (institution_id, id, case_id, status, sealed, offered_at)
  select $1::uuid, (e->>'referralId')::uuid, c.id, 'offered', decode(e->>'sealed', 'base64'), (e->>'at')::timestamptz from given cross join c)`,
)

const saveSettled = changeStatement(
  'referrals.settle',
  '',
  `x as (update referrals x set status = given.e->>'status', sealed_result = decode(given.e->>'sealed', 'base64'),
  settled_at = case when given.e->>'status' = 'accepted' then null else (given.e->>'at')::timestamptz end from given, c
  where x.institution_id = $1::uuid and x.id = (given.e->>'referralId')::uuid)`,
)

/** Refers the student to a service or office 转介. @throws Problem case_is_closed */
export const makeReferral = (
  deps: CaseDeps,
  request: Request,
  input: { caseId: string; ifMatch: number | null; to: string; purpose: string },
) => {
  const referralId = deps.ambient.newId()
  return onCase(deps, request, { ...input, permission: 'referral:write' }, saveMade, ({ facts, dataKey }) => {
    const place = {
      institution: request.caller.institution,
      subject: facts.id,
      table: 'referrals',
      row: referralId,
      field: 'offer',
    }
    return {
      type: 'referral.made',
      data: { referralId },
      effects: { referralId, sealed: sealJson(deps.ambient, place, dataKey, { to: input.to, purpose: input.purpose }) },
      status: 201,
      receipt: { id: referralId, status: 'offered' },
    }
  })
}

/** What came back of a referral. @throws Problem not_found, referral_settled */
export const settleReferral = (
  deps: CaseDeps,
  request: Request,
  input: { caseId: string; referralId: string; status: string; result: string },
) =>
  onCase(
    deps,
    request,
    { caseId: input.caseId, ifMatch: null, permission: 'referral:write', load, params: [input.referralId] },
    saveSettled,
    ({ facts, referral, dataKey }) => {
      if (!referral) throw new Problem('not_found')
      if (!['offered', 'accepted'].includes(referral.status)) throw new Problem('referral_settled')
      const { referralId, status } = input
      const place = {
        institution: request.caller.institution,
        subject: facts.id,
        table: 'referrals',
        row: referralId,
        field: 'result',
      }
      return {
        type: 'referral.settled',
        data: { referralId, status },
        effects: { referralId, status, sealed: sealJson(deps.ambient, place, dataKey, input.result) },
        status: 201,
        receipt: { id: referralId, status },
      }
    },
  )
