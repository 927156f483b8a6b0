import { classesOfType, type FhirResource } from "../fhir/index.ts";
import type { Result } from "../kernel/result.ts";
import { err, ok } from "../kernel/result.ts";
import { patientHome } from "./address.ts";
import { readWhole } from "./compartment.ts";
import type { Desk } from "./desk.ts";
import type { RecordFailure } from "./failure.ts";
import { privacyFailure } from "./failure.ts";
import type { Released } from "./release.ts";
import { resourceOf } from "./stored.ts";

/**
 * What is released to the patient who asks; undefined for everybody else. One reading of the waiting types before
 * anything else of the request, whatever it asks for: what waits costs what is not there costs.
 */
export async function readReleased(desk: Desk): Promise<Result<Released | undefined, RecordFailure>> {
  const home = patientHome(desk.grant.onlyPatientId);
  if (home === undefined) return ok(undefined);
  const release = await desk.privacy.release();
  if (!release.ok) return err(privacyFailure(release.error));
  const pages = await Promise.all(
    [...release.value.waiting].map((type) => {
      const classes = classesOfType(type).filter((letter) => desk.classes.includes(letter));
      return readWhole(
        desk,
        classes.map((dataClass) => ({ dataClass, home })),
        type,
      );
    }),
  );
  const records: FhirResource[] = [];
  for (const page of pages) {
    if (!page.ok) return page;
    for (const { stored } of page.value) if (stored.text !== undefined) records.push(resourceOf(stored));
  }
  const names = new Set(release.value.releasedOf(records).map(({ resourceType, id = "" }) => `${resourceType}/${id}`));
  return ok({ ...release.value, names });
}
