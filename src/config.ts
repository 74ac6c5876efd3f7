import { createPublicKey } from 'node:crypto'
import { accessSync, constants, readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { z } from 'zod'
import { makeFolder } from './platform/folder.ts'
import { ownIssuer, type TrustedIssuer } from './platform/identity.ts'
import { KeysUnfit, readKeys, type ServiceKeys } from './platform/keys.ts'

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
  /** Proxies whose word on a client's address is taken: addresses, networks, or their names; empty = nobody's. */
  readonly trustProxy: readonly string[]
  /** How long `/readyz` says that it drains before the server closes. */
  readonly drainSeconds: number
  readonly issuers: readonly TrustedIssuer[]
  readonly checkpointDir: string | null
  /** Key material of production; null in the embedded mode, which makes its own. */
  readonly keys: ServiceKeys | null
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

const isPublicKey = (text: string): boolean => {
  try {
    createPublicKey(text)
    return true
  } catch {
    return false
  }
}

const listed = (text: string): string[] =>
  text
    .split(',')
    .map(each => each.trim())
    .filter(Boolean)

const isOrigin = (text: string): boolean => URL.canParse(text) && new URL(text).origin === text

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
  .refine(issuer => issuer.issuer !== ownIssuer.issuer, { message: 'this name is the service’s own' })
  .refine(issuer => issuer.publicKey === undefined || isPublicKey(issuer.publicKey), {
    message: 'publicKey is no PEM public key',
  })
  .refine(issuer => (issuer.jwksUri === undefined) !== (issuer.publicKey === undefined), {
    message: 'give jwksUri or publicKey',
  })
  .refine(issuer => (issuer.institution === undefined) !== (issuer.anyInstitution === undefined), {
    message:
      'give the institution its tokens speak for, or "anyInstitution": true where the claim institution may name any',
  })

const Issuers = z.array(Issuer).refine(given => new Set(given.map(each => each.issuer)).size === given.length, {
  message: 'an issuer stands twice',
})

/** A whole number in digits: an empty variable is a fault, not zero. */
const count = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, { message: 'not a whole number' })
    .transform(Number)
    .pipe(z.number().min(least).max(most))

const Environment = z.object({
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: count(0, 65_535).default(3000),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  BANGFU_DATA_DIR: z.string().min(1).default('./data'),
  DATABASE_POOL_SIZE: count(1, 100).default(10),
  CORS_ORIGINS: z.string().default(''),
  REQUESTS_PER_MINUTE: count(0, 1_000_000).default(6_000),
  TRUST_PROXY: z.string().default(''),
  DRAIN_SECONDS: z
    .string()
    .regex(/^\d{1,2}(\.\d{1,3})?$/, { message: 'not a number of seconds' })
    .transform(Number)
    .pipe(z.number().max(25))
    .default(1),
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
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    faults.push(`${name}_FILE: cannot be read (${(error as NodeJS.ErrnoException).code})`)
    return ''
  }
}

/** The key material of production; every fault under the name of its variable. */
const keysOf = (env: NodeJS.ProcessEnv, faults: string[]): ServiceKeys | null => {
  const names = { kekRing: 'BANGFU_KEY_RING', signingKey: 'BANGFU_SIGNING_KEY', secret: 'BANGFU_SECRET' } as const
  const absent: string[] = []
  const textOf = (name: string): string => {
    const before = faults.length
    const text = secretOf(env, name, faults)
    if (text === '' && faults.length === before) faults.push(`${name}: needed with DATABASE_URL (or ${name}_FILE)`)
    if (text === '') absent.push(name)
    return text
  }
  const texts = { kekRing: textOf(names.kekRing), signingKey: textOf(names.signingKey), secret: textOf(names.secret) }
  try {
    return readKeys(texts)
  } catch (error) {
    if (!(error instanceof KeysUnfit)) throw error
    faults.push(...error.faults.filter(fault => !absent.some(name => fault.startsWith(`${name}:`))))
    return null
  }
}

const proxyNames = ['loopback', 'linklocal', 'uniquelocal']

const isNetwork = (text: string): boolean => {
  const [address = '', bits, ...rest] = text.split('/')
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1
  return most > 0 && rest.length === 0 && (bits === undefined || (/^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= most))
}

/** Never a count of proxies: whoever reaches the service past them could write as many. */
const proxiesOf = (text: string, faults: string[]): string[] => {
  const proxies = listed(text)
  for (const proxy of proxies)
    if (!proxyNames.includes(proxy) && !isNetwork(proxy))
      faults.push(`TRUST_PROXY: ${proxy} is neither an address, nor a network, nor one of ${proxyNames.join(', ')}`)
  return proxies
}

const originsOf = (text: string, faults: string[]): string[] => {
  const origins = listed(text)
  for (const origin of origins) if (!isOrigin(origin)) faults.push(`CORS_ORIGINS: ${origin} is no origin`)
  return origins
}

/** A folder that can be written, made if need be. */
const folderOf = (name: string, path: string | undefined, faults: string[]): string | null => {
  if (path === undefined) return null
  try {
    makeFolder(resolve(path))
    accessSync(path, constants.W_OK)
  } catch (error) {
    faults.push(`${name}: cannot be written (${(error as NodeJS.ErrnoException).code})`)
  }
  return path
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
  const keys = production ? keysOf(env, faults) : null
  const password = secretOf(env, 'DATABASE_PASSWORD', faults)
  const corsOrigins = originsOf(env.CORS_ORIGINS ?? '', faults)
  const trustProxy = proxiesOf(env.TRUST_PROXY ?? '', faults)
  const checkpointDir = folderOf('CHECKPOINT_DIR', env.CHECKPOINT_DIR, faults)
  if (!production) folderOf('BANGFU_DATA_DIR', given.BANGFU_DATA_DIR, faults)
  if (faults.length > 0) throw new ConfigInvalid(faults)
  return Object.freeze({
    host: given.HOST,
    port: given.PORT,
    logLevel: given.LOG_LEVEL,
    databaseUrl: given.DATABASE_URL ? withPassword(given.DATABASE_URL, password) : null,
    dataDir: given.BANGFU_DATA_DIR,
    poolSize: given.DATABASE_POOL_SIZE,
    corsOrigins,
    requestsPerMinute: given.REQUESTS_PER_MINUTE,
    trustProxy,
    drainSeconds: given.DRAIN_SECONDS,
    issuers,
    checkpointDir,
    keys,
  })
}
