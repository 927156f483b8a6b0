import { hash } from "node:crypto";
import { Chains } from "./chains.ts";
import { type Claim, readClaims } from "./claims.ts";
import { parseCheckpoint } from "./checkpoint.ts";
import { type Examined, examine as examineHere, idAt } from "./examine.ts";
import { type Finding, Findings, LAST_PLACE } from "./findings.ts";
import {
  dayKey,
  dayOf,
  DAY_MS,
  eventsPrefix,
  logPrefix,
  parseBatchKey,
  sealKey,
  sealsPrefix,
  startOfDay,
} from "./layout.ts";
import { limiter } from "./limiter.ts";
import { type Hash, HASH_BYTES } from "./merkle.ts";
import { type NoteKey, openNote } from "./note.ts";
import { RecentSet } from "./recent-set.ts";
import { leavesOf, parseSeal, type Seal } from "./seal.ts";
import { hashesOf, TILE_WIDTH, tilePath } from "./tile.ts";
import { GrowingTree } from "./tree.ts";

export type { Finding, FindingKind } from "./findings.ts";

/** The archive as an auditor has it: a folder, a bucket, a tape. Of an object with versions, the oldest. */
export interface ArchiveReader {
  /** Every key with the prefix, in order of its bytes. */
  list(prefix: string): AsyncIterable<string>;
  get(key: string): Promise<Uint8Array | undefined>;
}

export interface VerifyReport {
  readonly tenantId: string;
  readonly events: number;
  readonly seals: number;
  readonly objects: number;
  readonly writers: number;
  /** Objects that no seal covers yet: fine for a minute. */
  readonly unsealed: number;
  /** Milliseconds since the epoch. */
  readonly lastSealedAtMs: number | undefined;
  /** How much of it the witness and the given anchors vouch for. */
  readonly witnessed: number | undefined;
  readonly anchored: number | undefined;
  /** In the order of the log. */
  readonly findings: readonly Finding[];
}

export interface VerifyInput {
  readonly reader: ArchiveReader;
  readonly tenantId: string;
  readonly origin: string;
  readonly logKey: NoteKey;
  readonly witnessKey?: NoteKey;
  /** Signed checkpoints of this log that somebody kept. */
  readonly anchors?: readonly { readonly name: string; readonly note: string }[];
  /** Examines an object's bytes, in another thread or here. */
  readonly examine?: (content: Uint8Array, tenantId: string, day: string) => Promise<Examined>;
  /** Told after each seal, for a progress bar. */
  readonly onProgress?: (events: number) => void;
}

/** Objects that are read and examined ahead of the tree. */
const OBJECTS_AHEAD = 32;
/** What was examined and waits: a few large seals, or many small ones. */
const WAITING_MAX = 256;
const SEALS_AHEAD = 64;
/** Longer than any honest delay between an object, its seal and the witness. */
const GRACE_MS = 15 * 60_000;
/** A re-cut batch repeats events no older than their rows live. */
const WINDOW_MS = 33 * DAY_MS;
const CLOSING_MS = 2 * 3_600_000;

interface Prepared {
  readonly key: string;
  readonly seal: Seal | undefined;
  readonly isThere: boolean;
  readonly objects: readonly Promise<Examined | undefined>[];
}

class Verification {
  readonly #input: VerifyInput;
  readonly #findings = new Findings();
  readonly #chains = new Chains();
  readonly #tree = new GrowingTree();
  readonly #leaves = new RecentSet(WINDOW_MS);
  readonly #ids = new RecentSet(WINDOW_MS);
  readonly #named = new RecentSet(Infinity);
  /** The size at the end of each day that had a seal. */
  readonly #daySizes = new Map<string, number>();
  readonly #claims = new Map<number, Claim[]>();
  #sealedAtMs: number | undefined;
  #firstSealedAtMs: number | undefined;
  #firstUnwitnessedAtMs: number | undefined;
  #witnessed: number | undefined;
  #objects = 0;
  #isTreeBroken = false;
  /** Where the next seal begins; undefined after one that cannot be read. */
  #end: number | undefined = 0;

