import type { ClinicProfile, ClinicTimeZone } from "../../core/contract/index.ts";
import { type Clinic, clinicOf, profileView } from "../../core/schedule/index.ts";
import type { Row } from "../../core/table/index.ts";
import { clinicKey, hoursKey, parseRow, TenantRow, tenantKey } from "../../core/tenant/index.ts";
import { type Answer, type Exchange, json, identityOf } from "../http/exchange.ts";
import { ifMatchOf } from "../http/if-match.ts";
import { failTold, tell, type Told } from "./act.ts";
import { type Affair, openAffair, zone } from "./context.ts";
import { changeOwnRow } from "./registry.ts";

/** The clinic of whoever asks, with its providers' hours, in one read of the registry. */
export async function clinicFor(exchange: Pick<Exchange, "identity">): Promise<Clinic> {
  const { tenantId } = identityOf(exchange).principal;
  const [clinic, tenant, hours] = [clinicKey(tenantId), tenantKey(tenantId), hoursKey(tenantId)];
  const rows = await zone.registry.getMany([clinic, tenant, hours]);
  const of = (key: { readonly sk: string }) => rows.find(({ sk }) => sk === key.sk);
  const named = of(tenant);
  return clinicOf(of(clinic), named === undefined ? "" : parseRow(TenantRow, named).name, of(hours));
}

const toldOf = (tenantId: string): Told => ({ entities: [{ type: "ClinicProfile", id: tenantId }] });

const answerOf = (clinic: Clinic): Answer => json(200, profileView(clinic), { etag: `W/"${String(clinic.version)}"` });

/** GET /clinic/profile: no patient stands in it, so that a patient reads it as her own affair. */
async function readClinicProfile(exchange: Exchange): Promise<Answer> {
  const { principal } = identityOf(exchange);
  const affair = await openAffair(
    exchange,
    principal.patientId === undefined ? {} : { patientId: principal.patientId },
  );
  const clinic = await clinicFor(exchange);
  await tell(affair, toldOf(principal.tenantId));
  return answerOf(clinic);
}

interface Change {
  readonly profile: ClinicProfile | undefined;
  readonly timeZone: string | undefined;
}

/** Writes the clinic's row over the version that was seen, in one transaction with the event that tells of it. */
async function change(exchange: Exchange, affair: Affair, next: (clinic: Clinic) => Change): Promise<Answer> {
  const { tenantId } = affair.principal;
  const seen = ifMatchOf(exchange);
  const clinic = await clinicFor(exchange);
  const { profile, timeZone } = next(clinic);
  const told: Told = { ...toldOf(tenantId), detail: { profile: JSON.stringify(profile), timeZone: timeZone ?? "" } };
  if (clinic.version !== seen) return failTold(affair, told, { kind: "version-conflict" });
  const row = {
    ...clinicKey(tenantId),
    tenantId,
    ...(profile !== undefined && { profile }),
    ...(timeZone !== undefined && { timeZone }),
  } as unknown as Row;
  const interaction = exchange.route === "changeTimeZone" ? "clinic.time-zone" : "clinic.change";
  const written = await changeOwnRow(affair, { ...told, interaction }, row, seen);
  if (written.ok) return answerOf(clinicOf({ ...row, rev: seen + 1 }, clinic.profile.name));
  const isRace = written.error.kind === "conflict";
  return failTold(affair, told, isRace ? { kind: "version-conflict" } : written.error);
}

/** What is chosen, and not a default that happens to hold. */
const chosenZone = ({ isTimeZoneSet, timeZone }: Clinic): string | undefined => (isTimeZoneSet ? timeZone : undefined);

async function changeClinicProfile(exchange: Exchange): Promise<Answer> {
  const affair = await openAffair(exchange);
  const profile = exchange.body as ClinicProfile;
  return change(exchange, affair, (clinic) => ({ profile, timeZone: chosenZone(clinic) }));
}

/** Instants stay what they are: an appointment at nine in Chicago is one at ten in New York. */
async function changeTimeZone(exchange: Exchange): Promise<Answer> {
  const affair = await openAffair(exchange);
  const { timeZone } = exchange.body as ClinicTimeZone;
  return change(exchange, affair, ({ profile }) => ({ profile, timeZone }));
}

export const clinicProfileHandlers = { readClinicProfile, changeClinicProfile, changeTimeZone };
