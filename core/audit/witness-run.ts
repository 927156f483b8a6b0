import type { Clock } from "../kernel/clock.ts";
import { followedKey, followedRoot, logsRoot, runsRoot, timeOfRun, verifierKeyName } from "./layout.ts";
import type { LogStore } from "./log-reader.ts";
import { formatVerifierKey, type NoteKey, parseVerifierKey } from "./note.ts";
import { parseJson, RunRecord } from "./seal-run.ts";
import type { SealStore } from "./sealer.ts";
import type { Looked, RefusalKind, Witness } from "./witness.ts";

export interface WitnessRunDeps {
  readonly archive: LogStore & { folders(prefix: string): Promise<string[]> };
  readonly own: SealStore;
  readonly witness: Witness;
  readonly clock: Clock;
  /** Each refusal, and a tenant that could not be looked at (`unreachable`): an alarm each. */
  readonly onRefused: (tenantId: string, kind: RefusalKind | "unreachable", error?: unknown) => void;
}

/** Where the witness keeps the log's key: what it saw first. */
const PINNED = "v1/log/log-key";

/**
 * The log's key as the witness first saw it, from its own bucket. The archive's copy is read once in the witness's life:
 * a log that comes with another key later is refused by its signatures. Undefined while there is no log.
 */
export async function pinnedLogKey(archive: LogStore, own: SealStore, name: string): Promise<NoteKey | undefined> {
  let kept = await own.get(PINNED);
  if (kept === undefined) {
    // Listed first: S3 says of a name that is not there only that it may not be read.
    const [named] = await archive.list(verifierKeyName, 1);
    const shown = named === verifierKeyName ? await archive.get(verifierKeyName) : undefined;
    const key = shown === undefined ? undefined : parseVerifierKey(Buffer.from(shown).toString("utf8"));
    if (key?.name !== name) return undefined;
    await own.create(PINNED, `${formatVerifierKey(key)}\n`);
    kept = await own.get(PINNED);
  }
  return kept === undefined ? undefined : parseVerifierKey(Buffer.from(kept).toString("utf8"));
}

/** Two sealers at once may write their records out of order, by less than this. */
const OVERLAP_MS = 5 * 60_000;
const MINUTES_A_DAY = 1_440;
const PAGE = 100;

/** Every tenant has its minute of the day, so that a log that nobody announces is looked at too. */
function minuteFor(tenantId: string): number {
  let sum = 0;
  for (const letter of tenantId) sum = (sum * 31 + letter.charCodeAt(0)) % MINUTES_A_DAY;
  return sum;
}

/** One run a minute: every log that a run of the sealer names, and every other once a day. */
export function createWitnessRun({ archive, own, witness, clock, onRefused }: WitnessRunDeps) {
  /** The records since the last that was followed, and the newest of them. */
  async function newRecords() {
    const [followed] = await own.list(followedRoot, 1);
    const followedMs = followed === undefined ? -1 : timeOfRun(followed);
    const sinceMs = Math.min(followedMs + 1, clock.now() - OVERLAP_MS);
    const records: RunRecord[] = [];
    let newestMs: number | undefined;
    let after: string | undefined;
    for (;;) {
      const page = await archive.list(runsRoot, PAGE, after);
      const fresh = page.filter((key) => timeOfRun(key) >= sinceMs);
      newestMs ??= fresh[0] === undefined ? undefined : timeOfRun(fresh[0]);
      for (const key of fresh) {
        const record = parseJson(RunRecord, await archive.get(key));
        if (record !== undefined) records.push(record);
      }
      after = page.at(-1);
      if (fresh.length < PAGE || after === undefined) return { records, newestMs };
    }
  }

  async function dueToday(): Promise<string[]> {
    const now = new Date(clock.now());
    const minute = now.getUTCHours() * 60 + now.getUTCMinutes();
    return (await archive.folders(logsRoot)).filter((tenantId) => minuteFor(tenantId) === minute);
  }

  return {
    async run(): Promise<{ readonly cosigned: number; readonly refused: number }> {
      const { records, newestMs } = await newRecords();
      const daysOf = new Map<string, Set<string>>();
      const daysFor = (tenantId: string): Set<string> => {
        const days = daysOf.get(tenantId) ?? new Set();
        daysOf.set(tenantId, days);
        return days;
      };
      for (const { sealed, closed } of records) {
        for (const { tenant } of sealed) daysFor(tenant);
        for (const { tenant, day } of closed) daysFor(tenant).add(day);
      }
      for (const tenantId of await dueToday()) daysFor(tenantId);
      let cosigned = 0;
      let refused = 0;
      let isComplete = true;
      for (const [tenantId, days] of daysOf) {
        try {
          const looked: Looked = await witness.look(tenantId, [...days].toSorted());
          cosigned += looked.cosigned;
          refused += looked.refused.length;
          for (const kind of looked.refused) onRefused(tenantId, kind);
        } catch (error) {
          isComplete = false;
          refused += 1;
          onRefused(tenantId, "unreachable", error);
        }
      }
      // What could not be looked at is in the next run's records again.
      if (newestMs !== undefined && isComplete) await own.create(followedKey(newestMs), "");
      return { cosigned, refused };
    },
  };
}
