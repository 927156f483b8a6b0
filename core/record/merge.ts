import type { FhirResource } from "../fhir/index.ts";
import { copyLexemes, isJsonObject } from "../fhir/index.ts";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import type { Merge, Protection } from "../privacy/index.ts";
import { duplicatesOf, survivorOf } from "../privacy/index.ts";
import type { RecordId } from "../table/index.ts";
import { parseRecordId } from "../table/index.ts";
import type { RecordEvent } from "./audit-sink.ts";
import type { Desk } from "./desk.ts";
import type { RecordFailure } from "./failure.ts";
import { guardingOf, touchOf } from "./guards.ts";
import { readVersion } from "./history.ts";
import type { OneEffect } from "./idempotency.ts";
import { effectKey } from "./idempotency.ts";
import type { PlannedWrite } from "./planned-write.ts";
import { privacyOf } from "./privacy.ts";
import type { Current } from "./reader.ts";
import { findMany } from "./reader.ts";
import { resourceOf } from "./stored.ts";
import type { Written } from "./write.ts";
import { changesOf, commit, replayed } from "./write.ts";

/** A Patient, and the version of it that was looked at. */
export interface PatientVersion {
  readonly id: string;
  readonly version: number;
}

export interface MergeAsked {
  /** On whose chart everything shows from then on. */
  readonly survivor: PatientVersion;
  readonly duplicate: PatientVersion;
  /** Why they are one person, in words: sealed, and part of the event's detail. */
  readonly reason: string;
  readonly effect?: OneEffect;
}

const MAX_DUPLICATES = 5;

/**
 * Two charts of one person become one: the Patients name each other (FHIR R4 patient.html#link), and each one's
 * protection row names the other, by which every read of the survivor's chart follows and every decision heeds both.
 * Nothing else is written: no record leaves its compartment, its id, its class or its consents, and one transaction does
 * it all or nothing.
 * @returns `locked` under a legal hold on either; `business-rule`/`merge-chain` where the duplicate has a part in another
 * merge, the survivor is itself a duplicate, or has five already; `conflict` for versions other than those looked at.
 */
export async function mergePatients(
  desk: Desk,
  { survivor, duplicate, reason, effect }: MergeAsked,
): Promise<Result<Written, RecordFailure>> {
  const pair = await findPair(desk, survivor.id, duplicate.id, effect);
  if (!pair.ok) return pair;
  if (pair.value.kind === "replay") return ok(pair.value.replay);
  const { survivor: left, duplicate: right } = pair.value;
  if (left.current.stored.version !== survivor.version || right.current.stored.version !== duplicate.version) {
    return err({ kind: "conflict", reason: "version" });
  }
  const known = duplicatesOf(left.protection);
  const isFree = right.protection.merge === undefined && survivorOf(left.protection) === undefined;
  if (!isFree || known.length >= MAX_DUPLICATES) return err({ kind: "business-rule", rule: "merge-chain" });
  const nowMs = desk.clock.now();
  const merges: Merges = new Map<RecordId, Merge>([
    [left.id, { replaces: [...known, right.id] }],
    [
      right.id,
      {
        replacedBy: left.id,
        before: { survivor: survivor.version, duplicate: duplicate.version },
        mergedBy: desk.grant.userId,
        mergedAtMs: nowMs,
        reason,
      },
    ],
  ]);
  const resources = [
    withLink(resourceOf(left.current.whole), right.id, "replaces"),
    { ...withLink(resourceOf(right.current.whole), left.id, "replaced-by"), active: false },
  ] as const;
  return write(desk, "patient.merge", pair.value, resources, { merges, reason, nowMs, effect });
}

/**
 * Takes a merge back. Each Patient is again what it was before, to the letter, where nobody changed it since; where
 * somebody did, the change stays and only the link goes. Every record is where it always was.
 * @returns `not-found` where the patient was merged into none, `locked` under a legal hold on either.
 */
export async function unmergePatients(
  desk: Desk,
  asked: { readonly duplicate: string; readonly reason: string; readonly effect?: OneEffect },
): Promise<Result<Written, RecordFailure>> {
  const { reason, effect } = asked;
  const id = parseRecordId(asked.duplicate);
  const before = id === undefined ? err({ kind: "not-found" } as const) : await privacyOf(desk, id);
  if (!before.ok) return before;
  const { merge } = before.value.protection;
  // A repeat finds nothing merged any more; its effect tells that it was the one who undid it.
  const survivorId = merge && "replacedBy" in merge ? merge.replacedBy : asked.duplicate;
  const pair = await findPair(desk, survivorId, asked.duplicate, effect);
  if (!pair.ok) return pair;
  if (pair.value.kind === "replay") return ok(pair.value.replay);
  const { survivor, duplicate } = pair.value;
  if (!merge || !("replacedBy" in merge)) return err({ kind: "not-found" });
  const left = await restored(desk, survivor.current, merge.before.survivor, duplicate.id, { isRevived: false });
  if (!left.ok) return left;
  const right = await restored(desk, duplicate.current, merge.before.duplicate, survivor.id, { isRevived: true });
  if (!right.ok) return right;
  const others = duplicatesOf(survivor.protection).filter((each) => each !== duplicate.id);
  const merges: Merges = new Map<RecordId, Merge | null>([
    [survivor.id, others.length === 0 ? null : { replaces: others }],
    [duplicate.id, null],
  ]);
  const nowMs = desk.clock.now();
  return write(desk, "patient.unmerge", pair.value, [left.value, right.value], { merges, reason, nowMs, effect });
}

