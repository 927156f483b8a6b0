import * as z from "zod";
import { CONSUMERS } from "./consumer.ts";
import type { AnySection } from "./columns.ts";
import { fieldOf } from "./field-state.ts";
import { SECTIONS, VIEW_VERSION } from "./model.ts";

/** The fields of one row, each in one of the six states. */
const rowOf = (section: AnySection) =>
  z.strictObject(
    Object.fromEntries(
      Object.entries(section.columns).map(([name, { schema, masked }]) => [name, fieldOf(schema, masked)]),
    ),
  );

const sectionOf = (section: AnySection) =>
  section.kind === "one" ? rowOf(section) : fieldOf(z.array(rowOf(section)), z.never());

/** A view as it is answered, for whoever reads it: made from the model, so that the two cannot part. */
export const ViewDocument = z.strictObject({
  version: z.literal(VIEW_VERSION),
  consumer: z.enum(CONSUMERS),
  patient: z.string(),
  at: z.iso.datetime(),
  sections: z.strictObject(
    Object.fromEntries(
      Object.entries(SECTIONS).map(([name, section]) => [name, sectionOf(section as AnySection).optional()]),
    ),
  ),
});
