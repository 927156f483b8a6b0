import * as z from "zod";
import { ID_PATTERN } from "../../kernel/ids.ts";
import { startsFormula } from "../../kernel/spreadsheet.ts";
import { INTERNAL_LAYERS } from "./vocabulary.ts";

/** What finance sends: bills, budgets, entries, plans, questions to the model. No patient's data is in any of it. */

const id = z.string().regex(ID_PATTERN);
const MONTH = /^\d{4}-(0[1-9]|1[0-2])$/;
const month = z.string().regex(MONTH);
const day = z.iso.date();
/** A plain decimal of at most six places, not below zero. */
const amount = z.string().regex(/^\d{1,12}(\.\d{1,6})?$/);
/** One line, and nothing that a spreadsheet would take for a formula. */
const words = z
  .string()
  .trim()
  .min(1)
  .max(120)
  .regex(/^[\p{L}\p{N}][^\p{Cc}]*$/u)
  .refine((text) => !startsFormula(text));

/** AWS's export, as the file is: CSV, plain or gzip. */
export const UploadBill = z.strictObject({
  /** Base64 of the file. */
  file: z.base64().min(4),
  /** The first day that the export does not tell in full yet: that of the next month for a finished one. */
  completeUntil: day,
});
export type UploadBill = z.infer<typeof UploadBill>;

export const SetBudget = z.strictObject({
  /** Of a month, in USD; null takes the budget away. */
  amount: amount.nullable(),
});
export type SetBudget = z.infer<typeof SetBudget>;

export const AskScenarios = z.strictObject({
  tenants: z.array(z.int().min(1).max(100_000)).min(1).max(6),
  assumptions: z.record(z.string(), z.unknown()).optional(),
});
export type AskScenarios = z.infer<typeof AskScenarios>;

export const AddEntry = z.strictObject({
  layer: z.enum(INTERNAL_LAYERS),
  /** Null: for all clinics. */
  tenant: id.nullable(),
  day,
  /** Minutes of support; else a count. */
  quantity: amount,
  unitPrice: amount,
  /** Why. No patient's name belongs here. */
  description: words,
});
export type AddEntry = z.infer<typeof AddEntry>;

export const AssignPlan = z.strictObject({
  planId: z.string().regex(/^[a-z][a-z0-9-]*\/v\d{1,4}$/),
  /** The first month that it holds for: no month that is closed. */
  from: month,
});
export type AssignPlan = z.infer<typeof AssignPlan>;

export const SetSummary = z.strictObject({
  cadence: z.enum(["off", "weekly", "monthly"]),
  language: z.enum(["en", "es"]),
});
export type SetSummary = z.infer<typeof SetSummary>;
