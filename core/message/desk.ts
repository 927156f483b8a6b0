import { made, searchAll } from "../encounter/desk.ts";
import { type JsonObject, readBundle } from "../fhir/index.ts";
import type { Clock } from "../kernel/clock.ts";
import { invariant } from "../kernel/invariant.ts";
import { ok, type Result } from "../kernel/result.ts";
import type { Grant } from "../policy/grant.ts";
import type { OneEffect, Records, WrittenReference } from "../record/index.ts";
import type { MessageFailure } from "./failure.ts";
import type { Me } from "./parties.ts";

export { made, searchAll } from "../encounter/desk.ts";

export type Answer<T> = Promise<Result<T, MessageFailure>>;

/** What messages and tasks are worked on with: the records of one grant, who is signed in, and the clinic's clock. */
export interface MessageDesk {
  readonly records: Records;
  readonly grant: Grant;
  readonly me: Me;
  readonly clock: Clock;
  /** IANA, of the clinic. */
  readonly timeZone: string;
  /** The request as one effect; absent where it reads. */
  readonly effect?: OneEffect;
}

/** One record of a transaction: a new one, or the next version over the one that was read. */
export type Entry =
  | { readonly kind: "new"; readonly resource: JsonObject; readonly name?: string }
  | { readonly kind: "next"; readonly resource: JsonObject; readonly over: number };

/** A name by which new records of one transaction refer to each other. */
export const entryName = (index: number): string =>
  `urn:uuid:00000000-0000-8000-8000-${String(index).padStart(12, "0")}`;

/** Writes all entries or none, once for one request; answers what was written, in the order of the entries. */
export async function commit(
  { records, grant, effect }: MessageDesk,
  entries: readonly Entry[],
): Answer<readonly WrittenReference[]> {
  const bundle = readBundle({
    resourceType: "Bundle",
    type: "transaction",
    entry: entries.map((each) => {
      const resource = made(each.resource);
      const type = resource.resourceType;
      if (each.kind === "next")
        return {
          resource,
          request: { method: "PUT", url: `${type}/${resource.id ?? ""}`, ifMatch: `W/"${String(each.over)}"` },
        };
      return {
        ...(each.name !== undefined && { fullUrl: each.name }),
        resource,
        request: { method: "POST", url: type },
      };
    }),
  });
  invariant(bundle.ok, "a transaction that is made here can be read");
  const done = await records.transaction(grant, bundle.value, { isInboxWrite: true, ...(effect && { effect }) });
  if (!done.ok) return done;
  return ok(done.value.outcomes.flatMap((outcome) => ("written" in outcome ? [outcome.written] : [])));
}

/** What an earlier sending of this very request wrote: its rules would refuse what it has done. */
export async function replayed({
  records,
  grant,
  effect,
}: MessageDesk): Answer<readonly WrittenReference[] | undefined> {
  if (effect === undefined) return ok(undefined);
  const before = await records.replayed(grant, effect);
  if (!before.ok) return before;
  return ok(before.value?.flatMap((each) => each ?? []));
}

/** All of a patient's records of a type that this grant may see. */
export const ofPatient = (
  desk: MessageDesk,
  type: "Communication" | "Task",
  patientId: string,
): ReturnType<typeof searchAll> => searchAll(desk, type, `patient=${patientId}`);
