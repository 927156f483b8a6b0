import { createHash } from "node:crypto";
import { patientOfId } from "../fhir/index.ts";
import { isId } from "../kernel/ids.ts";

/** An id that we made: it says nothing of anybody. */
const isOurs = (id: string): boolean => isId(id) || patientOfId(id) !== undefined;

/**
 * The name of a record's or patient's id in the index, in log lines and in incidents. An id of a caller's own can be a
 * name or a number of the outside world: it is shown as a hash, by which it can still be searched for.
 */
export const opaqueName = (id: string): string =>
  isOurs(id) || id.startsWith("~") ? id : `~${createHash("sha256").update(id).digest("hex").slice(0, 32)}`;
