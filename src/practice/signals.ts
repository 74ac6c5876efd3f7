import type { Title } from '../kernel/process.ts'

const title = (en: string, zh: string): Title => ({ en, zh })

/** Severities 预警级别, from mild to grave. Domain §4. */
export const severities = {
  blue: title('Blue', '蓝色'),
  yellow: title('Yellow', '黄色'),
  orange: title('Orange', '橙色'),
  red: title('Red', '红色'),
} as const

export type Severity = keyof typeof severities

/** The graver of two severities. */
export const graver = (a: Severity, b: Severity): Severity => {
  const order = Object.keys(severities)
  return order.indexOf(a) >= order.indexOf(b) ? a : b
}

/** What a signal is about: decides who owns the alert, and whether clock hours count. */
export const signalAreas = {
  academic: title('Academic', '学业'),
  attendance: title('Attendance', '考勤'),
  life: title('Life', '生活'),
  safety: title('Safety', '安全'),
  positive: title('Positive', '积极'),
} as const

/** Kinds of signals 预警信号. Source: domain §4; seed article 3, §1.1 and §4 (社会支持系统). */
export const signalKinds = {
  failed_course: { area: 'academic', title: title('Failed course', '课程不及格') },
  low_score: { area: 'academic', title: title('Low score', '成绩偏低') },
  missing_work: { area: 'academic', title: title('Missing work', '未交作业') },
  credit_shortfall: { area: 'academic', title: title('Credits short of the programme', '学分不足') },
  bottom_of_course: { area: 'academic', title: title('Bottom of a course', '课程排名靠后') },
  drop_in_results: { area: 'academic', title: title('Drop against the last term', '成绩下滑') },
  standing_at_risk: { area: 'academic', title: title('Standing at risk', '学籍风险') },
  absence: { area: 'attendance', title: title('Absence', '缺勤') },
  silence: { area: 'attendance', title: title('Silence: no signal, contact or result', '长期无信息') },
  leave_overdue: { area: 'attendance', title: title('Return from leave overdue', '逾期未返') },
  late_return: { area: 'life', title: title('Late return to the dormitory', '晚归') },
  conduct: { area: 'life', title: title('Breach of rules', '违纪') },
  hardship: { area: 'life', title: title('Financial hardship', '经济困难') },
  family_event: { area: 'life', title: title('Event in the family', '家庭变故') },
  relations: { area: 'life', title: title('Strained relations', '人际关系紧张') },
  low_mood: { area: 'safety', title: title('Low mood', '情绪低落') },
  safety_concern: { area: 'safety', title: title('Concern for safety', '安全隐患') },
  watch_ended: { area: 'life', title: title('A watch came to its day', '观察期满') },
  request_for_help: { area: 'life', title: title('The student asks for help', '主动求助') },
  progress: { area: 'positive', title: title('Progress', '进步') },
  praise: { area: 'positive', title: title('Praise', '表扬') },
} as const satisfies Record<string, { area: keyof typeof signalAreas; title: Title }>

export type SignalKind = keyof typeof signalKinds

/** Whether a kind tells something good: kept and shown, never an alert. */
export const isPositive = (kind: SignalKind): boolean => signalKinds[kind].area === 'positive'

/** Whether a kind concerns the student’s safety: targets count by the clock. */
export const isSafety = (kind: SignalKind): boolean => signalKinds[kind].area === 'safety'

/**
 * Whether a kind is to be seen by somebody whatever was answered before it: concerns for safety, and the student's own
 * call for help. Domain §4.
 */
export const isToBeSeen = (kind: SignalKind): boolean => isSafety(kind) || kind === 'request_for_help'

/** How far back what a person raises by hand may have been observed, in days: older things are no warning any more. */
export const raisedWithinDays = 30

/** Whether an observation is too old to be raised by hand. Pure. */
export const isTooOldToRaise = (observedAt: string, now: Date): boolean =>
  Date.parse(observedAt) < now.getTime() - raisedWithinDays * 86_400_000

/**
 * Signals a person may raise by hand on a day, updates counted. A student asks for help and says more, but does not bury
 * others’ calls; a teacher may report a whole lecture, one batch.
 */
export const raisedADay = { student: 20, staff: 1000 } as const

/** Where a signal comes from when it is no registered source. */
export const ownOrigins = ['people', 'rules', 'service'] as const
