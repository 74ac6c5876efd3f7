import type { Title } from '../kernel/process.ts'

const title = (en: string, zh: string): Title => ({ en, zh })

/** Kinds of crisis 危机. The clock of an academic one counts working time, that of a safety one hours. Domain §4. */
export const crisisKinds = {
  academic: title('Academic crisis', '学业危机'),
  safety: title('Safety or psychological crisis', '安全或心理危机'),
} as const

export type CrisisKind = keyof typeof crisisKinds

/** What it is about, by kind. Domain §4; seed article 3, §4. */
export const crisisSubkinds = {
  moved_down: { kind: 'academic', title: title('Moved down a year', '降级') },
  academic_probation: { kind: 'academic', title: title('Academic probation', '跟班试读') },
  delayed_graduation: { kind: 'academic', title: title('Delayed graduation', '延期毕业') },
  at_risk_of_dismissal: { kind: 'academic', title: title('At risk of dismissal', '濒临退学') },
  self_harm: { kind: 'safety', title: title('Self-harm or danger of it', '自伤或自伤风险') },
  psychological: { kind: 'safety', title: title('Acute psychological distress', '急性心理危机') },
  missing: { kind: 'safety', title: title('Missing', '失联') },
  violence: { kind: 'safety', title: title('Violence or threat', '暴力或威胁') },
  accident_or_illness: { kind: 'safety', title: title('Accident or grave illness', '意外或重病') },
} as const satisfies Record<string, { kind: CrisisKind; title: Title }>

export type CrisisSubkind = keyof typeof crisisSubkinds

/** Who is called in. Specialists are the psychological centre and the hospital. */
export const responderKinds = {
  staff: { specialist: false, title: title('Staff', '教职工') },
  family: { specialist: false, title: title('Family', '家属') },
  friend: { specialist: false, title: title('Friend or roommate', '朋友或室友') },
  psychological_centre: { specialist: true, title: title('Psychological centre', '心理中心') },
  hospital: { specialist: true, title: title('Hospital', '医院') },
  police: { specialist: false, title: title('Police or campus security', '公安或保卫部门') },
  other: { specialist: false, title: title('Other', '其他') },
} as const

/** What a responder answers; whoever cannot come was reached all the same, but does not count as answering. */
export const responderAnswers = {
  on_site: { helps: true, title: title('On site', '已到场') },
  on_the_way: { helps: true, title: title('On the way', '正在赶来') },
  helps_from_afar: { helps: true, title: title('Helps from afar', '远程协助') },
  cannot: { helps: false, title: title('Cannot help', '无法协助') },
} as const

/** Close monitoring 监管, and support of study in an academic crisis. */
export const measureKinds = {
  companion: title('Somebody stays with the student', '专人陪护'),
  daily_contact: title('Contact every day', '每日联系'),
  dormitory_watch: title('Watch in the dormitory', '宿舍关注'),
  family_care: title('Care by the family', '家属看护'),
  hospital_care: title('Care in hospital', '住院治疗'),
  study_watch: title('Watch over attendance and study', '到课与学业跟踪'),
  tutoring: title('Tutoring', '学业辅导'),
  other: title('Other', '其他'),
} as const

/** On what a measure rests: consent, or a basis in law. */
export const measureBases = {
  student_consent: title('The student’s consent', '学生同意'),
  guardian_consent: title('The guardian’s consent', '监护人同意'),
  danger_to_life: title('Danger to life', '危及生命'),
  legal_duty: title('Legal duty', '法定义务'),
} as const

/** What a crisis may do without, and the reasons that justify it. */
export const exemptions = {
  guardian_notice: {
    title: title('Notice to the guardian', '告知监护人'),
    reasons: {
      notice_endangers: title('Notice would put the student in danger', '告知将危及学生'),
      of_age_and_refuses: title('Of age, refuses, no danger to life', '已成年且拒绝,无生命危险'),
      no_guardian: title('There is no guardian', '无监护人'),
      guardian_unreachable: title('Tried, the guardian cannot be reached', '多次联系未果'),
      legal_order: title('By legal order', '依法不予告知'),
    },
  },
  specialist: {
    title: title('Psychological centre or hospital', '心理中心或医院'),
    reasons: {
      in_treatment: title('In treatment already', '已在治疗中'),
      not_needed: title('Assessed as not needed', '经评估不需要'),
      student_refuses: title('The student refuses, no danger to life', '学生拒绝,无生命危险'),
    },
  },
  monitoring: {
    title: title('Monitoring measures', '监管措施'),
    reasons: {
      no_danger: title('Assessed as no danger', '经评估无危险'),
      in_hospital: title('In hospital', '已住院'),
      with_family: title('With the family', '由家属看护'),
      not_needed: title('Assessed as not needed', '经评估不需要'),
    },
  },
} as const satisfies Record<string, { title: Title; reasons: Record<string, Title> }>

export type Exemption = keyof typeof exemptions

/** How a crisis that ran its course came out. `decided`: only by a decision of the institution. Domain §4. */
export const crisisOutcomes = {
  continued: { decided: false, title: title('Continues study', '继续学业') },
  moved_down: { decided: true, title: title('Moved down a year', '降级') },
  probation: { decided: true, title: title('Academic probation', '跟班试读') },
  delayed: { decided: true, title: title('Delayed graduation', '延期毕业') },
  leave: { decided: true, title: title('Leave of absence', '休学') },
  dismissed: { decided: true, title: title('Dismissed', '退学处理') },
  withdrew: { decided: false, title: title('Withdrew', '自愿退学') },
  handed_over: { decided: false, title: title('Handed over', '移交') },
} as const

export type CrisisOutcome = keyof typeof crisisOutcomes

/** What becomes of an appeal 申诉. */
export const appealResults = {
  upheld: title('The appeal succeeds', '申诉成立'),
  partly_upheld: title('The appeal succeeds in part', '申诉部分成立'),
  rejected: title('The appeal fails', '申诉不成立'),
  withdrawn: title('The appeal is withdrawn', '撤回申诉'),
} as const

/** Why a crisis ends before it was stabilised. Domain §4. */
export const earlyReasons = ['false_alarm', 'handed_over', 'left_school', 'died'] as const
