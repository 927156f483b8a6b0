import { CHAIN_START } from "./event.ts";
import { type Examined, idAt } from "./examine.ts";
import { HASH_BYTES } from "./merkle.ts";

/** Neighbouring numbers of one writer that were seen and name each other. */
interface Run {
  first: number;
  readonly firstPrev: Buffer;
  /** Place in the log of the first event, and its id. */
  firstPlace: number;
  firstId: string;
  last: number;
  readonly lastHash: Buffer;
}

export interface ChainFault {
  readonly kind: "chain-gap" | "chain-broken" | "event-doubled";
  readonly eventId: string;
  readonly place: number;
  readonly detail: string;
}

/**
 * The chains of all writers of a trail: numbers from 1 without a gap, each naming the hash of the one before. Events may
 * come in any order: what is kept is runs, a few for each writer, however many events there are.
 */
export class Chains {
  readonly #runs = new Map<string, Run[]>();
  readonly #faults: ChainFault[] = [];

  get writers(): number {
    return this.#runs.size;
  }

  /** Notes line `index` of an object, which stands at `place` in the log. */
  note(object: Examined, index: number, place: number): void {
    const writer = object.writers[object.writerOf[index] ?? 0];
    if (writer === undefined) return;
    const seq = object.seqs[index] ?? 0;
    const prevs = Buffer.from(object.prevs.buffer, object.prevs.byteOffset, object.prevs.length);
    const hashes = Buffer.from(object.hashes.buffer, object.hashes.byteOffset, object.hashes.length);
    const at = index * HASH_BYTES;
    let runs = this.#runs.get(writer);
    if (runs === undefined) this.#runs.set(writer, (runs = []));
    const before = runs.find(({ last }) => last === seq - 1);
    if (before === undefined) {
      this.#begin(runs, { writer, seq, place, eventId: idAt(object, index) ?? "", prevs, hashes, at });
      return;
    }
    if (prevs.compare(before.lastHash, 0, HASH_BYTES, at, at + HASH_BYTES) !== 0) {
      this.#report(
        "chain-broken",
        idAt(object, index),
        place,
        `writer ${writer} at ${seq} does not name the one before`,
      );
    }
    before.last = seq;
    hashes.copy(before.lastHash, 0, at, at + HASH_BYTES);
    if (runs.length > 1) this.#join(writer, runs, before);
  }

  #begin(
    runs: Run[],
    event: {
      readonly writer: string;
      readonly seq: number;
      readonly place: number;
      readonly eventId: string;
      readonly prevs: Buffer;
      readonly hashes: Buffer;
      readonly at: number;
    },
  ): void {
    const { writer, seq, place, eventId, prevs, hashes, at } = event;
    if (runs.some(({ first, last }) => seq >= first && seq <= last)) {
      this.#report("event-doubled", eventId, place, `writer ${writer} has two events ${seq}`);
      return;
    }
    const run: Run = {
      first: seq,
      firstPrev: Buffer.from(prevs.subarray(at, at + HASH_BYTES)),
      firstPlace: place,
      firstId: eventId,
      last: seq,
      lastHash: Buffer.from(hashes.subarray(at, at + HASH_BYTES)),
    };
    runs.push(run);
    this.#join(writer, runs, run);
  }

  /** Joins a run with the one that begins where it ends, if there is one. */
  #join(writer: string, runs: Run[], run: Run): void {
    const next = runs.findIndex(({ first }) => first === run.last + 1);
    const following = runs[next];
    if (following === undefined) return;
    if (!following.firstPrev.equals(run.lastHash)) {
      const { firstId, firstPlace, first } = following;
      this.#report("chain-broken", firstId, firstPlace, `writer ${writer} at ${first} does not name the one before`);
    }
    run.last = following.last;
    following.lastHash.copy(run.lastHash);
    runs.splice(next, 1);
  }

  #report(kind: ChainFault["kind"], eventId: string | undefined, place: number, detail: string): void {
    this.#faults.push({ kind, eventId: eventId ?? "", place, detail });
  }

  /** Every fault, once all events were noted. */
  faults(): readonly ChainFault[] {
    const gaps: ChainFault[] = [];
    for (const [writer, runs] of this.#runs) {
      let expected = 1;
      for (const { first, firstPrev, firstId, firstPlace, last } of runs.toSorted(
        (one, other) => one.first - other.first,
      )) {
        const found = { eventId: firstId, place: firstPlace };
        if (first !== expected)
          gaps.push({ kind: "chain-gap", ...found, detail: `writer ${writer}: expected ${expected}, found ${first}` });
        else if (first === 1 && firstPrev.toString("hex") !== CHAIN_START)
          gaps.push({ kind: "chain-broken", ...found, detail: `writer ${writer} at 1 names an event before it` });
        expected = last + 1;
      }
    }
    return [...this.#faults, ...gaps];
  }
}
