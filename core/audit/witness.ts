import type { Clock } from "../kernel/clock.ts";
import { parseCheckpoint, type Checkpoint } from "./checkpoint.ts";
import { verifyConsistency } from "./consistency.ts";
import { type Cosigned, cosign, openCosigned } from "./cosignature.ts";
import { consistencyProof } from "./hashes.ts";
import { cosignedKey, cosignedPrefix, dayKey, placeOfCosigned, refusedKey } from "./layout.ts";
import { createLogReader, type LogStore } from "./log-reader.ts";
import { EMPTY_ROOT } from "./merkle.ts";
import { type NoteKey, openNote } from "./note.ts";
import type { SealStore } from "./sealer.ts";

/**
 * Why a checkpoint is not cosigned. `unsigned`: no signature of the log's key, or of another log. `rolled-back`: the log
 * shows less than was seen of it. `forked`: it holds something else where it was seen before. `unreadable`: its seals or
 * tiles do not read. `own-record`: what the witness itself kept does not hold.
 */
export type RefusalKind = "unsigned" | "rolled-back" | "forked" | "unreadable" | "own-record";

export interface WitnessDeps {
  /** The log as the first account shows it. */
  readonly archive: LogStore;
  /** The witness's own bucket: each object once. */
  readonly own: SealStore;
  readonly clock: Clock;
  readonly logKey: NoteKey;
  readonly witnessKey: NoteKey;
  /** 64 bytes of Ed25519 by the witness's key. */
  readonly sign: (bytes: Uint8Array) => Promise<Uint8Array>;
  readonly originOf: (tenantId: string) => string;
}

export interface Looked {
  readonly cosigned: number;
  readonly refused: readonly RefusalKind[];
}

interface Seen {
  readonly place: number;
  readonly size: number;
  readonly root: Checkpoint["root"];
  readonly sealedAtMs: number;
}

/** An archive that does not answer says nothing of the log: it is looked at again, and nobody is accused. */
class Unanswered extends Error {
  override readonly name = "Unanswered";
}

const answering = (store: LogStore): LogStore => {
  const unanswered = (cause: unknown): never => {
    throw new Unanswered("the archive did not answer", { cause });
  };
  return {
    get: (key) => store.get(key).catch(unanswered),
    list: (prefix, limit, after) => store.list(prefix, limit, after).catch(unanswered),
  };
};

const NOTHING_SEEN: Seen = { place: -1, size: 0, root: EMPTY_ROOT, sealedAtMs: -1 };

/**
 * Countersigns what continues what it saw before, and nothing else. All that it knows of the past is in its own bucket,
 * read anew each time. C2SP tlog-witness, turned round: it fetches, so that the first account holds nothing of it.
 */
