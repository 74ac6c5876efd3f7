import { deferralDueOn, isOnFile, withRecord } from '../practice/checks/deferrals.ts'
import { type CaseFacts, crisisIsOpen } from '../practice/facts.ts'
import { Problem } from '../practice/problems.ts'
import { urgentNeeds, waivable, waiver } from '../practice/records/waiver.ts'
import { sealContent, sealedOf } from '../records/content.ts'
import { decidesJson } from './access.ts'
import { type CaseDeps, changeStatement, onCase, type Request } from './change.ts'
import { loadStatement } from './facts.ts'
import { caseRecords } from './house.ts'
import { waiversPut } from './record-effects.ts'

const load = loadStatement<{ decides: boolean }>('cases.load_for_waiver', { decides: decidesJson })

/** Writes and signs the waiver record in one act. */
const save = changeStatement(
  'needs.waive',
  "deferral_due_on = (given.e->>'deferralDueOn')::date",
  `r as (insert into records (institution_id, id, case_id, kind, status, version, content, sealed, author_id, written_at, step, signed_at, signed_version)
  select $1::uuid, (e->>'recordId')::uuid, c.id, '${waiver.kind}', 'signed', 1, e->'content', decode(e->>'sealed', 'base64'), $2::uuid,
    (e->>'at')::timestamptz, c.step, (e->>'at')::timestamptz, c.version from given cross join c returning id),
s as (insert into record_signatures (institution_id, record_id, case_id, party, method, person_id, at, record_version)
  select $1::uuid, r.id, c.id, 'line_manager', 'own_token', $2::uuid, (given.e->>'at')::timestamptz, 1 from given cross join c cross join r),
${waiversPut}`,
)

/** What to waive or defer, and why. */
export interface WaiveNeeds {
  readonly caseId: string
  readonly ifMatch: number | null
  readonly needs: readonly string[]
  readonly mode: 'waived' | 'deferred'
  readonly dueOn: string | null
  readonly reason: string
  /** In one act while a crisis is open 紧急介入. */
  readonly urgent: boolean
}

/** What an urgent start has to defer: all it may that is not on file; where all is, the check says so. */
const deferrable = (facts: CaseFacts): string[] => {
  const open = urgentNeeds.filter(need => !isOnFile(facts, need))
  return open.length > 0 ? open : [...urgentNeeds]
}

const told = (content: Parameters<NonNullable<typeof waiver.entry>>[0], recordId: string) => {
  const { type, data } = (waiver.entry as NonNullable<typeof waiver.entry>)(content)
  return { type, data: { recordId, ...data } }
}

/**
 * The deciding line manager waives or defers needs; an urgent start defers what it may, in one act.
 * @throws Problem not_nearest_line_manager, need_not_waivable, no_open_crisis, signing_refused, case_is_closed
 */
export const waiveNeeds = (deps: CaseDeps, request: Request, input: WaiveNeeds) => {
  const recordId = deps.ambient.newId()
  return onCase(
    deps,
    request,
    { caseId: input.caseId, ifMatch: input.ifMatch, permission: 'need:waive', load },
    save,
    found => {
      const { facts, caller } = found
      if (!found.decides) throw new Problem('not_nearest_line_manager')
      const needs = input.urgent ? deferrable(facts) : [...new Set(input.needs)]
      const never = needs.filter(need => !waivable.includes(need))
      if (never.length > 0) throw new Problem('need_not_waivable', { needs: never })
      if (input.urgent && !crisisIsOpen(facts)) throw new Problem('no_open_crisis')
      const { mode, dueOn, reason, urgent } = input
      const content = { needs, mode, ...(dueOn ? { dueOn } : {}), ...(urgent ? { urgent } : {}), reason }
      const faults = waiver.check?.(content, facts, caller.today, [], caller.time) ?? []
      if (faults.length > 0) throw new Problem('signing_refused', { errors: faults })
      const { waivers = [] } = waiver.effects?.(content, facts) ?? {}
      return {
        ...told(content, recordId),
        effects: {
          recordId,
          waivers,
          deferralDueOn: deferralDueOn(withRecord(facts, { id: recordId, kind: waiver.kind, content, waivers })),
          ...sealContent(deps, caseRecords, sealedOf(request, found), waiver, recordId, content),
        },
        status: 201,
        receipt: { id: recordId, needs, mode, dueOn },
      }
    },
  )
}
