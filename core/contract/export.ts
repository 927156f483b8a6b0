import * as z from "zod";
import { ID_PATTERN } from "../kernel/ids.ts";
import { PurposeCode } from "./purpose.ts";

const recordId = z.string().regex(/^[A-Za-z0-9.-]{1,64}$/);

/** What is taken out of a clinic's records in one piece: charts of named patients, or all that the purpose reaches. */
export const StartExport = z.strictObject({
  patients: z.array(recordId).min(1).max(1000).optional(),
  types: z
    .array(z.string().regex(/^[A-Za-z]{1,64}$/))
    .min(1)
    .max(64)
    .optional(),
  purpose: PurposeCode,
  /** Who receives it, as the registry names the entity: present for a disclosure outside of the clinic. */
  recipient: z.string().regex(ID_PATTERN).optional(),
  reason: z.strictObject({
    code: z.enum(["patient-request", "care-transfer", "payment", "research", "legal-obligation", "migration"]),
    text: z.string().trim().min(10).max(500),
  }),
});
export type StartExport = z.infer<typeof StartExport>;
