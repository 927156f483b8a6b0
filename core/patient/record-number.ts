import * as z from "zod";
import type { Result } from "../kernel/result.ts";
import { ok } from "../kernel/result.ts";
import type { PrivacyDeps, PrivacyFailure } from "../privacy/index.ts";
import { putOver, readAt } from "../privacy/rows.ts";
import type { TableWrite } from "../table/index.ts";
import { recordNumberKey } from "../table/index.ts";

const Counter = z.strictObject({ last: z.int().min(0) });
const FIRST = 10_000;

/** ISO/IEC 7812-1 annex B, Luhn: one wrong digit or two swapped ones make another check digit. */
export function withCheckDigit(number: number): string {
  const digits = String(number);
  let sum = 0;
  for (const [index, digit] of digits.split("").toReversed().entries()) {
    const doubled = Number(digit) * (index % 2 === 0 ? 2 : 1);
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return `${digits}${(10 - (sum % 10)) % 10}`;
}

/** A number that nobody has, and the write that keeps it so: over the very count that was read. */
export interface NextNumber {
  readonly number: string;
  readonly write: (eventId: string) => Promise<Result<TableWrite, PrivacyFailure>>;
}

/**
 * Draws the clinic's next record number. `skip`: how many to pass over, where another system gave those away.
 *
 * Invariant: no two patients get one number: the count is raised in the transaction that writes the patient.
 */
export async function nextRecordNumber(deps: PrivacyDeps, skip: number): Promise<Result<NextNumber, PrivacyFailure>> {
  const key = recordNumberKey(deps.tenantId);
  const found = await readAt(deps, "record-number", key, Counter);
  if (!found.ok) return found;
  const last = (found.value?.value.last ?? FIRST) + 1 + skip;
  const version = found.value?.version ?? 0;
  return ok({
    number: withCheckDigit(last),
    write: (eventId) => putOver(deps, "record-number", key, { last }, version, { eventId }),
  });
}
