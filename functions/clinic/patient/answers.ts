import type { PatientAnswer, PatientRow, RestrictedPatientRow } from "../../../core/contract/index.ts";
import type { FhirResource } from "../../../core/fhir/index.ts";
import { parseSearch } from "../../../core/fhir/index.ts";
import { invariant } from "../../../core/kernel/invariant.ts";
import { demographicsOf, hasMore, replacedBy, replaces, rowOf } from "../../../core/patient/index.ts";
import { authorizeClinic, type Demand } from "../../../core/policy/index.ts";
import { resourceOf } from "../../../core/record/index.ts";
import { consumerOf, formSeenBy, rowSeenBy } from "../../../core/view/index.ts";
import { must } from "../../records/failures.ts";
import type { Charts } from "../charts.ts";
import { standingOptions } from "../context.ts";

export const patientDemand = (action: Demand["action"], patientId?: string): Demand => ({
  action,
  type: "Patient",
  classes: ["D"],
  ...(patientId !== undefined && { patientId }),
});

const readerOf = ({ principal, purpose }: Charts) => consumerOf(principal.roles, purpose);

/** A patient's row as the view of her chart shows it to the caller: nothing that is masked there stands here in full. */
export const seenRow = (charts: Charts, patient: FhirResource): PatientRow =>
  rowSeenBy(rowOf(patient, charts.grant.tenantId), readerOf(charts));

/** One read of several patients: those who may not be seen are left out. */
export async function patientsById(
  { records, recordGrant }: Charts,
  ids: readonly string[],
): Promise<ReadonlyMap<string, FhirResource>> {
  if (ids.length === 0) return new Map();
  const query = parseSearch("Patient", new URLSearchParams({ _id: ids.join(","), _count: "100" }));
  invariant(query.ok, "a search by ids of ours can be read");
  const page = must(await records.search(recordGrant, query.value));
  return new Map(page.matches.map((patient) => [patient.id ?? "", patient]));
}

/** In the order of the ids; whoever is not to be seen any more says so and no more. */
export async function rowsById(
  charts: Charts,
  ids: readonly string[],
): Promise<readonly (PatientRow | RestrictedPatientRow)[]> {
  const found = await patientsById(charts, ids);
  return ids.map((id) => {
    const patient = found.get(id);
    return patient ? seenRow(charts, patient) : { state: "restricted", id };
  });
}

export async function readOne(
  { records, recordGrant }: Charts,
  id: string,
): Promise<{ readonly patient: FhirResource; readonly version: number }> {
  const stored = must(await records.read(recordGrant, "Patient", id));
  return { patient: resourceOf(stored), version: stored.version };
}

const mayMerge = ({ principal, exchange }: Charts): boolean =>
  authorizeClinic(principal, "patient.merge", { ...standingOptions(exchange), steppedUp: true }).ok;

export async function answerOf(
  charts: Charts,
  { patient, version }: { readonly patient: FhirResource; readonly version: number },
): Promise<PatientAnswer> {
  const [survivor, duplicates] = [replacedBy(patient), replaces(patient)];
  const linked = await rowsById(charts, [...(survivor === undefined ? [] : [survivor]), ...duplicates]);
  const rowById = new Map(linked.map((row) => [row.id, row]));
  const survivorRow = survivor === undefined ? undefined : rowById.get(survivor);
  return {
    patient: seenRow(charts, patient),
    version,
    demographics: formSeenBy(demographicsOf(patient), readerOf(charts)),
    hasMore: hasMore(patient),
    mayMerge: mayMerge(charts),
    ...(linked.length > 0 && {
      merge: {
        ...(survivorRow?.state === "value" && { replacedBy: survivorRow }),
        replaces: duplicates.flatMap((id) => rowById.get(id) ?? []),
      },
    }),
  };
}
