import type { ResourceType } from "../fhir/index.ts";
import { classesOfType, patientOfId } from "../fhir/index.ts";
import { isId } from "../kernel/ids.ts";
import type { Home } from "../table/index.ts";
import type { RecordEvent, RecordInteraction } from "./audit-sink.ts";
import type { Desk } from "./desk.ts";
import type { RankedPatients } from "./directory.ts";
import type { RecordFailure } from "./failure.ts";
import type { SearchPage } from "./search.ts";
import type { StoredVersion } from "./stored.ts";

/* What the trail is told of each operation: which records were seen, never what they say. */

/** What is known of a request before it is answered, for the event of one that fails. */
export interface Facts {
  readonly interaction: RecordInteraction;
  readonly type: string;
  readonly id?: string;
}

export const eventAt = (interaction: RecordInteraction, home: Home) => ({
  interaction,
  outcome: "success" as const,
  ...("patientId" in home && { patientId: home.patientId }),
});

export const seen = (
  interaction: RecordInteraction,
  { type, id, version, dataClass }: StoredVersion,
  home: Home,
): RecordEvent => ({
  ...eventAt(interaction, home),
  entities: [{ type, id, version }],
  classes: [dataClass],
});

/** A search inside one compartment names the patient; any other names what it found, so that each patient's log shows it. */
export function searched(desk: Desk, type: ResourceType, page: SearchPage): RecordEvent {
  const { matches, included, patientId, searchedPatients = [] } = page;
  const named = patientId === undefined ? matches.slice(0, MAX_NAMED) : [];
  const entities = [
    { type },
    ...searchedPatients.map((id) => ({ type: "Patient", id })),
    ...named.map(({ resourceType, id = "" }) => ({ type: resourceType, id })),
  ];
  const classes = desk.classes.filter((letter) => classesOfType(type).includes(letter) || included.length > 0);
  return {
    interaction: "search",
    outcome: "success",
    entities,
    count: matches.length + included.length,
    classes,
    ...(patientId !== undefined && { patientId }),
  };
}

export const MAX_NAMED = 100;

export const listed = ({ entries }: RankedPatients): RecordEvent => ({
  interaction: "search",
  outcome: "success",
  entities: [{ type: "Patient" }, ...entries.map(({ entry: { id = "" } }) => ({ type: "Patient", id }))],
  count: entries.length,
  classes: ["D"],
});

/** Every record that was found is named, so that each patient's log shows it: one event for each hundred. */
export function foundEvents(desk: Desk, type: ResourceType, found: readonly StoredVersion[]): readonly RecordEvent[] {
  const classes = desk.classes.filter((letter) => classesOfType(type).includes(letter));
  const parts = Array.from({ length: Math.max(1, Math.ceil(found.length / MAX_NAMED)) }, (_part, index) =>
    found.slice(index * MAX_NAMED, (index + 1) * MAX_NAMED),
  );
  return parts.map((part) => ({
    interaction: "search",
    outcome: "success",
    entities: [{ type }, ...part.map(({ type: own, id }) => ({ type: own, id }))],
    count: part.length,
    classes,
  }));
}

export function failureEvent(desk: Desk, { interaction, type, id }: Facts, failure: RecordFailure): RecordEvent {
  const isDenied = failure.kind === "not-found" || failure.kind === "forbidden" || failure.kind === "locked";
  // An id that is not ours can be anything, a name or a number, and the archive keeps it: the sealed detail has the path.
  const isOurs = id !== undefined && (isId(id) || patientOfId(id) !== undefined);
  const patientId = type === "Patient" && isOurs ? id : patientOfId(id ?? "");
  return {
    interaction,
    outcome: isDenied ? "denied" : "failure",
    entities: [{ type, ...(isOurs && { id }) }],
    ...(patientId !== undefined && { patientId }),
    classes: desk.classes,
  };
}
