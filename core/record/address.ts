import type { ResourceType } from "../fhir/index.ts";
import { classesOfType, hasPatientHome, patientOfId } from "../fhir/index.ts";
import type { RecordClass } from "../kernel/data-class.ts";
import type { Home, Key, RecordId } from "../table/index.ts";
import { currentSort, historySort, homePartition, locatorKey, parseRecordId } from "../table/index.ts";
import type { Desk } from "./desk.ts";

/** One place where a record may be: a class and a home. */
export interface Spot {
  readonly dataClass: RecordClass;
  readonly home: Home;
}

/** Where to look for a record, as far as its id tells; `locator` where a row may tell more. */
export interface Address {
  readonly spots: readonly Spot[];
  readonly locator?: Key;
}

export const patientHome = (patientId: string | undefined): { readonly patientId: RecordId } | undefined => {
  const id = parseRecordId(patientId);
  return id === undefined ? undefined : { patientId: id };
};

/** The classes of a type that the grant holds: no other is ever asked for. */
export const heldClasses = (desk: Desk, type: ResourceType): readonly RecordClass[] =>
  classesOfType(type).filter((letter) => desk.classes.includes(letter));

/** False where the grant reaches one patient only, and this is another's compartment. */
export const mayReach = (desk: Desk, home: Home): boolean =>
  desk.grant.onlyPatientId === undefined || !("patientId" in home) || home.patientId === desk.grant.onlyPatientId;

export function spotsAt(desk: Desk, type: ResourceType, home: Home): Spot[] {
  return mayReach(desk, home) ? heldClasses(desk, type).map((dataClass) => ({ dataClass, home })) : [];
}

/** A Patient is its own home; an id of ours carries its patient; what never has a patient lives with its type. */
export function addressOf(desk: Desk, type: ResourceType, id: RecordId): Address {
  if (type === "Patient") return { spots: spotsAt(desk, type, { patientId: id }) };
  const home = patientHome(patientOfId(id));
  if (home) return { spots: spotsAt(desk, type, home) };
  // What can have a patient lives with her for who reaches one patient: her session sees no place of a type's own.
  const isOwn = desk.grant.onlyPatientId !== undefined && hasPatientHome(type);
  const spots = isOwn ? [] : spotsAt(desk, type, { type });
  const hasLocator = hasPatientHome(type) && desk.classes.includes("D");
  return hasLocator ? { spots, locator: locatorKey(desk.grant.tenantId, type, id) } : { spots };
}

export const currentKey = (desk: Desk, spot: Spot, type: ResourceType, id: RecordId): Key => ({
  pk: homePartition(desk.grant.tenantId, spot.dataClass, spot.home),
  sk: currentSort(type, id),
});

export const historyKey = (desk: Desk, spot: Spot, type: ResourceType, id: RecordId, version: number): Key => ({
  pk: homePartition(desk.grant.tenantId, spot.dataClass, spot.home),
  sk: historySort(type, id, version),
});

export const isSameHome = (left: Home, right: Home): boolean =>
  "patientId" in left
    ? "patientId" in right && left.patientId === right.patientId
    : "type" in right && left.type === right.type;
