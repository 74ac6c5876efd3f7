import type { Title } from '../kernel/process.ts'

const title = (en: string, zh: string): Title => ({ en, zh })

/** Families of causes 成因 of learning difficulty. Seed article 3, §1.2. */
export const causeFamilies = {
  personal: title('Personal', '个人因素'),
  family: title('Family', '家庭因素'),
  teaching: title('Teaching', '教学因素'),
  environment: title('Environment', '环境因素'),
} as const

/** Finer causes by family. Seed article 3, §1.2. */
export const causes = {
  lost_direction: { family: 'personal', title: title('Lost direction', '目标迷失') },
  poor_adaptation: { family: 'personal', title: title('Poor adaptation to university', '大学适应差') },
  lack_of_planning: { family: 'personal', title: title('Lack of planning', '缺乏规划') },
  weak_will: { family: 'personal', title: title('Weak will', '意志力薄弱') },
  poor_self_control: { family: 'personal', title: title('Poor self-control', '自制力差') },
  poor_methods: { family: 'personal', title: title('Poor study methods', '学习方法不当') },
  low_confidence: { family: 'personal', title: title('Low confidence', '缺乏信心') },
  lack_of_care: { family: 'family', title: title('Lack of care', '缺乏关爱') },
  family_change: { family: 'family', title: title('Change or loss in the family', '家庭变故') },
  family_hardship: { family: 'family', title: title('Hardship of the family', '家庭经济困难') },
  teaching_methods: { family: 'teaching', title: title('Unfitting teaching methods', '教学方法不当') },
  course_design: { family: 'teaching', title: title('Unreasonable course design', '课程设置不合理') },
  study_climate: { family: 'environment', title: title('Poor study climate around', '周围不良学风') },
  social_climate: { family: 'environment', title: title('Influence of society', '社会风气影响') },
  dormitory_conflict: { family: 'environment', title: title('Conflict in the dormitory', '宿舍关系紧张') },
} as const

/** Families of manifestations 表现. Seed article 3, §1.1. */
export const manifestationFamilies = {
  emotional: title('Emotional', '情绪障碍'),
  volitional: title('Volitional', '意志障碍'),
  interpersonal: title('Interpersonal', '人际交往障碍'),
  method: title('Method', '方法障碍'),
} as const

/** Manifestations by family. Seed article 3, §1.1. */
export const manifestations = {
  low_mood: { family: 'emotional', title: title('Low mood', '情绪低落') },
  self_denial: { family: 'emotional', title: title('Self-denial', '自我否定') },
  anxiety: { family: 'emotional', title: title('Anxiety', '焦虑') },
  study_weariness: { family: 'emotional', title: title('Weary of study', '厌学') },
  slackness: { family: 'volitional', title: title('Slackness', '散漫') },
  no_ambition: { family: 'volitional', title: title('No ambition', '不思进取') },
  little_self_control: { family: 'volitional', title: title('Little self-control', '自制力差') },
  lack_of_interests: { family: 'interpersonal', title: title('Lack of interests', '兴趣缺乏') },
  refuses_group_activities: { family: 'interpersonal', title: title('Refuses group activities', '拒绝集体活动') },
  inattentive_in_class: { family: 'method', title: title('Low efficiency in class', '听课效率低') },
  poor_planning_skill: { family: 'method', title: title('Poor planning', '规划能力差') },
  poor_self_study: { family: 'method', title: title('Poor self-study', '自学能力低') },
} as const

/** What goals serve. Seed article 3, §3.1: three aims of casework. */
export const aims = {
  relieve_and_motivate: title('Relieve distress and motivate', '减轻困扰、激发主动性'),
  self_insight_and_self_solving: title('Self-insight and solving one’s own problems', '发现问题、自我解决'),
  resource_network: title('A lasting network of resources', '构建支持性资源网络'),
} as const

export const horizons = { near: title('Near', '近期'), mid: title('Mid', '中期'), far: title('Far', '远期') } as const

/** Media of a session or contact. */
export const media = {
  in_person: title('In person', '面谈'),
  phone: title('Phone', '电话'),
  video: title('Video', '视频'),
  message: title('Message', '消息'),
  home_visit: title('Home visit', '家访'),
  other: title('Other', '其他'),
} as const

/** Levels of risk; `high` and `crisis` must be covered before a case moves on. */
export const riskLevels = {
  low: title('Low', '低'),
  moderate: title('Moderate', '中'),
  high: title('High', '高'),
  crisis: title('Crisis', '危机'),
} as const

/** Indicators asked for in a risk screening. */
export const riskIndicators = {
  self_harm_thoughts: title('Thoughts of self-harm', '自伤念头'),
  self_harm_history: title('Self-harm in the past', '自伤史'),
  hopelessness: title('Hopelessness', '绝望感'),
  sleep_loss: title('Loss of sleep', '睡眠不足'),
  isolation: title('Isolation', '与人隔绝'),
  substance_use: title('Use of substances', '物质使用'),
  violence_suffered: title('Violence suffered', '遭受暴力'),
  threat_to_others: title('Threat to others', '威胁他人'),
  sudden_loss: title('Sudden loss', '突然丧失'),
  stopped_attending: title('Stopped attending', '不再到课'),
} as const

