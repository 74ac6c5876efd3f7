import { aboutOf, loadSubject } from '../people/guarded.ts'
import { utc } from '../platform/sql.ts'
import type { Deps, Request } from '../platform/subject.ts'
import { acceptsNorms } from '../practice/group-checks/members.ts'
import type { MemberStatus } from '../practice/group-codes.ts'
import { awaitsGuardian, goesOn } from '../practice/membership.ts'
import { looksIntoGroup } from './access.ts'
import { type LoadedFacts, loadGroupStatement } from './facts.ts'
import { memberNames, type Nameable, nameableJson, nameableMembers, seesMember } from './member-names.ts'

interface Named {
  readonly id: string
  readonly name: string
}

interface MemberRow extends Nameable {
  readonly studentId: string | null
  readonly staffId: string | null
  readonly status: MemberStatus
  readonly acceptedVersion: number
  readonly birthDate: string | null
  readonly guardianConsentedOn: string | null
  readonly [fact: string]: unknown
}

interface Extras {
  readonly view: {
    readonly name: string
    readonly openedAt: string
    readonly updatedAt: string
    readonly endedAt: string | null
    readonly leader: Named
    readonly coLeaders: readonly (Named & { readonly validFrom: string; readonly validUntil: string | null })[]
    readonly orgUnit: { readonly id: string; readonly nameZh: string; readonly nameEn: string | null }
    readonly members: readonly MemberRow[]
    readonly sessions: readonly Record<string, unknown>[]
  }
}

const of = (table: string) => `from ${table} x where x.institution_id = $1::uuid and x.group_id = c.id`

const load = loadGroupStatement<Extras>('groups.load_for_view', {
  view: `(select json_build_object('name', c.name, 'openedAt', ${utc('c.opened_at')}, 'updatedAt', ${utc('c.updated_at')}, 'endedAt', ${utc('c.ended_at')},
    'leader', (select json_build_object('id', w.id, 'name', w.name) from staff w where w.institution_id = $1::uuid and w.id = c.leader_id),
    'orgUnit', (select json_build_object('id', u.id, 'nameZh', u.name_zh, 'nameEn', u.name_en) from org_units u where u.institution_id = $1::uuid and u.id = c.org_unit_id),
    'coLeaders', (select coalesce(json_agg(json_build_object('id', w.id, 'name', w.name, 'validFrom', x.valid_from, 'validUntil', x.valid_until) order by x.valid_from, w.id), '[]')
      from group_co_leaders x join staff w on w.institution_id = x.institution_id and w.id = x.staff_id where x.institution_id = $1::uuid and x.group_id = c.id),
    'members', (select coalesce(json_agg(json_build_object(${nameableJson}, 'studentId', x.student_id, 'staffId', x.staff_id, 'role', x.role, 'status', x.status, 'strengths', to_json(x.strengths),
        'needs', to_json(x.needs), 'attainment', x.attainment, 'onwardPath', x.onward_path,
        'baseline', x.baseline_version > 0, 'acceptedVersion', x.accepted_version, 'told', x.told_version > 0, 'consentedOn', x.consented_on,
        'guardianConsentedOn', x.guardian_consented_on, 'birthDate', s.birth_date, 'leftOn', x.left_on, 'leftReason', x.left_reason)
        order by x.place), '[]') ${nameableMembers}),
    'sessions', (select coalesce(json_agg(json_build_object('id', x.id, 'phase', x.phase, 'kind', x.kind, 'status', x.status, 'on', x.on_day,
      'startsAt', x.starts_at, 'durationMinutes', x.duration_minutes, 'recordId', x.record_id) order by x.on_day, x.starts_at, x.id), '[]') ${of('group_sessions')}))
    from c where exists (select from rel))`,
})

/**
 * One group as its reader may see it: who takes part sees the group, its sessions and what is their own; nothing of one
 * member is shown to another.
 */
export const viewGroup = async (deps: Deps, request: Request, groupId: string) => {
  const { institution } = request.caller
  const about = aboutOf(deps, { ...request, idempotency: null }, groupId)
  const found = await loadSubject<LoadedFacts, Extras>(deps.db.as(institution), load, 'group:read', about)
  const { facts, view, relations, caller } = found
  const works = looksIntoGroup(relations)
  const nameOf = memberNames(deps, request, found)
  const { members, sessions, ...header } = view
  const shown = members
    .filter(each => seesMember(relations, each))
    .map(each => {
      const { mine: _, sealedName: _sealed, birthDate: _birthDate, acceptedVersion: _accepted, ...row } = each
      const normsAccepted = acceptsNorms(facts, each)
      const guardianConsentNeeded = goesOn(each) && awaitsGuardian(each, caller.today)
      return { ...row, name: nameOf(each), normsAccepted, guardianConsentNeeded }
    })
  const mine = members.filter(each => each.mine).map(each => each.id)
  const shared = {
    id: facts.id,
    number: facts.number,
    type: facts.type,
    step: facts.standing.step,
    version: facts.version,
    ...header,
    endReason: facts.standing.reason,
    minMembers: facts.minMembers,
    maxMembers: facts.maxMembers,
    relations,
    members: shown,
    sessions: sessions.map(({ recordId, ...each }) => (works ? { recordId, ...each } : each)),
    tasks: facts.tasks.filter(each => works || (each.memberId !== null && mine.includes(each.memberId))),
  }
  if (!works) return shared
  return {
    ...shared,
    composition: facts.composition,
    roles: facts.roles,
    pairs: facts.pairs,
    goals: facts.goals,
    budgetLines: facts.budgetLines,
    openItems: facts.openItems,
    waivers: facts.standing.waived,
    drafts: facts.drafts,
    keyErased: facts.keyErased,
  }
}