  constructor(input: VerifyInput) {
    this.#input = input;
  }

  async run(): Promise<VerifyReport> {
    const { reader, tenantId, witnessKey, anchors, onProgress } = this.#input;
    const claims = await readClaims(this.#input, this.#findings);
    for (const claim of claims) this.#claims.set(claim.size, [...(this.#claims.get(claim.size) ?? []), claim]);
    this.#witnessed = claims.find(({ by }) => by === "witness")?.size;
    const seals = await this.#countSeals();
    this.#check(0);
    for await (const prepared of this.#prepared(seals)) {
      await this.#takeSeal(prepared);
      onProgress?.(this.#tree.size);
    }
    const size = this.#end ?? this.#tree.size;
    for (const claim of claims) {
      if (claim.size <= size) continue;
      const detail = `it vouches for ${claim.size} events, the log here ends after ${size}`;
      this.#findings.add(size, "log-truncated", claim.name, { detail });
    }
    this.#checkDays(claims);
    this.#checkWitness(witnessKey !== undefined && size > 0, claims);
    const unsealed = await this.#takeUnsealed(reader, tenantId);
    for (const { kind, eventId, place, detail } of this.#chains.faults())
      this.#findings.add(place, kind, eventId, { detail });
    return {
      tenantId,
      events: size + unsealed.events,
      seals,
      objects: this.#objects,
      writers: this.#chains.writers,
      unsealed: unsealed.objects,
      lastSealedAtMs: this.#sealedAtMs,
      witnessed: this.#witnessed,
      anchored:
        anchors === undefined
          ? undefined
          : Math.max(0, ...claims.filter(({ by }) => by === "anchor").map((claim) => claim.size)),
      findings: this.#findings.sorted(),
    };
  }

  /** How many seals there are to be, by the newest name; each other name is checked against what is read. */
  async #countSeals(): Promise<number> {
    const { reader, tenantId } = this.#input;
    let count = 0;
    let newest = -1;
    for await (const key of reader.list(sealsPrefix(tenantId))) {
      const number = sealNumber(key);
      if (number === undefined) this.#findings.add(LAST_PLACE, "seal-malformed", key);
      else newest = Math.max(newest, number);
      count += 1;
    }
    return Math.max(count, newest + 1);
  }

  /** Seals in order, their objects read and examined ahead. */
  async *#prepared(count: number): AsyncGenerator<Prepared> {
    const { reader, tenantId, examine = (...given) => Promise.resolve(examineHere(...given)) } = this.#input;
    const limited = limiter(OBJECTS_AHEAD);
    const readObject = async (key: string): Promise<Examined | undefined> => {
      const named = parseBatchKey(key);
      // The name comes from the seal: no other than a batch of this tenant is read.
      const content = named?.tenantId === tenantId ? await reader.get(key) : undefined;
      return content === undefined || named === undefined ? undefined : examine(content, tenantId, named.day);
    };
    const prepare = async (number: number): Promise<Prepared> => {
      const key = sealKey(tenantId, number);
      const content = await reader.get(key);
      const parsed = content === undefined ? undefined : parseSeal(content);
      const seal = parsed?.tenant === tenantId && parsed.number === number ? parsed : undefined;
      const objects = (seal?.objects ?? []).map(async (entry) => limited(() => readObject(entry.key)));
      // Each is awaited in its turn: until then its failure waits with it.
      for (const object of objects) object.catch(() => undefined);
      return { key, seal, isThere: content !== undefined, objects };
    };
    const ahead: Prepared[] = [];
    let waiting = 0;
    for (let number = 0; number < count || ahead.length > 0;) {
      while (number < count && ahead.length < SEALS_AHEAD && (waiting < WAITING_MAX || ahead.length === 0)) {
        const next = await prepare(number);
        waiting += next.objects.length;
        ahead.push(next);
        number += 1;
      }
      const first = ahead.shift();
      waiting -= first?.objects.length ?? 0;
      if (first !== undefined) yield first;
    }
  }

  async #takeSeal({ key, seal, isThere, objects }: Prepared): Promise<void> {
    const place = this.#tree.size;
    if (seal === undefined) {
      this.#findings.add(place, isThere ? "seal-malformed" : "seal-missing", key);
      // What comes after cannot come out, and where it begins is not known: this is told once.
      this.#isTreeBroken = true;
      this.#end = undefined;
      return;
    }
    this.#firstSealedAtMs ??= seal.sealedAt;
    const goesOn = this.#end === undefined || seal.from === this.#end;
    if (!goesOn || seal.sealedAt < (this.#sealedAtMs ?? 0))
      this.#findings.add(place, "seal-malformed", key, { detail: `it goes on from ${seal.from} at ${seal.sealedAt}` });
    this.#end = seal.size;
    this.#sealedAtMs = seal.sealedAt;
    this.#leaves.advance(seal.sealedAt);
    this.#ids.advance(seal.sealedAt);
    const expected = leavesOf(seal);
    for (const leaf of expected) {
      this.#tree.append(leaf);
      this.#check(this.#tree.size);
    }
    this.#daySizes.set(dayOf(seal.sealedAt), this.#tree.size);
    if (this.#witnessed !== undefined && this.#tree.size > this.#witnessed)
      this.#firstUnwitnessedAtMs ??= seal.sealedAt;
    const events = await this.#takeObjects(seal, expected, objects, place);
    await this.#checkCheckpoint(seal, key, place, events);
    await this.#checkTiles();
  }

  /** Compares each object with what the seal says of it. Gives the ids of the new events by their place in the seal. */
  async #takeObjects(seal: Seal, expected: readonly Hash[], objects: Prepared["objects"], start: number) {
    const ids: (string | undefined)[] = [];
    let next = 0;
    for (const [number, entry] of seal.objects.entries()) {
      const object = await objects[number];
      this.#objects += 1;
      this.#named.add(printOf(entry.key), 0);
      const until = next + entry.events;
      const place = start + next;
      if (object === undefined) this.#findings.add(place, "object-missing", entry.key);
      else {
        const bad = this.#takeLines(object, expected.slice(next, until), place, entry.key, ids);
        const isNamed = parseBatchKey(entry.key)?.hash === object.sha256.slice(0, 32);
        if (object.sha256 !== entry.sha256 || !isNamed || bad !== undefined)
          this.#findings.add(place + (bad?.at ?? 0) - 0.5, "object-altered", entry.key, { event: bad?.event });
        if (!object.isLines) this.#findings.add(place, "object-unreadable", entry.key);
      }
      while (ids.length < until) ids.push(undefined);
      next = until;
    }
    return ids;
  }

  /** Takes an object's lines into chains and sets. Gives the first that is not what the seal lists in its place. */
  #takeLines(
    object: Examined,
    expected: readonly Hash[],
    place: number,
    key: string,
    ids: (string | undefined)[],
  ): { readonly at: number; readonly event: string | undefined } | undefined {
    const leaves = Buffer.from(object.leaves.buffer, object.leaves.byteOffset, object.leaves.length);
    const prints = Buffer.from(object.idPrints.buffer, object.idPrints.byteOffset, object.idPrints.length);
    let bad: { readonly at: number; readonly event: string | undefined } | undefined;
    let fresh = 0;
    for (let index = 0; index < object.count; index += 1) {
      const at = index * HASH_BYTES;
      if (this.#leaves.add(leaves, at)) continue;
      const event = idAt(object, index);
      if (expected[fresh]?.compare(leaves, at, at + HASH_BYTES) !== 0) bad ??= { at: fresh, event };
      ids.push(event);
      this.#chains.note(object, index, place + fresh);
      if (event !== undefined && this.#ids.add(prints, 8 * index)) {
        this.#findings.add(place + fresh, "event-doubled", event, { detail: "two texts for one event" });
      }
      fresh += 1;
    }
    for (const { index, kind } of object.faults)
      this.#findings.add(place + index, kind, idAt(object, index) ?? `${key}#${index + 1}`, { detail: key });
    return bad ?? (fresh === expected.length ? undefined : { at: fresh, event: undefined });
  }

  async #checkCheckpoint(
    seal: Seal,
    key: string,
    place: number,
    events: readonly (string | undefined)[],
  ): Promise<void> {
    const { logKey, origin } = this.#input;
    const text = openNote(seal.checkpoint, logKey);
    const head = text === undefined ? undefined : parseCheckpoint(text);
    if (head === undefined) return this.#findings.add(this.#tree.size - 0.5, "checkpoint-signature", key);
    if (head.origin !== origin || head.size !== seal.size || head.sealedAtMs !== seal.sealedAt)
      return this.#findings.add(this.#tree.size - 0.5, "checkpoint-mismatch", key);
    // One break breaks every root after it: the first is told.
    if (this.#isTreeBroken || (this.#tree.size === head.size && this.#tree.root().equals(head.root))) return;
    this.#isTreeBroken = true;
    const at = await this.#firstForeignLeaf(seal, place);
    this.#findings.add(at === undefined ? this.#tree.size - 0.5 : at - 0.25, "tree-mismatch", key, {
      event: at === undefined ? undefined : events[at - place],
    });
  }

