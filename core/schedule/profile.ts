import type { ClinicProfile, ClinicProfileView, ProvidersHoursView } from "../contract/index.ts";
import type { RegistryStore } from "../tenant/registry-store.ts";
import { ClinicRow, clinicKey, HoursRow, parseRow } from "../tenant/rows.ts";

/** What a clinic says of itself, as the rest of the schedule works with it. */
export interface Clinic {
  readonly profile: ClinicProfile;
  /** IANA; UTC until somebody chose one. */
  readonly timeZone: string;
  readonly isTimeZoneSet: boolean;
  /** Of the row; 0 where there is none. */
  readonly version: number;
  /** Of those providers who have hours of their own. */
  readonly hours: ProvidersHoursView;
}

const DAYTIME = [{ opens: "08:00", closes: "17:00" }];

/** What a clinic has that never chose: an office's hours, and nobody in two places at once. */
export const defaultProfile = (name: string): ClinicProfile => ({
  name,
  locale: "en-US",
  slotMinutes: 10,
  week: {
    monday: DAYTIME,
    tuesday: DAYTIME,
    wednesday: DAYTIME,
    thursday: DAYTIME,
    friday: DAYTIME,
    saturday: [],
    sunday: [],
  },
  exceptions: [],
  rules: { "provider-busy": "refuse", "room-busy": "refuse", "patient-busy": "confirm", "outside-hours": "confirm" },
});

/** Days of a clinic that never chose its zone are those of UTC: a guess could be wrong and would look right. */
const UNCHOSEN = "UTC";

type Known = Parameters<typeof parseRow>[1];

export function hoursOf(row: unknown): ProvidersHoursView {
  const found = row === undefined ? undefined : parseRow(HoursRow, row as Known);
  return { version: found?.rev ?? 0, providers: found?.providers ?? {} };
}

/**
 * @param name The tenant's, for a clinic that has not said its own.
 * @param hours The row of its providers' hours.
 */
export function clinicOf(row: unknown, name: string, hours?: unknown): Clinic {
  const found = row === undefined ? undefined : parseRow(ClinicRow, row as Known);
  return {
    profile: found?.profile ?? defaultProfile(name),
    timeZone: found?.timeZone ?? UNCHOSEN,
    isTimeZoneSet: found?.timeZone !== undefined,
    version: found?.rev ?? 0,
    hours: hoursOf(hours),
  };
}

/** Reads the clinic in one GetItem of the registry, without the hours of its providers. */
export const readClinic = async (
  store: Pick<RegistryStore, "get">,
  tenantId: string,
  name: string,
): Promise<Omit<Clinic, "hours">> => clinicOf(await store.get(clinicKey(tenantId)), name);

/** In which zone and language a clinic's screens are, by one GetItem; `timeZone` undefined until somebody chose it. */
export async function readClinicTime(
  store: Pick<RegistryStore, "get">,
  tenantId: string,
): Promise<{ readonly timeZone?: string; readonly locale: string }> {
  const clinic = await readClinic(store, tenantId, "");
  return { locale: clinic.profile.locale, ...(clinic.isTimeZoneSet && { timeZone: clinic.timeZone }) };
}

export const profileView = ({
  profile,
  timeZone,
  isTimeZoneSet,
  version,
}: Omit<Clinic, "hours">): ClinicProfileView => ({
  ...profile,
  timeZone,
  isTimeZoneSet,
  version,
});
