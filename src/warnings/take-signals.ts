import { tenantStatement } from '../platform/database.ts'
import type { Idempotency } from '../platform/http/route.ts'
import type { Actor } from '../platform/journal.ts'
import type { Deps } from '../platform/subject.ts'
import type { SignalFacts, Verdict } from './decide-signals.ts'
import { factsJson, keysOf, monthOf } from './load-signals.ts'
import type { Signal } from './signal-schemas.ts'
import { type Intake, type MonthKey, takeDelivery } from './take-delivery.ts'

/** Parameters: 1 institution, 2 origin, 3 ids and numbers, 4 month. */
const loadStatement = tenantStatement<{ facts: Pick<SignalFacts, 'known' | 'students'> & { readonly key: MonthKey } }>(
  'signals.load',
  `select ${factsJson({ origin: '$2::text', keys: '$3::jsonb', month: '$4::text' })} as facts`,
)

/** Signals from within: of the institution's own rules, or of the service. */
export interface OwnSignals {
  readonly institution: string
  readonly origin: 'rules' | 'service'
  readonly actor: Actor
  readonly requestId: string
  /** At most 1,000. */
  readonly items: readonly Signal[]
  readonly idempotency?: Idempotency | null
}

/**
 * Takes signals from within, by the same path as those of systems and people: two round trips for 1,000, one journal
 * entry, `pending` set on what fusion must look at.
 * @returns a verdict per signal, in order
 * @throws Problem as {@link takeDelivery}
 */
export const takeSignals = async (deps: Deps, own: OwnSignals): Promise<readonly Verdict[]> => {
  const items = own.items.map(signal => ({ externalId: signal.externalId, signal, faults: [] }))
  const load = async (): Promise<Intake> => {
    const [row] = await deps.db
      .as(own.institution)
      .rows(loadStatement, own.origin, keysOf(items), monthOf(deps.ambient.now()))
    const { facts } = row as { facts: Pick<SignalFacts, 'known' | 'students'> & { readonly key: MonthKey } }
    return {
      ...own,
      prefix: '',
      raisedBy: null,
      quota: null,
      facts: { ...facts, kinds: null, onlyAbout: null, byHand: false },
      replay: null,
    }
  }
  const { verdicts } = await takeDelivery(deps, {
    items,
    idempotency: own.idempotency ?? null,
    requestId: own.requestId,
    load,
  })
  return verdicts
}
