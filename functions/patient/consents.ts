import type {
  OwnConsent,
  OwnConsentPreview,
  OwnConsents,
  PreviewOwnConsent,
  RecordConsent,
  RevokeOwnConsent,
} from "../../core/contract/index.ts";
import { consentOf, effectsOf, namedIn, type Party, revokedOf, viewOf } from "../../core/consent/index.ts";
import { type FhirResource, validateResource } from "../../core/fhir/index.ts";
import { searchAll } from "../../core/encounter/desk.ts";
import { systemClock, toInstant } from "../../core/kernel/clock.ts";
import { invariant } from "../../core/kernel/invariant.ts";
import { compileConsent, withConsent } from "../../core/policy/consent/index.ts";
import { type Protection, readProtection } from "../../core/privacy/index.ts";
import { resourceOf } from "../../core/record/index.ts";
import { clinicDay, dayBounds } from "../../core/schedule/index.ts";
import { failTold, tell } from "../clinic/act.ts";
import { effectOf } from "../clinic/charts.ts";
import { clinicFor } from "../clinic/clinic-profile.ts";
import { type Affair, openAffair } from "../clinic/context.ts";
import { failureOf } from "../clinic/failures.ts";
import { type Colleague, colleaguesOf } from "../clinic/people.ts";
import { type Answer, type Exchange, json } from "../http/exchange.ts";
import { fail } from "../http/failure.ts";
import { must } from "../records/failures.ts";
import { ownTrail, staffFor } from "./accesses.ts";
import { type Own, openOwn, ownPatient } from "./desk.ts";

const READ = { action: "search", type: "Consent", classes: ["D"] } as const;
const GIVE = { action: "contribute", type: "Consent", classes: ["D"] } as const;
const REVOKE = { action: "amend", type: "Consent", classes: ["D"] } as const;

const consentsOf = async ({ charts, patientId }: Own): Promise<readonly FhirResource[]> =>
  must(await searchAll({ records: charts.records, grant: charts.recordGrant }, "Consent", `patient=${patientId}`));

async function protectionOf(affair: Affair, patientId: string): Promise<Protection> {
  const found = await readProtection(affair.privacy, patientId);
  return found.ok ? found.value : fail(failureOf(found.error));
}

/** How many of the newest accesses are looked at for people whom a word may name. */
const RECENT = 100;

/** Those who opened the record of late: whom she can name is whom she has met, and nobody lists the clinic's people. */
async function metBy(affair: Affair, patientId: string): Promise<readonly Colleague[]> {
  const { events } = await ownTrail(affair, patientId, { count: RECENT });
  const { userId } = affair.principal;
  const staff = await staffFor(
    affair,
    events.map(({ user }) => user).filter((user) => user !== userId),
  );
  return [...staff.values()].filter(({ kind, isActive }) => kind === "user" && isActive);
}

/** GET /patient/consents: what stands first, newest first. */
async function listOwnConsents(exchange: Exchange): Promise<Answer> {
  const own = await openOwn(exchange, [READ]);
  const { charts, patientId } = own;
  const resources = await consentsOf(own);
  const { hold } = await protectionOf(charts, patientId);
  const named = await staffFor(charts, namedIn(resources));
  const nowMs = systemClock.now();
  const isOver = (state: string): boolean => state === "expired" || state === "revoked";
  const consents = resources
    .map((resource) => viewOf(resource, nowMs, (id) => named.get(id)?.name))
    .toSorted(
      (one, other) =>
        Number(isOver(one.state)) - Number(isOver(other.state)) || (one.recordedAt > other.recordedAt ? -1 : 1),
    );
  const people = (await metBy(charts, patientId)).map(({ id, name, roles }) => ({ id, name, role: roles[0] ?? "" }));
  return json(200, { consents, isHeld: hold !== undefined, people } satisfies OwnConsents);
}

/** The form as it is recorded: said by her, in this session, on the clinic's day. */
async function recordOf(exchange: Exchange, given: OwnConsent): Promise<RecordConsent & { readonly zone?: never }> {
  const { timeZone } = await clinicFor(exchange);
  const signedOn = clinicDay(timeZone, systemClock.now());
  return { ...given, signature: { kind: "electronic", signedOn, by: "patient" } };
}

async function built(affair: Affair, patientId: string, given: OwnConsent): Promise<FhirResource> {
  const { exchange, principal } = affair;
  const { timeZone } = await clinicFor(exchange);
  const origin = {
    patientId,
    userId: principal.userId,
    nowMs: systemClock.now(),
    dayBounds: (day: string) => dayBounds(timeZone, day),
  };
  const valid = validateResource(consentOf(await recordOf(exchange, given), origin));
  invariant(valid.ok, "a form of ours makes a valid Consent");
  return valid.value;
}

