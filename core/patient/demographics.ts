import type { Demographics, PatientRow, PhoneUse, Pronouns, Sex } from "../contract/index.ts";
import type { FhirResource, JsonObject } from "../fhir/index.ts";
import { copyLexemes, isJsonObject } from "../fhir/index.ts";

/** FHIR R4 extension individual-pronouns of US Core 6 on; LOINC LL5144-2. */
const PRONOUNS_URL = "http://hl7.org/fhir/StructureDefinition/individual-pronouns";
const PRONOUN_CODES: Readonly<Record<Pronouns, readonly [code: string, display: string]>> = {
  he: ["LA29518-0", "he/him/his/his/himself"],
  she: ["LA29519-8", "she/her/her/hers/herself"],
  they: ["LA29520-6", "they/them/their/theirs/themselves"],
};
const LOINC = "http://loinc.org";
const IDENTIFIER_TYPE = "http://terminology.hl7.org/CodeSystem/v2-0203";
const CONTACT_ROLE = "http://terminology.hl7.org/CodeSystem/v2-0131";

/** The system of the numbers that a clinic gives out: of one tenant alone. */
export const recordNumberSystem = (tenantId: string): string => `urn:keyward:record-number:${tenantId}`;

export const recordNumber = (tenantId: string, value: string): JsonObject => ({
  use: "usual",
  type: { coding: [{ system: IDENTIFIER_TYPE, code: "MR", display: "Medical record number" }] },
  system: recordNumberSystem(tenantId),
  value,
});

export const objects = (value: unknown): readonly JsonObject[] =>
  Array.isArray(value) ? value.filter(isJsonObject) : [];
export const words = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === "string") : [];
const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

const isOld = ({ use }: JsonObject): boolean => use === "old";
/** The name that she goes by in records: the official one, else the first that is neither old nor a nickname. */
const mainName = (patient: FhirResource): JsonObject | undefined => {
  const names = objects(patient["name"]).filter((name) => !isOld(name));
  return names.find(({ use }) => use === "official") ?? names.find(({ use }) => use !== "nickname") ?? names[0];
};
const nickname = (patient: FhirResource): JsonObject | undefined =>
  objects(patient["name"]).find(({ use }) => use === "nickname");

const phonesOf = (patient: FhirResource): readonly JsonObject[] =>
  objects(patient["telecom"]).filter((point) => point["system"] === "phone" && !isOld(point));
const isPhoneUse = (use: unknown): use is PhoneUse => use === "mobile" || use === "home" || use === "work";
const isEmergency = ({ relationship }: JsonObject): boolean =>
  objects(relationship).some(({ coding }) => objects(coding).some(({ code }) => code === "C"));

export function recordNumberOf(patient: FhirResource, tenantId: string): string | undefined {
  const all = objects(patient["identifier"]);
  const own = all.find(({ system }) => system === recordNumberSystem(tenantId));
  const other = all.find(({ type }) => isJsonObject(type) && objects(type["coding"]).some(({ code }) => code === "MR"));
  // A passport says what it is; a number that says nothing is what another system called her by.
  const plain = all.find(({ type }) => type === undefined);
  return text((own ?? other ?? plain)?.["value"]);
}

const linkTo = (patient: FhirResource, type: string): readonly string[] =>
  objects(patient["link"]).flatMap((link) => {
    const other = isJsonObject(link["other"]) ? text(link["other"]["reference"]) : undefined;
    return link["type"] === type && other?.startsWith("Patient/") === true ? [other.slice("Patient/".length)] : [];
  });
export const replacedBy = (patient: FhirResource): string | undefined => linkTo(patient, "replaced-by")[0];
export const replaces = (patient: FhirResource): readonly string[] => linkTo(patient, "replaces");

/** A patient on a list, from the Patient or from her entry in the directory. */
export function rowOf(patient: FhirResource, tenantId: string): PatientRow {
  const name = mainName(patient);
  const preferred = text(words(nickname(patient)?.["given"])[0]);
  const [family, birthDate, sex] = [text(name?.["family"]), text(patient["birthDate"]), text(patient["gender"])];
  const number = recordNumberOf(patient, tenantId);
  const phone = text(phonesOf(patient)[0]?.["value"]);
  const survivor = replacedBy(patient);
  return {
    state: "value",
    id: patient.id ?? "",
    name: { given: words(name?.["given"]), ...(family && { family }), ...(preferred && { preferred }) },
    isActive: patient["active"] !== false,
    ...(birthDate && { birthDate }),
    ...(sex && { sex }),
    ...(number && { recordNumber: number }),
    ...(phone && { phone }),
    ...(survivor && { replacedBy: survivor }),
  };
}

/** What the form shows of a Patient. A required element that she lacks is absent. */
export function demographicsOf(patient: FhirResource): Partial<Demographics> {
  const name = mainName(patient);
  const [given, ...middle] = words(name?.["given"]);
  const pronouns = objects(patient["extension"]).find(({ url }) => url === PRONOUNS_URL)?.["valueCodeableConcept"];
  const pronounCode = isJsonObject(pronouns) ? objects(pronouns["coding"])[0]?.["code"] : undefined;
  const known = (Object.keys(PRONOUN_CODES) as Pronouns[]).find((each) => PRONOUN_CODES[each][0] === pronounCode);
  const email = objects(patient["telecom"]).find((point) => point["system"] === "email" && !isOld(point));
  const address = objects(patient["address"]).find((each) => !isOld(each));
  const contact = objects(patient["contact"]).find(isEmergency);
  const language = objects(patient["communication"]).map((each) => each["language"])[0];
  return defined({
    family: text(name?.["family"]),
    given,
    middle: text(middle.join(" ")),
    preferredName: text(words(nickname(patient)?.["given"])[0]),
    birthDate: text(patient["birthDate"]),
    sex: text(patient["gender"]) as Sex | undefined,
    pronouns: known,
    phones: phonesOf(patient)
      .flatMap(({ value, use }) =>
        typeof value === "string" ? [{ number: value, use: isPhoneUse(use) ? use : ("mobile" as const) }] : [],
      )
      .slice(0, 4),
    email: text(email?.["value"]),
    address: address && addressOf(address),
    language: isJsonObject(language) ? text(objects(language["coding"])[0]?.["code"]) : undefined,
    emergencyContact: contact && contactOf(contact),
  });
}

