import { randomBytes } from "node:crypto";
import { type ApiCaller, type HireOptions, type Json, type Person, type Registry, type Role } from "./people.ts";
import type { Stage } from "./stage.ts";

/** A patient whose every telling word is found nowhere else: met in storage, a title or an address, it is a leak. */
export interface CanaryPatient {
  readonly id: string;
  readonly canary: string;
  readonly family: string;
  readonly given: string;
  readonly birthDate: string;
  readonly mrn: string;
  readonly phone: string;
  readonly email: string;
  readonly resource: Json;
}

export interface PatientWanted {
  readonly family?: string;
  readonly given?: string;
  readonly birthDate?: string;
  readonly gender?: "female" | "male" | "other" | "unknown";
  /** Members of the FHIR resource, over what the harness says. */
  readonly more?: Readonly<Record<string, unknown>>;
}

export interface Clinic {
  readonly tenantId: string;
  readonly name: string;
  /** The clinic's own person of a role. */
  person(role: Role): Promise<Person>;
  hire(roles: readonly string[], options?: HireOptions): Promise<Person>;
  patient(wanted?: PatientWanted): Promise<CanaryPatient>;
  as(who: Role | Person): ApiCaller;
}

const newCanary = (): string => `Zq${randomBytes(5).toString("hex")}`;

/** Registers a clinic. `canaries` is where the words of its patients are kept for the scan after each test. */
export async function makeClinic(
  stage: Stage,
  registry: Registry,
  canaries: Set<string>,
  name: string,
  wanted: { readonly goLive?: "after-checklist" } = {},
): Promise<Clinic> {
  const { id: tenantId } = await stage.operate<{ id: string }>("/platform/tenants", { name, ...wanted });
  const people = new Map<Role, Promise<Person>>();

  async function hirePatient(): Promise<Person> {
    const { id } = await patient();
    return registry.hire(tenantId, ["patient"], { patientId: id });
  }

  function person(role: Role): Promise<Person> {
    const known = people.get(role);
    if (known !== undefined) return known;
    const hired = role === "patient" ? hirePatient() : registry.hire(tenantId, [role]);
    people.set(role, hired);
    return hired;
  }

  const as = (who: Role | Person): ApiCaller =>
    registry.callerOf(() => (typeof who === "string" ? person(who) : Promise.resolve(who)));

  async function patient(wanted: PatientWanted = {}): Promise<CanaryPatient> {
    const canary = newCanary();
    const {
      family = `${canary}-Family`,
      given = `${canary}-Given`,
      birthDate = "1980-02-29",
      gender = "female",
    } = wanted;
    const digits = String(randomBytes(4).readUInt32BE() % 10_000_000).padStart(7, "0");
    const phone = `+1 555 ${digits.slice(0, 3)} ${digits.slice(3)}`;
    const email = `${canary.toLowerCase()}@example.org`;
    const mrn = `${canary}-MRN`;
    const answer = await as("physician").send("POST", "/fhir/Patient", {
      purpose: "TREAT",
      body: {
        resourceType: "Patient",
        identifier: [{ system: "urn:example:mrn", value: mrn }],
        name: [{ use: "official", family, given: [given] }],
        telecom: [
          { system: "phone", use: "mobile", value: phone },
          { system: "email", value: email },
        ],
        address: [{ line: [`${canary} Street 12`], city: "Springfield", state: "IL", postalCode: "62701" }],
        gender,
        birthDate,
        ...wanted.more,
      },
    });
    if (answer.status !== 201) throw new Error(`the patient was refused: ${answer.status} ${answer.text}`);
    for (const word of [canary, canary.toLowerCase(), wanted.family, wanted.given, phone])
      if (word !== undefined) canaries.add(word);
    return {
      id: String(answer.body["id"]),
      canary,
      family,
      given,
      birthDate,
      mrn,
      phone,
      email,
      resource: answer.body,
    };
  }

  return { tenantId, name, person, patient, as, hire: (roles, options) => registry.hire(tenantId, roles, options) };
}
