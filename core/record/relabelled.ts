import { isDeepStrictEqual } from "node:util";
import type { FhirResource } from "../fhir/index.ts";

/** Without what the server sets anew and what labels are. */
function withoutMarks({ meta, ...content }: FhirResource): unknown {
  const { versionId: _version, lastUpdated: _at, security: _labels, ...rest } = meta ?? {};
  return { ...content, meta: rest };
}

/** Whether a version differs from the one before in its labels alone. */
export const isOnlyRelabelled = (before: FhirResource, after: FhirResource): boolean =>
  isDeepStrictEqual(withoutMarks(before), withoutMarks(after));
