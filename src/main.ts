import { appendFile, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import closeWithGrace from 'close-with-grace'
import { pino } from 'pino'
import { v7 } from 'uuid'
import { type App, buildApp } from './app.ts'
import { rotateKeys, verify } from './commands.ts'
import { type Config, ConfigInvalid, readConfig } from './config.ts'
import { demoInstitution } from './demo/roster.ts'
import { demoAccounts, seedDemo } from './demo/seed.ts'
import type { Ambient } from './platform/ambient.ts'
import { type Database, DatabaseUnavailable } from './platform/database.ts'
import { DirectoryInUse } from './platform/directory-lock.ts'
import { openEmbedded } from './platform/embedded.ts'
import { makeIssuer, ownIssuer } from './platform/identity.ts'
import { KeysUnfit, loadOrMakeKeys, readKeys, type ServiceKeys, writePrivate } from './platform/keys.ts'
import { root } from './platform/migrations.ts'
import { openPostgres } from './platform/postgres.ts'
import type { Checkpoint } from './platform/sealer.ts'
import { makeVault } from './platform/vault.ts'
import { institution, institutionUsage, makeKeys } from './set-up.ts'

const say = (words: string): void => {
  process.stderr.write(`${words}\n`)
}

const demoTokenSeconds = 30 * 86_400

const keysOf = (config: Config): Promise<ServiceKeys> | ServiceKeys =>
  config.keyTexts ? readKeys(config.keyTexts) : loadOrMakeKeys(config.dataDir)

const open = (config: Config): Promise<Database> => {
  say(
    config.databaseUrl
      ? 'migrating the database …'
      : `opening the embedded database in ${config.dataDir} (the first time takes some seconds) …`,
  )
  return config.databaseUrl
    ? openPostgres(config.databaseUrl, { poolSize: config.poolSize })
    : openEmbedded(config.dataDir)
}

/** Writes checkpoints where they outlive the database. */
const checkpointWriter = (config: Config) => {
  const folder = config.checkpointDir ?? (config.databaseUrl ? null : join(config.dataDir, 'checkpoints'))
  if (!folder) return {}
  return {
    onCheckpoint: (checkpoint: Checkpoint) => {
      const path = join(folder, `${checkpoint.institution}.jsonl`)
      mkdir(folder, { recursive: true, mode: 0o700 })
        .then(() => appendFile(path, `${JSON.stringify(checkpoint)}\n`, { mode: 0o600 }))
        .catch(error => say(`a checkpoint could not be written: ${(error as NodeJS.ErrnoException).code}`))
    },
  }
}

const demoPath = (config: Config) => join(config.dataDir, 'demo.json')

/** Seeds the demo institution if need be, and writes `demo.json` with fresh tokens. */
const writeDemo = async (config: Config, db: Database, app: App, baseUrl: string): Promise<void> => {
  const made = await seedDemo(db, app, new Date(), say)
  const known =
    made ?? (JSON.parse(await readFile(join(config.dataDir, 'clients.json'), 'utf8')) as Record<string, string>)
  if (made) await writePrivate(join(config.dataDir, 'clients.json'), JSON.stringify(made))
  const accounts = Object.fromEntries(
    Object.entries(demoAccounts(known)).map(([account, { role, who, subject, scopes }]) => {
      const client = scopes ? { scopes, clientId: subject } : {}
      const token = app.issue({
        subject,
        institution: demoInstitution.id,
        lifetimeSeconds: demoTokenSeconds,
        ...client,
      })
      return [account, { token, role, who }]
    }),
  )
  const demo = { baseUrl, docsUrl: `${baseUrl}/docs`, accounts }
  await writePrivate(demoPath(config), `${JSON.stringify(demo, null, 2)}\n`)
  for (const [account, { token, role, who }] of Object.entries(accounts))
    say(`${account} (${role}, ${who})\n  ${token}`)
  say(`\ndocs    ${demo.docsUrl}\ntokens  ${demoPath(config)}`)
}

const serve = async (config: Config): Promise<void> => {
  const keys = await keysOf(config)
  const db = await open(config)
  const logger = pino({
    level: config.logLevel,
    redact: ['req.headers.authorization', 'req.headers.cookie'],
    base: null,
  })
  const ambient: Ambient = {
    now: () => new Date(),
    wallClock: () => new Date(),
    newId: v7,
    vault: makeVault(keys.kek),
    keys,
  }
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string }
  const app = await buildApp({
    db,
    ambient,
    logger,
    issuers: config.issuers,
    corsOrigins: config.corsOrigins,
    requestsPerMinute: config.requestsPerMinute,
    maxEventLoopDelayMs: 2_000,
    strict: false,
    sealing: true,
    working: true,
    version,
    ...checkpointWriter(config),
  })
  closeWithGrace({ delay: 30_000, logger: false }, async ({ err }) => {
    if (err) logger.fatal({ error: err.name, message: err.message }, 'stopping for a fault')
    await app.close()
    await db.close()
  })
  const address = await app.server.listen({ host: config.host, port: config.port })
  const baseUrl = address.replace('[::1]', 'localhost')
  if (!config.databaseUrl) await writeDemo(config, db, app, baseUrl)
  say(`ready   ${baseUrl}`)
}

