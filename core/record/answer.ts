import { SealBroken } from "../crypto/index.ts";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import type { Grant } from "../policy/grant.ts";
import type { Protection } from "../privacy/index.ts";
import { protectionCheck } from "../privacy/index.ts";
import type { RecordEvent } from "./audit-sink.ts";
import type { Desk, RecordsDeps } from "./desk.ts";
import { openDesk } from "./desk.ts";
import type { RecordFailure } from "./failure.ts";
import { readVersion } from "./history.ts";
import { shown } from "./privacy.ts";
import { readReleased } from "./read-release.ts";
import type { StoredVersion } from "./stored.ts";
import { type Facts, failureEvent, seen } from "./told.ts";
import type { Written } from "./write.ts";

/* How every operation answers: its event first, and nothing of what it found without it. */

export type Answer<T> = Promise<Result<T, RecordFailure>>;

/** What a write gives back. In a replay it is the version that the first sending wrote. */
export interface WriteAnswer {
  readonly version: StoredVersion;
  readonly isReplay: boolean;
}

/** An answer, and the event that must be written before it leaves; none where a transaction has written it. */
interface Told<T> {
  readonly value: T;
  readonly event?: RecordEvent;
  /** What one event has no room for. */
  readonly others?: readonly RecordEvent[];
}

/*
 * Invariant: no content is given before its event is written, and every request leaves one. Where class S was seen, that
 * event commits only while the consent stands under which it was seen; else the request is to be begun again, and what
 * becomes of it in the end is told by whoever begins it.
 */
export async function answer<T>(
  deps: RecordsDeps,
  grant: Grant,
  facts: Facts,
  work: (desk: Desk) => Promise<Result<Told<T>, RecordFailure>>,
): Answer<T> {
  const desk = openDesk(deps, grant);
  const told = await opened(desk, async () => {
    const own = await readReleased(desk);
    if (!own.ok) return own;
    return work(own.value === undefined ? desk : { ...desk, ownRelease: own.value });
  });
  const event = told.ok ? told.value.event : failureEvent(desk, facts, told.error);
  const guards = told.ok
    ? releasedProtections(desk).map((protection) => protectionCheck(deps.privacy.rows, protection))
    : [];
  if (!told.ok && isBegunAgain(told.error)) return told;
  for (const other of told.ok ? (told.value.others ?? []) : []) {
    const more = await desk.audit.record(grant, other);
    if (!more.ok) return err({ kind: "unavailable" });
  }
  const recorded = event ? await desk.audit.record(grant, event, guards) : ok(undefined);
  if (!recorded.ok) return err(recorded.error.kind === "conflict" ? CHANGED : { kind: "unavailable" });
  return told.ok ? ok(told.value.value) : told;
}

/** Each once: merged charts stand on each other's. */
const releasedProtections = ({ released }: Desk): readonly Protection[] => {
  const all = [...released.values()].flatMap(({ protection, linked = [] }) => [protection, ...linked]);
  return [...new Map(all.map((protection) => [protection.patientId, protection])).values()];
};

const CHANGED = { kind: "conflict", reason: "decision" } as const;
const isBegunAgain = (failure: RecordFailure): boolean => failure.kind === "conflict" && failure.reason === "decision";

/** A broken seal is an alarm and one failure, whatever was broken: its caller learns nothing of where. */
async function opened<T>(desk: Desk, work: (desk: Desk) => Answer<T>): Answer<T> {
  try {
    return await work(desk);
  } catch (error) {
    if (!(error instanceof SealBroken)) throw error;
    desk.onAlarm({ kind: "integrity", fault: error.fault });
    return err({ kind: "integrity" });
  }
}

export function write(
  deps: RecordsDeps,
  grant: Grant,
  facts: Facts,
  work: (desk: Desk) => Promise<Result<Written, RecordFailure>>,
): Answer<WriteAnswer> {
  return answer(deps, grant, facts, async (desk) => {
    const done = await work(desk);
    if (!done.ok) return done;
    const { version, written, isReplay } = done.value;
    // Who may not see all of a record does not see it by writing it either.
    if (version) return ok({ value: { version: shown(desk, version), isReplay } });
    // AT-31: the stored reference is the caller's own, but she may have lost the class since.
    const found = await readVersion(desk, written.type, written.id, written.version);
    if (!found.ok) return found;
    const event = { ...seen(facts.interaction, found.value.version, found.value.home), replay: true };
    return ok({ value: { version: found.value.version, isReplay }, event });
  });
}
