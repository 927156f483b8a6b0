import * as z from "zod";
import { ID_PATTERN } from "../kernel/ids.ts";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import type { CompiledConsent } from "../policy/consent/index.ts";
import { CompiledConsentSchema, consentName, unreadableConsent } from "../policy/consent/index.ts";
import type { RecordId, TableWrite } from "../table/index.ts";
import { parseRecordId, protectionKey, protectionPartition } from "../table/index.ts";
import type { PrivacyFailure } from "./failure.ts";
import type { Marks, Opened, PrivacyDeps } from "./rows.ts";
import { alarmOf, putOver, readAll, readAt, stillAt } from "./rows.ts";

/** A legal hold. The matter is the court's or the lawyer's reference: sealed, like all of the row. */
export const Hold = z.strictObject({
  id: z.string().regex(ID_PATTERN),
  mode: z.enum(["frozen", "restricted"]),
  reasonCode: z.string().regex(/^[a-z][a-z-]{0,40}$/),
  matter: z.string().min(1).max(2000),
  placedBy: z.string().regex(ID_PATTERN),
  placedAtMs: z.int(),
});
export type Hold = z.infer<typeof Hold>;

/** Charts of one person: the survivor names the duplicates that it took in, each duplicate its survivor. */
export const Merge = z.union([
  z.strictObject({ replaces: z.array(z.string()).min(1).max(5) }),
  z.strictObject({
    replacedBy: z.string(),
    /** The versions of both Patients that stood before, which undoing brings back. */
    before: z.strictObject({ survivor: z.int().min(1), duplicate: z.int().min(1) }),
    mergedBy: z.string().regex(ID_PATTERN),
    mergedAtMs: z.int(),
    reason: z.string().min(1).max(2000),
  }),
]);
export type Merge = z.infer<typeof Merge>;

/** The duplicates whose charts show on this patient's. */
export const duplicatesOf = ({ merge }: Protection): readonly string[] =>
  merge && "replaces" in merge ? merge.replaces : [];
/** The patient on whose chart this one's shows. */
export const survivorOf = ({ merge }: Protection): string | undefined =>
  merge && "replacedBy" in merge ? merge.replacedBy : undefined;

/** What protects one patient's chart beside the roles. */
export interface Protection {
  readonly patientId: RecordId;
  /** Of the row; 0 where there is none: nobody has ever said anything about this patient. */
  readonly version: number;
  readonly consents: readonly CompiledConsent[];
  readonly hold?: Hold;
  readonly merge?: Merge;
}

const ProtectionItem = z.strictObject({
  patientId: z.string(),
  consents: z.array(z.looseObject({ id: z.string(), version: z.int() })),
  hold: Hold.optional(),
  merge: Merge.optional(),
});
type ProtectionItem = z.infer<typeof ProtectionItem>;

/** The patient's protection row, strongly consistent. `not-found` for what cannot be an id. */
export async function readProtection(
  deps: PrivacyDeps,
  patientId: string,
): Promise<Result<Protection, PrivacyFailure>> {
  const id = parseRecordId(patientId);
  if (id === undefined) return err({ kind: "not-found" });
  const found = await readAt(deps, "protection", protectionKey(deps.tenantId, id), ProtectionItem);
  if (!found.ok) return found;
  return found.value === undefined ? ok({ patientId: id, version: 0, consents: [] }) : protectionOf(deps, found.value);
}

/** Of every patient of the tenant who has a protection row: one Query, strongly consistent. By patient id. */
export async function readProtections(
  deps: PrivacyDeps,
): Promise<Result<ReadonlyMap<string, Protection>, PrivacyFailure>> {
  const found = await readAll(deps, "protection", protectionPartition(deps.tenantId), ProtectionItem);
  if (!found.ok) return found;
  const all = new Map<string, Protection>();
  for (const opened of found.value) {
    const protection = protectionOf(deps, opened);
    if (!protection.ok) return protection;
    all.set(protection.value.patientId, protection.value);
  }
  return ok(all);
}

/** A consent that does not parse any more denies: it was a patient's word before the format changed. */
function protectionOf(
  deps: PrivacyDeps,
  { value, version }: Opened<ProtectionItem>,
): Result<Protection, PrivacyFailure> {
  const patientId = parseRecordId(value.patientId);
  if (patientId === undefined) {
    alarmOf(deps)({ kind: "integrity", fault: "frame" });
    return err({ kind: "integrity" });
  }
  const consents = value.consents.map((stored) => {
    const parsed = CompiledConsentSchema.safeParse(stored);
    if (parsed.success && parsed.data.patientId === patientId) return parsed.data;
    alarmOf(deps)({ kind: "integrity", fault: "consent" });
    return unreadableConsent(stored.id, stored.version, patientId);
  });
  const { hold, merge } = value;
  return ok({ patientId, version, consents, ...(hold && { hold }), ...(merge && { merge }) });
}

/**
 * Goes into the transaction of whatever was decided under `protection`: nothing is written, and no event committed, once
 * the patient has said something else. Not beside a `protectionWrite` of the same patient, which holds the condition
 * itself: DynamoDB takes one operation per row in a transaction.
 */
export const protectionCheck = (deps: PrivacyDeps, { patientId, version }: Protection): TableWrite => ({
  kind: "check",
  table: "data",
  key: protectionKey(deps.tenantId, patientId),
  condition: stillAt(version),
});

/** The next version of the row, over `before` and nothing else. `hold: null` takes the hold away, `merge: null` the merge. */
export function protectionWrite(
  deps: PrivacyDeps,
  before: Protection,
  change: {
    readonly consents?: readonly CompiledConsent[];
    readonly hold?: Hold | null;
    readonly merge?: Merge | null;
  },
  marks: Marks,
): Promise<Result<TableWrite, PrivacyFailure>> {
  const { patientId, version } = before;
  const hold = change.hold === undefined ? before.hold : (change.hold ?? undefined);
  const merge = change.merge === undefined ? before.merge : (change.merge ?? undefined);
  const item = {
    patientId,
    consents: change.consents ?? before.consents,
    ...(hold && { hold }),
    ...(merge && { merge }),
  };
  return putOver(deps, "protection", protectionKey(deps.tenantId, patientId), item, version, marks);
}

/**
 * Names of consents by which a protection row and the Consent records of its patient differ: a row that was put back or
 * taken away shows here, because the records still say what it should hold. `compiled`: of every current Consent.
 */
export function driftOf(protection: Protection, compiled: readonly CompiledConsent[]): readonly string[] {
  const kept = new Set(protection.consents.map(consentName));
  const wanted = new Set(compiled.map(consentName));
  return [...kept].filter((name) => !wanted.has(name)).concat([...wanted].filter((name) => !kept.has(name)));
}
