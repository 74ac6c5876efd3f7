import { randomFillSync } from 'node:crypto'
import { v7 } from 'uuid'

const page = Buffer.alloc(4096)
let at = page.length

/** Sixteen random bytes of a page drawn at once: drawn one by one they are most of what an id costs. */
const draw = (): Buffer => {
  if (at === page.length) {
    randomFillSync(page)
    at = 0
  }
  at += 16
  return page.subarray(at - 16, at)
}

let last = { msecs: 0, seq: 0 }

/** A fresh UUIDv7. Those of one process rise, within a millisecond too (RFC 9562 §6.2, method 1). */
export const newId = (): string => {
  const random = draw()
  const now = Date.now()
  const seq = now > last.msecs ? random.readUInt32BE(6) & 0x7fff_ffff : (last.seq + 1) >>> 0
  last = { msecs: now > last.msecs ? now : last.msecs + (seq === 0 ? 1 : 0), seq }
  return v7({ random, ...last })
}
