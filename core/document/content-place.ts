import type { ContentPlace } from "../crypto/index.ts";
import { patientOfId } from "../fhir/index.ts";
import type { RecordClass } from "../kernel/data-class.ts";
import type { TenantId } from "../kernel/ids.ts";
import { invariant } from "../kernel/invariant.ts";
import { currentSort, homePartition, parseRecordId } from "../table/index.ts";

/** Where a part of a content belongs: to its record in the class for which it was sealed. */
export function contentPlace(
  tenantId: TenantId,
  documentId: string,
  dataClass: RecordClass,
  at: Pick<ContentPlace, "edition" | "part" | "parts" | "sizeBytes">,
): ContentPlace {
  const [id, patientId] = [parseRecordId(documentId), parseRecordId(patientOfId(documentId))];
  invariant(id !== undefined && patientId !== undefined, "a document of ours has an id in the server's form");
  const { edition, part, parts, sizeBytes } = at;
  return {
    tenantId,
    table: "attachments",
    dataClass,
    pk: homePartition(tenantId, dataClass, { patientId }),
    sk: currentSort("DocumentReference", id),
    edition,
    part,
    parts,
    sizeBytes,
  };
}
