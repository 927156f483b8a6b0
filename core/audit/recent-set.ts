/**
 * A set of hashes by their first eight bytes, in sixteen bytes each. It forgets what is older than its window, so that its
 * size is that of a busy month and not of the whole trail. Two that begin alike pass for one: a verifier that takes a new
 * event for a known one finds that the tree does not come out.
 */
class Prints {
  #slots = new Uint32Array(2 * 1_024);
  #count = 0;

  has(high: number, low: number): boolean {
    const at = this.#find(high, low);
    return this.#slots[at] !== 0 || this.#slots[at + 1] !== 0;
  }

  add(high: number, low: number): void {
    if (4 * this.#count >= this.#slots.length) this.#grow();
    const at = this.#find(high, low);
    if (this.#slots[at] === 0 && this.#slots[at + 1] === 0) this.#count += 1;
    this.#slots[at] = high;
    this.#slots[at + 1] = low;
  }

  #find(high: number, low: number): number {
    const mask = this.#slots.length / 2 - 1;
    let slot = (low ^ high) & mask;
    while (true) {
      const at = 2 * slot;
      const [first, second] = [this.#slots[at], this.#slots[at + 1]];
      if ((first === high && second === low) || (first === 0 && second === 0)) return at;
      slot = (slot + 1) & mask;
    }
  }

  #grow(): void {
    const before = this.#slots;
    this.#slots = new Uint32Array(before.length * 2);
    this.#count = 0;
    for (let at = 0; at < before.length; at += 2) {
      const [high = 0, low = 0] = [before[at], before[at + 1]];
      if (high !== 0 || low !== 0) this.add(high, low);
    }
  }
}

export class RecentSet {
  readonly #windowMs: number;
  #current = new Prints();
  #previous = new Prints();
  #since = -Infinity;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** Time goes on: what was added more than two windows ago is forgotten. */
  advance(nowMs: number): void {
    if (nowMs - this.#since < this.#windowMs) return;
    this.#previous = nowMs - this.#since < 2 * this.#windowMs ? this.#current : new Prints();
    this.#current = new Prints();
    this.#since = nowMs;
  }

  /** Adds the eight bytes at `offset`; true where they were there already. */
  add(bytes: Buffer, offset: number): boolean {
    const [high, low] = [bytes.readUInt32LE(offset), bytes.readUInt32LE(offset + 4)];
    if (this.#current.has(high, low) || this.#previous.has(high, low)) return true;
    this.#current.add(high, low);
    return false;
  }
}