  /** The first leaf of a seal that the stored tiles have otherwise: who mends a seal may forget the tiles. */
  async #firstForeignLeaf(seal: Seal, place: number): Promise<number | undefined> {
    const { reader, tenantId } = this.#input;
    for (const [index, leaf] of leavesOf(seal).entries()) {
      const at = place + index;
      if (index > 0 && at % TILE_WIDTH !== 0) continue;
      const stored = await reader.get(`${logPrefix(tenantId)}${tilePath(0, Math.floor(at / TILE_WIDTH), TILE_WIDTH)}`);
      if (stored === undefined) continue;
      const own = leavesOf(seal).slice(index);
      const differs = hashesOf(stored)
        .slice(at % TILE_WIDTH)
        .findIndex((hash, offset) => own[offset] !== undefined && !own[offset].equals(hash));
      if (differs !== -1 && leaf.length === HASH_BYTES) return at + differs;
    }
    return undefined;
  }

  async #checkTiles(): Promise<void> {
    const { reader, tenantId } = this.#input;
    for (const tile of [...this.#tree.takeFinished(), ...this.#tree.takeGrown(1)]) {
      const key = `${logPrefix(tenantId)}${tile.path}`;
      const stored = await reader.get(key);
      if (stored !== undefined && !tile.bytes.equals(stored) && !this.#isTreeBroken)
        this.#findings.add(this.#tree.size - 0.5, "tile-altered", key);
    }
  }

  /** What others vouch for at this size of the log. */
  #check(size: number): void {
    for (const { by, name, root } of this.#claims.get(size) ?? []) {
      if (this.#isTreeBroken || this.#tree.root().equals(root)) continue;
      this.#findings.add(size - 0.5, by === "day" ? "checkpoint-mismatch" : "log-rewritten", name);
    }
  }

  /** Every day that is over was signed at its end, with all that it had by then. */
  #checkDays(claims: readonly Claim[]): void {
    if (this.#firstSealedAtMs === undefined || this.#sealedAtMs === undefined) return;
    const { tenantId } = this.#input;
    const days = new Map(claims.flatMap((claim) => (claim.by === "day" ? [[claim.day, claim] as const] : [])));
    const newestMs = Math.max(this.#sealedAtMs, ...claims.map(({ atMs }) => atMs));
    let size = 0;
    for (let ms = startOfDay(dayOf(this.#firstSealedAtMs)); ms + DAY_MS + CLOSING_MS < newestMs; ms += DAY_MS) {
      const day = dayOf(ms);
      size = this.#daySizes.get(day) ?? size;
      const claim = days.get(day);
      if (claim === undefined) this.#findings.add(size, "day-missing", dayKey(tenantId, day));
      else if (claim.size < size)
        this.#findings.add(size, "checkpoint-mismatch", claim.name, { detail: `the day had ${size} events` });
    }
  }

  #checkWitness(isAsked: boolean, claims: readonly Claim[]): void {
    if (!isAsked) return;
    const { tenantId } = this.#input;
    if (!claims.some(({ by }) => by === "witness")) {
      this.#findings.add(this.#tree.size, "witness-missing", logPrefix(tenantId));
      return;
    }
    const sinceMs = this.#firstUnwitnessedAtMs;
    if (sinceMs !== undefined && (this.#sealedAtMs ?? 0) - sinceMs > GRACE_MS)
      this.#findings.add(this.#witnessed ?? 0, "witness-behind", logPrefix(tenantId), {
        detail: `it vouches for ${this.#witnessed ?? 0} events of ${this.#tree.size}`,
      });
  }

  async #takeUnsealed(reader: ArchiveReader, tenantId: string) {
    const { examine = (...given) => Promise.resolve(examineHere(...given)) } = this.#input;
    const size = this.#tree.size;
    let [objects, events] = [0, 0];
    for await (const key of reader.list(eventsPrefix(tenantId))) {
      if (this.#named.add(printOf(key), 0)) continue;
      const named = parseBatchKey(key);
      const content = await reader.get(key);
      if (named === undefined || content === undefined) {
        this.#findings.add(size, "object-unreadable", key);
        continue;
      }
      const object = await examine(content, tenantId, named.day);
      objects += 1;
      if (named.hash !== object.sha256.slice(0, 32)) this.#findings.add(size, "object-altered", key);
      const before = events;
      events += this.#noteUnsealed(object, size + events, key);
      const isLate = this.#sealedAtMs !== undefined && object.latestMs < this.#sealedAtMs - GRACE_MS;
      if (isLate && events > before)
        this.#findings.add(size + before, "object-unsealed", key, { event: idAt(object, 0) });
    }
    return { objects, events };
  }

  #noteUnsealed(object: Examined, place: number, key: string): number {
    const leaves = Buffer.from(object.leaves.buffer, object.leaves.byteOffset, object.leaves.length);
    let fresh = 0;
    for (let index = 0; index < object.count; index += 1) {
      if (this.#leaves.add(leaves, index * HASH_BYTES)) continue;
      this.#chains.note(object, index, place + fresh);
      fresh += 1;
    }
    for (const { index, kind } of object.faults)
      this.#findings.add(place + index, kind, idAt(object, index) ?? `${key}#${index + 1}`, { detail: key });
    return fresh;
  }
}

const printOf = (key: string): Buffer => hash("sha256", key, "buffer");

function sealNumber(key: string): number | undefined {
  const digits = /\/(\d{15})\.json$/.exec(key)?.[1];
  return digits === undefined ? undefined : 999_999_999_999_999 - Number(digits);
}

/**
 * Verifies a tenant's audit trail from its files and public keys, offline: every object is the one that was sealed, every
 * event is in the tree once, every checkpoint is signed and follows from the one before, no writer's chain has a hole, and
 * the log still holds what the witness and the kept anchors saw of it. Stops at nothing: each fault is a finding that
 * names its place, in the order of the log. Memory grows with a busy month and with the number of writers, not of events.
 */
export const verifyArchive = (input: VerifyInput): Promise<VerifyReport> => new Verification(input).run();
