import type { FhirResource } from "../fhir/index.ts";
import { classesOfType, labelsOf, references, specialLabels, statesLabels, withLabels } from "../fhir/index.ts";
import { RECORD_CLASSES } from "../kernel/data-class.ts";
import type { Result } from "../kernel/result.ts";
import { ok } from "../kernel/result.ts";
import type { Home } from "../table/index.ts";
import { isSameHome } from "./address.ts";
import { readWhole } from "./compartment.ts";
import type { Desk } from "./desk.ts";
import type { RecordFailure } from "./failure.ts";
import { HEIR, type PlannedWrite } from "./planned-write.ts";
import type { Current } from "./reader.ts";
import { nameOf } from "./reader.ts";
import type { Labels, LabelsByName } from "./reference-check.ts";
import type { StoredRow } from "./stored.ts";
import { resourceOf } from "./stored.ts";

/*
 * A label goes with what it covers: to the version that replaces the labelled one, to what refers to a segmented record
 * (an observation of a labelled encounter), and to what referred to it before the label came.
 */

/** Only records that can be segmented inherit: a claim stays billing's, an appointment the front desk's. */
const canInherit = ({ resourceType }: FhirResource): boolean => classesOfType(resourceType).includes("S");

/** The resource with the labels of the segmented records that it refers to. */
export function inheriting(resource: FhirResource, labelsByName: LabelsByName): FhirResource {
  if (labelsByName.size === 0 || !canInherit(resource)) return resource;
  const inherited = references(resource).flatMap(({ target }) =>
    target.kind === "relative" ? (labelsByName.get(`${target.type}/${target.id}`) ?? []) : [],
  );
  return withLabels(resource, inherited);
}

/**
 * The next version with the labels of the one before, where it says nothing of labels itself: a client that leaves out
 * `meta` does not mean to open a record. Who means it states other labels, as `N` of v3-Confidentiality.
 */
export function keepingLabels(resource: FhirResource, before: StoredRow): FhirResource {
  if (before.text === undefined || statesLabels(resource)) return resource;
  return withLabels(resource, specialLabels(resourceOf(before)));
}

/** The writes of a bundle, each with the labels of what it refers to, in the bundle or outside; until nothing changes. */
function inheritingWrites(writes: readonly PlannedWrite[], outside: LabelsByName): readonly PlannedWrite[] {
  const known = new Map(outside);
  let current = writes;
  for (;;) {
    for (const write of current) {
      if (write.kind === "delete") continue;
      const labels = canInherit(write.resource) ? specialLabels(write.resource) : [];
      if (labels.length > 0) known.set(nameOfWrite(write), labels);
    }
    let hasChanged = false;
    const next = current.map((write) => {
      if (write.kind === "delete") return write;
      const resource = inheriting(write.resource, known);
      hasChanged ||= resource !== write.resource;
      return resource === write.resource ? write : { ...write, resource };
    });
    if (!hasChanged) return current;
    current = next;
  }
}

const nameOfWrite = (write: PlannedWrite): string =>
  write.kind === "create" ? `${write.resource.resourceType}/${write.id}` : nameOf(write.current.stored);

/**
 * The writes with every label in place, and with updates of the records that refer to what a label is put on: the label
 * of an encounter reaches what was written during it, and what refers to that. Reads the patient's chart, and only where
 * a record that is there gets a new label.
 */
export async function withHeirs(
  desk: Desk,
  writes: readonly PlannedWrite[],
  outside: LabelsByName,
): Promise<Result<readonly PlannedWrite[], RecordFailure>> {
  const charts: { readonly home: Home; readonly records: readonly Current[] }[] = [];
  let all = inheritingWrites(writes, outside);
  for (;;) {
    const gained = gainsOf(all);
    for (const { home } of gained.values()) {
      if (charts.some((chart) => isSameHome(chart.home, home))) continue;
      const records = await readChartWhole(desk, home);
      if (!records.ok) return records;
      charts.push({ home, records: records.value });
    }
    const heirs = charts.flatMap(({ records }) => heirsAmong(records, all, gained));
    if (heirs.length === 0) return ok(all);
    all = inheritingWrites([...all, ...heirs], outside);
  }
}

type Gains = ReadonlyMap<string, { readonly home: Home; readonly labels: Labels }>;

/** The labels that updates put on records which did not have them. */
function gainsOf(writes: readonly PlannedWrite[]): Gains {
  const gains = new Map<string, { home: Home; labels: Labels }>();
  for (const write of writes) {
    if (write.kind !== "update" || !canInherit(write.resource)) continue;
    const { whole, spot } = write.current;
    const before = new Set(whole.text === undefined ? [] : labelsOf(resourceOf(whole)));
    const labels = specialLabels(write.resource).filter(({ code }) => !before.has(code));
    if (labels.length > 0) gains.set(nameOf(whole), { home: spot.home, labels });
  }
  return gains;
}

function heirsAmong(records: readonly Current[], writes: readonly PlannedWrite[], gains: Gains): PlannedWrite[] {
  const names = new Set(writes.map(nameOfWrite));
  const labelsByName = new Map([...gains].map(([name, { labels }]) => [name, labels]));
  return records.flatMap((current): PlannedWrite[] => {
    if (names.has(nameOf(current.whole))) return [];
    const resource = resourceOf(current.whole);
    const labelled = inheriting(resource, labelsByName);
    return labelled === resource ? [] : [{ kind: "update", index: HEIR, current, resource: labelled }];
  });
}

/** The live records of a patient that could be segmented, as they stand. */
async function readChartWhole(desk: Desk, home: Home): Promise<Result<readonly Current[], RecordFailure>> {
  const held = RECORD_CLASSES.filter((letter) => (letter === "C" || letter === "S") && desk.classes.includes(letter));
  const rows = await readWhole(
    desk,
    held.map((dataClass) => ({ dataClass, home })),
  );
  if (!rows.ok) return rows;
  const markers = new Map<string, Current["markers"]>();
  for (const row of rows.value)
    if (row.stored.isMoved) markers.set(nameOf(row.stored), [...(markers.get(nameOf(row.stored)) ?? []), row]);
  return ok(
    rows.value
      .filter(({ stored }) => stored.text !== undefined)
      .map(({ spot, stored }) => ({ spot, stored, whole: stored, markers: markers.get(nameOf(stored)) ?? [] })),
  );
}
