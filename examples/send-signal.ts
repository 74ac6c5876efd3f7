import { createHmac, randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'

// Where the service is, and the source it knows us as. The demo institution wrote both down.
const { baseUrl, signalSource } = JSON.parse(await readFile('data/demo.json', 'utf8'))
const key = Buffer.from(signalSource.secret.replace('whsec_', ''), 'base64')

/** Sends one signal, signed as Standard Webhooks says. Safe to repeat: the same signal is stored once. */
const send = async (signal: object, contentType = 'application/json'): Promise<unknown> => {
  const body = JSON.stringify(signal)
  const id = `msg_${randomUUID()}`
  const timestamp = String(Math.floor(Date.now() / 1000))
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
  const headers = { 'content-type': contentType, 'webhook-id': id, 'webhook-timestamp': timestamp }
  const response = await fetch(`${baseUrl}/v1/signal-sources/${signalSource.id}/signals`, {
    method: 'POST',
    headers: { ...headers, 'webhook-signature': `v1,${signature}` },
    body,
  })
  return response.json()
}

const signal = {
  externalId: 'absence-2026-09-14-2025010102',
  student: '2025010102',
  kind: 'absence',
  severity: 'yellow',
  observedAt: new Date().toISOString(),
  figures: { course: 'MATH1001', count: 3 },
}
console.log(await send(signal))

// The same as a CloudEvent, once the student is back.
const data = { ...signal, status: 'cleared', observedAt: new Date().toISOString() }
const event = { specversion: '1.0', id: randomUUID(), source: '/attendance', type: 'academic.signal.v1', data }
console.log(await send(event, 'application/cloudevents+json'))
