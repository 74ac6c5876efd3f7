import { createPublicKey, type KeyObject } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { ConfigInvalid } from './config.ts'
import type { Checkpoint } from './platform/sealer.ts'

/**
 * Options of a command, each with a value, by name; an option may be given several times.
 * @throws ConfigInvalid for an option that is not known or has no value
 */
export const readOptions = (args: readonly string[], names: readonly string[]): Record<string, readonly string[]> => {
  try {
    const options = Object.fromEntries(names.map(name => [name, { type: 'string' as const, multiple: true as const }]))
    const { values } = parseArgs({ args: [...args], options, strict: true, allowPositionals: false })
    return Object.fromEntries(names.map(name => [name, values[name] ?? []]))
  } catch (error) {
    throw new ConfigInvalid([`${(error as Error).message.split(/[.\n]/)[0]}`])
  }
}

const textOf = async (option: string, path: string): Promise<string> => {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new ConfigInvalid([`${option} ${path}: cannot be read (${(error as NodeJS.ErrnoException).code})`])
  }
}

const CheckpointLine = z.strictObject({
  institution: z.uuid(),
  position: z.int().min(1),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  at: z.string().max(40),
  kid: z.string().max(100),
  signature: z.string().max(200),
})

const checkpointOf = (line: string): Checkpoint | null => {
  try {
    return CheckpointLine.parse(JSON.parse(line))
  } catch {
    return null
  }
}

/** Checkpoints of a file, one a line. @throws ConfigInvalid naming the line that is none, or for a file without any */
export const checkpointsIn = async (path: string): Promise<Checkpoint[]> => {
  const lines = (await textOf('--checkpoint', path)).split('\n')
  const found = lines.flatMap((line, index) => {
    if (line.trim() === '') return []
    const checkpoint = checkpointOf(line)
    if (!checkpoint) throw new ConfigInvalid([`--checkpoint ${path}: line ${index + 1} is no checkpoint`])
    return [checkpoint]
  })
  if (found.length === 0) throw new ConfigInvalid([`--checkpoint ${path}: there is no checkpoint in it`])
  return found
}

/** The public key of a PEM file, public or private. @throws ConfigInvalid */
export const publicKeyIn = async (path: string): Promise<KeyObject> => {
  const text = await textOf('--key', path)
  try {
    const key = createPublicKey(text)
    if (key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return key
  } catch {
    // Told below with every other key that does not fit.
  }
  throw new ConfigInvalid([`--key ${path}: not a P-256 key in PEM`])
}
