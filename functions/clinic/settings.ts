import { notWatched, type PrivacySettings } from "../../core/contract/index.ts";
import { privacyOf } from "../../core/identity/standing.ts";
import { MembershipRow, membershipKey, parseRow, privacyKey } from "../../core/tenant/index.ts";
import { type Answer, type Exchange, json } from "../http/exchange.ts";
import { reasonOf } from "../http/reason.ts";
import { failTold, tell, type Told } from "./act.ts";
import { clinicFor } from "./clinic-profile.ts";
import { type Affair, openAffair, zone } from "./context.ts";
import { namesOf } from "./people.ts";
import { changeOwnRow } from "./registry.ts";

export async function readPrivacy(exchange: Exchange): Promise<Answer> {
  const affair = await openAffair(exchange);
  const { tenantId } = affair.principal;
  const row = await zone.registry.get(privacyKey(tenantId));
  await tell(affair, { entities: [{ type: "PrivacySettings", id: tenantId }] });
  return json(200, await shown(affair, privacyOf(row)));
}

const shown = async (affair: Affair, settings: PrivacySettings) => ({
  ...settings,
  notWatched: notWatched(await clinicFor(affair.exchange)),
  people: await namesOf(affair, settings.privacyOfficers),
});

/** A privacy officer is a person of the clinic who works in it, and no patient of it alone. */
async function areMembers(tenantId: string, userIds: readonly string[]): Promise<boolean> {
  const keys = [...new Set(userIds)].map((userId) => membershipKey(userId, tenantId));
  const rows = keys.length === 0 ? [] : await zone.registry.getMany(keys);
  return (
    rows.length === keys.length &&
    rows.every((row) => {
      const { roles, status } = parseRow(MembershipRow, row);
      return (
        status === "active" &&
        roles.some((role) => !["patient", "assistant", "integration", "referral-partner"].includes(role))
      );
    })
  );
}

/**
 * Sets the clinic's privacy settings: a start and an approval, by the administrator herself because policy asks for no
 * second person here, and then the change with the event that ends it in one transaction.
 */
export async function changePrivacy(exchange: Exchange): Promise<Answer> {
  const affair = await openAffair(exchange);
  const { tenantId, userId } = affair.principal;
  const settings = exchange.body as PrivacySettings;
  const { code, text } = reasonOf(exchange);
  const told: Told = {
    entities: [{ type: "PrivacySettings", id: tenantId }],
    reason: code,
    detail: {
      relationship: settings.relationship,
      privacyOfficers: settings.privacyOfficers,
      ...(text === undefined ? {} : { reason: text }),
    },
  };
  if (!(await areMembers(tenantId, settings.privacyOfficers)))
    return failTold(affair, told, { kind: "business-rule", rule: "not-a-member", path: "privacyOfficers" });
  await tell(affair, { ...told, stage: "start" });
  await tell(affair, { ...told, stage: "approve", approverId: userId });
  return finish(affair, settings, { ...told, stage: "finish", approverId: userId });
}

async function finish(affair: Affair, settings: PrivacySettings, told: Told): Promise<Answer> {
  const { tenantId } = affair.principal;
  const before = await zone.registry.get(privacyKey(tenantId));
  const liveSinceMs = before?.["liveSinceMs"];
  const row = {
    ...privacyKey(tenantId),
    tenantId,
    ...settings,
    ...(typeof liveSinceMs === "number" && { liveSinceMs }),
  };
  const written = await changeOwnRow(affair, { ...told, interaction: "settings.change" }, row, before?.rev ?? 0);
  return written.ok ? json(200, await shown(affair, settings)) : failTold(affair, told, written.error);
}
