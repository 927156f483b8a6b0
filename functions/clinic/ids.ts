import { patientOfId } from "../../core/fhir/index.ts";
import { isId } from "../../core/kernel/ids.ts";

/** Whether an id is one that we made. One of a caller's own can be anything, a name or a number of an insurance. */
export const isOurs = (id: string): boolean => isId(id) || patientOfId(id) !== undefined;
