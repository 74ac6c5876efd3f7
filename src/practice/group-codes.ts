import type { Title } from '../kernel/process.ts'

const title = (en: string, zh: string): Title => ({ en, zh })

/** Phases that have sessions. Domain §3; seed article 3, §3.3 (3) 分阶段确定每次小组活动的计划. */
export const groupPhases = {
  early: title('Early phase', '初期'),
  middle: title('Middle phase', '中期'),
  late: title('Late phase', '后期'),
  ending: title('Ending phase', '结束期'),
} as const

export type GroupPhase = keyof typeof groupPhases

/**
 * Who is in a group. `counts`: toward its minimum and maximum. `served`: helped by it, so that baseline, tasks, outcome
 * and onward plan are theirs. Seed article 3, §3.2 (学生工作者、帮扶志愿者、学业困难生、其他可支持的社会成员).
 */
export const memberRoles = {
  student: { counts: true, served: true, title: title('Student', '学业困难生') },
  volunteer: { counts: true, served: false, title: title('Volunteer', '帮扶志愿者') },
  worker: { counts: false, served: false, title: title('Worker', '学生工作者') },
  supporter: { counts: false, served: false, title: title('Other supporter', '其他支持者') },
} as const

export type MemberRole = keyof typeof memberRoles

/** The life of a member. `informed`: told of an ending. `joined`: has agreed to take part. */
export const memberStatuses = {
  waiting: { informed: false, joined: false, title: title('On the waiting list', '候补') },
  proposed: { informed: false, joined: false, title: title('Proposed', '拟招募') },
  selected: { informed: true, joined: false, title: title('Selected', '已遴选') },
  consented: { informed: true, joined: true, title: title('Consented', '已同意') },
  active: { informed: true, joined: true, title: title('Active', '参加中') },
  completed: { informed: true, joined: true, title: title('Completed', '已完成') },
  left: { informed: false, joined: false, title: title('Left', '已退出') },
} as const

export type MemberStatus = keyof typeof memberStatuses

/** Rules of composition a type chooses from; their parameters are in `composition.ts`. */
export const compositionRules = {
  homogeneous: title('Members share needs', '同质:成员有共同的困难'),
  paired: title('Volunteers are paired with students', '结对:志愿者与学生结对'),
  complementary: title('The strength of one covers the weakness of another', '互补:取长补短'),
  open: title('Any composition', '不限组成'),
} as const

/** Families of strengths and needs: `course:MATH101`, `cause:poor_methods`. */
export const attributeFamilies = {
  course: title('Course', '课程'),
  assessment: title('Assessment', '考核'),
  skill: title('Skill', '能力'),
  cause: title('Cause of difficulty', '成因'),
  manifestation: title('Manifestation', '表现'),
} as const

export const attendances = {
  present: { attended: true, title: title('Present', '出席') },
  late: { attended: true, title: title('Late', '迟到') },
  excused: { attended: false, title: title('Excused', '请假') },
  absent: { attended: false, title: title('Absent', '缺席') },
} as const

export type Attendance = keyof typeof attendances

/** What a session is for; the opening one and the one of summary and sharing are asked for by the phases. */
export const sessionKinds = {
  opening: title('Opening', '开组活动'),
  regular: title('Regular', '常规活动'),
  sharing: title('Summary and sharing', '总结与分享'),
} as const

export type SessionKind = keyof typeof sessionKinds

export const sessionStatuses = {
  planned: title('Planned', '已计划'),
  held: title('Held', '已开展'),
  dropped: title('Dropped', '已取消'),
} as const

export const taskStatuses = {
  open: title('Open', '进行中'),
  done: title('Done', '已完成'),
  dropped: title('Dropped', '已放弃'),
} as const

/** What a budget line pays for. Seed article 3, §3.3 (5) 材料、指导者、场地. */
export const budgetCategories = {
  materials: title('Materials', '材料'),
  leaders: title('Leaders and staff', '指导者与工作人员'),
  venue: title('Venue', '场地'),
  refreshments: title('Refreshments', '茶歇'),
  transport: title('Transport', '交通'),
  rewards: title('Rewards', '奖励'),
  other: title('Other', '其他'),
} as const

