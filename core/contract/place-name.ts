import * as z from "zod";
import { startsFormula } from "../kernel/spreadsheet.ts";

/**
 * What a clinic, a location or a room is called. Such names go into files that spreadsheets open: none begins as a formula
 * would, and none has a control character (OWASP ASVS 5.0 1.2.10).
 */
export const PlaceName = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .refine((name) => !startsFormula(name) && !/\p{Cc}/u.test(name), { params: { rule: "name-formula" } });
