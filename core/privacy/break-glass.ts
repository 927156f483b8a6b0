import * as z from "zod";
import { BREAK_GLASS_MAX_MINUTES, EMERGENCY_REASONS, ReviewBreakGlass } from "../contract/clinic.ts";
import type { Principal } from "../identity/principal.ts";
import { ID_PATTERN, isId, newId, type UserId } from "../kernel/ids.ts";
import { invariant } from "../kernel/invariant.ts";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import type { Key, RecordId } from "../table/index.ts";
import { breakGlassKey, breakGlassPartition, openBreakGlassKey, parseRecordId } from "../table/index.ts";
import type { PrivacyFailure, PrivacyRule } from "./failure.ts";
import type { Change, Marks, Opened, Person, PrivacyDeps } from "./rows.ts";
import { putOver, readAll, readAt } from "./rows.ts";
import { isWithin } from "./window.ts";

/** At most, and what an episode has that names no other time. 45 CFR 164.312(a)(2)(ii) leaves the time to us. */
const BREAK_GLASS_MINUTES = BREAK_GLASS_MAX_MINUTES;
/** How long after its end an episode may wait for its review. */
const REVIEW_HOURS = 72;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Who may meet an emergency at all. Policy asks besides for a second sign-in moments ago. */
const EMERGENCY_ROLES: ReadonlySet<string> = new Set(["physician", "nurse"]);

const id = z.string().regex(ID_PATTERN);

export const BreakGlassReview = z.strictObject({
  by: id,
  atMs: z.int(),
  outcome: ReviewBreakGlass.shape.outcome,
  note: z.string().max(2000),
});
export type BreakGlassReview = z.infer<typeof BreakGlassReview>;

/** One episode: one member, one patient, one reason, and an end that comes by itself. */
export const BreakGlass = z.strictObject({
  id,
  userId: id,
  patientId: z.string(),
  reasonCode: z.enum(EMERGENCY_REASONS),
  reasonText: z.string().min(1).max(2000),
  beganAtMs: z.int(),
  expiresAtMs: z.int(),
  /** Where it was ended before its time, and by whom. */
  endedAtMs: z.int().optional(),
  endedBy: id.optional(),
  review: BreakGlassReview.optional(),
});
export type BreakGlass = z.infer<typeof BreakGlass>;

/** Which episode of a member and a patient was the last to begin: the one row that a request asks for. */
const OpenBreakGlass = z.strictObject({
  id,
  beganAtMs: z.int(),
  expiresAtMs: z.int(),
  endedAtMs: z.int().optional(),
});
type OpenBreakGlass = z.infer<typeof OpenBreakGlass>;

const refuse = (rule: PrivacyRule): Result<never, PrivacyFailure> => err({ kind: "business-rule", rule });

/** When the episode was or will be over, milliseconds. */
const endOf = ({ expiresAtMs, endedAtMs }: Pick<BreakGlass, "expiresAtMs" | "endedAtMs">): number =>
  Math.min(expiresAtMs, endedAtMs ?? expiresAtMs);

const isActive = (episode: OpenBreakGlass, nowMs: number): boolean =>
  isWithin(nowMs, episode.beganAtMs, endOf(episode));

/**
 * Opens a chart in an emergency. Two that begin at one moment meet in one row, of which only one is written: the other
 * conflicts. `break-glass-open` where one is active, `break-glass-role`, `break-glass-duration`.
 */
export async function beginBreakGlass(
  deps: PrivacyDeps,
  principal: Principal,
  input: {
    readonly patientId: string;
    readonly reasonCode: BreakGlass["reasonCode"];
    readonly reasonText: string;
    readonly minutes?: number;
    /** A new id of ours, where the event is to name it. */
    readonly id?: string;
  },
  marks: Marks,
): Promise<Result<Change<BreakGlass>, PrivacyFailure>> {
  const patientId = parseRecordId(input.patientId);
  if (patientId === undefined) return err({ kind: "not-found" });
  invariant(principal.tenantId === deps.tenantId, "a break-glass row is written for the member's own tenant");
  const mayBegin = principal.kind === "user" && principal.roles.some((role) => EMERGENCY_ROLES.has(role));
  if (!mayBegin) return refuse("break-glass-role");
  const { minutes = BREAK_GLASS_MINUTES } = input;
  const isInBounds = Number.isInteger(minutes) && minutes >= 1 && minutes <= BREAK_GLASS_MINUTES;
  if (!isInBounds) return refuse("break-glass-duration");
  const nowMs = deps.clock.now();
  const openKey = openBreakGlassKey(deps.tenantId, principal.userId, patientId);
  const open = await readAt(deps, "open-break-glass", openKey, OpenBreakGlass);
  if (!open.ok) return open;
  if (open.value && isActive(open.value.value, nowMs)) return refuse("break-glass-open");
  const episode: BreakGlass = {
    id: input.id ?? newId(nowMs),
    userId: principal.userId,
    patientId,
    reasonCode: input.reasonCode,
    reasonText: input.reasonText,
    beganAtMs: nowMs,
    expiresAtMs: nowMs + minutes * MINUTE_MS,
  };
  return changed(deps, { value: episode, version: 0 }, { key: openKey, version: open.value?.version ?? 0 }, marks);
}

/**
 * The member's open episode for this patient at this moment, strongly consistent; undefined where there is none, where it
 * was ended, and from the millisecond on at which its time is over.
 */
