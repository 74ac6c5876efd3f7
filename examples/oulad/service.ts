import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { launch } from './launch.ts'
import type { Member } from './package.ts'
import { onPostgres } from './postgres.ts'

/** A service to play at. */
export interface Service {
  readonly baseUrl: string
  /** Token of an account: `administrator`, `lineManager` or one of the counsellors. */
  readonly tokenOf: (account: string) => string
  readonly counsellors: readonly string[]
  /** Those of them who may lead a group of a module. */
  readonly counsellorsOf: (module: string) => readonly string[]
  /** Unit the modules are placed below. */
  readonly above: string
  /** Staff the package brings; their accounts are their numbers. */
  readonly staff: readonly Member[]
  /** Issuer of the tokens of that staff. */
  readonly issuer: string | null
  /** Ends what was started here. @returns whether the journal is clean; null: not ours to stop */
  readonly stop: () => Promise<boolean | null>
}

interface Demo {
  readonly baseUrl: string
  readonly accounts: Readonly<Record<string, { readonly token: string }>>
}

const demoOf = async (folder: string): Promise<Demo | null> => {
  try {
    const demo = JSON.parse(await readFile(join(folder, 'demo.json'), 'utf8')) as Demo
    return (await fetch(`${demo.baseUrl}/readyz`)).ok ? demo : null
  } catch {
    return null
  }
}

const counsellors = ['counsellor', 'colleague']

/** The demo institution: its counsellors answer for the modules. */
const atDemo = (demo: Demo, stop: Service['stop']): Service => ({
  baseUrl: demo.baseUrl,
  tokenOf: account => demo.accounts[account]?.token ?? '',
  counsellors,
  counsellorsOf: () => counsellors,
  above: 'SE',
  staff: [],
  issuer: null,
  stop,
})

const ownDemo = async (say: (words: string) => void): Promise<Service> => {
  say('starting a service of its own on an embedded database …')
  const folder = await mkdtemp(join(tmpdir(), 'bangfu-oulad-'))
  const { stop } = await launch({ BANGFU_DATA_DIR: folder })
  const demo = (await demoOf(folder)) as Demo
  return atDemo(demo, () => stop().finally(() => rm(folder, { recursive: true, force: true })))
}

/** A service on the PostgreSQL of `DATABASE_URL`, else the running demo, else one of its own. */
export const serviceOf = async (
  folder: string,
  modules: readonly string[],
  say: (words: string) => void,
): Promise<Service> => {
  const { DATABASE_URL } = process.env
  if (DATABASE_URL) {
    say('setting up an institution on PostgreSQL …')
    return onPostgres(DATABASE_URL, modules)
  }
  const running = await demoOf(folder)
  return running ? atDemo(running, async () => null) : ownDemo(say)
}
