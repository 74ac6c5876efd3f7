import type { ServiceKeys } from './keys.ts'
import type { Vault } from './vault.ts'

/** What commands are given from outside: time, ids, keys. */
export interface Ambient {
  /** The clock that decides practice; the sandbox can move it. */
  readonly now: () => Date
  /** The clock of tokens, leases, key expiry and limits. */
  readonly wallClock: () => Date
  /** A new UUIDv7. */
  readonly newId: () => string
  readonly vault: Vault
  readonly keys: ServiceKeys
}
