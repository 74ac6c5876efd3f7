import { readOptions } from './command-options.ts'
import { ConfigInvalid } from './config.ts'
import { makeInstitution, NewInstitution } from './people/make-institution.ts'
import type { Database } from './platform/database.ts'
import { makeKeyFiles } from './platform/keys.ts'
import { newId } from './platform/new-id.ts'

const kebab = (name: string) => name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
const options = Object.fromEntries(Object.keys(NewInstitution.shape).map(name => [name, kebab(name)]))

/** How {@link institution} is asked for. */
export const institutionUsage =
  '--name-zh <name> --name-en <name> --time-zone <zone> --admin-issuer <iss> --admin-subject <sub> [--admin-name <name>] [--admin-number <id>] [--unit <id>]'

/**
 * Makes an institution with its first administrator. The same call again makes nothing and is refused with the id of
 * the one that is there.
 * @param print told the new institution's id
 * @throws ConfigInvalid for options that do not fit, all together
 */
export const institution = async (
  db: Database,
  args: readonly string[],
  { say, print }: { say: (words: string) => void; print: (text: string) => void },
): Promise<boolean> => {
  const given = readOptions(args, Object.values(options))
  const values = Object.entries(options).map(([name, option]) => [name, given[option]?.at(-1)])
  const parsed = NewInstitution.safeParse(Object.fromEntries(values))
  if (!parsed.success)
    throw new ConfigInvalid(
      parsed.error.issues
        .map(issue => `--${kebab(String(issue.path[0]))}: ${issue.message}`)
        .concat(`usage: bangfu institution ${institutionUsage}`),
    )
  const clock = { now: () => new Date(), wallClock: () => new Date(), newId: newId }
  const made = await makeInstitution(db, clock, parsed.data)
  if (made.outcome === 'unknown_time_zone')
    throw new ConfigInvalid([
      `--time-zone: ${parsed.data.timeZone} is no zone that can be served; name one as Asia/Shanghai`,
    ])
  if (made.outcome === 'there') {
    say(`nothing was made: it is there, with this administrator, as institution ${made.id}`)
    return false
  }
  print(`${made.id}\n`)
  say('made. Name it as "institution" of the issuer in TOKEN_ISSUERS: that issuer’s tokens then speak for it')
  return true
}

/** Writes new key material for production into a folder. @throws ConfigInvalid without a folder, or when keys lie there */
export const makeKeys = async (args: readonly string[], say: (words: string) => void): Promise<void> => {
  const [folder, ...rest] = args
  if (folder === undefined || folder.startsWith('-') || rest.length > 0)
    throw new ConfigInvalid(['usage: bangfu make-keys <folder>'])
  const made = await makeKeyFiles(folder)
  if (!made) throw new ConfigInvalid([`${folder}: there are keys in it; what they opened would open no more`])
  for (const [variable, path] of Object.entries(made)) say(`${variable}_FILE=${path}`)
}
