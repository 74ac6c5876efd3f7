import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { refuseEarly } from '../../src/platform/http/early-refusals.ts'
import { type Problem, problems } from '../../src/practice/problems.ts'
import { givenCase } from '../support/cases.ts'
import { givenSchool, givenService, type Service } from '../support/service.ts'

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Record<string, unknown>
}

/** One answer out of bytes of HTTP/1.1. */
const read = (bytes: string): Answer => {
  const [head = '', ...rest] = bytes.split('\r\n\r\n')
  const [first = '', ...lines] = head.split('\r\n')
  const headers = Object.fromEntries(
    lines.map(line => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
  )
  const text = rest.join('\r\n\r\n')
  return { status: Number(first.split(' ')[1]), headers, body: text ? JSON.parse(text) : {} }
}

const listening = async (t: Test) => {
  const service = await givenService(t)
  await service.app.server.listen({ host: '127.0.0.1', port: 0 })
  const { port } = service.app.server.server.address() as AddressInfo
  const open = () => {
    const socket = connect(port, '127.0.0.1')
    let heard = ''
    socket.on('data', chunk => (heard += chunk))
    socket.on('error', () => {})
    return { socket, heard: () => heard, over: once(socket, 'close') }
  }
  /** Sends bytes as they are and reads until the other side closes. */
  const send = async (bytes: string): Promise<Answer> => {
    const { socket, heard, over } = open()
    socket.write(bytes)
    await over
    return read(heard())
  }
  return { service, send, open }
}

const isProblem = (t: Test, answer: Answer, code: keyof typeof problems, name: string) => {
  t.equal(answer.status, problems[code].status, name)
  t.match(answer.headers['content-type'], /^application\/problem\+json/, name)
  t.match(
    answer.body,
    { type: `/problems/${code}`, code, status: answer.status, title: /./, detail: /./, requestId: /./ },
    name,
  )
}

t.test('what is no request at all is answered with a problem too', async t => {
  const { send } = await listening(t)
  isProblem(t, await send('no request of HTTP\r\n\r\n'), 'invalid_request', 'garbage')
  isProblem(t, await send('\u0016\u0003\u0001 TLS perhaps\r\n\r\n'), 'invalid_request', 'another protocol')
  const large = await send(`GET /livez HTTP/1.1\r\nHost: x\r\nX-Large: ${'x'.repeat(17_000)}\r\n\r\n`)
  isProblem(t, large, 'header_too_large', 'more than 16 KB of headers')
  const smuggled = await send(
    'POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  )
  isProblem(t, smuggled, 'invalid_request', 'two lengths')
  const homeless = await send('GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n')
  isProblem(t, homeless, 'invalid_request', 'no Host')
  t.match(homeless.body.errors, [{ pointer: '/header/host' }])
  t.equal((await send('GET /livez HTTP/1.0\r\n\r\n')).status, 200, 'HTTP/1.0 knows no Host')
  const expecting = await send(
    'POST /oauth/token HTTP/1.1\r\nHost: x\r\nAccept-Language: zh\r\nExpect: the-unexpected\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
  )
  isProblem(t, expecting, 'expectation_failed', 'Expect')
  t.equal(expecting.body.title, '期望无法满足')
})

t.test('a request that never ends is told so', async t => {
  const { service, send } = await listening(t)
  service.app.server.server.requestTimeout = 200
  service.app.server.server.headersTimeout = 200
  isProblem(
    t,
    await send(
      'POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 10\r\n\r\nabc',
    ),
    'request_timeout',
    'half a body',
  )
})

t.test('a service that closes finishes what is in flight, ends what waits, and refuses what is new', async t => {
  const { service, open } = await listening(t)
  const { students } = await givenSchool(service)
  await givenCase(service, students['1'] as string)
  await service.seal()
  const authorization = `Authorization: Bearer ${service.token('owner')}\r\n`
  const body = JSON.stringify({ studentId: students['2'], source: 'outreach' })
  const writing = open()
  writing.socket.write(
    `POST /v1/cases HTTP/1.1\r\nHost: x\r\n${authorization}Idempotency-Key: k\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body.slice(0, 5)}`,
  )
  const waiting = open()
  waiting.socket.write(
    `GET /v1/journal?after=100000&wait=25 HTTP/1.1\r\nHost: x\r\n${authorization}Connection: close\r\n\r\n`,
  )
  const late = open()
  late.socket.write('GET /v1/cases HTTP/1.1\r\nHost: x\r\n')
  await pause(300)
  const since = Date.now()
  const closed = service.app.close()
  await waiting.over
  t.ok(Date.now() - since < 2_000, 'the long poll ends at once')
  t.equal(read(waiting.heard()).status, 200)
  late.socket.write(`${authorization}\r\n`)
  await late.over
  writing.socket.write(body.slice(5))
  await writing.over
  await closed
  const done = read(writing.heard())
  t.equal(done.status, 201, 'in flight')
  t.equal(done.headers.connection, 'close', 'and nothing after it')
  const refused = read(late.heard())
  isProblem(t, refused, 'service_unavailable', 'new')
  t.equal(refused.headers['retry-after'], '1')
  t.equal(refused.headers.connection, 'close')
})

t.test('a closing service answers what is pipelined behind a request in flight, then ends the connection', async t => {
  const closing = new AbortController()
  const server = Fastify({ return503OnClosing: false })
  refuseEarly(server, { closing: closing.signal })
  server.setErrorHandler((error, _request, reply) => reply.code(problems[(error as Problem).code].status).send())
  let finish = () => {}
  const finished = new Promise<void>(resolve => (finish = resolve))
  let served = 0
  server.get('/slow', async () => finished.then(() => 'done'))
  server.get('/quick', async () => `${++served}`)
  await server.listen({ host: '127.0.0.1', port: 0 })
  const { port } = server.server.address() as AddressInfo
  const socket = connect(port, '127.0.0.1')
  let heard = ''
  socket.on('data', chunk => (heard += chunk))
  const over = once(socket, 'close')
  const send = (path: string) => socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`)
  send('/slow')
  send('/quick')
  await pause(200)
  closing.abort()
  send('/quick')
  await pause(200)
  finish()
  await over
  await server.close()
  const answers = heard.split(/(?=HTTP\/1\.1 )/)
  t.same(
    answers.map(text => [text.slice(9, 12), /^connection: close/im.test(text)]),
    [
      ['200', false],
      ['200', false],
      ['503', true],
    ],
    'in flight, pipelined, too late',
  )
  t.equal(served, 1, 'what is refused was not done')
})

t.test('addresses of documents, and lists with a slash behind them', async t => {
  const service = await givenService(t)
  await givenSchool(service)
  for (const [method, url] of [
    ['DELETE', '/openapi.json'],
    ['POST', '/docs'],
    ['PUT', '/openapi.json'],
  ] as const) {
    const answer = await service.app.server.inject({ method, url })
    t.match(answer.json(), { status: 405, code: 'method_not_allowed' }, `${method} ${url}`)
    t.equal(answer.headers.allow, 'GET, HEAD')
  }
  for (const url of ['/v1/cases/', '/v1/cases/?limit=1', '/v1/record-kinds/', '/v1/cases//records', '/v1/processes/'])
    t.match((await service.call('owner', 'GET', url)).body, { status: 404, code: 'not_found' }, url)
  t.match((await service.call('owner', 'POST', '/v1/cases/', {})).body, { status: 404 })
})

const readiness = (service: Service) => service.app.server.inject('/readyz')

t.test('readiness says why not: migrations, sealer', async t => {
  const service = await givenService(t, { sealing: true })
  t.same((await readiness(service)).json(), { status: 'ok', reasons: [] })
  await service.asOwner(
    'update drizzle.__drizzle_migrations set created_at = created_at - 1000 where created_at = (select max(created_at) from drizzle.__drizzle_migrations)',
  )
  const behind = await readiness(service)
  t.equal(behind.statusCode, 503)
  t.match(behind.headers['content-type'], /^application\/problem\+json/)
  t.equal(behind.headers['retry-after'], '1')
  t.match(behind.json(), { code: 'service_unavailable', reasons: ['migrations'] })
  await service.asOwner(
    'update drizzle.__drizzle_migrations set created_at = created_at + 2000 where created_at = (select max(created_at) from drizzle.__drizzle_migrations)',
  )
  t.equal((await readiness(service)).statusCode, 200, 'a newer one is no fault: another process was deployed first')
  await service.app.sealer?.stop()
  service.clock.now = new Date(service.clock.now.getTime() + 61_000)
  t.match((await readiness(service)).json(), { status: 503, reasons: ['sealer'] })
  t.equal((await service.app.server.inject('/livez')).statusCode, 200)
})
