import type {
  ConsentFormsAnswer,
  ConsentView,
  PersonView,
  PreviewConsentForm,
  RecordConsent,
  RevokeConsent,
} from "../../core/contract/index.ts";
import {
  consentOf,
  effectsOf,
  FORMS,
  formOf,
  namedIn,
  type Party,
  revokedOf,
  viewOf,
} from "../../core/consent/index.ts";
import { type FhirResource, isJsonObject, parseJson, parseSearch, validateResource } from "../../core/fhir/index.ts";
import { systemClock, toInstant } from "../../core/kernel/clock.ts";
import { invariant } from "../../core/kernel/invariant.ts";
import { authorizeClinic, type Demand } from "../../core/policy/index.ts";
import { compileConsent, withConsent } from "../../core/policy/consent/index.ts";
import { type Protection, readProtection } from "../../core/privacy/index.ts";
import { dayBounds } from "../../core/schedule/clinic-time.ts";
import { type Answer, type Exchange, json } from "../http/exchange.ts";
import { fail } from "../http/failure.ts";
import { must } from "../records/failures.ts";
import { failTold, tell } from "./act.ts";
import { clinicZoneOf } from "./clinic-zone.ts";
import { type Affair, openAffair, refuse, standingOptions } from "./context.ts";
import { type Charts, effectOf, openCharts } from "./charts.ts";
import { failureOf } from "./failures.ts";
import { checkPatient } from "./patients.ts";
import { mayKnowPeople, membersOf, namesOf } from "./people.ts";

const patientOfPath = ({ path }: Exchange): string => path["id"] ?? "";

const demandOn = (action: Demand["action"], patientId: string): Demand => ({
  action,
  type: "Consent",
  classes: ["D"],
  patientId,
});

/** GET /clinic/consent-forms: the forms, and whom they can name. */
export async function listConsentForms(exchange: Exchange): Promise<Answer> {
  const affair = await openAffair(exchange);
  const members = mayKnowPeople(affair) ? (await membersOf(affair)).filter(isActive) : [];
  await tell(affair, { entities: [{ type: "ConsentForm" }], count: FORMS.length });
  const answer: ConsentFormsAnswer = {
    forms: FORMS.map(({ form, effect, law, action }) => ({ form, effect, law, mayRecord: mayRecord(affair, action) })),
    people: members.flatMap(({ id, kind, name, roles }) => (kind === "user" ? [{ id, name, roles }] : [])),
    systems: members.flatMap(({ id, kind, name, roles }) =>
      kind === "client" ? [{ id, name, isPartner: roles.includes("referral-partner") }] : [],
    ),
  };
  return json(200, answer);
}

const isActive = ({ status }: PersonView): boolean => status === "active";

/** Whether the caller's roles record such a form for somebody else. */
const mayRecord = ({ principal, exchange }: Affair, action: string): boolean =>
  authorizeClinic(principal, action, standingOptions(exchange)).ok;

/** Consents and names of one patient, for an answer. */
async function consentsOf(charts: Charts, patientId: string): Promise<readonly FhirResource[]> {
  const query = parseSearch("Consent", new URLSearchParams({ patient: patientId, _count: "200" }));
  invariant(query.ok, "a search by a record's id can be read");
  const page = must(await charts.records.search(charts.recordGrant, query.value));
  return page.matches;
}

async function shown(affair: Affair, resources: readonly FhirResource[]): Promise<readonly ConsentView[]> {
  const names = await namesOf(affair, namedIn(resources));
  const nowMs = systemClock.now();
  return resources.map((resource) => viewOf(resource, nowMs, (id) => names[id]?.name));
}

async function protectionOf(affair: Affair, patientId: string): Promise<Protection> {
  const found = await readProtection(affair.privacy, patientId);
  return found.ok ? found.value : fail(failureOf(found.error));
}

/** GET /clinic/patients/{id}/consents: newest first, what stands before what does not. */
export async function listConsents(exchange: Exchange): Promise<Answer> {
  const patient = patientOfPath(exchange);
  const charts = await openCharts(exchange, [demandOn("search", patient)]);
  const found = await consentsOf(charts, patient);
  const { hold } = await protectionOf(charts, patient);
  const consents = (await shown(charts, found)).toSorted(
    (left, right) => rankOf(left) - rankOf(right) || (left.recordedAt > right.recordedAt ? -1 : 1),
  );
  const mayRevoke = authorizeClinic(charts.principal, "consent.revoke", {
    ...standingOptions(exchange),
    patientId: patient,
  }).ok;
  return json(200, { patient, consents, mayRevoke, ...(hold !== undefined && { hold: hold.mode }) });
}

const isOver = ({ state }: ConsentView): boolean => state === "expired" || state === "revoked";
const rankOf = (consent: ConsentView): number => (isOver(consent) ? 1 : 0);

/** Everybody whom a form names has to be somebody here: a word about nobody would keep nothing and nobody. */
async function checkParties(affair: Affair, request: RecordConsent): Promise<void> {
  const active = (await membersOf(affair)).filter(isActive);
  const isKnown = request.recipients.every(
    (recipient) =>
      recipient.kind === "role" ||
      active.some(({ id, kind }) => id === recipient.id && (kind === "user") === (recipient.kind === "person")),
  );
  if (!isKnown)
    return failTold(
      affair,
      { entities: [{ type: "Consent" }] },
      { kind: "business-rule", rule: "consent-party", path: "recipients" },
    );
}

