import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { KeysUnfit, loadOrMakeKeys, readKeys, ringRetired, ringRotated, ringText } from '../../src/platform/keys.ts'
import { makeVault, VaultError } from '../../src/platform/vault.ts'

const ring = { current: 'k1', keys: { k1: randomBytes(32) } }
const place = { institution: 'i', table: 'records', row: 'r', field: 'content' }

t.test('what is sealed opens in its place only', async t => {
  const vault = makeVault(ring)
  const { key } = vault.newDataKey('i|c')
  const sealed = vault.seal(key, place, '机密')
  t.equal(vault.open(key, place, sealed).toString(), '机密')
  t.notMatch(sealed.toString('latin1'), /机密/)
  for (const member of ['institution', 'table', 'row', 'field'] as const)
    t.throws(() => vault.open(key, { ...place, [member]: 'other' }, sealed), VaultError, `another ${member}`)
  for (let at = 0; at < sealed.length; at++) {
    const flipped = Buffer.from(sealed)
    flipped[at] = (flipped[at] as number) ^ 1
    t.throws(() => vault.open(key, place, flipped), VaultError, `byte ${at} flipped`)
  }
  t.throws(() => vault.open(vault.newDataKey('i|c').key, place, sealed), VaultError, 'another key')
  t.not(vault.seal(key, place, '机密').toString('hex'), sealed.toString('hex'), 'no nonce twice')
})

t.test('a data key opens in its context, under a key of the ring', async t => {
  const vault = makeVault(ring)
  const { wrapped, key } = vault.newDataKey('i|c')
  t.same(makeVault(ring).unwrap('i|c', wrapped), key)
  t.throws(() => makeVault(ring).unwrap('i|d', wrapped), VaultError)
  const rotated = ringRotated(ring, 'k2')
  t.same(makeVault(rotated).unwrap('i|c', wrapped), key, 'the old key still opens')
  const rewrapped = makeVault(rotated).rewrap('i|c', wrapped)
  t.equal(makeVault(rotated).keyIdOf(rewrapped), 'k2')
  const retired = ringRetired(rotated)
  t.same(makeVault(retired).unwrap('i|c', rewrapped), key)
  t.throws(() => makeVault(retired).unwrap('i|c', wrapped), /unknown_key/, 'the retired key opens nothing any more')
})

t.test('keys of the embedded mode are made once, private, and read again', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'bangfu-keys-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const first = await loadOrMakeKeys(folder)
  const second = await loadOrMakeKeys(folder)
  t.equal(second.signing.kid, first.signing.kid)
  t.same(second.kek, first.kek)
  t.not(first.cursor.toString('hex'), first.idempotency.toString('hex'))
  for (const name of await readdir(join(folder, 'keys')))
    t.equal((await stat(join(folder, 'keys', name))).mode & 0o077, 0, name)
  await chmod(join(folder, 'keys', 'secret'), 0o644)
  await t.rejects(loadOrMakeKeys(folder), KeysUnfit)
})

t.test('unfit key material is reported all at once, without telling it', async t => {
  const secret = 'short-and-secret'
  try {
    readKeys({ kekRing: '{"current":"a","keys":{"a":"AAAA"}}', signingKey: 'no pem', secret })
    t.fail('it was taken')
  } catch (error) {
    t.ok(error instanceof KeysUnfit)
    t.equal((error as KeysUnfit).faults.length, 3)
    t.notMatch((error as Error).message, /short-and-secret|AAAA/)
  }
  t.match(ringText(ring), /"current":"k1"/)
})
