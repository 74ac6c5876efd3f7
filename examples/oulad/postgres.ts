import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import jsonwebtoken from 'jsonwebtoken'
import { command, launch } from './launch.ts'
import { type Member, unitOf } from './package.ts'
import type { Service } from './service.ts'

const issuer = 'https://id.example.edu'
const audience = 'bangfu'

/** Two counsellors a module, and a line manager above them all. */
const staffOf = (modules: readonly string[]): Member[] => [
  { number: 'lineManager', name: 'Manager', role: 'principal', unit: 'OU' },
  ...modules.flatMap(module =>
    [1, 2].map(
      (n): Member => ({
        number: `${module}-${n}`,
        name: `Counsellor ${n} of ${module}`,
        role: 'counselor',
        unit: unitOf(module),
      }),
    ),
  ),
]

/**
 * An installation as README describes it, on a fresh database: keys, the institution with its administrator, an issuer of
 * tokens that speaks for it, and the service itself.
 */
export const onPostgres = async (databaseUrl: string, modules: readonly string[]): Promise<Service> => {
  const folder = await mkdtemp(join(tmpdir(), 'bangfu-oulad-'))
  const keys = join(folder, 'keys')
  await command(['make-keys', keys], {})
  const environment = {
    DATABASE_URL: databaseUrl,
    BANGFU_DATA_DIR: folder,
    BANGFU_KEY_RING_FILE: join(keys, 'key-ring.json'),
    BANGFU_SIGNING_KEY_FILE: join(keys, 'signing-key.pem'),
    BANGFU_SECRET_FILE: join(keys, 'secret'),
  }
  const named = [
    '--name-zh',
    '开放大学',
    '--name-en',
    'Open University',
    '--time-zone',
    'Europe/London',
    '--unit',
    'OU',
  ]
  const administrator = [
    '--admin-issuer',
    issuer,
    '--admin-subject',
    'administrator',
    '--admin-number',
    'administrator',
  ]
  const institution = await command(['institution', ...named, ...administrator], environment).catch(() => {
    throw new Error('DATABASE_URL: the example needs a fresh database')
  })
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const trusted = {
    issuer,
    audience,
    institution,
    algorithms: ['ES256'],
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }),
  }
  const { baseUrl, stop } = await launch({ ...environment, TOKEN_ISSUERS: JSON.stringify([trusted]) })
  const staff = staffOf(modules)
  const counsellors = staff.filter(member => member.role === 'counselor')
  return {
    baseUrl,
    tokenOf: subject =>
      jsonwebtoken.sign({ institution }, privateKey, {
        algorithm: 'ES256',
        issuer,
        audience,
        subject,
        expiresIn: '8h',
      }),
    counsellors: counsellors.map(member => member.number),
    counsellorsOf: module => counsellors.filter(each => each.unit === unitOf(module)).map(each => each.number),
    above: 'OU',
    staff,
    issuer,
    stop: () => stop().finally(() => rm(folder, { recursive: true, force: true })),
  }
}
