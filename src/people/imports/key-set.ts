import { hash } from 'node:crypto'

/**
 * A set of texts that keeps 64 bits of the hash of each: a million take 16 MB. Two texts are taken for one with a
 * chance of 3 in 10⁸ among a million.
 */
export class KeySet {
  #slots = new Uint32Array(2 * 1024)
  #size = 0

  get size(): number {
    return this.#size
  }

  has(text: string): boolean {
    const [high, low] = halves(text)
    return this.#slots[2 * this.#find(high, low)] !== 0
  }

  /** @returns whether it was not there before */
  add(text: string): boolean {
    const [high, low] = halves(text)
    const at = this.#find(high, low)
    if (this.#slots[2 * at] !== 0) return false
    this.#slots[2 * at] = high
    this.#slots[2 * at + 1] = low
    this.#size++
    if (this.#size * 3 > this.#slots.length) this.#grow()
    return true
  }

  #find(high: number, low: number): number {
    const mask = this.#slots.length / 2 - 1
    let at = low & mask
    for (; this.#slots[2 * at] !== 0; at = (at + 1) & mask)
      if (this.#slots[2 * at] === high && this.#slots[2 * at + 1] === low) break
    return at
  }

  #grow(): void {
    const before = this.#slots
    this.#slots = new Uint32Array(before.length * 2)
    for (let at = 0; at < before.length; at += 2) {
      const [high, low] = [before[at] ?? 0, before[at + 1] ?? 0]
      if (high === 0) continue
      const to = this.#find(high, low)
      this.#slots[2 * to] = high
      this.#slots[2 * to + 1] = low
    }
  }
}

/** Four bytes of a text of bytes as a number. */
const word = (bytes: string, at: number): number =>
  (bytes.charCodeAt(at) |
    (bytes.charCodeAt(at + 1) << 8) |
    (bytes.charCodeAt(at + 2) << 16) |
    (bytes.charCodeAt(at + 3) << 24)) >>>
  0

/** Two 32-bit parts of a hash; the first is never 0, which marks an empty slot. */
const halves = (text: string): [number, number] => {
  const digest = hash('sha1', text, 'binary')
  return [word(digest, 0) || 1, word(digest, 4)]
}
