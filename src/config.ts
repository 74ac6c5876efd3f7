import { existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { ownIssuer, type TrustedIssuer } from './platform/identity.ts'

/** Everything the environment says, checked. */
export interface Config {
  readonly host: string
  readonly port: number
  readonly logLevel: string
  /** null = embedded database in `dataDir`. */
  readonly databaseUrl: string | null
  readonly dataDir: string
  readonly poolSize: number
  readonly corsOrigins: readonly string[]
  readonly requestsPerMinute: number
  readonly issuers: readonly TrustedIssuer[]
  readonly checkpointDir: string | null
  /** Key material of production; null in the embedded mode, which makes its own. */
  readonly keyTexts: { readonly kekRing: string; readonly signingKey: string; readonly secret: string } | null
}

/** The environment does not fit: one line a fault. */
export class ConfigInvalid extends Error {
  readonly faults: readonly string[]
  constructor(faults: readonly string[]) {
    super(faults.join('\n'))
    this.name = 'ConfigInvalid'
    this.faults = faults
  }
}

const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512'] as const

const Issuer = z
  .strictObject({
    issuer: z.string().min(1).max(300),
    audience: z.string().min(1).max(300),
    algorithms: z.array(z.enum(algorithms)).min(1),
    institution: z.uuid().optional(),
    anyInstitution: z.literal(true).optional(),
    jwksUri: z.url({ protocol: /^https?$/ }).optional(),
    publicKey: z.string().optional(),
    types: z.array(z.string().max(50)).optional(),
    maxLifetimeSeconds: z.int().min(60).max(31_536_000).optional(),
  })
  .refine(issuer => (issuer.jwksUri === undefined) !== (issuer.publicKey === undefined), {
    message: 'give jwksUri or publicKey',
  })
  .refine(issuer => (issuer.institution === undefined) !== (issuer.anyInstitution === undefined), {
    message:
      'give the institution its tokens speak for, or "anyInstitution": true where the claim institution may name any',
  })
  .refine(issuer => issuer.issuer !== ownIssuer.issuer, { message: 'the name is that of the service itself' })

const Issuers = z.array(Issuer).refine(given => new Set(given.map(each => each.issuer)).size === given.length, {
  message: 'an issuer stands twice',
})

const Environment = z.object({
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  BANGFU_DATA_DIR: z.string().min(1).default('./data'),
  DATABASE_POOL_SIZE: z.coerce.number().int().min(1).max(100).default(10),
  CORS_ORIGINS: z.string().default(''),
  REQUESTS_PER_MINUTE: z.coerce.number().int().min(0).max(1_000_000).default(6_000),
  TOKEN_ISSUERS: z.string().default('[]'),
  CHECKPOINT_DIR: z.string().optional(),
  BANGFU_KEY_RING: z.string().optional(),
  BANGFU_SIGNING_KEY: z.string().optional(),
  BANGFU_SECRET: z.string().optional(),
})

/** A secret given as a value, or as the path of a file in `<NAME>_FILE`. */
const secretOf = (env: NodeJS.ProcessEnv, name: string, faults: string[]): string => {
  const path = env[`${name}_FILE`]
  if (path === undefined) return env[name] ?? ''
  if (existsSync(path)) return readFileSync(path, 'utf8').trim()
  faults.push(`${name}_FILE: there is no such file`)
  return ''
}

const issuersOf = (text: string, faults: string[]): TrustedIssuer[] => {
  let given: unknown
  try {
    given = JSON.parse(text)
  } catch {
    faults.push('TOKEN_ISSUERS: not JSON')
    return []
  }
  const parsed = Issuers.safeParse(given)
  if (!parsed.success) {
    faults.push(...parsed.error.issues.map(issue => `TOKEN_ISSUERS: ${issue.path.join('.')} ${issue.message}`))
    return []
  }
  return parsed.data.map(({ jwksUri, publicKey, anyInstitution: _, ...issuer }) => ({
    ...(issuer as Omit<TrustedIssuer, 'key'>),
    key: jwksUri ? { jwksUri } : { publicKey: publicKey ?? '' },
  }))
}

/** The connection string with a password given apart from it. */
const withPassword = (url: string, password: string): string => {
  if (!password) return url
  const address = new URL(url)
  address.password = encodeURIComponent(password)
  return address.href
}

/**
 * Reads the environment once. Secrets have no default outside the embedded mode.
 * @throws ConfigInvalid with every fault together
 */
export const readConfig = (env: NodeJS.ProcessEnv): Config => {
  const faults: string[] = []
  const parsed = Environment.safeParse(env)
  if (!parsed.success) faults.push(...parsed.error.issues.map(issue => `${String(issue.path[0])}: ${issue.message}`))
  const given = parsed.success ? parsed.data : Environment.parse({})
  const issuers = issuersOf(parsed.success ? given.TOKEN_ISSUERS : (env.TOKEN_ISSUERS ?? '[]'), faults)
  const production = env.DATABASE_URL !== undefined
  const keyTexts = {
    kekRing: secretOf(env, 'BANGFU_KEY_RING', faults),
    signingKey: secretOf(env, 'BANGFU_SIGNING_KEY', faults),
    secret: secretOf(env, 'BANGFU_SECRET', faults),
  }
  if (production) {
    if (!keyTexts.kekRing) faults.push('BANGFU_KEY_RING: needed with DATABASE_URL (or BANGFU_KEY_RING_FILE)')
    if (!keyTexts.signingKey) faults.push('BANGFU_SIGNING_KEY: needed with DATABASE_URL (or BANGFU_SIGNING_KEY_FILE)')
    if (!keyTexts.secret) faults.push('BANGFU_SECRET: needed with DATABASE_URL (or BANGFU_SECRET_FILE)')
  }
  if (faults.length > 0) throw new ConfigInvalid(faults)
  return Object.freeze({
    host: given.HOST,
    port: given.PORT,
    logLevel: given.LOG_LEVEL,
    databaseUrl: given.DATABASE_URL
      ? withPassword(given.DATABASE_URL, secretOf(env, 'DATABASE_PASSWORD', faults))
      : null,
    dataDir: given.BANGFU_DATA_DIR,
    poolSize: given.DATABASE_POOL_SIZE,
    corsOrigins: given.CORS_ORIGINS.split(',')
      .map(origin => origin.trim())
      .filter(Boolean),
    requestsPerMinute: given.REQUESTS_PER_MINUTE,
    issuers,
    checkpointDir: given.CHECKPOINT_DIR ?? null,
    keyTexts: production ? keyTexts : null,
  })
}
