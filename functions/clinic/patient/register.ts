import type { EditPatient, PossibleDuplicate, RegisterPatient } from "../../../core/contract/index.ts";
import { type FhirResource, parseJson, stringifyJson, validateResource } from "../../../core/fhir/index.ts";
import { invariant } from "../../../core/kernel/invariant.ts";
import { err, ok } from "../../../core/kernel/result.ts";
import {
  compare,
  likenessOf,
  likenessOfPatient,
  nextRecordNumber,
  patientFrom,
  recordNumber,
  rowOf,
} from "../../../core/patient/index.ts";
import { resourceOf, type StoredVersion } from "../../../core/record/index.ts";
import { type Answer, type Exchange, json } from "../../http/exchange.ts";
import { fail } from "../../http/failure.ts";
import { must, toFailure } from "../../records/failures.ts";
import { type Charts, effectOf, openCharts } from "../charts.ts";
import { failureOf } from "../failures.ts";
import { answerOf, patientDemand, readOne } from "./answers.ts";

const MAX_DUPLICATES = 10;
/** Others draw numbers too, and an import may have brought some. */
const NUMBER_ATTEMPTS = 8;

async function duplicatesOf(charts: Charts, form: RegisterPatient["demographics"]): Promise<PossibleDuplicate[]> {
  const { records, recordGrant, grant } = charts;
  const own = likenessOf(form);
  const likeness = (entry: FhirResource) => compare(own, likenessOfPatient(entry, grant.tenantId));
  const found = must(await records.rankPatients(recordGrant, (entry) => likeness(entry).score, MAX_DUPLICATES));
  return found.entries.map(({ entry }) => ({ patient: rowOf(entry, grant.tenantId), ...likeness(entry) }));
}

/** A resource as it would have come in: what the form made is held to the same rules. */
function valid(resource: FhirResource): FhirResource {
  const parsed = parseJson(stringifyJson(resource));
  invariant(parsed.ok, "a form makes JSON");
  const checked = validateResource(parsed.value);
  return checked.ok ? checked.value : fail({ kind: "invalid", issues: checked.error.issues });
}

/**
 * POST /clinic/patients: a new patient under the clinic's next record number; or, where somebody is like her and the
 * caller has not said why she is another, who that is, and nothing is written.
 */
export async function registerPatient(exchange: Exchange): Promise<Answer> {
  const { demographics, despite } = exchange.body as RegisterPatient;
  const charts = await openCharts(exchange, [patientDemand("search"), patientDemand("create")]);
  const { effect } = effectOf(exchange);
  const before = effect && must(await charts.records.replayed(charts.recordGrant, effect));
  const [made] = before ?? [];
  if (made) return registered(charts, must(await charts.records.read(charts.recordGrant, "Patient", made.id)), true);
  const duplicates = await duplicatesOf(charts, demographics);
  const shown = new Set(despite?.patients);
  // Somebody who came meanwhile was not looked at.
  if (duplicates.some(({ patient }) => !shown.has(patient.id))) {
    return json(200, { outcome: "possible-duplicates", duplicates });
  }
  const detail = despite && { despite: despite.patients, reason: despite.reason };
  let skip = 0;
  for (let attempt = 0; attempt < NUMBER_ATTEMPTS; attempt += 1) {
    const next = await nextRecordNumber(charts.privacy, skip);
    if (!next.ok) return fail(failureOf(next.error));
    const { number, write } = next.value;
    if (await isGivenAway(charts, number)) {
      skip += 1;
      continue;
    }
    const identifier = [recordNumber(charts.grant.tenantId, number)];
    const patient = valid({ ...patientFrom(demographics), identifier } as unknown as FhirResource);
    const created = await charts.records.create(charts.recordGrant, patient, {
      ...(effect && { effect }),
      ...(detail && { detail }),
      beside: async (eventId) => {
        const row = await write(eventId);
        return row.ok ? ok([row.value]) : err({ kind: "unavailable" });
      },
    });
    if (created.ok) return registered(charts, created.value.version, created.value.isReplay);
    const isRace = created.error.kind === "conflict" && created.error.reason === "contended";
    if (!isRace) return fail(toFailure(created.error));
  }
  return fail({ kind: "unavailable" });
}

/** A number that came with an import is somebody's, whoever gave it. */
async function isGivenAway({ records, recordGrant }: Charts, number: string): Promise<boolean> {
  return must(await records.searchByToken(recordGrant, "Patient", "identifier", [number])).length > 0;
}

function registered({ grant }: Charts, version: StoredVersion, isReplay: boolean): Answer {
  const body = { outcome: "registered", patient: rowOf(resourceOf(version), grant.tenantId), version: version.version };
  return json(201, body, { etag: `W/"${version.version}"`, ...(isReplay && { "idempotency-replayed": "true" }) });
}

/** GET /clinic/patients/{id}: who she is, and which other charts are hers. */
export async function readPatient(exchange: Exchange): Promise<Answer> {
  const id = exchange.path["id"] ?? "";
  const charts = await openCharts(exchange, [patientDemand("read", id), patientDemand("search")]);
  const found = await readOne(charts, id);
  return json(200, await answerOf(charts, found), { etag: `W/"${found.version}"` });
}

const VERSION = /^W\/"([1-9][0-9]{0,8})"$/;

/** PUT /clinic/patients/{id}, with If-Match: what the form does not know of her stays as it is. */
export async function editPatient(exchange: Exchange): Promise<Answer> {
  const id = exchange.path["id"] ?? "";
  const { demographics } = exchange.body as EditPatient;
  const stated = exchange.headers["if-match"];
  if (stated === undefined) return fail({ kind: "precondition-required", rule: "if-match" });
  const ifMatch = Number(VERSION.exec(stated)?.[1] ?? 0);
  const demands = [patientDemand("read", id), patientDemand("update", id), patientDemand("search")];
  const charts = await openCharts(exchange, demands);
  const { records, recordGrant } = charts;
  const { effect } = effectOf(exchange);
  const [done] = (effect && must(await records.replayed(recordGrant, effect))) ?? [];
  if (!done) {
    const before = await readOne(charts, id);
    const patient = valid(patientFrom(demographics, before.patient));
    must(await records.update(recordGrant, patient, { ifMatch, ...(effect && { effect }) }));
  }
  const now = await readOne(charts, id);
  const replay = done ? { "idempotency-replayed": "true" } : {};
  return json(200, await answerOf(charts, now), { etag: `W/"${now.version}"`, ...replay });
}
