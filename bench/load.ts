import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { clients, keyTexts } from './world.ts'

const agent = new Agent({ keepAlive: true, maxSockets: clients })

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

/** Sends one request over a kept connection. */
export const send = (
  token: string,
  base: string,
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: string,
) =>
  new Promise<{ status: number; text: string }>((resolve, reject) => {
    const asked = request(
      `${base}${path}`,
      { method, agent, headers: { authorization: `Bearer ${token}`, ...headers } },
      response => {
        const chunks: Buffer[] = []
        response.on('data', chunk => chunks.push(chunk))
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }))
      },
    )
    asked.on('error', reject)
    asked.end(body)
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
