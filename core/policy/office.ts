import type { Grant } from "./grant.ts";
import { DELEGATOR, ruleOf } from "./recorded-rule.ts";

/** The rules that open records to whoever runs the office: they arrange and bill care, and have no part in it. */
const OFFICE_RULES: ReadonlySet<string> = new Set([
  "front-desk-demographics",
  "billing-financial",
  "billing-demographics-read",
  "administrator-directory",
]);

const isOffice = (rules: readonly string[]): boolean => rules.every((rule) => OFFICE_RULES.has(rule));

/**
 * Whether a grant was given for the office alone, with no clinical right beside it: then the minimum necessary is less
 * than the record (45 CFR 164.514(d)(2)). By the rules that permitted it and not by roles, because a member has several
 * and works in one purpose. Of an assistant both count, its own and those of the member for whom it acts. A grant that
 * names no rule is the office's.
 */
export function isOfficeGrant({ decision: { ruleIds } }: Pick<Grant, "decision">): boolean {
  const behalf = ruleIds.filter((rule) => rule.startsWith(DELEGATOR));
  const own = ruleIds.filter((rule) => !rule.startsWith(DELEGATOR));
  return isOffice(own) || (behalf.length > 0 && isOffice(behalf.map(ruleOf)));
}
