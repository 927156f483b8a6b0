import type { FhirResource } from "../fhir/index.ts";
import { classOf } from "../fhir/index.ts";
import type { RecordClass } from "../kernel/data-class.ts";
import type { Result } from "../kernel/result.ts";
import type { RecordId } from "../table/index.ts";
import type { RecordEvent } from "./audit-sink.ts";
import type { Change, ChangeMarks } from "./changes.ts";
import { creation, deletion, needsLocator, placeOf, replacement, tokenedOf } from "./changes.ts";
import type { Desk } from "./desk.ts";
import type { RecordFailure } from "./failure.ts";
import type { Current } from "./reader.ts";
import { type Reporting, reportingOf } from "./reported.ts";
import { tokenRowsOf } from "./token-rows.ts";

/** One write of a transaction, judged: what it changes is known to be there, and what it refers to as well. */
export type PlannedWrite =
  | {
      readonly kind: "create";
      readonly index: number;
      readonly id: RecordId;
      readonly isClientId: boolean;
      readonly resource: FhirResource;
    }
  | { readonly kind: "update"; readonly index: number; readonly current: Current; readonly resource: FhirResource }
  | { readonly kind: "delete"; readonly index: number; readonly current: Current };
export type PlannedCreate = Extract<PlannedWrite, { kind: "create" }>;

/** The index of a write that a label brought along: it is no entry of the bundle, and answers none. */
export const HEIR = -1;

/** How many rows a write takes at most, before it is made. A record that becomes segmented takes its past with it. */
export function rowsOf(write: PlannedWrite, reporting?: Reporting): number {
  const { resource } = write.kind === "delete" ? {} : write;
  const after = resource && { dataClass: classOf(resource), resource };
  if (write.kind === "create") {
    const isDouble =
      write.resource.resourceType === "Patient" || needsLocator(write.resource, write.id, write.isClientId);
    return (isDouble ? 2 : 1) + tokenRowsOf(undefined, after, reporting);
  }
  const { spot, whole } = write.current;
  const tokens = tokenRowsOf(tokenedOf(write.current), after, reporting);
  const isPatient = whole.type === "Patient";
  if (write.kind === "delete") return (isPatient ? 3 : 2) + tokens;
  const isMoving = classOf(write.resource) !== spot.dataClass;
  const isSegmenting = isMoving && classOf(write.resource) === "S";
  return 2 + (isMoving ? 1 : 0) + (isSegmenting ? 1 + 2 * (whole.version - 1) : 0) + (isPatient ? 1 : 0) + tokens;
}

/** Which values stand in a report, among what is written together. */
export const reportingIn = (writes: readonly PlannedWrite[]): Reporting =>
  reportingOf(
    writes.flatMap((write) => {
      if (write.kind === "delete") return [];
      const id = write.kind === "create" ? write.id : write.current.whole.id;
      return [{ id, resource: write.resource }];
    }),
  );

export const changeOf = (
  desk: Desk,
  write: PlannedWrite,
  marks: ChangeMarks,
): Promise<Result<Change, RecordFailure>> => {
  switch (write.kind) {
    case "create":
      return creation(desk, write.resource, write.id, write.isClientId, marks);
    case "update":
      return replacement(desk, write.current, write.resource, marks);
    case "delete":
      return deletion(desk, write.current, marks);
  }
};

/** One event for all that is written together. It names each record, and the patient where there is only one. */
export function eventOf(desk: Desk, writes: readonly PlannedWrite[]): RecordEvent {
  const classes = new Set<RecordClass>();
  const patients = new Set<string>();
  const entities: { type: string; id: string; version: number }[] = [];
  for (const write of writes) {
    if (write.kind === "create") {
      const spot = placeOf(desk, write.resource);
      if (spot.ok) classes.add(spot.value.dataClass);
      if (spot.ok && "patientId" in spot.value.home) patients.add(spot.value.home.patientId);
      // A new Patient's home is the id that it is given here.
      if (write.resource.resourceType === "Patient") patients.add(write.id);
      entities.push({ type: write.resource.resourceType, id: write.id, version: 1 });
      continue;
    }
    const { spot, whole: stored } = write.current;
    classes.add(spot.dataClass);
    if (write.kind === "update") classes.add(classOf(write.resource));
    if ("patientId" in spot.home) patients.add(spot.home.patientId);
    entities.push({ type: stored.type, id: stored.id, version: stored.version + 1 });
  }
  const [patientId] = patients.size === 1 ? patients : [];
  return {
    interaction: "transaction",
    outcome: "success",
    entities,
    classes: [...classes],
    ...(patientId !== undefined && { patientId }),
  };
}
