import { Problem } from '../practice/problems.ts'
import type { Ambient } from './ambient.ts'

/** Where an encrypted text belongs: bound to it, so that it cannot be moved. `subject` is whose data key seals it. */
export interface Place {
  readonly institution: string
  readonly subject: string
  readonly table: string
  readonly row: string
  readonly field: string
}

const context = (place: Pick<Place, 'institution' | 'subject'>) => `${place.institution}|${place.subject}`

/** A new data key for a subject, wrapped, base64. */
export const newSubjectKey = (ambient: Ambient, place: Pick<Place, 'institution' | 'subject'>): string =>
  ambient.vault.newDataKey(context(place)).wrapped.toString('base64')

const keyOf = (ambient: Ambient, place: Place, dataKey: string | null): Buffer => {
  if (dataKey === null) throw new Problem('key_is_erased')
  return ambient.vault.unwrap(context(place), Buffer.from(dataKey, 'base64'))
}

/** Encrypts bytes under the subject's key; base64. @throws Problem key_is_erased */
export const sealBytes = (ambient: Ambient, place: Place, dataKey: string | null, bytes: Uint8Array | string): string =>
  ambient.vault.seal(keyOf(ambient, place, dataKey), place, bytes).toString('base64')

/** Decrypts what {@link sealBytes} made. @throws Problem key_is_erased */
export const openBytes = (ambient: Ambient, place: Place, dataKey: string | null, sealed: string): Buffer =>
  ambient.vault.open(keyOf(ambient, place, dataKey), place, Buffer.from(sealed, 'base64'))

/** Encrypts a JSON value. @throws Problem key_is_erased */
export const sealJson = (ambient: Ambient, place: Place, dataKey: string | null, value: unknown): string =>
  sealBytes(ambient, place, dataKey, JSON.stringify(value))

/** Decrypts what {@link sealJson} made. @throws Problem key_is_erased */
export const openJson = (ambient: Ambient, place: Place, dataKey: string | null, sealed: string): unknown =>
  JSON.parse(openBytes(ambient, place, dataKey, sealed).toString('utf8'))
