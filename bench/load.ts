import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { clients, keyTexts } from './world.ts'

/** Starts the service in a process of its own. */
export const startService = async (url: string, sealing: boolean): Promise<{ child: ChildProcess; base: string }> => {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'server.js'), JSON.stringify({ url, keys: keyTexts, sealing })],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const [words] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer]
  return { child, base: words.toString().replace('ready ', '').trim() }
}

/** What an answer is called back with. */
interface Told {
  readonly status: number
  readonly text: string
}

/** A connection that asks one thing at a time; `ask` is what an answer is waited for with. */
interface Line {
  readonly socket: Socket
  ask: { readonly resolve: (told: Told) => void; readonly reject: (error: Error) => void } | null
  read: Buffer
}

const free = new Map<string, Line[]>()

/** The whole answer in what was read, or null while some of it is missing: the service tells the length of every body. */
const answerIn = (read: Buffer): Told | null => {
  const end = read.indexOf('\r\n\r\n')
  if (end < 0) return null
  const head = read.toString('latin1', 0, end)
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0)
  if (read.length < end + 4 + length) return null
  return { status: Number(head.slice(9, 12)), text: read.toString('utf8', end + 4, end + 4 + length) }
}

const open = (base: string): Line => {
  const { hostname, port } = new URL(base)
  const line: Line = { socket: connect(Number(port), hostname).setNoDelay(), ask: null, read: Buffer.alloc(0) }
  line.socket.on('error', error => line.ask?.reject(error))
  line.socket.on('data', chunk => {
    line.read = line.read.length === 0 ? chunk : Buffer.concat([line.read, chunk])
    const told = answerIn(line.read)
    if (!told || !line.ask) return
    const { resolve } = line.ask
    line.ask = null
    line.read = Buffer.alloc(0)
    free.get(base)?.push(line)
    resolve(told)
  })
  return line
}

/**
 * Sends one request over a kept connection. No client of a library: it shares the cores with what is measured, and is to
 * cost as little as may be.
 */
export const send = (
  token: string,
  base: string,
  method: string,
  path: string,
  headers: Record<string, string>,
  body = '',
): Promise<Told> =>
  new Promise((resolve, reject) => {
    if (!free.has(base)) free.set(base, [])
    const line = free.get(base)?.pop() ?? open(base)
    line.ask = { resolve, reject }
    const named = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
    line.socket.write(
      `${method} ${path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer ${token}\r\n${named.join('')}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    )
  })

/** Runs workers for the time of a bench. @returns operations per second */
export const rate = async (seconds: number, work: (client: number) => () => Promise<void>): Promise<number> => {
  const end = performance.now() + seconds * 1000
  let done = 0
  await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      const step = work(client)
      while (performance.now() < end) {
        await step()
        done++
      }
    }),
  )
  return done / seconds
}
