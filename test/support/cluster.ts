import { execFile } from 'node:child_process'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Test } from 'tap'

const run = promisify(execFile)

/** PostgreSQL does not run as root: root runs it as the user postgres. */
const asServer = (command: string, args: readonly string[]) =>
  process.getuid?.() === 0 ? run('runuser', ['-u', 'postgres', '--', command, ...args]) : run(command, [...args])

/** Why no cluster of one's own can be made here, or false. */
export const withoutCluster = async (): Promise<string | false> =>
  asServer('initdb', ['--version']).then(
    () => false as const,
    () => 'there is no initdb here',
  )

const freePort = () =>
  new Promise<number>(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })

/** A PostgreSQL cluster of its own that ends with the test: nothing was ever made in it. @returns its connection string */
export const givenCluster = async (t: Test): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'bangfu-cluster-'))
  await chmod(folder, 0o777)
  const data = join(folder, 'data')
  const port = await freePort()
  const server = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${folder} -c fsync=off`
  await asServer('initdb', ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'])
  await asServer('pg_ctl', ['-D', data, '-w', '-l', join(folder, 'log'), '-o', server, 'start'])
  t.teardown(async () => {
    await asServer('pg_ctl', ['-D', data, '-m', 'immediate', '-w', 'stop'])
    await rm(folder, { recursive: true, force: true })
  })
  return `postgres://postgres@127.0.0.1:${port}/postgres`
}
