import type { Deps } from '../platform/subject.ts'
import { openJson, sealJson } from '../platform/words.ts'

/** Where words of a crisis lie: table, row and column. */
interface Where {
  readonly institution: string
  readonly crisisId: string
  readonly table: string
  readonly row: string
  readonly field: string
}

const placeOf = ({ institution, crisisId, table, row, field }: Where) => ({
  institution,
  subject: crisisId,
  table,
  row,
  field,
})

/** Seals words under the crisis's key; null when there are none. @throws Problem key_is_erased */
export const sealWords = (
  { ambient }: Deps,
  where: Where,
  dataKey: string | null,
  words: Readonly<Record<string, string | null>>,
): string | null =>
  Object.values(words).some(each => each !== null) ? sealJson(ambient, placeOf(where), dataKey, words) : null

/** Opens what {@link sealWords} sealed; {} when there is nothing. @throws Problem key_is_erased */
export const openWords = (
  { ambient }: Deps,
  where: Where,
  dataKey: string | null,
  sealed: string | null,
): Record<string, string | null> =>
  sealed === null ? {} : (openJson(ambient, placeOf(where), dataKey, sealed) as Record<string, string | null>)
