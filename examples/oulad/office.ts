import { beginCase, type Carried, endCase } from './carry.ts'
import { type Client, everyItem, Refused } from './client.ts'
import type { Cohort } from './cohorts.ts'
import type { Registration } from './data.ts'
import type { Days } from './days.ts'
import type { Pace } from './pace.ts'
import { answerTo, instead } from './policy.ts'

interface Item {
  readonly id: string
  readonly step: string
  readonly severity: string
  readonly kinds: readonly string[]
  readonly version: unknown
  readonly openedAt: string
  readonly student: { readonly id: string; readonly number: string }
}

interface Alert extends Item {
  readonly signals: readonly { readonly figures: { readonly term?: string } }[]
  readonly dispositions: readonly unknown[]
  readonly notices: readonly { readonly outcome: string; readonly on: string }[]
}

/** What the office is given. */
export interface OfficeDeps {
  readonly desks: readonly Client[]
  readonly pace: Pace
  readonly days: Days
  readonly registrations: readonly Registration[]
  readonly cohort: (registration: Registration, day: number) => Cohort | null
}

/** A case that is open, and at which desk. */
interface Open extends Carried {
  readonly desk: Client
}

/** A case as it ended. */
export interface Ended {
  readonly reason: string
  readonly step: string
  readonly goals: readonly { readonly attainment: number | null }[]
}

const gravest = ['red', 'orange', 'yellow', 'blue']
const inOrder = (a: Item, b: Item) =>
  gravest.indexOf(a.severity) - gravest.indexOf(b.severity) || a.openedAt.localeCompare(b.openedAt)

/**
 * The counsellors, each at a desk with an inbox. On a working day each sees what is new and answers so many alerts, the
 * gravest and oldest first: after a day on which much was due some wait longer than they should.
 */
export class Office {
  readonly dispositions = new Map<string, number>()
  readonly flagged = new Set<Registration>()
  readonly ended: Ended[] = []
  readonly #deps: OfficeDeps
  readonly #open = new Map<string, Open>()
  readonly #byTerm = new Map<string, Registration>()
  readonly #capacity: number

  constructor(deps: OfficeDeps) {
    this.#deps = deps
    for (const each of deps.registrations) {
      this.#byTerm.set(`${each.student} ${deps.days.term(each.presentation)}`, each)
      this.#byTerm.set(each.student, each)
    }
    this.#capacity = Math.max(1, Math.round(deps.registrations.length / deps.desks.length / 100))
  }

  get openCases(): number {
    return this.#open.size
  }

