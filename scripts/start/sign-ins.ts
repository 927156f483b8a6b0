import type { DemoSignIn } from "../../core/contract/demo-sign-in.ts";
import { totpAt } from "../../core/identity/totp.ts";
import { purposeOfRole } from "../cli/sign-in.ts";
import type { Member } from "../cli/profile.ts";
import { STEP_MS } from "./member-session.ts";

/**
 * @param lastStep The last time step that this member has used a code of: from the registry, 0 where none was.
 * @param clinicName By tenant id.
 */
export function demoSignIns(
  members: readonly Member[],
  clinicName: (tenantId: string) => string,
  lastStep: (member: Member) => number,
  nowMs: number,
): readonly DemoSignIn[] {
  const current = Math.floor(nowMs / STEP_MS);
  return members.map((member) => {
    // One step of drift is taken: the code of now, or the next.
    const step = Math.max(current, lastStep(member) + 1);
    return {
      login: member.login,
      name: member.displayName ?? member.login,
      role: member.role,
      clinic: clinicName(member.tenantId),
      tenant: member.tenantId,
      purpose: purposeOfRole(member.role),
      password: member.password,
      totp: totpAt(member.totpSecret, step * STEP_MS),
      waitMs: Math.max(0, (step - 1) * STEP_MS - nowMs),
    };
  });
}
