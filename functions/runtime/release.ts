import { ok, type Result } from "../../core/kernel/result.ts";
import { readPortalSettings, releaseAt } from "../../core/portal/index.ts";
import type { PrivacyDeps, PrivacyFailure } from "../../core/privacy/index.ts";
import type { Release } from "../../core/record/index.ts";
import { readClinic } from "../../core/schedule/profile.ts";
import type { RegistryStore } from "../../core/tenant/registry-store.ts";

/**
 * The clinic's rule of what shows to a patient herself, as it is at this moment.
 * @param rows In a scope that holds class D.
 */
export async function releaseNow(
  rows: PrivacyDeps,
  registry: Pick<RegistryStore, "get">,
): Promise<Result<Release, PrivacyFailure>> {
  const settings = await readPortalSettings(rows);
  if (!settings.ok) return settings;
  const { timeZone } = await readClinic(registry, rows.tenantId, "");
  return ok(releaseAt({ rules: settings.value.value.release, nowMs: rows.clock.now(), zone: timeZone }));
}
