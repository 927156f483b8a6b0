import type * as z from "zod";
import { defaultProfile, openingOf } from "../../../core/schedule/index.ts";
import { ClinicRow, MembershipRow } from "../../../core/tenant/index.ts";
import { type ClinicFacts, isColleague } from "../../../core/watch/index.ts";
import type { RegistryLines } from "../../runtime/registry-lines.ts";

/** What a clinic has set and whom it has hired is felt within this time. */
const CLINIC_TTL_MS = 5 * 60_000;
const KEPT_MAX = 2_000;

const Hours = ClinicRow.pick({ tenantId: true, profile: true, timeZone: true });
const Member = MembershipRow.pick({ tenantId: true, userId: true, patientId: true, roles: true, status: true });

/** The hours of the clinic's profile, on the clock that it chose: hours on a clock that nobody chose are none. */
function hoursOf(clinic: z.infer<typeof Hours> | undefined): ClinicFacts["isOpen"] {
  if (clinic?.timeZone === undefined) return undefined;
  return openingOf({ profile: clinic.profile ?? defaultProfile(""), timeZone: clinic.timeZone });
}

/**
 * What the registry knows of clinics, remembered for five minutes. Throws where it cannot be read, and for a row that does
 * not parse or is another tenant's: a clinic whose hours are not understood is not one without hours.
 */
export function createClinicReader(lines: RegistryLines) {
  const cache = new Map<string, { readonly atMs: number; readonly facts: ClinicFacts }>();

  async function read(tenantId: string): Promise<ClinicFacts> {
    const [clinic] = await lines.hours(tenantId);
    const rows = await lines.members(tenantId);
    const members = rows.map((row) => Member.parse(row));
    const own = clinic === undefined ? undefined : Hours.parse(clinic);
    if ([...members, ...(own === undefined ? [] : [own])].some((row) => row.tenantId !== tenantId))
      throw new Error("a row of another tenant");
    return {
      isOpen: hoursOf(own),
      members: members
        .filter(isColleague)
        .flatMap(({ userId, patientId }) => (patientId === undefined ? [] : [{ userId, patientId }])),
    };
  }

  return {
    async read(tenantId: string, nowMs: number): Promise<ClinicFacts> {
      const known = cache.get(tenantId);
      if (known !== undefined && nowMs - known.atMs < CLINIC_TTL_MS) return known.facts;
      const facts = await read(tenantId);
      if (cache.size >= KEPT_MAX) cache.clear();
      cache.set(tenantId, { atMs: nowMs, facts });
      return facts;
    },
  };
}

export type ClinicReader = ReturnType<typeof createClinicReader>;