async function built(affair: Affair, patientId: string, request: RecordConsent): Promise<FhirResource> {
  const { userId } = affair.principal;
  const timeZone = await clinicZoneOf(affair.exchange);
  const origin = {
    patientId,
    userId,
    nowMs: systemClock.now(),
    dayBounds: (day: string) => dayBounds(timeZone, day),
  };
  const valid = validateResource(consentOf(request, origin));
  invariant(valid.ok, "a form of ours makes a valid Consent");
  return valid.value;
}

/** The form's own action of policy, besides the route's. */
async function checkForm(affair: Affair, request: RecordConsent, patientId: string): Promise<void> {
  const asked = authorizeClinic(affair.principal, formOf(request.form).action, {
    ...standingOptions(affair.exchange),
    patientId,
  });
  if (!asked.ok) await refuse(affair.exchange, asked.error, patientId);
}

/** POST /clinic/patients/{id}/consents: it counts from the next request on. */
export async function recordConsent(exchange: Exchange): Promise<Answer> {
  const patient = patientOfPath(exchange);
  const request = exchange.body as RecordConsent;
  const charts = await openCharts(exchange, [demandOn("create", patient)]);
  await checkForm(charts, request, patient);
  await checkPatient(charts, patient, { patientId: patient, entities: [{ type: "Consent" }] });
  await checkParties(charts, request);
  const resource = await built(charts, patient, request);
  const { version, isReplay } = must(await charts.records.create(charts.recordGrant, resource, effectOf(exchange)));
  const [consent] = await shown(charts, [resourceIn(version.text)]);
  return json(201, consent, isReplay ? { "idempotency-replayed": "true" } : {});
}

function resourceIn(text: string | undefined): FhirResource {
  const parsed = parseJson(text ?? "");
  invariant(parsed.ok && isJsonObject(parsed.value), "a version that was written just now reads");
  return parsed.value as unknown as FhirResource;
}

/** POST /clinic/patients/{id}/consents/{consent}/revoke. A consent that is over is not taken back once more. */
export async function revokeConsent(exchange: Exchange): Promise<Answer> {
  const patient = patientOfPath(exchange);
  const { consent: id = "" } = exchange.path;
  const { version, reason } = exchange.body as RevokeConsent;
  const charts = await openCharts(exchange, [demandOn("update", patient)], { type: "Consent", id });
  const current = must(await charts.records.read(charts.recordGrant, "Consent", id));
  const before = resourceIn(current.text);
  const told = { patientId: patient, entities: [{ type: "Consent", id: current.id }] };
  // Of this patient, as the address says: another's is as unknown as one that never was.
  if (!isAbout(before, patient)) return failTold(charts, told, { kind: "not-found" });
  const isRepeat = before["status"] !== "active" && current.version === version + 1;
  if (before["status"] !== "active" && !isRepeat)
    return failTold(charts, told, { kind: "business-rule", rule: "consent-state" });
  const mark = {
    reason: reason.code,
    by: charts.principal.userId,
    at: toInstant(systemClock.now()),
    ...(reason.text !== undefined && reason.text !== "" && { text: reason.text }),
  };
  const options = { ifMatch: version, ...effectOf(exchange) };
  const written = must(await charts.records.update(charts.recordGrant, revokedOf(before, mark), options));
  const [consent] = await shown(charts, [resourceIn(written.version.text)]);
  return json(200, consent, written.isReplay ? { "idempotency-replayed": "true" } : {});
}

const isAbout = (resource: FhirResource, patientId: string): boolean =>
  isJsonObject(resource["patient"]) && resource["patient"]["reference"] === `Patient/${patientId}`;

/** Whom an effect is told of: everybody here who is active. Nobody is told of a patient's own account. */
const partiesOf = (members: readonly PersonView[]): readonly Party[] =>
  members
    .filter(isActive)
    .map(({ id, kind, name, roles, practitionerId }) => ({ id, kind, name, roles, practitionerId }));

/** POST /clinic/patients/{id}/consents/preview: who would gain or lose what. Nothing is stored. */
export async function previewConsentForm(exchange: Exchange): Promise<Answer> {
  const patient = patientOfPath(exchange);
  const asked = exchange.body as PreviewConsentForm;
  const affair = await openAffair(exchange, { patientId: patient });
  const told = { patientId: patient, entities: [{ type: "Consent" }, { type: "Patient", id: patient }] };
  await checkPatient(affair, patient, told);
  // Names and roles of members are in the answer: for who may know them.
  const known = authorizeClinic(affair.principal, "people.list", standingOptions(exchange));
  if (!known.ok) return refuse(exchange, known.error, patient);
  const { consents } = await protectionOf(affair, patient);
  const after =
    "revoke" in asked ? consents.filter(({ id }) => id !== asked.revoke) : withConsent(consents, await compiled());
  const members = await membersOf(affair);
  const parties = partiesOf(members);
  const { tenantId } = affair.principal;
  const at = { tenantId, patientId: patient, nowMs: systemClock.now(), parties };
  const effects = effectsOf(consents, after, at);
  await tell(affair, told);
  return json(200, { patient, effects, considered: parties.length, isChanged: effects.length > 0 });

  async function compiled() {
    const request = "record" in asked ? asked.record : undefined;
    invariant(request !== undefined, "a preview records or revokes");
    await checkForm(affair, request, patient);
    await checkParties(affair, request);
    const consent = compileConsent(await built(affair, patient, request), 0);
    return consent.ok ? consent.value : failTold(affair, told, consent.error);
  }
}

export const consentHandlers = { listConsentForms, listConsents, recordConsent, previewConsentForm, revokeConsent };
