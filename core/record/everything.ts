import type { FhirResource } from "../fhir/index.ts";
import { everythingOrder, hasPatientHome, isResourceType, references } from "../fhir/index.ts";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import type { RecordId } from "../table/index.ts";
import { parseRecordId } from "../table/index.ts";
import type { Spot } from "./address.ts";
import { mayReach } from "./address.ts";
import { readSpots } from "./compartment.ts";
import type { Desk } from "./desk.ts";
import type { RecordFailure } from "./failure.ts";
import { readNamed } from "./include.ts";
import { followedFrom } from "./follow.ts";
import { cutPage, openPosition, sealPosition } from "./page.ts";
import type { RecordName } from "./reader.ts";
import { nameOf } from "./reader.ts";
import { resourceOf } from "./stored.ts";

export interface ChartPage {
  readonly resources: readonly FhirResource[];
  readonly total: number;
  readonly next?: string;
  /** The patients merged into this one, whose charts are in it. */
  readonly followed?: readonly RecordId[];
}

const DEFAULT_COUNT = 1_000;
const MAX_SUPPORTING = 1_000;

/**
 * A patient's chart: everything in the compartment that the grant may see, and what it refers to among the records of no
 * patient. FHIR R4 patient-operation-everything.html. The Patient itself has to be there.
 */
export async function readChart(
  desk: Desk,
  patientId: RecordId,
  options: { readonly count?: number; readonly cursor?: string },
): Promise<Result<ChartPage, RecordFailure>> {
  const page = { route: "everything", filter: patientId };
  const position = options.cursor === undefined ? ok(undefined) : await openPosition(desk, page, options.cursor);
  if (!position.ok) return position;
  const home = { patientId };
  const followed = await followedFrom(desk, patientId);
  if (!followed.ok) return followed;
  const homes = [home, ...followed.value.map((id) => ({ patientId: id }))].filter((each) => mayReach(desk, each));
  const spots: Spot[] = homes.flatMap((each) => desk.classes.map((dataClass) => ({ dataClass, home: each })));
  const found = await readSpots(desk, spots);
  if (!found.ok) return found;
  if (!found.value.some(({ type, id }) => type === "Patient" && id === patientId)) return err({ kind: "not-found" });
  const compartment = found.value.map(resourceOf);
  const names = supportingNames(compartment);
  if (names.length > MAX_SUPPORTING) return err({ kind: "too-costly", rule: "include-size" });
  const supporting = await readNamed(desk, names);
  if (!supporting.ok) return supporting;
  const ordered = everythingOrder(patientId, compartment, supporting.value);
  const count = Math.max(1, Math.min(options.count ?? DEFAULT_COUNT, DEFAULT_COUNT));
  const cut = cutPage(ordered, ({ resourceType, id }) => `${resourceType}/${id ?? ""}`, count, position.value);
  if (!cut.ok) return cut;
  const result = {
    resources: cut.value.items,
    total: ordered.length,
    ...(followed.value.length > 0 && { followed: followed.value }),
  };
  if (cut.value.next === undefined) return ok(result);
  const next = await sealPosition(desk, page, cut.value.next);
  return next.ok ? ok({ ...result, next: next.value }) : next;
}

/** Practitioners, organizations and the like: referred to from the chart, and in nobody's compartment. */
function supportingNames(compartment: readonly FhirResource[]): RecordName[] {
  const names = new Map<string, RecordName>();
  for (const resource of compartment) {
    for (const { target } of references(resource)) {
      const id = target.kind === "relative" ? parseRecordId(target.id) : undefined;
      if (target.kind !== "relative" || id === undefined || !isResourceType(target.type)) continue;
      if (hasPatientHome(target.type)) continue;
      names.set(nameOf({ type: target.type, id }), { type: target.type, id });
    }
  }
  return [...names.values()];
}
