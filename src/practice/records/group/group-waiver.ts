import { z } from 'zod'
import { edgesFrom } from '../../../kernel/decide.ts'
import { stateOfEdge } from '../../../kernel/explain.ts'
import { groupChecks } from '../../group-checks.ts'
import type { GroupFacts } from '../../group-facts.ts'
import { groupWork } from '../../group-work.ts'
import { defineRecord, type SigningFault, words } from '../../record-kind.ts'
import { waivableOf } from '../../waivable.ts'
import { fault, repeatFaults } from '../parts.ts'

const waivable = waivableOf(groupWork)
const catalogue = { checks: groupChecks, titleOf: () => ({ en: '', zh: '' }) }

/** What the phase asks for that may be waived, and whether it is met. */
const asked = (facts: GroupFacts, today: string) =>
  edgesFrom(groupWork, facts.standing)
    .flatMap(edge => stateOfEdge(groupWork, edge, facts.standing, facts, catalogue, { reason: null, today }))
    .filter(each => each.waivable)

const needFaults = (needs: readonly string[], facts: GroupFacts, today: string): SigningFault[] =>
  needs.flatMap((need, index) => {
    const state = asked(facts, today).find(each => (each.need ?? each.check) === need)
    if (!state)
      return [fault(`/needs/${index}`, 'not_asked_here', 'This phase does not ask for it', '当前阶段不要求此项')]
    return state.met ? [fault(`/needs/${index}`, 'already_on_file', 'This is on file already', '此项已在档案中')] : []
  })

/**
 * Waiver 豁免 for a group by the deciding line manager: for the phase the group is in, and for good. Source: seed article
 * 3, §3.2 程序可以调整.
 */
export const groupWaiver = defineRecord({
  kind: 'group_waiver',
  of: 'group',
  title: { en: 'Waiver for a group', zh: '小组豁免' },
  source: 'Seed article 3, §3.2 程序可以调整,档案应当完整',
  writers: ['line_manager'],
  signers: ['line_manager'],
  writableIn: 'open',
  cardinality: 'many',
  studentReads: 'nothing',
  content: z.strictObject({
    needs: z.array(z.enum(waivable)).min(1).max(waivable.length).describe('Needs and checks of the present phase'),
    reason: words(2000).describe('Why'),
  }),
  check: ({ needs }, facts, today) => [
    ...repeatFaults(needs, index => `/needs/${index}`, 'repeated_need', '事项重复'),
    ...needFaults(needs, facts, today),
  ],
  effects: ({ needs }) => ({ waivers: needs.map(need => ({ need, mode: 'waived', dueOn: null })) }),
  entry: ({ needs }) => ({ type: 'group.need_waived', data: { needs, mode: 'waived' } }),
  example: () => ({ needs: ['recruitment_plan'], reason: '成员由上期小组延续,不再招募。' }),
})
