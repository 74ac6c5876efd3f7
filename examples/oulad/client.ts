import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'

/** An answer of the service. */
export interface Answer {
  readonly status: number
  readonly body: Record<string, unknown>
}

/** A client of the API that counts what it meets. */
export interface Client {
  get(path: string): Promise<Record<string, unknown>>
  /** A POST that must succeed. */
  post(path: string, body: unknown, version?: unknown): Promise<Record<string, unknown>>
  /** A POST that may be refused; refusals are counted by code. */
  attempt(path: string, body: unknown, version?: unknown): Promise<Answer>
}

/** Figures over all requests. */
export class Figures {
  readonly durationsMs: number[] = []
  readonly refusals = new Map<string, number>()

  /** The duration below which a share of the requests stayed, in ms. */
  percentile(share: number): number {
    const sorted = [...this.durationsMs].sort((a, b) => a - b)
    return Math.round((sorted[Math.floor(sorted.length * share)] ?? 0) * 10) / 10
  }
}

/** Makes a client for one account. */
export const clientOf = (baseUrl: string, token: string, figures: Figures): Client => {
  const send = async (method: string, path: string, body?: unknown, version?: unknown): Promise<Answer> => {
    const headers: Record<string, string> = { authorization: `Bearer ${token}` }
    if (method === 'POST') headers['idempotency-key'] = randomUUID()
    if (version !== undefined) headers['if-match'] = `"${version}"`
    if (body !== undefined) headers['content-type'] = 'application/json'
    const begin = performance.now()
    const asked = () =>
      fetch(`${baseUrl}${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
    let response = await asked()
    // Told to wait: the same key is sent again, so nothing happens twice.
    for (let tries = 0; [409, 429, 503].includes(response.status) && tries < 60; tries++) {
      const seconds = response.headers.get('retry-after')
      if (seconds === null) break
      await response.body?.cancel()
      await pause(Number(seconds) * 1_000)
      response = await asked()
    }
    const told = (await response.json()) as Record<string, unknown>
    figures.durationsMs.push(performance.now() - begin)
    if (response.status >= 400)
      figures.refusals.set(String(told.code), (figures.refusals.get(String(told.code)) ?? 0) + 1)
    return { status: response.status, body: told }
  }
  const sure = async (method: string, path: string, body?: unknown, version?: unknown) => {
    const answer = await send(method, path, body, version)
    if (answer.status >= 400)
      throw new Error(`${method} ${path} answered ${answer.status} ${JSON.stringify(answer.body)}`)
    return answer.body
  }
  return {
    get: path => sure('GET', path),
    post: (path, body, version) => sure('POST', path, body, version),
    attempt: (path, body, version) => send('POST', path, body, version),
  }
}
