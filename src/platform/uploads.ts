import { createHash, hkdfSync } from 'node:crypto'
import { Problem } from '../practice/problems.ts'
import type { Ambient } from './ambient.ts'
import { type Tenant, tenantStatement } from './database.ts'
import type { SealedPlace } from './vault.ts'

/** Bytes a piece. */
export const chunkBytes = 512 * 1024

const begin = tenantStatement<unknown>(
  'uploads.begin',
  'insert into uploads (institution_id, id, created_at) values ($1::uuid, $2::uuid, $3::timestamptz)',
)
const keep = tenantStatement<unknown>(
  'uploads.keep',
  'insert into upload_chunks (institution_id, upload_id, n, bytes) values ($1::uuid, $2::uuid, $3::int, $4::bytea)',
)
const end = tenantStatement<unknown>(
  'uploads.end',
  'update uploads set size = $3::bigint where institution_id = $1::uuid and id = $2::uuid',
)
const dropChunks = tenantStatement<unknown>(
  'uploads.drop_chunks',
  'delete from upload_chunks where institution_id = $1::uuid and upload_id = $2::uuid',
)
const drop = tenantStatement<unknown>(
  'uploads.drop',
  'delete from uploads where institution_id = $1::uuid and id = $2::uuid',
)
const sizeOf = tenantStatement<{ size: number | null }>(
  'uploads.size',
  'select size from uploads where institution_id = $1::uuid and id = $2::uuid',
)
const chunk = tenantStatement<{ bytes: Uint8Array }>(
  'uploads.chunk',
  'select bytes from upload_chunks where institution_id = $1::uuid and upload_id = $2::uuid and n = $3::int',
)

type Sealing = Pick<Ambient, 'keys' | 'vault'>

/** Pieces are sealed under a key of their upload's own, derived and kept nowhere, each bound to its place. */
const sealerOf = ({ keys, vault }: Sealing, { institution }: Tenant, id: string) => {
  const key = Buffer.from(hkdfSync('sha256', keys.uploads, id, 'upload', 32))
  const place = (n: number): SealedPlace => ({ institution, table: 'upload_chunks', row: id, field: String(n) })
  return {
    seal: (n: number, piece: Buffer) => vault.seal(key, place(n), piece),
    open: (n: number, sealed: Uint8Array) => vault.open(key, place(n), Buffer.from(sealed)),
  }
}

/** What was received. */
export interface Upload {
  readonly id: string
  readonly size: number
  /** sha256 of the bytes, hex. */
  readonly digest: string
}

/** Parts of a stream in pieces of {@link chunkBytes}. */
const pieces = async function* (stream: AsyncIterable<Uint8Array>, limit: number): AsyncGenerator<Buffer> {
  let held: Uint8Array[] = []
  let length = 0
  let size = 0
  for await (const part of stream) {
    size += part.length
    if (size > limit) throw new Problem('payload_too_large')
    held.push(part)
    length += part.length
    if (length < chunkBytes) continue
    let all = Buffer.concat(held)
    for (; all.length >= chunkBytes; all = all.subarray(chunkBytes)) yield all.subarray(0, chunkBytes)
    held = all.length > 0 ? [all] : []
    length = all.length
  }
  if (length > 0) yield Buffer.concat(held)
}

/**
 * Keeps a stream in the database, piece by piece and sealed, so that any process can read it; never all of it in memory.
 * @throws Problem payload_too_large; nothing is kept then, nor when the client goes away
 */
export const receiveUpload = async (
  tenant: Tenant,
  ambient: Ambient,
  stream: AsyncIterable<Uint8Array>,
  limitBytes: number,
): Promise<Upload> => {
  const id = ambient.newId()
  const hash = createHash('sha256')
  const { seal } = sealerOf(ambient, tenant, id)
  let size = 0
  let n = 0
  await tenant.rows(begin, id, ambient.wallClock().toISOString())
  try {
    for await (const piece of pieces(stream, limitBytes)) {
      hash.update(piece)
      size += piece.length
      await tenant.rows(keep, id, n, seal(n, piece))
      n++
    }
    await tenant.rows(end, id, size)
  } catch (error) {
    await dropUpload(tenant, id).catch(() => {})
    throw error
  }
  return { id, size, digest: hash.digest('hex') }
}

/** Forgets an upload: its bytes are personal data. */
export const dropUpload = async (tenant: Tenant, id: string): Promise<void> => {
  await tenant.rows(dropChunks, id)
  await tenant.rows(drop, id)
}

/** Bytes of an upload by position; a few pieces stay in memory. */
export interface UploadReader {
  readonly size: number
  /** Bytes from `start` up to before `end`, in parts of {@link chunkBytes} at most. */
  range(start: number, end: number): AsyncGenerator<Buffer>
}

const heldPieces = 4

/** Opens an upload for reading. @throws Error when it is gone or never came whole, VaultError when a piece was changed */
export const readUpload = async (tenant: Tenant, sealing: Sealing, id: string): Promise<UploadReader> => {
  const [row] = await tenant.rows(sizeOf, id)
  if (row?.size === undefined || row.size === null) throw new Error('the upload is gone')
  const { open } = sealerOf(sealing, tenant, id)
  const held = new Map<number, Buffer>()
  const piece = async (n: number): Promise<Buffer> => {
    const known = held.get(n)
    if (known) return known
    const [found] = await tenant.rows(chunk, id, n)
    if (!found) throw new Error('a piece of the upload is gone')
    const bytes = open(n, found.bytes)
    held.set(n, bytes)
    const [oldest] = held.keys()
    if (held.size > heldPieces && oldest !== undefined) held.delete(oldest)
    return bytes
  }
  return {
    size: row.size,
    range: async function* (start, end) {
      for (let at = start; at < end; ) {
        const n = Math.floor(at / chunkBytes)
        const bytes = await piece(n)
        const from = at - n * chunkBytes
        const part = bytes.subarray(from, Math.min(bytes.length, end - n * chunkBytes))
        if (part.length === 0) throw new Error('a piece of the upload is short')
        yield part
        at += part.length
      }
    },
  }
}
