import { PortalSettings } from "../contract/patient-portal.ts";
import { invariant } from "../kernel/invariant.ts";
import { ok, type Result } from "../kernel/result.ts";
import type { Change, Marks, PrivacyDeps, PrivacyFailure } from "../privacy/index.ts";
import { type Opened, putOver, readAt } from "../privacy/rows.ts";
import { portalSettingsKey } from "../table/index.ts";
import { INTAKE } from "./intake.ts";

/**
 * What a clinic begins with: results and signed notes show at once, as 45 CFR 171 asks; free times can be booked; a visit
 * is cancelled up to a day before it begins.
 */
export const FIRST_SETTINGS: PortalSettings = {
  release: { notes: { when: "at-once" }, results: { when: "at-once" } },
  notice: { unit: "hours", count: 24 },
  booking: { isOpen: true, visitTypes: [], aheadDays: 30, leadHours: 2, maxUpcoming: 4 },
  showsStaffNames: true,
  forms: [INTAKE],
};

/** A clinic's settings of its patients' portal; version 0 where it has chosen nothing. */
export async function readPortalSettings(deps: PrivacyDeps): Promise<Result<Opened<PortalSettings>, PrivacyFailure>> {
  const found = await readAt(deps, "portal-settings", portalSettingsKey(deps.tenantId), PortalSettings);
  if (!found.ok) return found;
  return ok(found.value ?? { value: FIRST_SETTINGS, version: 0 });
}

/** The clinic's own from now on, over the version that was read. */
export async function changePortalSettings(
  deps: PrivacyDeps,
  settings: PortalSettings,
  before: number,
  marks: Marks,
): Promise<Result<Change<PortalSettings>, PrivacyFailure>> {
  invariant(PortalSettings.safeParse(settings).success, "settings are written as the contract has them");
  const write = await putOver(deps, "portal-settings", portalSettingsKey(deps.tenantId), settings, before, marks);
  return write.ok ? ok({ value: settings, writes: [write.value] }) : write;
}
