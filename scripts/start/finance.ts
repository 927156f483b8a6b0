import { OverlappingRun } from "../../core/cost/store/keep.ts";
import { Api } from "../cli/api.ts";
import type { Member, Profile } from "../cli/profile.ts";
import { clientToken } from "../cli/sign-in.ts";
import type { Stack } from "../local/stack.ts";
import { stageCostFiles } from "./cost-files.ts";
import { SYNTHETIC_CLINICS, writeCostHistory } from "./cost-history.ts";
import { addMember } from "./demo.ts";
import { SITE } from "./profile.ts";

/** How the platform's own tenant is called on the sign-in page. */
export const OPERATIONS = "Keyward operations";

/** Three months before this one: a trend, four weeks of weekdays for a forecast, eight for what is unusual. */
const HISTORY_MONTHS = 3;

/**
 * Somebody who keeps the platform's books, and months for her to look at. What the stage's own clinics cost is metered as they
 * work; the months before, and the clinics of these, are made up and say so in their names.
 */
export async function seedFinance(
  stack: Stack,
  profile: Profile,
  { say, nowMs = Date.now() }: { readonly say: (line: string) => void; readonly nowMs?: number },
): Promise<Member | undefined> {
  const { tenantId } = profile.operator;
  if (tenantId === undefined) return undefined;
  const known = profile.members.find(({ role }) => role === "finance");
  const operator = new Api(profile.publicUrl, () => clientToken(profile.publicUrl, profile.operator, "platform"));
  const person = { suffix: "finance", role: "finance", displayName: "Finley Ortega" } as const;
  const member = known ?? (await addMember(operator, { id: tenantId }, "finance", person));
  const { stage, region, accountId } = SITE;
  const files = await stageCostFiles(stack, SITE, tenantId);
  try {
    const of = { stage, accountId, region, codeVersion: "synthetic" };
    await writeCostHistory(files, { of, nowMs, months: HISTORY_MONTHS });
    say(
      `${OPERATIONS}  ${tenantId}  ${SYNTHETIC_CLINICS.length} synthetic clinics in ${HISTORY_MONTHS} months of costs`,
    );
  } catch (error) {
    // The meter runs by itself: what it is writing now it will have written at the next start.
    if (!(error instanceof OverlappingRun)) throw error;
  }
  return member;
}
