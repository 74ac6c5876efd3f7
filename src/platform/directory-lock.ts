import { readFileSync } from 'node:fs'
import { open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** Another living process has the directory open. */
export class DirectoryInUse extends Error {
  constructor(directory: string, pid: number) {
    super(`${directory} is in use by process ${pid}`)
    this.name = 'DirectoryInUse'
  }
}

/** When a process started, in clock ticks since boot; '' where the system does not tell. */
const startOf = (pid: number): string => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}

const isAlive = (pid: number, start: string): boolean => {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  return startOf(pid) === start
}

/**
 * Takes a directory for this process; a lock left by a killed process is taken over.
 * @returns a function that gives it back
 * @throws DirectoryInUse
 */
export const lockDirectory = async (directory: string): Promise<() => Promise<void>> => {
  const path = join(directory, 'lock')
  for (;;) {
    const file = await open(path, 'wx', 0o600).catch(error => {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      return null
    })
    if (file) {
      await file.writeFile(`${process.pid} ${startOf(process.pid)}`)
      await file.close()
      return () => rm(path, { force: true })
    }
    const [pid = '', start = ''] = (await readFile(path, 'utf8').catch(() => '')).split(' ')
    if (pid !== '' && isAlive(Number(pid), start)) throw new DirectoryInUse(directory, Number(pid))
    await rm(path, { force: true })
  }
}