/** Whom a word names has to work here: a word about nobody would keep nothing and nobody. */
async function checkPeople(affair: Affair, { recipients }: OwnConsent): Promise<readonly Colleague[]> {
  const ids = recipients.flatMap((recipient) => (recipient.kind === "person" ? [recipient.id] : []));
  const known = await colleaguesOf(affair, ids);
  const people = ids.flatMap((id) => known.get(id) ?? []).filter(({ kind, isActive }) => kind === "user" && isActive);
  if (people.length < ids.length) {
    const failure = { kind: "business-rule", rule: "consent-party", path: "recipients" } as const;
    return failTold(affair, { entities: [{ type: "Consent" }] }, failure);
  }
  return people;
}

/** Somebody of each role of whom nothing else is known: a word of hers is about roles, or about whom it names. */
const ROLE_PARTIES: readonly Party[] = (["physician", "nurse", "front-desk", "billing"] as const).map(
  (role, index) => ({
    id: `0000000000000000000000000${String(index)}`,
    kind: "user",
    name: "",
    roles: [role],
  }),
);

/** POST /patient/consents/preview: who would see more or less, by the rules that decide in earnest. Nothing is stored. */
async function previewOwnConsent(exchange: Exchange): Promise<Answer> {
  const patientId = await ownPatient(exchange);
  const asked = exchange.body as PreviewOwnConsent;
  const affair = await openAffair(exchange, { patientId });
  const told = { patientId, entities: [{ type: "Consent" }] };
  const { consents: before } = await protectionOf(affair, patientId);
  const people = "give" in asked ? await checkPeople(affair, asked.give) : [];
  const after =
    "revoke" in asked ? before.filter(({ id }) => id !== asked.revoke) : withConsent(before, await compiled());
  if ("revoke" in asked && after.length === before.length) return failTold(affair, told, { kind: "not-found" });
  const named: readonly Party[] = people.map(({ id, kind, name, roles, practitionerId }) => ({
    id,
    kind,
    name,
    roles,
    practitionerId,
  }));
  const { tenantId } = affair.principal;
  const at = { tenantId, patientId, nowMs: systemClock.now(), parties: [...ROLE_PARTIES, ...named] };
  const effects = effectsOf(before, after, at).map(({ party, roles, purpose, gains, loses }) => ({
    who: { role: roles[0] ?? "", ...(party.name !== undefined && party.name !== "" && { name: party.name }) },
    purpose,
    gains,
    loses,
  }));
  await tell(affair, told);
  return json(200, { effects, isChanged: effects.length > 0 } satisfies OwnConsentPreview);

  async function compiled() {
    invariant("give" in asked, "a preview gives or revokes");
    const consent = compileConsent(await built(affair, patientId, asked.give), 0);
    return consent.ok ? consent.value : failTold(affair, told, consent.error);
  }
}

/** POST /patient/consents: it counts from the next request on. */
async function giveOwnConsent(exchange: Exchange): Promise<Answer> {
  const given = exchange.body as OwnConsent;
  const { charts, patientId } = await openOwn(exchange, [GIVE, READ]);
  const people = await checkPeople(charts, given);
  const resource = await built(charts, patientId, given);
  const { version, isReplay } = must(await charts.records.create(charts.recordGrant, resource, effectOf(exchange)));
  const names = new Map(people.map(({ id, name }) => [id, name]));
  const view = viewOf(resourceOf(version), systemClock.now(), (id) => names.get(id));
  return json(201, view, isReplay ? { "idempotency-replayed": "true" } : {});
}

/** POST /patient/consents/{id}/revoke: whoever recorded it. What is over is not taken back once more. */
async function revokeOwnConsent(exchange: Exchange): Promise<Answer> {
  const { version, note } = exchange.body as RevokeOwnConsent;
  const { id = "" } = exchange.path;
  const { charts, patientId } = await openOwn(exchange, [REVOKE, READ]);
  const current = must(await charts.records.read(charts.recordGrant, "Consent", id));
  const before = resourceOf(current);
  const isRepeat = before["status"] !== "active" && current.version === version + 1;
  const told = { patientId, entities: [{ type: "Consent", id: current.id }] };
  if (before["status"] !== "active" && !isRepeat)
    return failTold(charts, told, { kind: "business-rule", rule: "consent-state" });
  const mark = {
    reason: "patient-request",
    by: charts.principal.userId,
    at: toInstant(systemClock.now()),
    ...(note !== undefined && note !== "" && { text: note }),
  } as const;
  const options = { ifMatch: version, ...effectOf(exchange) };
  const written = must(await charts.records.update(charts.recordGrant, revokedOf(before, mark), options));
  const after = resourceOf(written.version);
  const named = await staffFor(charts, namedIn([after]));
  return json(
    200,
    viewOf(after, systemClock.now(), (user) => named.get(user)?.name),
  );
}

export const consentHandlers = { listOwnConsents, previewOwnConsent, giveOwnConsent, revokeOwnConsent };
