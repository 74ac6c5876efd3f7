import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { Problem, type ProblemCode } from '../../practice/problems.ts'
import type { ServerOptions } from './options.ts'
import { languageOf, type ProblemBody, problemBody } from './problems.ts'

const malformed = {
  errors: [{ pointer: '', code: 'malformed', detail: { en: 'no request of HTTP', zh: '并非HTTP请求' } }],
}

const codes: Readonly<Record<string, ProblemCode>> = {
  HPE_HEADER_OVERFLOW: 'header_too_large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'payload_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
}

const headersOf = (text: string): Readonly<Record<string, string>> => ({
  'Content-Type': 'application/problem+json; charset=utf-8',
  'Content-Length': String(Buffer.byteLength(text)),
  'Cache-Control': 'private, no-store',
  Connection: 'close',
})

const answerBytes = (body: ProblemBody): string => {
  const text = JSON.stringify(body)
  const headers = Object.entries(headersOf(text)).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${body.status} ${STATUS_CODES[body.status]}\r\n${headers.join('')}\r\n${text}`
}

/** Whether an answer is under way on the connection: a second one would be taken for a part of it. */
const isAnswering = (socket: Socket): boolean =>
  (socket as { _httpMessage?: { headersSent?: boolean } })._httpMessage?.headersSent === true

/** Answers bytes that are no request (400), headers beyond 16 KB (431) and requests that never end (408) as problems. */
export const clientErrorHandler =
  ({ newId }: Pick<ServerOptions, 'newId'>) =>
  (error: Error & { code?: string }, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || !socket.writable || isAnswering(socket)) {
      socket.destroy()
      return
    }
    const code = codes[error.code ?? ''] ?? 'invalid_request'
    const problem = new Problem(code, code === 'invalid_request' ? malformed : {})
    const bytes = answerBytes(problemBody(problem, { instance: '', requestId: newId(), language: 'en' }))
    // Nothing more is read from a connection that lost its place.
    socket.end(bytes, () => socket.destroy())
  }

/** Answers `Expect:` of anything but `100-continue` with 417 as a problem. */
export const answerExpectations = (app: FastifyInstance, { newId }: Pick<ServerOptions, 'newId'>): void => {
  app.server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    const about = {
      instance: (request.url ?? '').split('?')[0]?.slice(0, 500) ?? '',
      requestId: newId(),
      language: languageOf(request.headers['accept-language']),
    }
    const body = problemBody(new Problem('expectation_failed'), about)
    const text = JSON.stringify(body)
    response.writeHead(body.status, headersOf(text)).end(text)
  })
}
