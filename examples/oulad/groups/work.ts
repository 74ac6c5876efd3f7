import { type Client, everyItem, Figures } from '../client.ts'
import type { Registration } from '../data.ts'
import type { Days } from '../days.ts'
import type { Pace } from '../pace.ts'
import { unitOf } from '../package.ts'
import type { Service } from '../service.ts'
import { cancel } from './end.ts'
import {
  type Candidate,
  candidateOf,
  type Forming,
  formGroups,
  formingDays,
  type GroupType,
  groupTypes,
} from './form.ts'
import type { Group } from './group.ts'
import { workOn } from './phases.ts'
import { prepare } from './prepare.ts'
import { nextSession } from './sessions.ts'

/** What group work is given. */
export interface GroupWorkDeps {
  readonly service: Service
  readonly clientFor: (account: string, figures?: Figures) => Client
  readonly figures: Figures
  readonly pace: Pace
  readonly days: Days
  readonly registrations: readonly Registration[]
  /** Registrations a warning was answered for. */
  readonly warned: ReadonlySet<Registration>
}

/** A group with the date of its next session; null = it is over. */
interface Running {
  readonly group: Group
  readonly next: string | null
}

/** The groups of a play: formed of warned students, and led from session to session. */
export class GroupWork {
  /** What the requests of the groups of a type met. */
  readonly figures: Readonly<Record<GroupType, Figures>>
  readonly #deps: GroupWorkDeps
  readonly #formings: readonly { readonly date: string; readonly presentation: string }[]
  readonly #takesPart = new Map<Registration, GroupType[]>()
  readonly #units = new Map<string, string>()
  #running: Running[] = []

  constructor(deps: GroupWorkDeps) {
    this.#deps = deps
    const ofType = (type: GroupType) => [type, new Figures(deps.figures)] as const
    this.figures = Object.fromEntries(groupTypes.map(ofType)) as Record<GroupType, Figures>
    const presentations = new Map(deps.registrations.map(each => [each.presentation, each]))
    this.#formings = [...presentations].flatMap(([presentation, any]) =>
      formingDays(any).map(day => ({ date: deps.days.dateOf(presentation, day), presentation })),
    )
  }

  get groups(): readonly Group[] {
    return this.#running.map(each => each.group)
  }

  /** Whether a group is formed or has a session on a day. */
  isDue(date: string): boolean {
    return this.#formings.some(each => each.date === date) || this.#running.some(each => each.next === date)
  }

  /** Holds the sessions of a day, then forms the groups that are formed on it. */
  async work(date: string): Promise<void> {
    this.#running = await Promise.all(
      this.#running.map(each => (each.next === date ? this.#hold(each.group, date) : each)),
    )
    for (const { presentation } of this.#formings.filter(each => each.date === date))
      for (const forming of await this.#formed(presentation, date)) this.#running.push(await this.#begin(forming, date))
  }

  async #hold(group: Group, date: string): Promise<Running> {
    group.date = date
    await workOn(group)
    return this.#after(group)
  }

  async #after(group: Group): Promise<Running> {
    const next = nextSession(group, await group.view())
    return { group, next: next ? this.#deps.days.dateOf(group.forming.presentation, next.day) : null }
  }

  async #begin(forming: Forming, date: string): Promise<Running> {
    const { service, clientFor, days, pace } = this.#deps
    const [module = ''] = forming.presentation.split('-')
    const figures = this.figures[forming.type]
    const accounts = service.counsellorsOf(module)
    const leader = clientFor(accounts[this.#running.length % accounts.length] as string, figures)
    const lineManager = clientFor('lineManager', figures)
    const unit = await this.#unitOf(leader, module)
    const { group, ready } = await prepare({ leader, lineManager, days, pace }, forming, unit, date)
    if (!ready) await cancel(group, 'Too few agreed to take part.')
    return this.#after(group)
  }

  async #unitOf(leader: Client, module: string): Promise<string> {
    if (!this.#units.has(unitOf(module)))
      for (const { id, externalId } of await everyItem<{ id: string; externalId: string }>(leader, '/v1/org-units?'))
        this.#units.set(externalId, id)
    return this.#units.get(unitOf(module)) as string
  }

  /** The groups formed in a presentation of those who were warned, with volunteers who are in none yet. */
  async #formed(presentation: string, date: string): Promise<Forming[]> {
    const { registrations, warned } = this.#deps
    const here = registrations.filter(each => each.presentation === presentation)
    const isFree = (each: Registration) => each.finalResult === 'Distinction' && !this.#takesPart.has(each)
    const strong = here.filter(each => isFree(each) && !warned.has(each))
    const weak = await this.#candidates(
      here.filter(each => warned.has(each)),
      date,
    )
    const volunteers = await this.#candidates(strong.slice(0, weak.length), date)
    const formed = formGroups(weak, volunteers, each => this.#takesPart.get(each.registration) ?? [])
    for (const { type, students, volunteers } of formed)
      for (const { registration } of [...students, ...volunteers])
        this.#takesPart.set(registration, [...(this.#takesPart.get(registration) ?? []), type])
    return formed
  }

  /** Those of the students whom the counsellors may see. */
  async #candidates(registrations: readonly Registration[], date: string): Promise<Candidate[]> {
    const { service, clientFor, days } = this.#deps
    const found: Candidate[] = []
    for (const each of registrations) {
      const client = clientFor(service.counsellorsOf(each.module)[0] as string)
      const page = await client.post('/v1/students/search', { text: each.student })
      const items = page.items as { id: string; number: string }[]
      const studentId = items.find(item => item.number === each.student)?.id
      const others = this.#deps.registrations.filter(other => other !== each && other.student === each.student)
      if (studentId) found.push(candidateOf(each, studentId, others, date, days))
    }
    return found
  }
}
