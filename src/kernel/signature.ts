import { createHash, createHmac, type KeyObject, sign, verify } from 'node:crypto'

/** sha256 of a text, hex. */
export const sha256Hex = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex')

/** HMAC-SHA-256 of a text, hex. */
export const hmacHex = (key: Uint8Array, text: string): string => createHmac('sha256', key).update(text).digest('hex')

/**
 * One text for one value: keys sorted, no spaces, members that are undefined left out.
 * @throws TypeError for what JSON cannot hold: NaN, functions, class instances, lone surrogates
 */
export const canonicalJson = (value: unknown): string => {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError('canonical JSON has no NaN or infinity')
    return JSON.stringify(value)
  }
  if (typeof value === 'string') {
    if (/\p{Cs}/u.test(value)) throw new TypeError('canonical JSON has no lone surrogates')
    return JSON.stringify(value)
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined)
    members.sort(([a], [b]) => (a < b ? -1 : 1))
    return `{${members.map(([key, member]) => `${canonicalJson(key)}:${canonicalJson(member)}`).join(',')}}`
  }
  throw new TypeError(`canonical JSON cannot hold a ${typeof value}`)
}

/** Hash before the first entry of a chain. */
export const genesisHash = '0'.repeat(64)

/** Hash of an entry of the chain: over the hash before, its position and its text, each told apart by length. */
export const chainHash = (previousHash: string, position: number, text: string): string =>
  sha256Hex(`${previousHash.length}:${previousHash}|${position}|${text.length}:${text}`)

const ecdsa = (key: KeyObject) => ({ key, dsaEncoding: 'ieee-p1363' as const })

/** ES256 signature of a text, base64url. */
export const signText = (privateKey: KeyObject, text: string): string =>
  sign('sha256', Buffer.from(text), ecdsa(privateKey)).toString('base64url')

/** Whether a signature was made over the text by the holder of the key. Never throws for a malformed signature. */
export const verifyText = (publicKey: KeyObject, text: string, signature: string): boolean => {
  const bytes = Buffer.from(signature, 'base64url')
  return bytes.length === 64 && verify('sha256', Buffer.from(text), ecdsa(publicKey), bytes)
}
