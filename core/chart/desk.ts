import type { ChartWritten } from "../contract/chart.ts";
import {
  type FhirResource,
  type JsonObject,
  parseSearch,
  patientOf,
  readBundle,
  type ResourceType,
} from "../fhir/index.ts";
import { toInstant } from "../kernel/clock.ts";
import { invariant } from "../kernel/invariant.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import type { Grant } from "../policy/index.ts";
import type { OneEffect, RecordFailure, Records, WrittenReference } from "../record/index.ts";
import { type Author, withChange } from "./author.ts";
import type { ChartFailure } from "./failure.ts";
import { versionOf } from "./lists.ts";

/** What every operation on a chart works with: one patient, who writes, and when. */
export interface ChartDesk {
  readonly records: Records;
  readonly grant: Grant;
  readonly patientId: string;
  readonly author: Author;
  readonly nowMs: number;
  /** The day that it is in the clinic, and its IANA zone. */
  readonly today: string;
  readonly zone: string;
  /** The request as one effect: sent again, it does nothing and answers the same. */
  readonly effect?: OneEffect;
}

export type Done = Promise<Result<ChartWritten & { readonly isReplay: boolean }, ChartFailure>>;

export const instantOf = ({ nowMs }: ChartDesk): string => toInstant(nowMs);

/** One record of a transaction: a new one, or the next version of one that was read. */
export interface Entry {
  readonly record: JsonObject;
  readonly reason?: string;
  /** A name for a new record, by which others of the transaction refer to it. */
  readonly name?: string;
}

const refsOf = (written: readonly (WrittenReference | undefined)[]): ChartWritten["written"] =>
  written.flatMap((each) => (each === undefined ? [] : [{ type: each.type, id: each.id, version: each.version }]));

/**
 * Does a change once. Its rules are asked after the idempotency key: they would refuse what the first sending has done.
 */
export async function once(desk: ChartDesk, work: () => Done): Done {
  if (desk.effect === undefined) return work();
  const before = await desk.records.replayed(desk.grant, desk.effect);
  if (!before.ok) return before;
  return before.value === undefined ? work() : ok({ written: refsOf(before.value), isReplay: true });
}

/**
 * Writes all entries or none. An update is conditional on the version that was read, and with it on the state that its
 * rule was asked about: an illegal change cannot be written. Each version says who wrote it, when and why.
 */
export async function commit(desk: ChartDesk, entries: readonly Entry[]): Done {
  const at = instantOf(desk);
  const bundle = {
    resourceType: "Bundle",
    type: "transaction",
    entry: entries.map(({ record, reason, name }) => {
      const type = String(record["resourceType"] as string);
      const resource = record["resourceType"] === "Provenance" ? record : withChange(record, desk.author, at, reason);
      const id = record["id"];
      return {
        ...(name !== undefined && { fullUrl: name }),
        resource,
        request:
          typeof id === "string"
            ? { method: "PUT", url: `${type}/${id}`, ifMatch: `W/"${versionOf(record)}"` }
            : { method: "POST", url: type },
      };
    }),
  };
  const envelope = readBundle(bundle);
  if (!envelope.ok) return err({ kind: "invalid", issues: envelope.error.issues });
  const options = desk.effect === undefined ? {} : { effect: desk.effect };
  const done = await desk.records.transaction(desk.grant, envelope.value, options);
  if (!done.ok) return isNobody(done.error) ? err({ kind: "not-found" }) : done;
  const written = done.value.outcomes.map((outcome) => ("written" in outcome ? outcome.written : undefined));
  return ok({ written: refsOf(written), isReplay: done.value.isReplay });
}

/** A record about a patient whom this clinic does not have: unknown and foreign are one answer. */
const isNobody = (failure: RecordFailure): boolean =>
  failure.kind === "business-rule" &&
  failure.rule === "reference-unresolved" &&
  /\.(subject|patient)(\.reference)?$/.test(failure.path ?? "");

/** The patient's records of these types, as the caller sees them. */
export async function recordsOf(
  desk: ChartDesk,
  types: readonly ResourceType[],
  more = "",
): Promise<Result<readonly FhirResource[], ChartFailure>> {
  const found: FhirResource[] = [];
  for (const type of types) {
    const query = parseSearch(type, `patient=${desk.patientId}&_count=1000${more}`);
    invariant(query.ok, "a search of our own reads");
    let cursor: string | undefined;
    do {
      const page = await desk.records.search(desk.grant, query.value, cursor === undefined ? {} : { cursor });
      if (!page.ok) return page;
      found.push(...page.value.matches);
      cursor = page.value.next;
    } while (cursor !== undefined);
  }
  return ok(found);
}

/** One record of the patient's, at the version that the caller has seen. Of another patient is unknown. */
export function atVersion(
  desk: ChartDesk,
  records: readonly FhirResource[],
  id: string,
  ifMatch: number,
): Result<FhirResource, ChartFailure> {
  const record = records.find((each) => each.id === id);
  const home = record === undefined ? undefined : patientOf(record);
  if (record === undefined || home?.ok !== true || home.value !== desk.patientId) return err({ kind: "not-found" });
  return versionOf(record) === ifMatch ? ok(record) : err({ kind: "conflict", reason: "version" });
}
