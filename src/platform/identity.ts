import { createHash, type KeyObject } from 'node:crypto'
import jwt from 'jsonwebtoken'
import jwksClient from 'jwks-rsa'
import { readJson } from './http/json.ts'

/** Name and audience of the service's own tokens. */
export const ownIssuer = { issuer: 'bangfu', audience: 'bangfu' } as const

export type Algorithm = 'RS256' | 'RS384' | 'RS512' | 'PS256' | 'PS384' | 'PS512' | 'ES256' | 'ES384' | 'ES512'

/** An issuer whose tokens are believed, and how far. */
export interface TrustedIssuer {
  readonly issuer: string
  readonly audience: string
  readonly algorithms: readonly Algorithm[]
  /** The service itself. Only its tokens speak for machine clients: `client_id` and `scope` of others mean nothing here. */
  readonly own?: true
  /** Institution its tokens speak for; absent = trusted for every institution, which the claim `institution` names. */
  readonly institution?: string
  readonly key: { readonly jwksUri: string } | { readonly publicKey: KeyObject | string }
  /** Allowed `typ`, lower case. */
  readonly types?: readonly string[]
  /** Longest lifetime `exp − iat`. */
  readonly maxLifetimeSeconds?: number
}

/** What a verified token says. */
export interface Claims {
  readonly issuer: string
  readonly subject: string
  readonly institution: string
  /** Epoch seconds. */
  readonly expiresAt: number
  readonly scopes: readonly string[]
  readonly clientId?: string
}

/** The token is not believed. Never holds the token. */
export class TokenRefused extends Error {
  readonly reason: string
  constructor(reason: string) {
    super(`token refused: ${reason}`)
    this.name = 'TokenRefused'
    this.reason = reason
  }
}

/** The issuer's keys cannot be fetched right now. */
export class KeysUnavailable extends Error {
  constructor() {
    super('signing keys unavailable')
    this.name = 'KeysUnavailable'
  }
}

const maxTokenLength = 8_192
const skewSeconds = 60
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const headerMembers = ['alg', 'typ', 'kid']

const partOf = (segment: string | undefined): Record<string, unknown> => {
  try {
    const value = readJson(Buffer.from(segment ?? '', 'base64url'))
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>
  } catch {
    // What cannot be read is refused as what is no object.
  }
  throw new TokenRefused('malformed')
}

/** Checks everything that needs no key: form, header, issuer. */
const untrusted = (token: string, issuers: readonly TrustedIssuer[]) => {
  const segments = token.split('.')
  if (token.length > maxTokenLength || segments.length !== 3 || !segments.every(part => /^[\w-]+$/.test(part)))
    throw new TokenRefused('malformed')
  const [header, payload] = [partOf(segments[0]), partOf(segments[1])]
  const issuer = issuers.find(known => known.issuer === payload.iss)
  if (!issuer) throw new TokenRefused('unknown_issuer')
  const odd = Object.keys(header).find(
    member => !headerMembers.includes(member) && member !== 'x5t' && member !== 'x5t#S256',
  )
  if (odd) throw new TokenRefused('unsupported_header')
  if (!issuer.algorithms.includes(header.alg as Algorithm)) throw new TokenRefused('wrong_algorithm')
  const types = issuer.types ?? ['jwt', 'at+jwt', 'application/at+jwt']
  if (typeof header.typ !== 'string' || !types.includes(header.typ.toLowerCase())) throw new TokenRefused('wrong_type')
  if (header.kid !== undefined && (typeof header.kid !== 'string' || header.kid.length > 200))
    throw new TokenRefused('malformed')
  return { issuer, kid: header.kid as string | undefined, payload }
}

const number = (value: unknown): number => {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new TokenRefused('bad_claims')
  return value
}

/** What one of the service's own tokens says of a machine client. */
const clientOf = ({ client_id: clientId, scope }: Record<string, unknown>): Pick<Claims, 'clientId' | 'scopes'> => {
  if (clientId === undefined) return { scopes: [] }
  if (typeof clientId !== 'string' || !uuid.test(clientId)) throw new TokenRefused('bad_claims')
  return { clientId, scopes: typeof scope === 'string' ? scope.split(' ').filter(Boolean) : [] }
}

