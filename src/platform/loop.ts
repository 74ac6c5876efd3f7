/** A piece of background work. `pass` does a bounded part of it and says whether more is waiting. */
export interface Work {
  readonly name: string
  readonly pass: () => Promise<boolean>
  /** Pause after a pass that found nothing more, in ms. */
  readonly idleMs: number
  readonly onError?: (error: unknown) => void
}

/** Some institutions could not be served in a pass; the others were. */
export class PartlyFailed extends AggregateError {
  /** Whether more is waiting at those that were served. */
  readonly more: boolean
  constructor(faults: readonly { readonly institution: string; readonly error: unknown }[], more: boolean) {
    super(
      faults.map(({ error }) => error),
      faults.map(({ institution, error }) => `${institution}: ${error}`).join('; '),
    )
    this.name = 'PartlyFailed'
    this.more = more
  }
}

/** Work that goes on until it is stopped. */
export interface Loop {
  readonly name: string
  /** Something was written: do not sleep on. */
  wake(): void
  /** Milliseconds since the last pass that ended well. */
  lagMs(): number
  stop(): Promise<void>
}

const longestPauseMs = 1_000

/**
 * Passes over and over until stopped. A fault makes it wait, twice as long each time up to a second, and try again; where
 * it was a part of the work that failed, only once nothing more is waiting of the rest.
 */
export const startLoop = (work: Work, wallClock: () => Date): Loop => {
  let stopped = false
  let wakeUp = () => {}
  let woken = false
  let pauseMs = work.idleMs
  let lastGood = wallClock().getTime()
  const sleep = (ms: number) =>
    new Promise<void>(resolve => {
      const timer = setTimeout(resolve, ms)
      timer.unref()
      wakeUp = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  const pass = async (): Promise<boolean> => {
    woken = false
    const more = await work.pass()
    lastGood = wallClock().getTime()
    pauseMs = work.idleMs
    return more || woken
  }
  const run = async (): Promise<void> => {
    while (!stopped) {
      const more = await pass().catch(error => {
        work.onError?.(error)
        pauseMs = Math.max(work.idleMs, Math.min(pauseMs * 2, longestPauseMs))
        return error instanceof PartlyFailed && error.more
      })
      if (!more && !stopped) await sleep(pauseMs)
    }
  }
  const running = run()
  return {
    name: work.name,
    wake: () => {
      woken = true
      wakeUp()
    },
    lagMs: () => wallClock().getTime() - lastGood,
    stop: async () => {
      stopped = true
      wakeUp()
      await running
    },
  }
}
