import { utc } from '../platform/sql.ts'
import { openBytes, openJson } from '../platform/words.ts'
import { listOfSubject, listStatement } from '../records/list-of-subject.ts'
import { readingStatement, readThing } from '../records/reading.ts'
import type { CaseDeps, Request } from './change.ts'
import { caseSubject } from './facts.ts'
import { offerPlace } from './refer-case.ts'

const header = `'id', x.id, 'status', x.status, 'basis', x.basis, 'offeredAt', ${utc('x.offered_at')}, 'settledAt', ${utc('x.settled_at')}`

const list = listStatement(caseSubject, 'referrals.list', 'referrals', `json_build_object(${header})`)

/** Referrals of a case without words, newest first. @throws Problem not_found, not_permitted */
export const listReferrals = (
  deps: CaseDeps,
  request: Request,
  { caseId, ...page }: { caseId: string; limit: number; cursor?: string | undefined },
) =>
  listOfSubject(deps, caseSubject, request, list, {
    ...page,
    id: caseId,
    path: 'referrals',
    permission: 'referral:read',
  })

interface Referral {
  readonly id: string
  readonly sealed: string
  readonly answers: readonly { readonly wordsId: string; readonly sealed: string }[]
}

const one = readingStatement<Referral>(
  caseSubject,
  'referrals.read',
  'x as materialized (select f.* from referrals f join c on c.id = f.case_id where f.institution_id = $1::uuid and f.id = $6::uuid)',
  `json_build_object(${header}, 'sealed', encode(x.sealed, 'base64'), 'answers', (
    select coalesce(json_agg(json_build_object('status', a.status, 'at', ${utc('a.at')}, 'byId', a.by_id, 'wordsId', a.words_id,
      'sealed', encode(v.sealed, 'base64')) order by a.version), '[]')
    from referral_answers a join vault v on v.institution_id = $1::uuid and v.id = a.words_id
    where a.institution_id = $1::uuid and a.referral_id = x.id))`,
)

/** One referral with the words of every step; the reading is journalled. @throws Problem not_found, key_is_erased */
export const readReferral = async (deps: CaseDeps, request: Request, caseId: string, id: string) => {
  const asked = { subjectId: caseId, id, called: 'referral', permission: 'referral:read' } as const
  const { thing, dataKey } = await readThing(deps, caseSubject, request, one, asked)
  const { sealed, answers, ...referral } = thing
  const { institution } = request.caller
  const offer = openJson(deps.ambient, offerPlace(institution, caseId, id), dataKey, sealed) as {
    to: string
    purpose: string
  }
  const result = (wordsId: string, words: string) => {
    const place = { institution, subject: caseId, table: 'vault', row: wordsId, field: 'words' }
    return openBytes(deps.ambient, place, dataKey, words).toString('utf8')
  }
  return {
    ...referral,
    caseId,
    ...offer,
    answers: answers.map(({ wordsId, sealed: words, ...answer }) => ({ ...answer, result: result(wordsId, words) })),
  }
}
