import { type Database, DatabaseUnavailable } from './database.ts'
import { PartlyFailed, type Work } from './loop.ts'

/** Background work over institutions; a part `P` is what waits at one of them. */
export interface InstitutionWork<P> {
  readonly name: string
  readonly idleMs: number
  /** What waits, institution by institution. */
  readonly waiting: () => Promise<readonly P[]>
  /** Does a bounded piece of a part; says whether more of it is waiting. */
  readonly serve: (part: P) => Promise<boolean>
}

/**
 * Serves each part apart: the fault of one institution is told, by {@link PartlyFailed}, when all others were served. A
 * database that is gone serves nobody: the pass ends there.
 */
export const institutionWork = <P extends { readonly institution: string }>(
  db: Pick<Database, 'ping'>,
  { name, idleMs, waiting, serve }: InstitutionWork<P>,
): Work => ({
  name,
  idleMs,
  pass: async () => {
    const faults: { readonly institution: string; readonly error: unknown }[] = []
    let more = false
    for (const part of await waiting())
      try {
        more = (await serve(part)) || more
      } catch (error) {
        // A statement that took too long looks the same: the next institution's need not.
        if (error instanceof DatabaseUnavailable) await db.ping()
        faults.push({ institution: part.institution, error })
      }
    if (faults.length > 0) throw new PartlyFailed(faults, more)
    return more
  },
})