export function createWitness({ own, clock, logKey, witnessKey, sign, originOf, ...given }: WitnessDeps) {
  const archive = answering(given.archive);

  async function refuse(tenantId: string, kind: RefusalKind, notes: readonly string[]): Promise<RefusalKind> {
    // Named by its content: the same fork shown again is the same record, and an alarm again.
    const evidence = JSON.stringify({ v: 1, kind, notes });
    await own.create(refusedKey(tenantId, evidence), evidence);
    return kind;
  }

  function headOf(note: string, tenantId: string): Checkpoint | undefined {
    const text = openNote(note, logKey);
    const head = text === undefined ? undefined : parseCheckpoint(text);
    return head?.origin === originOf(tenantId) ? head : undefined;
  }

  /** What it cosigned last of this log; undefined where its own record does not hold. */
  async function lastSeen(tenantId: string): Promise<{ readonly seen: Seen; readonly note: string } | undefined> {
    const [key] = await own.list(cosignedPrefix(tenantId), 1);
    if (key === undefined) return { seen: NOTHING_SEEN, note: "" };
    const note = Buffer.from((await own.get(key)) ?? []).toString("utf8");
    const cosigned: Cosigned | undefined = openCosigned(note, witnessKey);
    const head = headOf(note, tenantId);
    if (cosigned === undefined || head === undefined) return undefined;
    return { seen: { ...head, place: placeOfCosigned(key) }, note };
  }

  /** The notes that a log shows: its newest seal's and those of the days that were closed, smaller trees first. */
  async function notesOf(tenantId: string, days: readonly string[]): Promise<string[]> {
    const newest = await createLogReader(archive, tenantId).newest();
    const notes = newest === undefined ? [] : [newest.checkpoint];
    for (const day of days) {
      const note = await archive.get(dayKey(tenantId, day));
      if (note !== undefined) notes.push(Buffer.from(note).toString("utf8"));
    }
    return notes;
  }

  async function isContinuation(tenantId: string, earlier: Seen, later: Seen): Promise<boolean> {
    const { hashes } = createLogReader(archive, tenantId);
    const proof = await consistencyProof(hashes, earlier.size, later.size);
    return verifyConsistency(earlier, later, proof);
  }

  /** Cosigns one note if it continues what was seen; gives the refusal, or how many were signed. */
  async function consider(tenantId: string, note: string, isDay: boolean): Promise<number | RefusalKind> {
    const last = await lastSeen(tenantId);
    if (last === undefined) return refuse(tenantId, "own-record", [note]);
    const head = headOf(note, tenantId);
    if (head === undefined) return refuse(tenantId, "unsigned", [note]);
    const { seen } = last;
    const shown: Seen = { ...head, place: seen.place + 1 };
    if (shown.size === seen.size && seen.place >= 0) {
      if (!shown.root.equals(seen.root)) return refuse(tenantId, "forked", [last.note, note]);
      // A day that was closed says something new of the same tree; the same seal again does not.
      if (!isDay || shown.sealedAtMs <= seen.sealedAtMs) return 0;
    }
    try {
      if (shown.size < seen.size) {
        // A day's checkpoint that comes late is older than what was seen: true or false, it is not the largest tree.
        const isPast = isDay && (await isContinuation(tenantId, shown, seen));
        return isPast ? 0 : await refuse(tenantId, isDay ? "forked" : "rolled-back", [last.note, note]);
      }
      if (!(await isContinuation(tenantId, seen, shown))) return await refuse(tenantId, "forked", [last.note, note]);
    } catch (error) {
      if (error instanceof Unanswered) throw error.cause;
      return refuse(tenantId, "unreadable", [last.note, note]);
    }
    const cosigned = await cosign(note, witnessKey, clock.now(), sign);
    // Another run was quicker: it looked at the same log, and the next one looks at what it wrote.
    return (await own.create(cosignedKey(tenantId, shown.place), cosigned)) === "created" ? 1 : 0;
  }

  return {
    /** Looks at one tenant's log as it is now, and at the checkpoints of the given days. */
    async look(tenantId: string, days: readonly string[] = []): Promise<Looked> {
      let notes: string[];
      try {
        notes = await notesOf(tenantId, days);
      } catch (error) {
        if (error instanceof Unanswered) throw error.cause;
        return { cosigned: 0, refused: [await refuse(tenantId, "unreadable", [])] };
      }
      if (notes.length === 0) {
        const last = await lastSeen(tenantId);
        if (last?.seen.place === -1) return { cosigned: 0, refused: [] };
        return { cosigned: 0, refused: [await refuse(tenantId, "rolled-back", [last?.note ?? ""])] };
      }
      const [newest = "", ...dayNotes] = notes;
      const sizeOf = (note: string): number => headOf(note, tenantId)?.size ?? Infinity;
      const ordered = [...dayNotes.map((note) => ({ note, isDay: true })), { note: newest, isDay: false }].toSorted(
        (left, right) => sizeOf(left.note) - sizeOf(right.note),
      );
      let cosigned = 0;
      const refused: RefusalKind[] = [];
      for (const { note, isDay } of ordered) {
        const outcome = await consider(tenantId, note, isDay);
        if (typeof outcome === "number") cosigned += outcome;
        else refused.push(outcome);
      }
      return { cosigned, refused };
    },
  };
}

export type Witness = ReturnType<typeof createWitness>;
