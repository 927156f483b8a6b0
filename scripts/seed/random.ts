import { createHash } from "node:crypto";
import { encodeId } from "../../core/kernel/ids.ts";

/** A stream of numbers that its seed text decides: the same on every machine and in every run. */
export class Random {
  #state: [number, number, number, number];

  constructor(seed: string) {
    const digest = createHash("sha256").update(seed).digest();
    this.#state = [digest.readUInt32LE(0), digest.readUInt32LE(4), digest.readUInt32LE(8), digest.readUInt32LE(12) | 1];
  }

  /** sfc32, by Chris Doty-Humphrey (public domain, PractRand): a number in [0, 1). */
  next(): number {
    let [a, b, c, d] = this.#state;
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    this.#state = [a, b, c, d];
    return (t >>> 0) / 4_294_967_296;
  }

  /** A whole number in [from, to]. */
  integer(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(list: readonly T[]): T {
    const chosen = list[this.integer(0, list.length - 1)];
    if (chosen === undefined) throw new RangeError("nothing to pick from");
    return chosen;
  }

  /** About normal, by the sum of uniform numbers; `deviation` is the standard deviation. */
  around(mean: number, deviation: number): number {
    const sum = Array.from({ length: 12 }, () => this.next()).reduce((total, part) => total + part, 0);
    return mean + (sum - 6) * deviation;
  }
}

/** An id in Keyward's grammar that `parts` decide. */
export function seededId(...parts: readonly string[]): string {
  const bytes = createHash("sha256").update(JSON.stringify(parts)).digest().subarray(0, 16);
  return encodeId(bytes);
}
