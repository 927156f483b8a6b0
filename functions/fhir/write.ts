import { classOf, type FhirResource, patientOf, validateResource } from "../../core/fhir/index.ts";
import type { Demand } from "../../core/policy/index.ts";
import type { Answer, Exchange } from "../http/exchange.ts";
import { fail } from "../http/failure.ts";
import { parseIfMatch, writeAnswer } from "./answers.ts";
import { compartmentOf, effectOf, idOf, readDemand, typeOf } from "./context.ts";
import { must } from "../records/failures.ts";
import { authorizeRecords } from "./context.ts";

/** The body as a valid resource of the address's type. */
export function readResource(exchange: Exchange, type: string): FhirResource {
  const validated = validateResource(exchange.body);
  if (!validated.ok) return fail({ kind: "invalid", issues: validated.error.issues });
  return validated.value.resourceType === type
    ? validated.value
    : fail({ kind: "business-rule", rule: "type-mismatch" });
}

/**
 * Exactly the class that the resource will lie in, and the compartment that it names. An update that carries a label of a
 * special category changes a record that has none yet, or has one: to write what is segmented is asked as making it, and
 * whether what is there may be seen at all is for the patient's consents to say, when it is read.
 */
export function writeDemands(action: "create" | "update", resource: FhirResource): readonly Demand[] {
  const type = resource.resourceType;
  const patient = type === "Patient" ? undefined : patientOf(resource);
  const own = type === "Patient" && action === "update" ? resource.id : undefined;
  const patientId = own ?? (patient?.ok === true ? patient.value : undefined);
  const whose = patientId === undefined ? {} : { patientId };
  const dataClass = classOf(resource);
  if (action === "create" || dataClass !== "S") return [{ action, type, classes: [dataClass], ...whose }];
  return [
    { action: "update", type, classes: ["C"], ...whose },
    { action: "create", type, classes: ["S"], ...whose },
  ];
}

export async function createRecord(exchange: Exchange): Promise<Answer> {
  const type = typeOf(exchange);
  const resource = readResource(exchange, type);
  const { grant, records } = await authorizeRecords(exchange, "create", writeDemands("create", resource));
  return writeAnswer(exchange, must(await records.create(grant, resource, effectOf(exchange))), 201);
}

/**
 * Update with `If-Match`; with `If-None-Match: *` the record is created under the address's id, and never changed.
 * Without either, nobody says what they believe to be there, and nothing is done (RFC 6585 3).
 */
export async function updateRecord(exchange: Exchange): Promise<Answer> {
  const type = typeOf(exchange);
  const id = idOf(exchange);
  const ifMatch = parseIfMatch(exchange.headers["if-match"]);
  const isCreate = exchange.headers["if-none-match"]?.trim() === "*";
  const resource = readResource(exchange, type);
  if (resource.id !== id) return fail({ kind: "business-rule", rule: "id-mismatch" });
  if (isCreate && ifMatch === undefined) {
    const { grant, records } = await authorizeRecords(exchange, "create", writeDemands("create", resource));
    return writeAnswer(exchange, must(await records.create(grant, resource, { id, ...effectOf(exchange) })), 201);
  }
  const { grant, records } = await authorizeRecords(exchange, "update", writeDemands("update", resource));
  if (ifMatch === undefined || isCreate) return fail({ kind: "precondition-required", rule: "if-match" });
  return writeAnswer(exchange, must(await records.update(grant, resource, { ifMatch, ...effectOf(exchange) })), 200);
}

export async function deleteRecord(exchange: Exchange): Promise<Answer> {
  const type = typeOf(exchange);
  const id = idOf(exchange);
  const ifMatch = parseIfMatch(exchange.headers["if-match"]);
  const demand = readDemand("delete", type, compartmentOf(type, id));
  const { grant, records } = await authorizeRecords(exchange, "delete", [demand], { type, id });
  const options = { ...(ifMatch === undefined ? {} : { ifMatch }), ...effectOf(exchange) };
  const { version } = must(await records.delete(grant, type, id, options));
  return { status: 204, headers: { etag: `W/"${version.version}"` } };
}