interface One {
  readonly id: RecordId;
  readonly current: Current;
  readonly protection: Protection;
}
interface Pair {
  readonly kind: "pair";
  readonly survivor: One;
  readonly duplicate: One;
}
type Merges = ReadonlyMap<RecordId, Merge | null>;

async function findPair(
  desk: Desk,
  survivorId: string,
  duplicateId: string,
  effect: OneEffect | undefined,
): Promise<Result<Pair | { readonly kind: "replay"; readonly replay: Written }, RecordFailure>> {
  const ids = [...new Set([survivorId, duplicateId])].flatMap((id) => parseRecordId(id) ?? []);
  const names = ids.map((id) => ({ type: "Patient", id }) as const);
  const found = await findMany(desk, names, effect ? [effectKey(desk, effect)] : []);
  if (!found.ok) return found;
  const replay = effect && replayed(found.value.extra[0], effect);
  if (replay) return replay.ok ? ok({ kind: "replay", replay: replay.value }) : replay;
  const [left, right] = [await one(desk, found.value.current, ids[0]), await one(desk, found.value.current, ids[1])];
  if (!left.ok) return left;
  return right.ok ? ok({ kind: "pair", survivor: left.value, duplicate: right.value }) : right;
}

async function one(
  desk: Desk,
  current: ReadonlyMap<string, Current>,
  id: RecordId | undefined,
): Promise<Result<One, RecordFailure>> {
  const there = id === undefined ? undefined : current.get(`Patient/${id}`);
  if (id === undefined || !there) return err({ kind: "not-found" });
  if (there.stored.text === undefined) return err({ kind: "deleted" });
  if (there.stored.isRedacted === true) return err({ kind: "business-rule", rule: "redacted" });
  const patient = await privacyOf(desk, id);
  return patient.ok ? ok({ id, current: there, protection: patient.value.protection }) : patient;
}

const linksOf = ({ link }: FhirResource) => (Array.isArray(link) ? link.filter(isJsonObject) : []);
const isLinkTo = ({ other }: Readonly<Record<string, unknown>>, id: string): boolean =>
  isJsonObject(other) && other["reference"] === `Patient/${id}`;

function withLink(patient: FhirResource, id: string, type: "replaces" | "replaced-by"): FhirResource {
  const link = [
    ...linksOf(patient).filter((each) => !isLinkTo(each, id)),
    { other: { reference: `Patient/${id}` }, type },
  ];
  return copyLexemes(patient, { ...patient, link } as unknown as FhirResource);
}

/** The Patient as it was at `version`, where the merge is the last thing that was done to it; else without the link. */
async function restored(
  desk: Desk,
  { whole }: Current,
  version: number,
  linkedId: string,
  { isRevived }: { readonly isRevived: boolean },
): Promise<Result<FhirResource, RecordFailure>> {
  const old = await readVersion(desk, whole.type, whole.id, version);
  if (!old.ok) return old;
  const before = resourceOf(old.value.version);
  if (whole.version === version + 1) return ok(before);
  const { link: _link, active: now, ...rest } = resourceOf(whole);
  const link = linksOf(resourceOf(whole)).filter((each) => !isLinkTo(each, linkedId));
  const active = isRevived ? before["active"] : now;
  const mended = { ...rest, ...(active !== undefined && { active }), ...(link.length > 0 && { link }) };
  return ok(copyLexemes(resourceOf(whole), mended as unknown as FhirResource));
}

async function write(
  desk: Desk,
  interaction: "patient.merge" | "patient.unmerge",
  { survivor, duplicate }: Pair,
  [left, right]: readonly [FhirResource, FhirResource],
  options: {
    readonly merges: Merges;
    readonly reason: string;
    readonly nowMs: number;
    readonly effect: OneEffect | undefined;
  },
): Promise<Result<Written, RecordFailure>> {
  const { merges, reason, nowMs, effect } = options;
  const writes: readonly [PlannedWrite, PlannedWrite] = [
    { kind: "update", index: 0, current: survivor.current, resource: left },
    { kind: "update", index: 1, current: duplicate.current, resource: right },
  ];
  const touches = writes.map((each, index) =>
    touchOf(each, index === 0 ? survivor.current.spot.home : duplicate.current.spot.home),
  );
  const guarding = await guardingOf(desk, touches, nowMs);
  if (!guarding.ok) return guarding;
  const patients = guarding.value.patients.map((patient) => {
    const merge = merges.get(patient.protection.patientId);
    return merge === undefined ? patient : { ...patient, merge };
  });
  const event: RecordEvent = {
    interaction,
    outcome: "success",
    entities: [survivor, duplicate].map(({ id, current }) => ({
      type: "Patient",
      id,
      version: current.whole.version + 1,
    })),
    classes: ["D"],
    detail: { reason },
  };
  const changes = (marks: Parameters<typeof changesOf>[2]) => changesOf(desk, writes, marks);
  return commit(desk, { event, onConflict: "version", guarding: { patients }, calendar: [], changes }, effect, nowMs);
}
