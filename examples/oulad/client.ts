import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'

type Body = Record<string, unknown>

/** An answer of the service. */
export interface Answer {
  readonly status: number
  readonly body: Body
}

/** An answer that was not to be. */
export class Refused extends Error {
  readonly answer: Answer
  constructor(method: string, path: string, answer: Answer) {
    super(`${method} ${path} answered ${answer.status} ${JSON.stringify(answer.body)}`)
    this.answer = answer
  }
}

/** A client of the API that counts what it meets. */
export interface Client {
  get(path: string): Promise<Body>
  /** A POST that must succeed. */
  post(path: string, body: unknown, version?: unknown): Promise<Body>
  put(path: string, body: unknown, version?: unknown): Promise<Body>
  /** A POST that may be refused; refusals are counted by code. */
  attempt(path: string, body: unknown, version?: unknown): Promise<Answer>
  /** Sends a file as it is made. */
  upload(path: string, type: string, file: Readable): Promise<Body>
  /** Waits until long work has ended. @returns the operation @throws when it did not succeed */
  finished(started: Body, progress?: (done: number, total: number) => void): Promise<Body>
}

/** Figures over all requests. */
export class Figures {
  readonly durationsMs: number[] = []
  readonly refusals = new Map<string, number>()
  readonly #whole: Figures | null

  /** @param whole figures these are a part of */
  constructor(whole: Figures | null = null) {
    this.#whole = whole
  }

  /** Counts a request, and the code it was refused with. */
  count(durationMs: number, refusal: string | null): void {
    this.durationsMs.push(durationMs)
    if (refusal !== null) this.refusals.set(refusal, (this.refusals.get(refusal) ?? 0) + 1)
    this.#whole?.count(durationMs, refusal)
  }

  /** The duration below which a share of the requests stayed, in ms. */
  percentile(share: number): number {
    const sorted = [...this.durationsMs].sort((a, b) => a - b)
    return Math.round((sorted[Math.floor(sorted.length * share)] ?? 0) * 10) / 10
  }
}

interface Request {
  readonly method: string
  readonly path: string
  readonly version?: unknown
  readonly body?: string | Readable
  readonly type?: string
}

/** Makes a client for one account. */
export const clientOf = (baseUrl: string, token: string, figures: Figures): Client => {
  const send = async ({ method, path, version, body, type }: Request): Promise<Answer> => {
    const headers: Record<string, string> = { authorization: `Bearer ${token}` }
    if (method === 'POST') headers['idempotency-key'] = randomUUID()
    if (version !== undefined) headers['if-match'] = `"${version}"`
    if (type !== undefined) headers['content-type'] = type
    const begin = performance.now()
    const asked = () =>
      body instanceof Readable
        ? fetch(`${baseUrl}${path}`, { method, headers, body: Readable.toWeb(body) as never, duplex: 'half' } as never)
        : fetch(`${baseUrl}${path}`, { method, headers, ...(body === undefined ? {} : { body }) })
    let response = await asked()
    // Told to wait: the same key is sent again, so nothing happens twice.
    for (let tries = 0; [409, 429, 503].includes(response.status) && tries < 60; tries++) {
      const seconds = response.headers.get('retry-after')
      if (seconds === null || body instanceof Readable) break
      await response.body?.cancel()
      await pause(Number(seconds) * 1_000)
      response = await asked()
    }
    const told = (await response.json()) as Body
    figures.count(performance.now() - begin, response.status >= 400 ? String(told.code) : null)
    return { status: response.status, body: told }
  }
  const sure = async (request: Request): Promise<Body> => {
    const answer = await send(request)
    if (answer.status >= 400) throw new Refused(request.method, request.path, answer)
    return answer.body
  }
  const json = (method: string, path: string, body: unknown, version?: unknown): Request => ({
    method,
    path,
    version,
    body: JSON.stringify(body),
    type: 'application/json',
  })
  const get = (path: string) => sure({ method: 'GET', path })
  return {
    get,
    post: (path, body, version) => sure(json('POST', path, body, version)),
    put: (path, body, version) => sure(json('PUT', path, body, version)),
    attempt: (path, body, version) => send(json('POST', path, body, version)),
    upload: (path, type, body) => sure({ method: 'POST', path, type, body }),
    finished: async ({ id }, progress) => {
      for (;;) {
        const operation = await get(`/v1/operations/${id}`)
        const { done, total } = operation.progress as { done: number; total: number | null }
        progress?.(done, total ?? done)
        if (operation.status === 'succeeded') return operation
        if (!['queued', 'running'].includes(String(operation.status))) throw new Error(JSON.stringify(operation))
        await pause(50)
      }
    },
  }
}

/** Every item of a list. */
export const everyItem = async <T>(client: Client, path: string): Promise<T[]> => {
  const items: T[] = []
  let cursor: unknown = null
  do {
    const next = cursor === null ? '' : `&cursor=${encodeURIComponent(String(cursor))}`
    const page = await client.get(`${path}&limit=200${next}`)
    items.push(...(page.items as T[]))
    cursor = page.next
  } while (cursor)
  return items
}
