import type { ItemFacts, ListName, Move } from "../contract/chart.ts";
import { type FhirResource, type JsonObject, type ResourceType } from "../fhir/index.ts";
import { changeOf, recordingOf } from "./author.ts";
import { noteOf } from "./elements.ts";
import { isActiveState, isEditableState, movesFrom, stateOf } from "./states.ts";

/** The resource types of which each list is made. */
export const LIST_TYPES: Readonly<Record<ListName, readonly ResourceType[]>> = {
  problems: ["Condition"],
  allergies: ["AllergyIntolerance"],
  medications: ["MedicationRequest", "MedicationStatement"],
  immunizations: ["Immunization"],
};

export const versionOf = ({ meta }: JsonObject): number => {
  const version = (meta as JsonObject | undefined)?.["versionId"];
  return typeof version === "string" ? Number(version) : 0;
};

/** What is so of every item, whichever list it is of. */
export function factsOf(
  list: ListName,
  record: FhirResource,
  may: { readonly change: boolean; readonly isPartial: boolean },
): ItemFacts {
  const state = stateOf(list, record);
  const [version, changed] = [versionOf(record), changeOf(record)];
  const own = recordingOf(record);
  const isFirst = version === 1;
  const mayChange = may.change && !may.isPartial;
  const moves: readonly Move[] = mayChange ? movesFrom(list, state) : [];
  const note = noteOf(record);
  return {
    id: record.id ?? "",
    version,
    state,
    isActive: isActiveState(list, state),
    // Its first version says when it was written down, which an order's date or a vaccine's need not be.
    recorded: { ...own, ...(isFirst && changed) },
    ...(!isFirst && changed !== undefined && { changed }),
    moves,
    isEditable: mayChange && isEditableState(list, state),
    ...(may.isPartial && { isPartial: true }),
    ...(note !== undefined && { note }),
  };
}
