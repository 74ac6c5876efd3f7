import { buildApp } from '../src/app.ts'
import { readKeys } from '../src/platform/keys.ts'
import { newId } from '../src/platform/new-id.ts'
import { openPostgres } from '../src/platform/postgres.ts'
import { makeVault } from '../src/platform/vault.ts'

/** The service as the bench runs it: on a database given, with or without the sealer, everything else on. */
const serve = async (): Promise<void> => {
  const { url, keys: texts, sealing } = JSON.parse(process.argv[2] ?? '{}')
  const keys = readKeys(texts)
  const db = await openPostgres(url, { poolSize: 16 })
  const now = () => new Date()
  const app = await buildApp({
    db,
    ambient: { now, wallClock: now, newId, vault: makeVault(keys.kek), keys },
    logger: false,
    issuers: [],
    corsOrigins: [],
    requestsPerMinute: 0,
    maxEventLoopDelayMs: 0,
    strict: false,
    sealing,
    working: sealing,
    version: '0.0.0',
  })
  process.stdout.write(`ready ${await app.server.listen({ host: '127.0.0.1', port: 0 })}\n`)
  process.once('SIGTERM', () => app.close().then(() => db.close()))
}

await serve()
