import type { Answer, Client } from '../client.ts'
import type { Days } from '../days.ts'
import { fileRecord } from '../forms.ts'
import type { Pace } from '../pace.ts'
import type { Candidate, Forming } from './form.ts'
import { type Planned, sessionsOf } from './later.ts'

/** A member as the service tells of them. */
export interface Member {
  readonly id: string
  readonly studentId: string
  readonly role: 'student' | 'volunteer'
  readonly status: 'waiting' | 'proposed' | 'selected' | 'consented' | 'active' | 'completed' | 'left'
}

/** A group as the service tells of it. */
export interface GroupView {
  readonly version: number
  readonly step: string
  readonly endReason: string | null
  readonly minMembers: number
  readonly members: readonly Member[]
  readonly pairs: readonly { readonly volunteerId: string; readonly studentId: string }[]
  readonly sessions: readonly { readonly id: string; readonly phase: string; readonly status: string }[]
  readonly tasks: readonly { readonly id: string; readonly memberId: string | null; readonly status: string }[]
  readonly budgetLines: readonly { readonly id: string; readonly plannedFen: number }[]
  readonly openItems: readonly { readonly id: string; readonly kind: string; readonly resolution: string | null }[]
}

/** Who leads a group, who decides about it, and how days pass. */
export interface GroupDeps {
  readonly leader: Client
  readonly lineManager: Client
  readonly days: Days
  readonly pace: Pace
}

/** A group at the service, with what the data says of its members. */
export class Group {
  readonly id: string
  readonly forming: Forming
  /** Day of the presentation on which it was formed. */
  readonly from: number
  readonly sessions: readonly Planned[]
  readonly leader: Client
  readonly #deps: GroupDeps
  /** The day that is played. */
  date: string

  constructor(deps: GroupDeps, id: string, forming: Forming, date: string) {
    this.#deps = deps
    this.id = id
    this.forming = forming
    this.date = date
    this.leader = deps.leader
    this.from = deps.days.dayAt(forming.presentation, date)
    this.sessions = sessionsOf((forming.students[0] as Candidate).registration, this.from)
  }

  get url(): string {
    return `/v1/groups/${this.id}`
  }

  /** The day played, as a day of the presentation. */
  get day(): number {
    return this.#deps.days.dayAt(this.forming.presentation, this.date)
  }

  /** A day of the presentation as the service counts, at the soonest today. */
  dateOf(day: number): string {
    return this.#deps.pace.ahead(this.date, Math.max(0, day - this.day))
  }

  get today(): string {
    return this.dateOf(this.day)
  }

  async view(): Promise<GroupView> {
    return (await this.leader.get(this.url)) as unknown as GroupView
  }

  /** A change that must succeed, of the group as it stands. */
  async post(path: string, body: unknown, who = this.leader) {
    const { version } = await this.view()
    return who.post(`${this.url}/${path}`, body, version)
  }

  /** The line manager's decision. */
  decide(path: string, body: unknown) {
    return this.post(path, body, this.#deps.lineManager)
  }

  /** A change that may be refused. */
  async attempt(path: string, body: unknown): Promise<Answer> {
    const { version } = await this.view()
    return this.leader.attempt(`${this.url}/${path}`, body, version)
  }

  record(kind: string, content: Record<string, unknown>): Promise<void> {
    return fileRecord(this.leader, this.today, this.url, kind, content)
  }

  /** What the data says of a member. */
  candidate({ studentId }: Pick<Member, 'studentId'>): Candidate {
    const { students, volunteers } = this.forming
    return [...students, ...volunteers].find(each => each.studentId === studentId) as Candidate
  }
}

/** Whether a member takes part, or has agreed to. */
export const joined = ({ status }: Member): boolean => status === 'consented' || status === 'active'

/** Students who take part. */
export const studentsOf = ({ members }: GroupView): Member[] =>
  members.filter(each => each.role === 'student' && joined(each))
