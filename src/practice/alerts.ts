import { type CheckDefinition, defineProcess, type Missing, type Title } from '../kernel/process.ts'
import { graver, isSafety, isToBeSeen, type Severity, type SignalKind } from './signals.ts'

const title = (en: string, zh: string): Title => ({ en, zh })

/**
 * Alert 预警: open signals of one student within a window, seen, answered and turned into help. Source: domain §4; seed
 * article 3, §4 (预警—干预—援助).
 */
export const alertProcess = defineProcess({
  name: 'alert',
  title: title('Alert', '预警'),
  initial: 'raised',
  final: ['resolved'],
  steps: {
    raised: { title: title('Raised', '已发出'), note: title('Waiting to be seen', '待受理') },
    acknowledged: { title: title('Acknowledged', '已受理'), note: title('Somebody answers for it', '有人负责') },
    resolved: {
      title: title('Resolved', '已处置'),
      note: title('Turned into help, or not, with reason', '落实帮扶或说明理由'),
    },
  },
  edges: [
    { from: 'raised', to: 'acknowledged', by: ['owner', 'told', 'line_manager'], needs: [], checks: [] },
    {
      from: 'acknowledged',
      to: 'resolved',
      by: ['owner', 'line_manager'],
      needs: [],
      checks: [
        { check: 'disposition_on_file' },
        { check: 'student_was_notified' },
        { check: 'family_was_notified' },
        { check: 'objections_are_answered' },
      ],
    },
  ],
})

export type AlertStep = keyof typeof alertProcess.steps

/** What may become of an alert 处置; one or more, each leaves its record. Domain §4. */
export const dispositions = {
  talk: title('Talk', '谈话'),
  study_discussion: title('Study discussion', '学业研讨'),
  interest_group: title('Interest or study group', '兴趣或学习小组'),
  case_opened: title('Case opened', '建立个案'),
  case_joined: title('Joined to an open case', '并入个案'),
  crisis_opened: title('Crisis opened', '启动危机干预'),
  declined: title('The student declined', '学生婉拒'),
  watch: title('Watched until a day', '持续观察'),
  not_reached: title('Not reached', '未能联系'),
  objection_upheld: title('Objection upheld', '异议成立'),
  no_action: title('No action', '不予处置'),
  merged: title('Merged into another alert', '并入其他预警'),
} as const

export type Disposition = keyof typeof dispositions

/** All that decides about an alert. */
export interface AlertFacts {
  readonly severity: string
  /** Version of the alert at which it last rose; 1 = never. */
  readonly risenVersion: number
  readonly dispositions: readonly { readonly kind: string; readonly version: number }[]
  /** Notices since it last rose: to whom, and whether they were received or tried often enough to count. */
  readonly notices: readonly { readonly to: 'student' | 'family'; readonly counts: boolean }[]
  /** Objections of the student that nobody answered yet. */
  readonly openObjections: number
  /**
   * Whether the institution wants the student, and the family, notified at this severity; not the family where a crisis
   * opened from the alert has on file why the guardian is not: notice may endanger the student.
   */
  readonly notifyStudent: boolean
  readonly notifyFamily: boolean
}

/** An alert as far as what comes to it can make it rise. */
export interface Rising {
  readonly severity: Severity
  /** Kinds of its open signals. */
  readonly kinds: readonly SignalKind[]
  readonly isSeen: boolean
}

/**
 * Whether an alert rises, and is to be answered anew, by open signals that come to it: severity rises, safety is at stake
 * for the first time, or what was seen is joined by what is to be seen always. Pure. Decision 025.
 */
export const rises = (alert: Rising, severity: Severity, came: readonly SignalKind[]): boolean =>
  graver(alert.severity, severity) !== alert.severity ||
  (came.some(isSafety) && !alert.kinds.some(isSafety)) ||
  (alert.isSeen && came.some(isToBeSeen))

const when = (unmet: boolean, check: string, words: Title): Missing[] => (unmet ? [{ check, title: words }] : [])

/**
 * Whether what was filed at a version of an alert still answers it: what was filed before it last rose answered something
 * else. Pure.
 */
export const answersSince =
  (risenVersion: number) =>
  ({ version }: { readonly version: number }): boolean =>
    version >= risenVersion

const disposed = (facts: AlertFacts) => facts.dispositions.filter(answersSince(facts.risenVersion))

const excused = (facts: AlertFacts) => disposed(facts).some(each => ['objection_upheld', 'merged'].includes(each.kind))

const notDisposed = (facts: AlertFacts): Title =>
  facts.dispositions.length === 0
    ? title('No disposition is on file', '尚无处置记录')
    : title('No disposition is on file since the alert rose', '预警加重后尚无处置记录')

/** The named rules of alerts. Source: domain §4. */
export const alertChecks = {
  disposition_on_file: {
    title: title('What became of it is on file, as it is now', '已按现有情况记录处置'),
    records: [],
    operation: 'disposeAlert',
    rule: facts => when(disposed(facts).length === 0, 'disposition_on_file', notDisposed(facts)),
  },
  student_was_notified: {
    title: title('The student was notified since the alert last rose', '预警加重后已告知学生'),
    records: [],
    operation: 'notifyOfAlert',
    rule: facts =>
      when(
        facts.notifyStudent && !excused(facts) && !facts.notices.some(each => each.to === 'student' && each.counts),
        'student_was_notified',
        title('At this level the student is notified, or attempts are on file', '此级别须告知学生,或有联系记录'),
      ),
  },
  family_was_notified: {
    title: title('The family was notified since the alert last rose', '预警加重后已告知家长'),
    records: [],
    operation: 'notifyOfAlert',
    rule: facts =>
      when(
        facts.notifyFamily && !excused(facts) && !facts.notices.some(each => each.to === 'family' && each.counts),
        'family_was_notified',
        title(
          'At this level the family is notified, or attempts are on file, or a crisis opened from the alert says why not',
          '此级别须告知家长,或有联系记录,或由该预警启动的危机已记录不予告知的依据',
        ),
      ),
  },
  objections_are_answered: {
    title: title('The student’s objections are answered', '已答复学生异议'),
    records: [],
    operation: 'answerObjection',
    rule: facts =>
      when(
        facts.openObjections > 0,
        'objections_are_answered',
        title('An objection waits for an answer', '有异议待答复'),
      ),
  },
} as const satisfies Record<string, CheckDefinition<AlertFacts, never>>