  /** A working day at every desk. @returns alerts that are open afterwards */
  async work(date: string): Promise<number> {
    const left = await Promise.all(this.#deps.desks.map(desk => this.#deskWorks(desk, date)))
    return left.reduce((sum, each) => sum + each, 0)
  }

  async #deskWorks(desk: Client, date: string): Promise<number> {
    const inbox = await everyItem<Item>(desk, '/v1/alerts?scope=mine')
    const items = inbox.filter(each => this.#byTerm.has(each.student.number)).sort(inOrder)
    for (const item of items.filter(each => each.step === 'raised').slice(0, 4 * this.#capacity))
      await unlessStale(() => acknowledge(desk, item))
    let answered = 0
    for (const { id } of items.slice(0, this.#capacity))
      if (await unlessStale(() => this.#answer(desk, id, date))) answered++
    return items.length - answered
  }

  /** Registration an alert is about: of the newest signal that names a term. */
  #registrationOf({ student, signals }: Alert): Registration {
    const term = signals.findLast(each => each.figures.term)?.figures.term
    return (this.#byTerm.get(`${student.number} ${term}`) ?? this.#byTerm.get(student.number)) as Registration
  }

  /** @returns false when the student was not reached and is called again another day */
  async #answer(desk: Client, id: string, date: string): Promise<unknown> {
    const url = `/v1/alerts/${id}`
    const alert = (await desk.get(url)) as unknown as Alert
    const registration = this.#registrationOf(alert)
    this.flagged.add(registration)
    const seen = alert.step === 'raised' ? await acknowledge(desk, alert) : alert.version
    const filed = alert.dispositions.length > 0
    const version = filed ? seen : await this.#dispose(desk, { ...alert, version: seen }, registration, date)
    if (version === null) return false
    return desk.post(`${url}/transitions`, { to: 'resolved' }, version)
  }

  /** Notifies the student and files what is done. @returns the alert's version then; null = called once, in vain */
  async #dispose(desk: Client, alert: Alert, registration: Registration, date: string): Promise<unknown> {
    const { pace, days } = this.#deps
    const open = this.#open.get(alert.student.id)
    const day = days.dayAt(registration.presentation, date)
    const { notice: outcome, disposition } = answerTo({
      severity: alert.severity,
      student: alert.student.number,
      signals: alert.signals.length,
      caseId: open?.desk === desk ? open.caseId : null,
      watched: alert.kinds.includes('watch_ended'),
      over: day >= registration.days,
      watchUntil: pace.ahead(date, 14),
    })
    let { version } = alert
    if (alert.severity !== 'blue') {
      const tried = alert.notices.filter(each => each.outcome === 'attempted' && each.on < date)
      const notice = { to: 'student', method: 'phone', outcome }
      version = (await desk.post(`/v1/alerts/${alert.id}/notices`, notice)).alertVersion
      if (outcome === 'attempted' && tried.length === 0) return null
    }
    const filed = await this.#file(desk, alert, disposition, version)
    if (filed.caseId && filed.kind === 'case_opened') {
      const carried = { caseId: String(filed.caseId), studentId: alert.student.id, registration, day }
      this.#open.set(alert.student.id, { ...carried, desk })
      await beginCase({ ...this.#deps, client: desk, date }, carried)
    }
    return filed.alertVersion
  }

  async #file(desk: Client, alert: Alert, disposition: { kind: string }, version: unknown) {
    const url = `/v1/alerts/${alert.id}/dispositions`
    const asked = await desk.attempt(url, disposition, version)
    const taken = asked.body.code === 'open_case_exists'
    if (asked.status >= 400 && !taken) throw new Refused('POST', url, asked)
    const filed = taken ? await desk.post(url, instead, version) : asked.body
    this.dispositions.set(String(filed.kind), (this.dispositions.get(String(filed.kind)) ?? 0) + 1)
    return filed
  }

  /** Ends the cases of presentations that are over: the results are known. */
  async endCases(date: string, presentations: ReadonlySet<string>, told: () => void): Promise<void> {
    const over = [...this.#open].filter(([, { registration }]) => presentations.has(registration.presentation))
    const atDesk = async (desk: Client) => {
      for (const [student, each] of over.filter(([, open]) => open.desk === desk)) {
        const reason = await endCase({ ...this.#deps, client: desk, date }, each)
        const { step, goals } = await desk.get(`/v1/cases/${each.caseId}`)
        this.ended.push({ reason, step: String(step), goals: goals as Ended['goals'] })
        this.#open.delete(student)
        told()
      }
    }
    await Promise.all(this.#deps.desks.map(atDesk))
  }
}

/** @returns the alert's version then */
const acknowledge = async (desk: Client, { id, version }: Pick<Item, 'id' | 'version'>): Promise<unknown> =>
  (await desk.post(`/v1/alerts/${id}/transitions`, { to: 'acknowledged' }, version)).alertVersion

/** Does something to an alert as it was seen; when a signal joined it meanwhile, it is left for another day.
 * @returns whether it is done */
const unlessStale = async (work: () => Promise<unknown>): Promise<boolean> => {
  try {
    return (await work()) !== false
  } catch (error) {
    if (error instanceof Refused && error.answer.status === 412) return false
    throw error
  }
}
