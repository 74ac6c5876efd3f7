import { readFileSync } from 'node:fs'
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Another living process has the directory open. */
export class DirectoryInUse extends Error {
  constructor(directory: string, pid: number) {
    super(`${directory} is in use by process ${pid}; stop it first, the embedded database has one user`)
    this.name = 'DirectoryInUse'
  }
}

/** State and start of a process (clock ticks since boot); '' where the system does not tell. */
const statOf = (pid: number): { state: string; start: string } => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { state: fields[0] ?? '', start: fields[19] ?? '' }
  } catch {
    return { state: '', start: '' }
  }
}

const isAlive = (pid: number, start: string): boolean => {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  const now = statOf(pid)
  return now.state !== 'Z' && now.start === start
}

/** Puts a file in place under a name that must be free. @returns whether it was */
const place = (from: string, to: string): Promise<boolean> =>
  link(from, to).then(
    () => true,
    error => {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
      throw error
    },
  )

/**
 * Takes a directory for this process; a lock left by a killed process is taken over. The lock appears whole, so nobody
 * reads it half written; one taken away from a living process by a race is put back.
 * @returns a function that gives it back
 * @throws DirectoryInUse
 */
export const lockDirectory = async (directory: string): Promise<() => Promise<void>> => {
  const path = join(directory, 'lock')
  const own = `${path}.${process.pid}`
  await writeFile(own, `${process.pid} ${statOf(process.pid).start}`, { mode: 0o600 })
  try {
    for (;;) {
      if (await place(own, path)) return () => rm(path, { force: true })
      const words = await readFile(path, 'utf8').catch(() => '')
      const [pid = '', start = ''] = words.split(' ')
      if (pid !== '' && isAlive(Number(pid), start)) throw new DirectoryInUse(directory, Number(pid))
      const dead = `${own}.dead`
      await rename(path, dead).catch(() => {})
      if ((await readFile(dead, 'utf8').catch(() => words)) !== words) await place(dead, path)
      await rm(dead, { force: true })
    }
  } finally {
    await rm(own, { force: true })
  }
}
