import type { Ambient } from '../platform/ambient.ts'
import { openBytes } from '../platform/words.ts'
import { noteField } from './take-delivery.ts'

/** A signal as found, with its sealed words and the wrapped key of their month. */
export interface SealedSignal {
  readonly id: string
  readonly kind: string
  readonly status: string
  readonly observedAt: string
  readonly sealed: string | null
  readonly keyId: string | null
  readonly dataKey: string | null
}

/** A signal with its words opened; null where there are none, or their key was erased. */
export const openSignalWords = <S extends SealedSignal>(ambient: Ambient, institution: string, signal: S) => {
  const { sealed, keyId, dataKey, ...rest } = signal
  const place = {
    institution,
    subject: keyId ?? '',
    table: 'signals',
    row: signal.id,
    field: noteField(signal.observedAt, signal.status),
  }
  const readable = sealed !== null && keyId !== null && dataKey !== null
  return { ...rest, words: readable ? openBytes(ambient, place, dataKey, sealed).toString('utf8') : null }
}