const claimsOf = (payload: Record<string, unknown>, issuer: TrustedIssuer, now: number): Claims => {
  const [exp, iat] = [number(payload.exp), number(payload.iat)]
  const { sub, institution = issuer.institution } = payload
  if (typeof sub !== 'string' || sub.length === 0 || sub.length > 200) throw new TokenRefused('bad_claims')
  if (exp <= now) throw new TokenRefused('expired')
  if (iat > now + skewSeconds || exp - iat > (issuer.maxLifetimeSeconds ?? 86_400)) throw new TokenRefused('bad_claims')
  if (payload.nbf !== undefined && number(payload.nbf) > now + skewSeconds) throw new TokenRefused('bad_claims')
  if (typeof institution !== 'string' || !uuid.test(institution)) throw new TokenRefused('bad_claims')
  if (issuer.institution !== undefined && institution !== issuer.institution) throw new TokenRefused('bad_claims')
  const client = issuer.own ? clientOf(payload) : { scopes: [] }
  return { issuer: issuer.issuer, subject: sub, institution, expiresAt: exp, ...client }
}

const keyDeadlineMs = 5_000

/** The client's own time limit is one of silence: an answer that drips would never end. */
const within = <T>(ms: number, work: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new KeysUnavailable()), ms)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}

const keyFinder = (issuer: TrustedIssuer) => {
  const { key } = issuer
  if ('publicKey' in key) return async () => key.publicKey
  const client = jwksClient({
    jwksUri: key.jwksUri,
    cache: true,
    rateLimit: true,
    jwksRequestsPerMinute: 10,
    timeout: keyDeadlineMs,
  })
  return async (kid: string | undefined) => {
    try {
      return (await within(keyDeadlineMs, client.getSigningKey(kid))).getPublicKey()
    } catch (error) {
      if ((error as Error).name === 'SigningKeyNotFoundError') throw new TokenRefused('unknown_key')
      throw new KeysUnavailable()
    }
  }
}

const maxRemembered = 10_000

/**
 * A verifier of bearer tokens: algorithms pinned per issuer, iss, aud, exp, iat, sub and typ required, any `crit` or
 * embedded key refused. Verified tokens are remembered by hash until they expire.
 * @throws TokenRefused, KeysUnavailable (from the returned function)
 */
export const makeVerifier = (issuers: readonly TrustedIssuer[], wallClock: () => Date) => {
  const remembered = new Map<string, Claims>()
  const keys = new Map(issuers.map(issuer => [issuer, keyFinder(issuer)]))
  return async (token: string): Promise<Claims> => {
    const name = createHash('sha256').update(token).digest('base64')
    const now = wallClock().getTime() / 1000
    const known = remembered.get(name)
    if (known && known.expiresAt > now) return known
    if (known) throw new TokenRefused('expired')
    const { issuer, kid, payload } = untrusted(token, issuers)
    const key = (await keys.get(issuer)?.(kid)) as KeyObject | string
    try {
      jwt.verify(token, key, {
        algorithms: [...issuer.algorithms],
        issuer: issuer.issuer,
        audience: issuer.audience,
        clockTimestamp: Math.floor(now),
        clockTolerance: 0,
      })
    } catch (error) {
      throw new TokenRefused((error as Error).name === 'TokenExpiredError' ? 'expired' : 'bad_signature_or_audience')
    }
    const claims = claimsOf(payload, issuer, now)
    const oldest = remembered.size >= maxRemembered ? remembered.keys().next().value : undefined
    if (oldest !== undefined) remembered.delete(oldest)
    remembered.set(name, claims)
    return claims
  }
}

/** What a token of the service itself says. */
export interface Issue {
  readonly subject: string
  readonly institution: string
  readonly lifetimeSeconds: number
  readonly scopes?: readonly string[]
  readonly clientId?: string
}

/** The service's own issuer: ES256, `typ` at+jwt. */
export const makeIssuer =
  (own: { issuer: string; audience: string; privateKey: KeyObject; kid: string; wallClock: () => Date }) =>
  (what: Issue): string => {
    const iat = Math.floor(own.wallClock().getTime() / 1000)
    const payload = {
      iss: own.issuer,
      aud: own.audience,
      sub: what.subject,
      institution: what.institution,
      iat,
      exp: iat + what.lifetimeSeconds,
      ...(what.scopes ? { scope: what.scopes.join(' ') } : {}),
      ...(what.clientId ? { client_id: what.clientId } : {}),
    }
    return jwt.sign(payload, own.privateKey, {
      algorithm: 'ES256',
      header: { alg: 'ES256', typ: 'at+jwt', kid: own.kid },
    })
  }
