import type { ItemHistory, ItemVersion, ListName } from "../contract/chart.ts";
import { type FhirResource, parseJson, patientOf } from "../fhir/index.ts";
import { toInstant } from "../kernel/clock.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import type { StoredVersion } from "../record/index.ts";
import { changeOf, recordingOf } from "./author.ts";
import type { ChartDesk } from "./desk.ts";
import type { ChartFailure } from "./failure.ts";
import { LIST_TYPES } from "./lists.ts";
import { titleOf } from "./lists-view.ts";
import { stateOf } from "./states.ts";

/** Every version of an item, newest first, as its own record says who wrote it, when and why. */
export async function itemHistory(
  { records, grant, patientId }: Pick<ChartDesk, "records" | "grant" | "patientId">,
  list: ListName,
  id: string,
): Promise<Result<ItemHistory, ChartFailure>> {
  for (const type of LIST_TYPES[list]) {
    const found = await records.history(grant, type, id);
    if (!found.ok && found.error.kind === "not-found") continue;
    if (!found.ok) return found;
    const versions = found.value.versions.map((version) => versionOf(list, patientId, version));
    if (versions.some((version) => version === undefined)) return err({ kind: "not-found" });
    return ok({ list, versions: versions.flatMap((version) => version ?? []) });
  }
  return err({ kind: "not-found" });
}

/** Undefined where the record is another patient's. */
function versionOf(list: ListName, patientId: string, stored: StoredVersion): ItemVersion | undefined {
  const at = toInstant(stored.lastUpdatedMs);
  if (stored.text === undefined) return { version: stored.version, state: "deleted", title: "", at };
  const parsed = parseJson(stored.text);
  if (!parsed.ok) return undefined;
  const record = parsed.value as FhirResource;
  const home = patientOf(record);
  if (!home.ok || home.value !== patientId) return undefined;
  const said = changeOf(record) ?? { ...recordingOf(record), at };
  return { version: stored.version, state: stateOf(list, record), title: titleOf(list, record), ...said };
}
