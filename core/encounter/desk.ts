import type { NoteAct } from "../contract/index.ts";
import { type FhirResource, type JsonObject, parseSearch, type ResourceType, validateResource } from "../fhir/index.ts";
import type { Clock } from "../kernel/clock.ts";
import { invariant } from "../kernel/invariant.ts";
import { ok, type Result } from "../kernel/result.ts";
import type { Grant } from "../policy/grant.ts";
import type { OneEffect, RecordFailure, Records } from "../record/index.ts";
import type { Signer } from "./clinician.ts";
import type { DraftDeps } from "./drafts.ts";

/** What an operation on visits and notes works with: the records of one grant, and who is signed in. */
export interface EncounterDesk {
  readonly records: Records;
  readonly grant: Grant;
  readonly me: Signer;
  readonly clock: Clock;
  /** The request as one effect; absent where it reads. */
  readonly effect?: OneEffect;
  readonly drafts: DraftDeps;
  /** What policy says of each act to a note. */
  readonly isPermitted: (act: NoteAct) => boolean;
}

/** A resource that this folder has made: one that does not validate is a fault of ours. */
export function made(value: JsonObject): FhirResource {
  const valid = validateResource(value);
  invariant(valid.ok, "a record that is made here is one of FHIR's");
  return valid.value;
}

const PAGE = 1_000;
const PAGES_MAX = 20;

/** Everything that matches, page by page, with what it draws in. */
export async function searchAll(
  { records, grant }: Pick<EncounterDesk, "records" | "grant">,
  type: ResourceType,
  text: string,
): Promise<Result<readonly FhirResource[], RecordFailure>> {
  const query = parseSearch(type, `${text}&_count=${PAGE}`);
  invariant(query.ok, "a search that is made here can be made");
  const found: FhirResource[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const one = await records.search(grant, query.value, cursor === undefined ? {} : { cursor });
    if (!one.ok) return one;
    found.push(...one.value.matches, ...one.value.included);
    cursor = one.value.next;
    if (cursor === undefined) return ok(found);
  }
  return { ok: false, error: { kind: "too-costly", rule: "search-patients" } };
}

export const effectOf = ({ effect }: Pick<EncounterDesk, "effect">): { readonly effect?: OneEffect } =>
  effect === undefined ? {} : { effect };
