#!/usr/bin/env node
import { appendFile, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import closeWithGrace from 'close-with-grace'
import { pino } from 'pino'
import { type App, buildApp } from './app.ts'
import { KeysInUse, rotateKeys, rotateKeysEmbedded, verify } from './commands.ts'
import { type Config, ConfigInvalid, readConfig } from './config.ts'
import { demoInstitution } from './demo/roster.ts'
import { demoAccounts, seedDemo } from './demo/seed.ts'
import type { Ambient } from './platform/ambient.ts'
import { type Database, DatabaseUnavailable } from './platform/database.ts'
import { DirectoryInUse } from './platform/directory-lock.ts'
import { type EmbeddedDatabase, openEmbedded } from './platform/embedded.ts'
import { makeIssuer, ownIssuer } from './platform/identity.ts'
import { KeysUnfit, loadOrMakeKeys, type ServiceKeys, writePrivate } from './platform/keys.ts'
import { root } from './platform/migrations.ts'
import { newId } from './platform/new-id.ts'
import { requirePort } from './platform/port.ts'
import { openPostgres } from './platform/postgres.ts'
import { loadSandboxClock } from './platform/sandbox-clock.ts'
import type { Checkpoint } from './platform/sealer.ts'
import { makeVault } from './platform/vault.ts'
import { institution, institutionUsage, makeKeys } from './set-up.ts'

const say = (words: string): void => {
  process.stderr.write(`${words}\n`)
}

const demoTokenSeconds = 30 * 86_400

const keysOf = (config: Config): Promise<ServiceKeys> | ServiceKeys => config.keys ?? loadOrMakeKeys(config.dataDir)

/** The database and, after it, so that two starters never make keys side by side, the keys. */
const open = async (config: Config): Promise<{ db: Database | EmbeddedDatabase; keys: ServiceKeys }> => {
  if (config.databaseUrl) {
    say('migrating the database …')
    return { db: await openPostgres(config.databaseUrl, { poolSize: config.poolSize }), keys: await keysOf(config) }
  }
  say(`opening the embedded database in ${config.dataDir} (the first time it is made and migrated: some seconds) …`)
  const db = await openEmbedded(config.dataDir)
  say('reading the keys (the first time they are made) …')
  return { db, keys: await keysOf(config) }
}

/** Writes checkpoints where they outlive the database. */
const checkpointWriter = (config: Config) => {
  const folder = config.checkpointDir ?? (config.databaseUrl ? null : join(config.dataDir, 'checkpoints'))
  if (!folder) {
    say('CHECKPOINT_DIR is not set: signed checkpoints are kept in the journal alone, not outside the database')
    return {}
  }
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

const clientsPath = (config: Config) => join(config.dataDir, 'clients.json')

/** Ids of the demo's machine clients by account. @throws ConfigInvalid before the first start */
const demoClients = async (config: Config): Promise<Record<string, string>> => {
  const text = await readFile(clientsPath(config), 'utf8').catch(() => null)
  if (text === null)
    throw new ConfigInvalid([`${config.dataDir}: no demo institution yet; start the service once first`])
  return JSON.parse(text) as Record<string, string>
}

/** Seeds the demo institution on the first start; an interrupted one is begun anew by the next. */
const fillDemo = async (config: Config, db: EmbeddedDatabase, app: App, now: Date): Promise<void> => {
  const made = await seedDemo(db, app, now, say)
  if (made) await writePrivate(clientsPath(config), JSON.stringify(made))
  await db.settled()
}

/** Writes `demo.json` with fresh tokens, and says them. */
const tellDemo = async (config: Config, app: App, baseUrl: string): Promise<void> => {
  const known = await demoClients(config)
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
  const signalSource = { id: known.signalSource, secret: known.signalSecret }
  const demo = { baseUrl, docsUrl: `${baseUrl}/docs`, accounts, signalSource }
  await writePrivate(demoPath(config), `${JSON.stringify(demo, null, 2)}\n`)
  for (const [account, { token, role, who }] of Object.entries(accounts))
    say(`${account} (${role}, ${who})\n  ${token}`)
  say(`\ndocs    ${demo.docsUrl}\ntokens  ${demoPath(config)}`)
}

const serve = async (config: Config): Promise<void> => {
  await requirePort(config)
  const { db, keys } = await open(config)
  const logger = pino({
    level: config.logLevel,
    redact: ['req.headers.authorization', 'req.headers.cookie'],
    base: null,
  })
  const wallClock = () => new Date()
  const sandbox = config.databaseUrl ? null : await loadSandboxClock(db, wallClock)
  const ambient: Ambient = {
    now: sandbox?.now ?? wallClock,
    wallClock,
    newId,
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
    trustProxy: config.trustProxy,
    maxEventLoopDelayMs: 2_000,
    strict: false,
    sealing: true,
    working: true,
    drainMs: config.drainSeconds * 1_000,
    version,
    sandbox,
    ...checkpointWriter(config),
  })
  let stopping = false
  closeWithGrace({ delay: 30_000, logger: false }, async ({ err }) => {
    stopping = true
    if (err) logger.fatal({ error: err.name, message: err.message }, 'stopping for a fault')
    await app.close()
    await db.close()
  })
  try {
    if ('settled' in db) await fillDemo(config, db, app, ambient.now())
  } catch (error) {
    if (stopping) return
    throw error
  }
  const address = await app.server.listen({ host: config.host, port: config.port })
  const baseUrl = address.replace('[::1]', 'localhost')
  if (!config.databaseUrl) await tellDemo(config, app, baseUrl)
  say(`ready   ${baseUrl}`)
}

/** Prints a fresh token for a demo account. */
const token = async (config: Config, account: string | undefined): Promise<void> => {
  if (config.databaseUrl) throw new ConfigInvalid(['token: demo accounts exist only in the embedded mode'])
  const accounts = demoAccounts(await demoClients(config))
  const { signing } = await loadOrMakeKeys(config.dataDir)
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
       bangfu rotate-keys                   print the key ring with a new current key, to be deployed
       bangfu rotate-keys --rewrap          wrap every data key by the current key, while the service runs
       bangfu rotate-keys --retire          print the ring with the current key alone
On the embedded database, with the service stopped, rotate-keys does both first steps, with --retire all three.`

const rotate = (config: Config, db: Database, keys: ServiceKeys, args: readonly string[]): Promise<void> => {
  const path = join(config.dataDir, 'keys', 'key-ring.json')
  if (!config.databaseUrl)
    return rotateKeysEmbedded(db, { ring: keys.kek, args, say, keep: text => writePrivate(path, text) })
  const keep = async (text: string): Promise<void> => {
    process.stdout.write(text)
  }
  return rotateKeys(db, { ring: keys.kek, args, say, keep })
}

const run = async ([command = 'serve', ...rest]: string[]): Promise<void> => {
  if (command === 'make-keys') return makeKeys(rest, say)
  const config = readConfig(process.env)
  if (command === 'serve') return serve(config)
  if (command === 'token') return token(config, rest[0])
  if (!['verify', 'rotate-keys', 'institution'].includes(command)) throw new ConfigInvalid([usage])
  const { db, keys } = await open(config)
  try {
    if (command === 'verify') process.exitCode = (await verify(db, keys, rest, say)) ? 0 : 1
    else if (command === 'institution') {
      process.exitCode = (await institution(db, rest, { say, print })) ? 0 : 1
      if ('settled' in db) await db.settled()
    } else await rotate(config, db, keys, rest)
  } finally {
    await db.close()
  }
}

/** A known fault in one or more lines; an unknown one with its stack. */
const explain = (error: unknown): string => {
  if (error instanceof ConfigInvalid || error instanceof KeysUnfit) return error.faults.join('\n')
  if (error instanceof DirectoryInUse || error instanceof KeysInUse) return error.message
  if (error instanceof DatabaseUnavailable) {
    if (error.code === '3D000') return 'DATABASE_URL: there is no such database'
    if (error.code.startsWith('28')) return 'DATABASE_URL: the server refuses this user or password'
    return `DATABASE_URL: the database cannot be reached (${error.code || 'no answer'})`
  }
  const { code, syscall, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number }
  if (code === 'EADDRINUSE') return `PORT: ${port} is in use`
  if (syscall === 'listen' || syscall === 'bind' || syscall === 'getaddrinfo')
    return `HOST, PORT: cannot listen on ${address ?? 'this host'} (${code})`
  return (error as Error).stack ?? String(error)
}

run(process.argv.slice(2)).catch(error => {
  say(explain(error))
  process.exit(1)
})
