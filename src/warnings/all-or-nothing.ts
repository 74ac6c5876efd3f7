import type { Database, Door } from '../platform/database.ts'
import type { Answer } from '../platform/http/route.ts'

/** A compare was lost inside a transaction: it is undone and tried again. */
class Lost extends Error {}

/** Runs a change and what belongs to it in one transaction. @returns null when a compare was lost and all is undone */
export const allOrNothing = (db: Database, work: (tx: Door) => Promise<Answer | null>): Promise<Answer | null> =>
  db
    .transaction(async tx => {
      const answer = await work(tx)
      if (!answer) throw new Lost()
      return answer
    })
    .catch(error => {
      if (error instanceof Lost) return null
      throw error
    })
