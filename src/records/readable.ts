import { literals } from '../platform/sql.ts'
import type { RecordKind } from '../practice/record-kind.ts'

/** Whether record `r` is told to those who work on its subject: all but the unsigned words of others. */
export const toldToTeam = (kinds: Readonly<Record<string, RecordKind>>): string => {
  const own = Object.values(kinds).filter(kind => kind.ownTokenOnly)
  if (own.length === 0) return 'true'
  return `(r.status in ('signed', 'superseded') or r.kind not in (${literals(own.map(kind => kind.kind))}))`
}

/**
 * Whether record `r` is theirs to see who read only what is opened to them: what they wrote, are asked to sign as a
 * party, or what signed work opens to students. SQL over `me`.
 */
export const openedTo = (kinds: Readonly<Record<string, RecordKind>>, party: string): string => {
  const named = (holds: (kind: RecordKind) => boolean) =>
    literals(
      Object.values(kinds)
        .filter(holds)
        .map(kind => kind.kind),
    )
  return `(r.author_id = (select person_id from me)
  or (r.status <> 'discarded' and r.kind in (${named(kind => kind.signers.includes(party))}))
  or (r.status in ('signed', 'superseded') and r.kind in (${named(kind => kind.studentReads !== 'nothing')})))`
}
