import { Readable } from 'node:stream'
import { Busboy } from '@fastify/busboy'
import type { Problem } from '../../practice/problems.ts'
import { fileRefused } from './faults.ts'

/** Media type of a form that brings a file, RFC 7578. */
export const formFileType = 'multipart/form-data'

const refused = (code: string, detail: string): Problem => fileRefused('', 0, code, detail)
const oneFile = () =>
  refused('one_file_expected', 'the form holds one file and nothing else; options are in the address')
const broken = () => refused('bad_form', 'the body is no whole multipart form')

type Parser = InstanceType<typeof Busboy>

const parserOf = (contentType: string): Parser => {
  try {
    return new Busboy({
      headers: { 'content-type': contentType },
      limits: { files: 2, fields: 1, fieldSize: 100, headerPairs: 20 },
    })
  } catch {
    throw broken()
  }
}

/** Reads the parts of a form: the first file as a stream, null where there is none; `ended` fails at anything more. */
const partsOf = (parser: Parser, incoming: Readable) => {
  let more = false
  let first: Readable | null = null
  const ended = new Promise<void>((resolve, reject) => {
    parser.on('finish', () => (more ? reject(oneFile()) : resolve()))
    parser.on('error', () => reject(broken()))
    incoming.on('error', error => {
      reject(error)
      first?.destroy(error)
    })
  })
  const file = new Promise<Readable | null>((resolve, reject) => {
    parser.on('field', () => {
      more = true
    })
    parser.on('file', (_name, stream) => {
      if (first) {
        more = true
        stream.resume()
        return
      }
      first = stream
      resolve(stream)
    })
    ended.then(() => resolve(null), reject)
  })
  return { file, ended }
}

/**
 * The one file of a form as it comes; its name and media type are the sender's and say nothing.
 * @throws Problem import_file_refused where the form is broken, holds no file, or more than a file
 */
export const fileOfForm = async function* (
  contentType: string,
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const parser = parserOf(contentType)
  const incoming = Readable.from(source, { objectMode: false })
  const { file, ended } = partsOf(parser, incoming)
  ended.catch(() => {})
  incoming.pipe(parser)
  try {
    const stream = await file
    if (!stream) throw oneFile()
    yield* stream as AsyncIterable<Uint8Array>
    await ended
  } catch (error) {
    // Busboy tells the file, too, when the form ends within it.
    throw /multipart data/.test((error as Error).message) ? broken() : error
  } finally {
    incoming.unpipe(parser)
    incoming.destroy()
    parser.destroy()
  }
}