/** On what basis information passes between the helper and third parties. */
export const informationBases = {
  student_consent: title('The student’s consent', '学生同意'),
  legal_duty: title('Legal duty', '法定义务'),
  danger: title('Danger', '存在危险'),
  official_record: title('Official record', '官方记录'),
  offered_unasked: title('Offered unasked', '对方主动提供'),
} as const

/** What calls for an intervention 干预. Seed article 3, §3.2 (5). */
export const interventionTriggers = {
  motivation_falling: title('Motivation is falling', '积极性下降'),
  plan_not_followed: title('The plan is not followed', '不按计划实施'),
  new_difficulty: title('A new difficulty', '出现新的困难'),
  crisis: title('A crisis', '危机'),
} as const

/** What an evaluation decides. Seed article 3, §3.2 (5). */
export const evaluationDecisions = {
  continue: title('Go on', '继续'),
  intervene: title('Intervene', '干预'),
  revise: title('Revise the plan', '修正计划'),
  close: title('Close the case', '结案'),
} as const

/** Legal basis for telling the family of an ending in the student’s place. */
export const legalBases = {
  guardian_of_minor: title('Guardian of a minor', '未成年人监护人'),
  student_consent: title('The student’s consent', '学生同意'),
  danger_to_life: title('Danger to life', '危及生命'),
  legal_duty: title('Legal duty', '法定义务'),
} as const

/** Archive checklist 归档清单 of a closing summary. Seed article 3, §3.2 档案的完整性. */
export const archiveItems = {
  agreement: title('Agreement', '服务协议'),
  plan: title('Plan', '帮扶计划'),
  sessions: title('Sessions', '会谈记录'),
  evaluations: title('Evaluations', '评估'),
  attachments: title('Attachments', '附件'),
  consents: title('Consents', '同意书'),
} as const

/** Reasons a case ends for. Seed article 3, §3.2 (6); domain of MZ/T 094-2017 结案. */
export const closureReasons = {
  goals_met: title('Goals are met', '目标达成'),
  mostly_met: title('Mostly met; the student goes on alone', '基本达成,可自行学习'),
  new_situation: title('A new situation: a successor is opened', '情况变化,另立个案'),
  declined: title('The student declines help', '学生不愿继续接受帮扶'),
  lost_contact: title('Contact is lost', '失去联系'),
  dismissed: title('Dismissed for academic reasons', '退学处理'),
  withdrew: title('Withdrew from the school', '自愿退学'),
  transferred_school: title('Transferred to another school', '转学'),
  graduated: title('Graduated', '毕业'),
  died: title('Died', '死亡'),
  referred_on: title('Referred on', '转介'),
  opened_in_error: title('Opened in error', '误立个案'),
  other: title('Another reason, said in words', '其他原因(须说明)'),
} as const

/** Reasons of other moves. */
export const moveReasons = {
  revision_dropped: title('The revision is dropped, the plan in force stays', '放弃修订,沿用现行计划'),
} as const

/** How a person stands to a subject: who may take an edge. */
export const relationTitles = {
  owner: title('Owner', '负责人'),
  co_worker: title('Co-worker', '协作者'),
  line_manager: title('Line manager', '主管'),
  practice_supervisor: title('Practice supervisor', '督导'),
  break_glass: title('Break-glass reader', '紧急查阅者'),
  student: title('The student', '学生本人'),
  transfer_recipient: title('Recipient of a transfer', '移交接收人'),
  lead: title('Lead of the crisis', '危机负责人'),
  responder: title('Responder to the crisis', '危机应对者'),
  told: title('Told of the alert or the crisis', '预警或危机的知会人'),
  leader: title('Leader of the group', '小组负责人'),
  co_leader: title('Co-leader of the group', '协同指导者'),
  member: title('Member of the group', '小组成员'),
  volunteer: title('Volunteer in the group', '小组志愿者'),
  member_case_team: title('On the case team of a member', '成员的个案帮扶人员'),
} as const

/** Parties that sign. */
export const parties = {
  worker: title('Owner or co-worker', '帮扶者'),
  student: title('The student', '学生'),
  guardian: title('Guardian', '监护人'),
  line_manager: title('Line manager', '主管'),
  member: title('Member of a group', '小组成员'),
} as const

/** What of an open case should catch the eye of those who work on it. Domain §2. */
export const caseFlags = {
  agreement_expired: title('The agreement has expired', '服务协议已过期'),
  service_consent_withdrawn: title('Consent to the service is withdrawn', '服务同意已撤回'),
  deferral_overdue: title('What was deferred is overdue', '延后事项逾期未补'),
  return_overdue: title('The expected return is overdue', '逾期未恢复'),
  crisis_open: title('A crisis is open', '危机未结'),
  glass_broken: title('A break-glass access waits for review', '紧急查阅待复核'),
  student_left: title('The student has left the school', '学生已离校'),
} as const

export type CaseFlag = keyof typeof caseFlags

/** Names of a code list as a non-empty tuple, for enums. */
export const codesOf = <T extends Record<string, unknown>>(list: T): [keyof T & string, ...(keyof T & string)[]] =>
  Object.keys(list) as [keyof T & string, ...(keyof T & string)[]]