/** What puts a running group in question: required before the next phase, not before the next session. */
export const openItemKinds = {
  below_minimum: title('Fewer members than the minimum', '人数低于下限'),
  composition_broken: title('The composition does not fit the type', '组成不符合小组类型'),
  pair_broken: title('A pair has lost one side', '结对关系中断'),
} as const

export type OpenItemKind = keyof typeof openItemKinds

/** How leaders resolve an open item. `mends`: only once the composition holds again. */
export const resolvedByHand = {
  re_paired: { mends: true, title: title('Paired anew', '重新结对') },
  recruited: { mends: true, title: title('A member was recruited', '补充成员') },
  type_changed: { mends: true, title: title('The type was changed', '变更小组类型') },
  goes_on: { mends: false, title: title('Goes on as it is, for a reason', '说明理由后继续') },
} as const

/** How an open item was resolved: by hand, or by the move that ended the group early or cancelled it. */
export const openItemResolutions = {
  ...resolvedByHand,
  ended_early: { mends: false, title: title('The group ends early', '提前结束') },
} as const

export type OpenItemResolution = keyof typeof openItemResolutions

const namedReasons = {
  goals_met: title('Own goals are met', '个人目标已达成'),
  no_longer_wants: title('Does not want to go on', '不愿继续'),
  no_time: title('No time', '时间冲突'),
  health: title('Health', '健康原因'),
  left_school: title('Left the school', '已离校'),
  moved_group: title('Moved to another group', '转入其他小组'),
  broke_norms: title('Broke the norms', '违反小组契约'),
  lost_contact: title('Contact is lost', '失去联系'),
} as const

const other = title('Another reason, said in words', '其他原因(须说明)')

/** Why a member leaves, as leaders file it. */
export const leftByHand = { ...namedReasons, other } as const

/** Why a member left: as filed, or by the move that ended the group. */
export const leavingReasons = {
  ...namedReasons,
  group_cancelled: title('The group was cancelled', '小组取消'),
  group_ended: title('The group ended before they joined', '小组在其加入前结束'),
  other,
} as const

/** Why a group ends before its late phase has run its course. */
export const earlyEndingReasons = {
  too_few_members: title('Too few members', '成员过少'),
  composition_broken: title('The composition cannot be mended', '组成无法恢复'),
  members_wish: title('The members wish it', '成员要求结束'),
  goals_met_early: title('The goals are met already', '目标提前达成'),
  leader_unavailable: title('No leader is available', '无可用的指导者'),
  harm: title('Going on would do harm', '继续开展将造成伤害'),
  other_reason: title('Another reason', '其他原因'),
} as const

/** Why a group is cancelled. */
export const cancellingReasons = {
  not_enough_members: title('Not enough members', '招募人数不足'),
  not_funded: title('Not funded', '经费未落实'),
  no_leader: title('No leader', '无指导者'),
  need_lapsed: title('The need has lapsed', '需求已不存在'),
  prepared_in_error: title('Prepared in error', '误建小组'),
  another_reason: title('Another reason', '其他理由'),
} as const

/** What makes a leader adjust the work. Seed article 3, §3.3 (4) 评估与应变. */
export const adjustmentTriggers = {
  feedback: title('Feedback of members', '成员反馈'),
  low_attendance: title('Low attendance', '出席率低'),
  conflict: title('Conflict in the group', '组内冲突'),
  member_change: title('Members changed', '成员变动'),
  timetable: title('Timetable or venue', '时间或场地变动'),
  funding: title('Funding', '经费变动'),
  phase_evaluation: title('A phase evaluation', '阶段评估结果'),
  other: title('Other', '其他'),
} as const

/** What an adjustment decides; ending and cancelling tell the members of it. */
export const adjustmentDecisions = {
  adjust: title('Adjust and go on', '调整后继续'),
  end_early: title('End early', '提前结束'),
  cancel: title('Cancel', '取消小组'),
} as const

/** Where members go on. */
export const onwardPaths = {
  alone: title('Goes on alone', '自主学习'),
  case: title('Case opened or continued', '转入或继续个案'),
  other_group: title('Another group', '加入其他小组'),
  peer: title('A peer helps on', '朋辈继续帮扶'),
  referral: title('Referred', '转介'),
  aftercare: title('Aftercare contacts', '跟进联系'),
} as const