/** Prints a fresh token for a demo account. */
const token = async (config: Config, account: string | undefined): Promise<void> => {
  if (config.databaseUrl) throw new ConfigInvalid(['token: demo accounts exist only in the embedded mode'])
  const { signing } = await loadOrMakeKeys(config.dataDir)
  const clients = JSON.parse(await readFile(join(config.dataDir, 'clients.json'), 'utf8').catch(() => '{}')) as Record<
    string,
    string
  >
  const accounts = demoAccounts(clients)
  const found = account === undefined ? undefined : accounts[account]
  if (!found?.subject) throw new ConfigInvalid([`token: name one of ${Object.keys(accounts).join(', ')}`])
  const issue = makeIssuer({
    ...ownIssuer,
    privateKey: signing.privateKey,
    kid: signing.kid,
    wallClock: () => new Date(),
  })
  const client = found.scopes ? { scopes: found.scopes, clientId: found.subject } : {}
  const text = issue({
    subject: found.subject,
    institution: demoInstitution.id,
    lifetimeSeconds: demoTokenSeconds,
    ...client,
  })
  process.stdout.write(`${text}\n`)
}

const print = (text: string): void => {
  process.stdout.write(text)
}

const usage = `usage: bangfu [serve]
       bangfu make-keys <folder>            new keys for production, as files
       bangfu institution ${institutionUsage}
                                            a new institution and its first administrator; prints its id
       bangfu token <account>               a fresh token for a demo account
       bangfu verify [--checkpoint <file>] [--key <file>]
                                            recompute the journal's chain and every case's step, compare signed
                                            checkpoints kept elsewhere; --key: a signing key used before
       bangfu rotate-keys [--retire]        a new key-encryption key; every data key is wrapped anew`

const run = async ([command = 'serve', ...rest]: string[]): Promise<void> => {
  if (command === 'make-keys') return makeKeys(rest, say)
  const config = readConfig(process.env)
  if (command === 'serve') return serve(config)
  if (command === 'token') return token(config, rest[0])
  if (!['verify', 'rotate-keys', 'institution'].includes(command)) throw new ConfigInvalid([usage])
  const keys = await keysOf(config)
  const db = await open(config)
  try {
    if (command === 'verify') process.exitCode = (await verify(db, keys, rest, say)) ? 0 : 1
    else if (command === 'institution') process.exitCode = (await institution(db, rest, { say, print })) ? 0 : 1
    else await rotateKeys(db, keys, config, rest, say)
  } finally {
    await db.close()
  }
}

/** A known fault in one or more lines; an unknown one with its stack. */
const explain = (error: unknown): string => {
  if (error instanceof ConfigInvalid || error instanceof KeysUnfit) return error.faults.join('\n')
  if (error instanceof DirectoryInUse) return error.message
  if (error instanceof DatabaseUnavailable) return 'the database cannot be reached'
  if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return 'the port is in use'
  return (error as Error).stack ?? String(error)
}

run(process.argv.slice(2)).catch(error => {
  say(explain(error))
  process.exit(1)
})
