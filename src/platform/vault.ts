import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'

/** Key-encryption keys by id; `current` wraps new data keys, the others still unwrap old ones. */
export interface KeyRing {
  readonly current: string
  readonly keys: Readonly<Record<string, Buffer>>
}

/** What a ciphertext is bound to: it opens nowhere else. */
export interface SealedPlace {
  readonly institution: string
  readonly table: string
  readonly row: string
  readonly field: string
}

/** `unknown_key`: the ring has no such key (retired). `forged`: changed, moved, or sealed under another key. */
export class VaultError extends Error {
  readonly reason: 'unknown_key' | 'forged'
  constructor(reason: 'unknown_key' | 'forged') {
    super(reason)
    this.name = 'VaultError'
    this.reason = reason
  }
}

const format = 1
const nonceBytes = 12
const tagBytes = 16

const encrypt = (key: Uint8Array, aad: string, plain: Uint8Array): Buffer => {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(Buffer.from(aad))
  const body = Buffer.concat([cipher.update(plain), cipher.final()])
  return Buffer.concat([nonce, body, cipher.getAuthTag()])
}

const decrypt = (key: Uint8Array, aad: string, bytes: Buffer): Buffer => {
  if (bytes.length < nonceBytes + tagBytes) throw new VaultError('forged')
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes })
  decipher.setAAD(Buffer.from(aad))
  decipher.setAuthTag(bytes.subarray(bytes.length - tagBytes))
  try {
    return Buffer.concat([decipher.update(bytes.subarray(nonceBytes, bytes.length - tagBytes)), decipher.final()])
  } catch {
    throw new VaultError('forged')
  }
}

const aadOf = (place: SealedPlace) => JSON.stringify([place.institution, place.table, place.row, place.field])

/** Envelope encryption: data keys wrapped by the ring, texts sealed by data keys. AES-256-GCM throughout. */
export interface Vault {
  /** A new data key for a context; the wrapped form is what is stored. */
  newDataKey(context: string): { readonly wrapped: Buffer; readonly key: Buffer }
  /** @throws VaultError */
  unwrap(context: string, wrapped: Buffer): Buffer
  /** The same data key under the ring's current key. @throws VaultError */
  rewrap(context: string, wrapped: Buffer): Buffer
  /** Id of the key that wrapped it. @throws VaultError forged */
  keyIdOf(wrapped: Buffer): string
  seal(key: Buffer, place: SealedPlace, plain: Uint8Array | string): Buffer
  /** @throws VaultError forged */
  open(key: Buffer, place: SealedPlace, sealed: Buffer): Buffer
}

const maxRemembered = 2_000

/** Makes a vault over a ring. Unwrapped keys are remembered, at most 2,000. */
export const makeVault = (ring: KeyRing): Vault => {
  const remembered = new Map<string, Buffer>()
  const remember = (name: string, key: Buffer): Buffer => {
    const oldest = remembered.size >= maxRemembered ? remembered.keys().next().value : undefined
    if (oldest !== undefined) remembered.delete(oldest)
    remembered.set(name, key)
    return key
  }
  const wrap = (context: string, key: Buffer): Buffer => {
    const id = Buffer.from(ring.current)
    const kek = ring.keys[ring.current]
    if (!kek) throw new VaultError('unknown_key')
    const head = Buffer.concat([Buffer.from([format, id.length]), id])
    return Buffer.concat([head, encrypt(kek, `${ring.current}|${context}`, key)])
  }
  const keyIdOf = (wrapped: Buffer): string => {
    if (wrapped[0] !== format) throw new VaultError('forged')
    return wrapped.subarray(2, 2 + (wrapped[1] ?? 0)).toString()
  }
  const unwrap = (context: string, wrapped: Buffer): Buffer => {
    const name = createHash('sha256').update(context).update('|').update(wrapped).digest('base64')
    const known = remembered.get(name)
    if (known) return known
    const id = keyIdOf(wrapped)
    const kek = ring.keys[id]
    if (!kek) throw new VaultError('unknown_key')
    return remember(name, decrypt(kek, `${id}|${context}`, wrapped.subarray(2 + Buffer.byteLength(id))))
  }
  return {
    newDataKey: context => {
      const key = randomBytes(32)
      return { key, wrapped: wrap(context, key) }
    },
    unwrap,
    rewrap: (context, wrapped) => wrap(context, unwrap(context, wrapped)),
    keyIdOf,
    seal: (key, place, plain) =>
      Buffer.concat([
        Buffer.from([format]),
        encrypt(key, aadOf(place), typeof plain === 'string' ? Buffer.from(plain) : plain),
      ]),
    open: (key, place, sealed) => {
      if (sealed[0] !== format) throw new VaultError('forged')
      return decrypt(key, aadOf(place), sealed.subarray(1))
    },
  }
}
