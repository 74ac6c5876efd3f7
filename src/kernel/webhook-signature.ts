import { createHmac, timingSafeEqual } from 'node:crypto'

/** What a Standard Webhooks signature covers beside the body. Source: standardwebhooks.com, 1.0. */
export interface Signed {
  /** `webhook-id` */
  readonly id: string
  /** `webhook-timestamp`, seconds since 1970 as text. */
  readonly timestamp: string
  readonly body: Uint8Array
}

/** A signing secret as it is told: `whsec_` and base64. */
export const secretText = (secret: Uint8Array): string => `whsec_${Buffer.from(secret).toString('base64')}`

const mac = (secret: Uint8Array, { id, timestamp, body }: Signed): Buffer =>
  createHmac('sha256', secret).update(`${id}.${timestamp}.`).update(body).digest()

/** Value of `webhook-signature`: `v1,` and base64. */
export const signWebhook = (secret: Uint8Array, signed: Signed): string =>
  `v1,${mac(secret, signed).toString('base64')}`

const maxSignatures = 16

/**
 * Whether one of the signatures in a `webhook-signature` header was made with one of the secrets. Every pair is compared,
 * each in constant time; versions other than `v1` are passed over.
 */
export const verifyWebhook = (secrets: readonly Uint8Array[], signed: Signed, header: string): boolean => {
  const given = header
    .split(' ')
    .slice(0, maxSignatures)
    .filter(part => part.startsWith('v1,'))
    .map(part => Buffer.from(part.slice(3), 'base64'))
  let matches = false
  for (const secret of secrets) {
    const expected = mac(secret, signed)
    for (const each of given) if (each.length === expected.length && timingSafeEqual(each, expected)) matches = true
  }
  return matches
}
