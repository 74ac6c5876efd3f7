import { Readable } from 'node:stream'
import { crc32 } from 'node:zlib'
import { type Entry, fromRandomAccessReader, RandomAccessReader, type ZipFile } from 'yauzl'
import { DatabaseUnavailable } from '../../platform/database.ts'
import type { UploadReader } from '../../platform/uploads.ts'
import { VaultError } from '../../platform/vault.ts'
import { Problem } from '../../practice/problems.ts'

const maxEntries = 64
const maxUnpackedBytes = 2 * 1024 ** 3
/** Unpacked against packed size: CSV packs 5 to 40 times, a bomb a thousand. */
const maxRatio = 100
/** Below this a ratio says nothing. */
const smallBytes = 1024 ** 2

const refused = (reason: string) => new Problem('archive_refused', { reason })

/** What yauzl or zlib says, as a refusal; what the database or the vault says stays as it is. */
const readFault = (error: unknown, reason: string): Error =>
  error instanceof DatabaseUnavailable || error instanceof VaultError ? error : refused(reason)

/** An archive whose directory has been looked through. */
export interface Archive {
  /** Names of its files, all of them plain. */
  readonly names: readonly string[]
  /** Bytes of one file, unpacked and checked as they come. @throws Problem archive_refused */
  open(name: string): AsyncIterable<Uint8Array>
}

/** yauzl reads an upload through this. */
class UploadAccess extends RandomAccessReader {
  readonly #upload: UploadReader
  constructor(upload: UploadReader) {
    super()
    this.#upload = upload
  }
  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(this.#upload.range(start, end), { objectMode: false })
  }
}

const openZip = (upload: UploadReader): Promise<ZipFile> =>
  new Promise((resolve, reject) => {
    const options = { lazyEntries: true, autoClose: false, strictFileNames: true, validateEntrySizes: true }
    fromRandomAccessReader(new UploadAccess(upload), upload.size, options, (error, zip) =>
      error ? reject(readFault(error, 'not_an_archive')) : resolve(zip as ZipFile),
    )
  })

const entriesOf = (zip: ZipFile): Promise<Entry[]> =>
  new Promise((resolve, reject) => {
    const entries: Entry[] = []
    zip.on('entry', (entry: Entry) => {
      entries.push(entry)
      if (entries.length > maxEntries) reject(refused('too_many_entries'))
      else zip.readEntry()
    })
    zip.on('end', () => resolve(entries))
    // yauzl refuses names that leave the folder with an error of its own.
    zip.on('error', error =>
      reject(
        readFault(error, /path|characters in fileName/i.test((error as Error).message) ? 'unsafe_name' : 'corrupt'),
      ),
    )
    if (zip.entryCount > maxEntries) reject(refused('too_many_entries'))
    else zip.readEntry()
  })

/** Type bits of a Unix file mode: anything but a plain file is refused. */
const isPlainFile = (entry: Entry): boolean => {
  const type = (entry.externalFileAttributes >>> 16) & 0o170000
  return type === 0 || type === 0o100000
}

const faultOf = (entry: Entry): string | null => {
  const { fileName: name, compressedSize: packed, uncompressedSize: unpacked } = entry
  if ((entry.generalPurposeBitFlag & 1) !== 0) return 'encrypted'
  if (/[/\\:]|\.\.|^\.|[\p{Cc}]/u.test(name) || !isPlainFile(entry)) return 'unsafe_name'
  if (/\.(zip|gz|tgz|bz2|xz|7z|rar|tar)$/i.test(name)) return 'nested'
  if (!/\.csv$/i.test(name)) return 'not_csv'
  if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8) return 'unknown_method'
  if (unpacked > smallBytes && unpacked > packed * maxRatio) return 'too_dense'
  return null
}

const checkDirectory = (entries: readonly Entry[], size: number): void => {
  for (const entry of entries) {
    const fault = faultOf(entry)
    if (fault) throw refused(fault)
  }
  if (new Set(entries.map(entry => entry.fileName.toLowerCase())).size < entries.length) throw refused('duplicate_name')
  const sum = (of: (entry: Entry) => number) => entries.reduce((total, entry) => total + of(entry), 0)
  if (sum(entry => entry.uncompressedSize) > maxUnpackedBytes) throw refused('too_large')
  // Entries that share their bytes unpack many times over.
  if (sum(entry => entry.compressedSize) > size) throw refused('overlapping')
}

const contentOf = async function* (zip: ZipFile, entry: Entry): AsyncGenerator<Uint8Array> {
  const stream = await new Promise<Readable>((resolve, reject) =>
    zip.openReadStream(entry, (error, opened) =>
      error ? reject(readFault(error, 'corrupt')) : resolve(opened as Readable),
    ),
  )
  let sum = 0
  try {
    for await (const part of stream as AsyncIterable<Buffer>) {
      sum = crc32(part, sum)
      yield part
    }
  } catch (error) {
    const { code, message } = error as { code?: string; message?: string }
    if (code?.startsWith('Z_') || /too many bytes|not enough bytes/.test(message ?? '')) throw refused('corrupt')
    throw error
  }
  if (sum !== entry.crc32) throw refused('corrupt')
}

/**
 * Opens an archive after looking through its directory: plain names, no directories, nothing nested, encrypted, listed
 * twice or overlapping, bounded count, size and ratio.
 * @throws Problem archive_refused with the reason
 */
export const openArchive = async (upload: UploadReader): Promise<Archive> => {
  const zip = await openZip(upload)
  const entries = await entriesOf(zip)
  checkDirectory(entries, upload.size)
  const byName = new Map(entries.map(entry => [entry.fileName.toLowerCase(), entry]))
  return {
    names: [...byName.keys()],
    open: name => {
      const entry = byName.get(name)
      if (!entry) throw new Error(`the archive has no ${name}`)
      return contentOf(zip, entry)
    },
  }
}