export async function activeBreakGlass(
  deps: PrivacyDeps,
  userId: UserId,
  patientId: string,
): Promise<Result<{ readonly id: string; readonly expiresAtMs: number } | undefined, PrivacyFailure>> {
  const recordId = parseRecordId(patientId);
  if (recordId === undefined) return ok(undefined);
  const key = openBreakGlassKey(deps.tenantId, userId, recordId);
  const open = await readAt(deps, "open-break-glass", key, OpenBreakGlass);
  if (!open.ok || !open.value) return open.ok ? ok(undefined) : open;
  const { id: episode, expiresAtMs } = open.value.value;
  return ok(isActive(open.value.value, deps.clock.now()) ? { id: episode, expiresAtMs } : undefined);
}

/** An episode by its id alone, of any member; `not-found` for any other id. */
export async function findBreakGlass(
  deps: PrivacyDeps,
  episodeId: string,
): Promise<Result<Opened<BreakGlass>, PrivacyFailure>> {
  if (!isId(episodeId)) return err({ kind: "not-found" });
  const found = await readEpisodes(deps, (sk) => sk.split("#")[2] === episodeId);
  if (!found.ok) return found;
  const [episode] = found.value;
  return episode ? ok(episode) : err({ kind: "not-found" });
}

/** Ends an episode before its time. `break-glass-ended` where it is over already. */
export async function endBreakGlass(
  deps: PrivacyDeps,
  { value, version }: Opened<BreakGlass>,
  by: Person,
  marks: Marks,
): Promise<Result<Change<BreakGlass>, PrivacyFailure>> {
  const nowMs = deps.clock.now();
  if (nowMs >= endOf(value)) return refuse("break-glass-ended");
  const { userId, patientId } = keyPartsOf(value);
  const key = openBreakGlassKey(deps.tenantId, userId, patientId);
  const open = await readAt(deps, "open-break-glass", key, OpenBreakGlass);
  if (!open.ok) return open;
  // Nothing else can be open while this one is: the row that says so was written with it.
  if (open.value?.value.id !== value.id) return err({ kind: "integrity" });
  const ended = { ...value, endedAtMs: nowMs, endedBy: by.userId };
  return changed(deps, { value: ended, version }, { key, version: open.value.version }, marks);
}

/**
 * The look back at an episode that is over, by somebody else, once. `second-person`, `break-glass-not-ended`,
 * `reviewed`.
 */
export async function reviewBreakGlass(
  deps: PrivacyDeps,
  { value, version }: Opened<BreakGlass>,
  input: { readonly by: Person; readonly outcome: BreakGlassReview["outcome"]; readonly note: string },
  marks: Marks,
): Promise<Result<Change<BreakGlass>, PrivacyFailure>> {
  const nowMs = deps.clock.now();
  if (input.by.userId === value.userId) return refuse("second-person");
  if (value.review !== undefined) return refuse("reviewed");
  if (nowMs < endOf(value)) return refuse("break-glass-not-ended");
  const review = { by: input.by.userId, atMs: nowMs, outcome: input.outcome, note: input.note };
  const reviewed: BreakGlass = { ...value, review };
  const write = await putOver(deps, "break-glass", keyOf(deps, value), reviewed, version, marks);
  return write.ok ? ok({ value: reviewed, writes: [write.value] }) : write;
}

export interface OpenReview {
  readonly episode: BreakGlass;
  readonly isActive: boolean;
  /** True from 72 hours after its end on. */
  readonly isOverdue: boolean;
}

/** Every episode that nobody has reviewed yet, active ones too, the oldest first. */
export async function listOpenReviews(deps: PrivacyDeps): Promise<Result<readonly OpenReview[], PrivacyFailure>> {
  const found = await readEpisodes(deps, () => true);
  if (!found.ok) return found;
  const nowMs = deps.clock.now();
  return ok(
    found.value
      .map(({ value }) => value)
      .filter((episode) => episode.review === undefined)
      .toSorted((left, right) => left.beganAtMs - right.beganAtMs)
      .map((episode) => ({
        episode,
        isActive: isActive(episode, nowMs),
        isOverdue: nowMs > endOf(episode) + REVIEW_HOURS * HOUR_MS,
      })),
  );
}

/** The partition holds two kinds of rows: an episode's key has three parts. */
const readEpisodes = (deps: PrivacyDeps, isOne: (sk: string) => boolean) =>
  readAll(deps, "break-glass", breakGlassPartition(deps.tenantId), BreakGlass, {
    isOne: (sk) => sk.split("#").length === 3 && isOne(sk),
  });

/** What was sealed was built from ids: it reads back as them. */
function keyPartsOf({ userId, patientId }: BreakGlass): { userId: UserId; patientId: RecordId } {
  return { userId: userId as UserId, patientId: patientId as RecordId };
}

function keyOf(deps: PrivacyDeps, episode: BreakGlass): Key {
  const { userId, patientId } = keyPartsOf(episode);
  return breakGlassKey(deps.tenantId, userId, patientId, episode.id);
}

/** The episode and the row that says whether it is open change together, or neither does. */
async function changed(
  deps: PrivacyDeps,
  { value, version }: Opened<BreakGlass>,
  open: { readonly key: Key; readonly version: number },
  marks: Marks,
): Promise<Result<Change<BreakGlass>, PrivacyFailure>> {
  const { id: episode, beganAtMs, expiresAtMs, endedAtMs } = value;
  const state: OpenBreakGlass = { id: episode, beganAtMs, expiresAtMs, ...(endedAtMs !== undefined && { endedAtMs }) };
  const first = await putOver(deps, "break-glass", keyOf(deps, value), value, version, marks);
  if (!first.ok) return first;
  const second = await putOver(deps, "open-break-glass", open.key, state, open.version, marks);
  return second.ok ? ok({ value, writes: [first.value, second.value] }) : second;
}
