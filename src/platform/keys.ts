import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto'
import { mkdir, open, readFile, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { sha256Hex } from '../kernel/signature.ts'
import type { KeyRing } from './vault.ts'

/** Key material of the service. */
export interface ServiceKeys {
  /** Key-encryption keys. */
  readonly kek: KeyRing
  /** P-256 key that signs tokens of the service and checkpoints. */
  readonly signing: { readonly kid: string; readonly privateKey: KeyObject; readonly publicKey: KeyObject }
  /** HMAC keys of list cursors and of idempotency fingerprints. */
  readonly cursor: Buffer
  readonly idempotency: Buffer
  /** What the keys of uploads are derived from; see `uploads.ts`. */
  readonly uploads: Buffer
}

/** Texts the keys are read from: the ring as JSON `{current, keys: {id: base64}}`, a PEM key, a secret of ≥ 32 characters. */
export interface KeyTexts {
  readonly kekRing: string
  readonly signingKey: string
  readonly secret: string
}

/** Key material that cannot be used; `faults` name what, never the secret. */
export class KeysUnfit extends Error {
  readonly faults: readonly string[]
  constructor(faults: readonly string[]) {
    super(faults.join('; '))
    this.name = 'KeysUnfit'
    this.faults = faults
  }
}

const ringOf = (text: string): KeyRing | string => {
  try {
    const { current, keys } = JSON.parse(text) as { current: string; keys: Record<string, string> }
    const ring = Object.fromEntries(Object.entries(keys).map(([id, key]) => [id, Buffer.from(key, 'base64')]))
    if (!Object.values(ring).every(key => key.length === 32))
      return 'BANGFU_KEY_RING: every key must be 32 bytes in base64'
    if (!Object.keys(ring).every(id => /^[\w-]{1,40}$/.test(id)))
      return 'BANGFU_KEY_RING: ids are 1–40 letters, digits, - or _'
    return ring[current] ? { current, keys: ring } : 'BANGFU_KEY_RING: current names no key'
  } catch {
    return 'BANGFU_KEY_RING: not JSON of the form {"current": id, "keys": {id: base64}}'
  }
}

const signingOf = (text: string): ServiceKeys['signing'] | string => {
  try {
    const privateKey = createPrivateKey(text)
    if (privateKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1') return 'BANGFU_SIGNING_KEY: must be P-256'
    const publicKey = createPublicKey(privateKey)
    const kid = sha256Hex(publicKey.export({ type: 'spki', format: 'der' })).slice(0, 16)
    return { kid, privateKey, publicKey }
  } catch {
    return 'BANGFU_SIGNING_KEY: not a PEM private key'
  }
}

/** Reads key material. @throws KeysUnfit with all faults together */
export const readKeys = (texts: KeyTexts): ServiceKeys => {
  const [kek, signing] = [ringOf(texts.kekRing), signingOf(texts.signingKey)]
  const faults = [kek, signing].filter(part => typeof part === 'string')
  if (texts.secret.length < 32) faults.push('BANGFU_SECRET: at least 32 characters')
  if (typeof kek === 'string' || typeof signing === 'string' || faults.length > 0) throw new KeysUnfit(faults)
  const of = (purpose: string) => Buffer.from(hkdfSync('sha256', texts.secret, 'bangfu', purpose, 32))
  return { kek, signing, cursor: of('cursor'), idempotency: of('idempotency'), uploads: of('uploads') }
}

/** The ring with a new current key; the old ones still open what they wrapped. */
export const ringRotated = (ring: KeyRing, id: string): KeyRing => ({
  current: id,
  keys: { ...ring.keys, [id]: randomBytes(32) },
})

/** The ring with only its current key: what the others wrapped opens no more. */
export const ringRetired = (ring: KeyRing): KeyRing => {
  const key = ring.keys[ring.current]
  return { current: ring.current, keys: key ? { [ring.current]: key } : {} }
}

/** A ring as the text it is read from. */
export const ringText = (ring: KeyRing): string =>
  `${JSON.stringify({
    current: ring.current,
    keys: Object.fromEntries(Object.entries(ring.keys).map(([id, key]) => [id, key.toString('base64')])),
  })}\n`

/** Writes a private file at once or not at all (mode 0600). */
export const writePrivate = async (path: string, text: string): Promise<void> => {
  const file = await open(`${path}.new`, 'w', 0o600)
  await file.writeFile(text)
  await file.sync()
  await file.close()
  await rename(`${path}.new`, path)
}

/** Reads a private file. @throws KeysUnfit when others may read it */
export const readPrivate = async (path: string): Promise<string> => {
  const { mode } = await stat(path)
  if ((mode & 0o077) !== 0) throw new KeysUnfit([`${path}: others may read it; chmod 600`])
  return readFile(path, 'utf8')
}

const fresh = {
  'key-ring.json': () => ringText({ current: 'k1', keys: { k1: randomBytes(32) } }),
  'signing-key.pem': () =>
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  secret: () => randomBytes(32).toString('base64url'),
}

/** New key material as the texts it is read from. */
export const newKeyTexts = (): KeyTexts => ({
  kekRing: fresh['key-ring.json'](),
  signingKey: fresh['signing-key.pem'](),
  secret: fresh.secret(),
})

/** Key material made on the spot, kept nowhere: for tests and for describing the API. */
export const generateServiceKeys = (): ServiceKeys => readKeys(newKeyTexts())

const variables = {
  'key-ring.json': 'BANGFU_KEY_RING',
  'signing-key.pem': 'BANGFU_SIGNING_KEY',
  secret: 'BANGFU_SECRET',
} as const satisfies Record<keyof typeof fresh, string>

/**
 * Writes new key material into a folder, each file private (mode 0600).
 * @returns paths by the variable that takes each; null when one of the files is there already, and none is written
 */
export const makeKeyFiles = async (folder: string): Promise<Record<string, string> | null> => {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const names = Object.keys(fresh) as (keyof typeof fresh)[]
  const paths = names.map(name => join(folder, name))
  const there = await Promise.all(
    paths.map(path =>
      stat(path).then(
        () => true,
        () => false,
      ),
    ),
  )
  if (there.includes(true)) return null
  for (const name of names) await writePrivate(join(folder, name), fresh[name]())
  return Object.fromEntries(names.map((name, index) => [variables[name], paths[index] as string]))
}

/** Keys of the embedded mode: files under `<directory>/keys`, made on first start. @throws KeysUnfit */
export const loadOrMakeKeys = async (directory: string): Promise<ServiceKeys> => {
  const folder = join(directory, 'keys')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const texts: Record<string, string> = {}
  for (const [name, make] of Object.entries(fresh)) {
    const path = join(folder, name)
    const known = await readPrivate(path).catch(error => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
      throw error
    })
    if (known === null) await writePrivate(path, make())
    texts[name] = known ?? (await readPrivate(path))
  }
  return readKeys({
    kekRing: texts['key-ring.json'] ?? '',
    signingKey: texts['signing-key.pem'] ?? '',
    secret: (texts.secret ?? '').trim(),
  })
}
