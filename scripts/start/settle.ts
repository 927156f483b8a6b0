import type { ClinicProfile, ClinicProfileView } from "../../core/contract/index.ts";
import type { MemberSession } from "./member-session.ts";

const weekday = [
  { opens: "08:30", closes: "12:30" },
  { opens: "13:00", closes: "17:00" },
];
const weekend = [{ opens: "09:00", closes: "13:30" }];

/** What a synthetic clinic says of itself. The phone number is one that North America keeps free: 555-01xx. */
const profileOf = (name: string): ClinicProfile => ({
  name,
  phone: "+1 555 555 0100",
  address: { line: ["12 Harbor View"], city: "Millbrook", state: "MA", postalCode: "01000" },
  locale: "en-US",
  slotMinutes: 10,
  week: {
    monday: weekday,
    tuesday: weekday,
    wednesday: weekday,
    thursday: weekday,
    friday: weekday,
    saturday: weekend,
    sunday: weekend,
  },
  exceptions: [],
  rules: { "provider-busy": "confirm", "room-busy": "confirm", "patient-busy": "refuse", "outside-hours": "confirm" },
});

/** The clinic's administrator says where and when it works. Done again, it says the same. */
export async function settleClinic(administrator: MemberSession, name: string, timeZone: string): Promise<void> {
  const read = () => administrator.json<ClinicProfileView>({ method: "GET", path: "/clinic/profile" });
  await administrator.stepUp();
  const { version } = await read();
  await administrator.json({ method: "PUT", path: "/clinic/profile", body: profileOf(name), ifMatch: version });
  const settled = await read();
  if (settled.timeZone === timeZone && settled.isTimeZoneSet) return;
  const body = { timeZone };
  await administrator.json({ method: "PUT", path: "/clinic/profile/time-zone", body, ifMatch: settled.version });
}
