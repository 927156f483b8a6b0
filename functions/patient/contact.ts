import type { OwnContact } from "../../core/contract/index.ts";
import { isJsonObject, type JsonObject } from "../../core/fhir/index.ts";
import { resourceOf } from "../../core/record/index.ts";
import { addressOf, nameOf, telecomOf } from "../../core/view/elements.ts";
import { clinicFor } from "../clinic/clinic-profile.ts";
import { type Answer, type Exchange, json } from "../http/exchange.ts";
import { must } from "../records/failures.ts";
import { openOwn } from "./desk.ts";

const listOf = (value: unknown): readonly JsonObject[] =>
  (Array.isArray(value) ? (value as unknown[]) : []).filter(isJsonObject);

/** What the patient speaks: `communication`, the preferred one first. FHIR R4 patient.html */
function languageIn(communication: unknown): string | undefined {
  const said = listOf(communication);
  const { language } = said.find(({ preferred }) => preferred === true) ?? said[0] ?? {};
  if (!isJsonObject(language)) return undefined;
  const [coding] = listOf(language["coding"]);
  return [language["text"], coding?.["display"], coding?.["code"]].find((text) => typeof text === "string");
}

/** GET /patient/contact */
async function readOwnContact(exchange: Exchange): Promise<Answer> {
  const { charts, patientId } = await openOwn(exchange, [{ action: "read", type: "Patient", classes: ["D"] }]);
  const patient = resourceOf(must(await charts.records.read(charts.recordGrant, "Patient", patientId)));
  const { profile } = await clinicFor(exchange);
  const telecom = telecomOf(patient["telecom"]) ?? [];
  const valuesOf = (system: string): string[] =>
    telecom.filter((each) => each.system === system).map(({ value }) => value);
  const [name, language] = [nameOf(patient["name"]), languageIn(patient["communication"])];
  const { line = [], city, state, postalCode } = addressOf(patient["address"]) ?? {};
  const address = [...line, [city, state, postalCode].filter(Boolean).join(" ")].filter((part) => part !== "");
  const answer: OwnContact = {
    phones: valuesOf("phone"),
    emails: valuesOf("email"),
    ...(name !== undefined && { name }),
    ...(address.length > 0 && { address: address.join(", ") }),
    ...(language !== undefined && { language }),
    clinic: { name: profile.name, phone: profile.phone, address: profile.address },
  };
  return json(200, answer);
}

export const contactHandlers = { readOwnContact };
