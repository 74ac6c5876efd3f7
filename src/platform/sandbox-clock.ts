import { type Door, systemStatement } from './database.ts'

/** A clock that can be put forward: it runs on from there. Only the embedded mode has one. */
export interface SandboxClock {
  /** The moved time. */
  readonly now: () => Date
  /** Milliseconds ahead of the real time. */
  readonly offsetMs: () => number
  /** Puts it further forward; an offset that is not greater changes nothing. */
  readonly advance: (offsetMs: number) => void
}

/** A clock so many milliseconds ahead of another. */
export const makeSandboxClock = (wallClock: () => Date, offsetMs: number): SandboxClock => {
  let ahead = offsetMs
  return {
    now: () => new Date(wallClock().getTime() + ahead),
    offsetMs: () => ahead,
    advance: further => {
      ahead = Math.max(ahead, further)
    },
  }
}

const kept = systemStatement<{ offsetMs: number }>(
  'sandbox.clock',
  'select offset_ms as "offsetMs" from sandbox_clock where id = 1',
)

/** The clock as it was left: how far it had been moved is kept over restarts. */
export const loadSandboxClock = async (db: Door, wallClock: () => Date): Promise<SandboxClock> => {
  const [row] = await db.system.rows(kept)
  return makeSandboxClock(wallClock, row?.offsetMs ?? 0)
}
