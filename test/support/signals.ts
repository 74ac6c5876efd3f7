import { randomUUID } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { signalKinds } from '../../src/practice/signals.ts'
import type { Service, Told } from './service.ts'

/** A believable signal of a system. */
export const aSignal = (more: Record<string, unknown> = {}) => ({
  externalId: randomUUID(),
  student: '1',
  kind: 'failed_course',
  severity: 'orange',
  observedAt: '2026-09-14T01:00:00.000Z',
  figures: { course: 'MATH1001', score: 43, threshold: 60 },
  ...more,
})

/** A signal as the institution's rules raise it. */
export const ruled = (externalId: string) =>
  ({
    ...aSignal({ externalId }),
    kind: 'failed_course',
    severity: 'orange',
    status: 'open',
    observedAt: '2026-09-14T01:00:00.000Z',
    figures: {},
    note: null,
  }) as never

/** A registered source, with a machine client linked to it, and both doors. */
export interface TestSource {
  readonly id: string
  readonly secret: string
  readonly clientId: string
  /** Sends by the client's token. */
  readonly send: (path: string, body: unknown, headers?: Record<string, string>) => Promise<Told>
  /** Sends signed, by an independent implementation of the signature. */
  readonly sign: (path: string, body: unknown, more?: Signing) => Promise<Told>
  readonly receipts: (query?: string) => Promise<Told>
}

/** What a test bends about a signed request. */
export interface Signing {
  readonly secret?: string
  readonly at?: Date
  readonly id?: string
  readonly headers?: Record<string, string>
  readonly contentType?: string
  /** Sent instead of what was signed. */
  readonly instead?: string
  readonly source?: string
}

/** Asks without bearer token. */
const ask = async (
  service: Service,
  method: 'GET' | 'POST',
  url: string,
  headers: Record<string, string>,
  payload?: string | Buffer,
) => {
  const response = await service.app.server.inject({
    method,
    url,
    headers,
    ...(payload === undefined ? {} : { payload }),
  })
  const json = String(response.headers['content-type'] ?? '').includes('json')
  return {
    status: response.statusCode,
    body: json ? response.json() : null,
    headers: response.headers,
    text: response.body,
  }
}

/** Registers a source through the API. */
export const givenSource = async (service: Service, more: Record<string, unknown> = {}): Promise<TestSource> => {
  const client = await service.call('administrator', 'POST', '/v1/clients', { name: '预警', scopes: ['signals:write'] })
  const clientId = String(client.body.id)
  const made = await service.call('administrator', 'POST', '/v1/signal-sources', {
    name: `来源-${randomUUID()}`,
    kinds: Object.keys(signalKinds),
    clientId,
    ...more,
  })
  if (made.status !== 201) throw new Error(made.text)
  const { id, secret } = made.body as { id: string; secret: string }
  const token = () => service.token(clientId, { scopes: ['signals:write'], clientId })
  const send: TestSource['send'] = (path, body, headers = {}) =>
    ask(
      service,
      'POST',
      `/v1/signals${path}`,
      { authorization: `Bearer ${token()}`, 'content-type': 'application/json', ...headers },
      typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
    )
  const sign: TestSource['sign'] = (path, body, bent = {}) => {
    const payload = typeof body === 'string' ? body : JSON.stringify(body)
    const messageId = bent.id ?? `msg_${randomUUID()}`
    const at = bent.at ?? service.clock.now
    const headers = {
      'content-type': bent.contentType ?? 'application/json',
      'webhook-id': messageId,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': new Webhook(bent.secret ?? secret).sign(messageId, at, payload),
      ...bent.headers,
    }
    return ask(
      service,
      'POST',
      `/v1/signal-sources/${bent.source ?? id}/signals${path}`,
      headers,
      bent.instead ?? payload,
    )
  }
  const receipts: TestSource['receipts'] = (query = '') =>
    ask(service, 'GET', `/v1/signals/receipts${query}`, { authorization: `Bearer ${token()}` })
  return { id, secret, clientId, send, sign, receipts }
}

/** Asks for receipts, signed over an empty body. */
export const signedReceipts = (service: Service, source: TestSource, secret = source.secret) => {
  const messageId = `msg_${randomUUID()}`
  return ask(service, 'GET', `/v1/signal-sources/${source.id}/receipts`, {
    'webhook-id': messageId,
    'webhook-timestamp': String(Math.floor(service.clock.now.getTime() / 1000)),
    'webhook-signature': new Webhook(secret).sign(messageId, service.clock.now, ''),
  })
}

/** Rows of `signals` in the order they came. */
export const storedSignals = (service: Service, columns = '*') =>
  service.asOwner(`select ${columns} from signals order by id`)