function addressOf(address: JsonObject): Demographics["address"] {
  const [line = "", ...more] = words(address["line"]);
  return defined({
    line,
    line2: text(more.join(", ")),
    city: text(address["city"]) ?? "",
    state: text(address["state"]),
    postalCode: text(address["postalCode"]),
    country: text(address["country"]) ?? "US",
  }) as Demographics["address"];
}

function contactOf(contact: JsonObject): Demographics["emergencyContact"] {
  const name = isJsonObject(contact["name"]) ? contact["name"] : {};
  const relation = objects(contact["relationship"]).map((each) => text(each["text"]))[0];
  const full = text(name["text"]) ?? [...words(name["given"]), text(name["family"]) ?? ""].join(" ").trim();
  return defined({
    name: full,
    relation,
    phone: text(objects(contact["telecom"])[0]?.["value"]) ?? "",
  }) as Demographics["emergencyContact"];
}

const defined = <T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as never;

/**
 * The Patient that the form describes, over what there is: elements that the form does not know stay, such as former
 * names, other identifiers and contacts. FHIR US Core 8 Patient.
 */
export function patientFrom(form: Demographics, before?: FhirResource): FhirResource {
  const old = before ?? ({ resourceType: "Patient", active: true } as unknown as FhirResource);
  const main = mainName(old);
  const nick = nickname(old);
  const others = objects(old["name"]).filter((name) => name !== main && name !== nick);
  const keptPhones = phonesOf(old).slice(4);
  const email = objects(old["telecom"]).find((point) => point["system"] === "email" && !isOld(point));
  const kept = objects(old["telecom"]).filter((each) => !phonesOf(old).includes(each) && each !== email);
  const address = objects(old["address"]).find((each) => !isOld(each));
  const contact = objects(old["contact"]).find(isEmergency);
  const pronouns = form.pronouns && PRONOUN_CODES[form.pronouns];
  const changed = {
    name: [
      {
        ...main,
        use: main?.["use"] ?? "official",
        text: undefined,
        family: form.family,
        given: [form.given, ...(form.middle === undefined ? [] : form.middle.split(/\s+/))],
      },
      ...(form.preferredName === undefined ? [] : [{ use: "nickname", given: [form.preferredName] }]),
      ...others,
    ],
    birthDate: form.birthDate,
    gender: form.sex,
    telecom: [
      ...form.phones.map(({ number, use }) => ({ system: "phone", value: number, use })),
      ...(form.email === undefined ? [] : [{ ...email, system: "email", value: form.email }]),
      ...keptPhones,
      ...kept,
    ],
    extension: [
      ...objects(old["extension"]).filter(({ url }) => url !== PRONOUNS_URL),
      ...(pronouns
        ? [
            {
              url: PRONOUNS_URL,
              valueCodeableConcept: { coding: [{ system: LOINC, code: pronouns[0], display: pronouns[1] }] },
            },
          ]
        : []),
    ],
    address: [
      ...(form.address
        ? [
            {
              ...address,
              text: undefined,
              use: address?.["use"] ?? "home",
              line: [form.address.line, ...(form.address.line2 === undefined ? [] : [form.address.line2])],
              city: form.address.city,
              state: form.address.state,
              postalCode: form.address.postalCode,
              country: form.address.country,
            },
          ]
        : []),
      ...objects(old["address"]).filter((each) => each !== address),
    ],
    communication: [
      ...(form.language === undefined
        ? []
        : [{ language: { coding: [{ system: "urn:ietf:bcp:47", code: form.language }] }, preferred: true }]),
      ...objects(old["communication"]).slice(1),
    ],
    contact: [
      ...(form.emergencyContact
        ? [
            {
              relationship: [
                {
                  coding: [{ system: CONTACT_ROLE, code: "C", display: "Emergency Contact" }],
                  text: form.emergencyContact.relation,
                },
              ],
              name: { text: form.emergencyContact.name },
              telecom: [{ system: "phone", value: form.emergencyContact.phone }],
            },
          ]
        : []),
      ...objects(old["contact"]).filter((each) => each !== contact),
    ],
  };
  // What was written of her in prose may say otherwise now.
  const { text: _narrative, ...rest } = old as unknown as JsonObject;
  return copyLexemes(old, pruned({ ...rest, ...changed }) as unknown as FhirResource);
}

/** JSON without what is undefined, and without lists that hold nothing. */
const pruned = (value: JsonObject): JsonObject => {
  const entries = Object.entries(value).flatMap(([name, each]): [string, unknown][] => {
    if (each === undefined || (Array.isArray(each) && each.length === 0)) return [];
    return [[name, Array.isArray(each) ? (each as unknown[]).map(prunedItem) : prunedItem(each)]];
  });
  return copyLexemes(value, Object.fromEntries(entries));
};
const prunedItem = (value: unknown): unknown => (isJsonObject(value) ? pruned(value) : value);

/** Whether the Patient says more than the form shows. */
export const hasMore = (patient: FhirResource): boolean =>
  objects(patient["name"]).length > 2 || objects(patient["address"]).length > 1 || phonesOf(patient).length > 4;
