import { givenGroup, givenGroupRecord, givenMember, post } from '../support/groups.ts'
import type { Service, Told } from '../support/service.ts'
import type { WarningStage } from './warnings-stage.ts'

const made = (told: Told): string => {
  if (told.status !== 201) throw new Error(told.text)
  return told.body.id
}

/** A group with one of everything, led by the recipient; drafts of their own for what would change them. */
export const givenGroups = async (service: Service, ids: Readonly<Record<string, string>>): Promise<WarningStage> => {
  const leader = 'recipient'
  const groupId = await givenGroup(service, { type: 'paired' }, leader)
  const added = await post(service, groupId, 'co-leaders', { staffId: ids.psychologist }, leader)
  if (added.status !== 201) throw new Error(added.text)
  const memberId = await givenMember(service, groupId, { studentId: ids['1'] }, 'consented', leader)
  const volunteer = { staffId: ids.subjectTeacher, role: 'volunteer' }
  const volunteerId = await givenMember(service, groupId, volunteer, 'consented', leader)
  const on = '2026-09-13'
  const note = await givenGroupRecord(service, groupId, 'member_note', { memberId, on }, leader)
  const { example } = (await service.call(leader, 'GET', '/v1/record-kinds/group_contract')).body
  const draft = async () =>
    made(
      await service.call(leader, 'POST', `/v1/groups/${groupId}/records`, { kind: 'group_contract', content: example }),
    )
  const attachment = await service.call(leader, 'POST', `/v1/groups/${groupId}/attachments`, Buffer.from('%PDF-1.7'), {
    'content-type': 'application/pdf',
  })
  const [unit] = await service.asOwner(`select id from org_units where external_id = 'dept'`)
  const [words] = await service.asOwner(`select id from vault where subject_id = '${groupId}' limit 1`)
  const { version } = (await service.call(leader, 'GET', `/v1/groups/${groupId}`)).body
  const apart: Record<string, Record<string, string>> = {
    getGroupWords: { wordsId: String(words?.id) },
    endGroupPair: { volunteerId, studentId: memberId },
    getGroupAttachment: { attachmentId: made(attachment) },
  }
  for (const operation of ['getGroupRecord', 'amendGroupRecord']) apart[operation] = { recordId: note }
  for (const operation of ['replaceGroupRecord', 'discardGroupRecord', 'signGroupRecord'])
    apart[operation] = { recordId: await draft() }
  return {
    params: { groupId, memberId, itemId: 'o1', sessionId: 's1', taskId: 't1', lineId: 'b1', groupType: 'growth' },
    apart,
    versions: { moveGroup: version, replaceGroupRecord: 1, discardGroupRecord: 1 },
    bodies: {
      openGroup: { name: '读书会', type: 'growth', orgUnitId: unit?.id },
      addGroupMember: { studentId: ids['2'], role: 'student' },
      createGroupRecord: { kind: 'group_contract', content: example },
      moveGroup: { to: 'early' },
    },
  }
}
