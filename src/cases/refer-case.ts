import { type Place, sealJson } from '../platform/words.ts'
import { Problem } from '../practice/problems.ts'
import { sharingConsented } from '../practice/sharing.ts'
import { type CaseDeps, changeStatement, onCase, type Request } from './change.ts'
import { loadStatement } from './facts.ts'

const load = loadStatement<{ referral: { status: string } | null }>('cases.load_referral', {
  referral: `(select json_build_object('status', x.status) from referrals x where x.institution_id = $1::uuid
    and x.case_id = (select id from c) and x.id = $7::uuid)`,
})

const saveMade = changeStatement(
  'referrals.make',
  '',
  `x as (insert into referrals (institution_id, id, case_id, status, basis, sealed, offered_at)
  select $1::uuid, (e->>'referralId')::uuid, c.id, 'offered', e->>'basis', decode(e->>'sealed', 'base64'), (e->>'at')::timestamptz from given cross join c)`,
)

const saveSettled = changeStatement(
  'referrals.settle',
  '',
  `x as (update referrals x set status = given.e->>'status',
  settled_at = case when given.e->>'status' = 'accepted' then null else (given.e->>'at')::timestamptz end from given, c
  where x.institution_id = $1::uuid and x.id = (given.e->>'referralId')::uuid),
a as (insert into referral_answers (institution_id, referral_id, case_id, version, status, at, by_id, words_id)
  select $1::uuid, (e->>'referralId')::uuid, c.id, c.version, e->>'status', (e->>'at')::timestamptz, $2::uuid, (e->>'entryId')::uuid
  from given cross join c)`,
)

/** Where the words of an offered referral are sealed. */
export const offerPlace = (institution: string, caseId: string, referralId: string): Place => ({
  institution,
  subject: caseId,
  table: 'referrals',
  row: referralId,
  field: 'offer',
})

/** Refers the student to a service or office 转介. @throws Problem case_is_closed, sharing_not_consented */
export const makeReferral = (
  deps: CaseDeps,
  request: Request,
  input: { caseId: string; ifMatch: number | null; to: string; purpose: string; basis: string },
) => {
  const referralId = deps.ambient.newId()
  return onCase(deps, request, { ...input, permission: 'referral:write' }, saveMade, ({ facts, dataKey }) => {
    const { to, purpose, basis } = input
    if (basis === 'student_consent' && !sharingConsented(facts, to)) throw new Problem('sharing_not_consented')
    const place = offerPlace(request.caller.institution, facts.id, referralId)
    return {
      type: 'referral.made',
      data: { referralId, basis },
      effects: { referralId, basis, sealed: sealJson(deps.ambient, place, dataKey, { to, purpose }) },
      status: 201,
      receipt: { id: referralId, status: 'offered' },
    }
  })
}

/** What came back of a referral; the words of every step are kept. @throws Problem not_found, referral_settled */
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
    ({ referral }) => {
      if (!referral) throw new Problem('not_found')
      if (!['offered', 'accepted'].includes(referral.status)) throw new Problem('referral_settled')
      const { referralId, status } = input
      return {
        type: 'referral.settled',
        data: { referralId, status },
        words: input.result,
        effects: { referralId, status },
        status: 201,
        receipt: { id: referralId, status },
      }
    },
  )
