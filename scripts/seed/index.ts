import { type ClinicPlan, clinicResources, type Resource } from "./clinic.ts";
import { patientResources } from "./patient.ts";

export type { ClinicPlan, Resource } from "./clinic.ts";

/**
 * A synthetic clinic of any size: the same seed and day give the same bytes. First what belongs to nobody, then one
 * list for each patient, so that a caller can write them one after another.
 */
export function* generateClinic(plan: ClinicPlan, patients: number): Generator<readonly Resource[]> {
  yield clinicResources(plan);
  for (let index = 0; index < patients; index += 1) yield patientResources(plan, index);
}
