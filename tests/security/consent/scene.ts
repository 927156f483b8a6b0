import { newId } from "../../../core/kernel/ids.ts";
import { type Answer, type Caller, type Clinic, startWorld, type World } from "../world.ts";

export const ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
export const INLINE_LABEL = "http://hl7.org/fhir/uv/security-label-ds4p/StructureDefinition/extension-inline-sec-label";
export const labels = (...codes: string[]) => ({
  meta: { security: codes.map((code) => ({ system: ACT_CODE, code })) },
});
export const ofClass = (code: string) => ({ system: "urn:keyward:record-class", code });
export const ofType = (code: string) => ({ system: "http://hl7.org/fhir/resource-types", code });
export const ofLabel = (code: string) => ({ system: ACT_CODE, code });

export interface Filed {
  readonly id: string;
  readonly etag: string;
  readonly type: string;
}

export interface Scene {
  readonly world: World;
  readonly clinic: Clinic;
  /** A Patient of the clinic's own, filed by its physician. */
  patient(): Promise<string>;
  file(resource: Record<string, unknown>, by?: Caller): Promise<Filed>;
  /** Writes the patient's Consent. */
  consent(patientId: string, provision: object, more?: object): Promise<Filed>;
  withdraw(consent: Filed): Promise<void>;
  close(): Promise<void>;
}

export const consentOf = (patientId: string, provision: object, more: object = {}) => ({
  resourceType: "Consent",
  status: "active",
  scope: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/consentscope", code: "patient-privacy" }] },
  category: [{ coding: [{ system: "http://loinc.org", code: "59284-0" }] }],
  patient: { reference: `Patient/${patientId}` },
  policyRule: {
    coding: [{ system: "http://terminology.hl7.org/CodeSystem/consentpolicycodes", code: "hipaa-auth" }],
  },
  provision,
  ...more,
});

export async function openScene(): Promise<Scene> {
  const world = await startWorld();
  const { a: clinic } = world;

  async function file(resource: Record<string, unknown>, by = clinic.doc): Promise<Filed> {
    const type = String(resource["resourceType"]);
    const answer = await by.send("POST", `/fhir/${type}`, { body: resource });
    if (answer.status !== 201) throw new Error(`${type} was refused: ${answer.status} ${answer.text}`);
    return { type, id: String(answer.body["id"]), etag: answer.headers.get("etag") ?? "" };
  }

  return {
    world,
    clinic,
    file,
    patient: async () => (await file({ resourceType: "Patient", name: [{ family: "Lovelace" }], gender: "female" })).id,
    consent: (patientId, provision, more = {}) =>
      file(
        consentOf(patientId, provision, more),
        // Whoever keeps the desk files what the patient signed: a denial to a physician is none to the desk.
        clinic.desk,
      ),
    async withdraw({ id }) {
      const current = await clinic.desk.send("GET", `/fhir/Consent/${id}`);
      const answer = await clinic.desk.send("PUT", `/fhir/Consent/${id}`, {
        body: { ...(JSON.parse(current.text) as object), status: "inactive" },
        headers: { "if-match": current.headers.get("etag") ?? "" },
      });
      if (answer.status !== 200) throw new Error(`the withdrawal was refused: ${answer.status} ${answer.text}`);
    },
    close: () => world.close(),
  };
}

export const observation = (patientId: string, text: string, more: object = {}) => ({
  resourceType: "Observation",
  status: "final",
  code: { coding: [{ system: "http://loinc.org", code: "8302-2" }], text },
  subject: { reference: `Patient/${patientId}` },
  ...more,
});

export const unknownOf = (patientId: string): string => `${patientId}.${newId(1)}`;

/** What of an answer must not tell a hidden record from an unknown one. */
export const shapeOf = (answer: Answer) => ({
  status: answer.status,
  text: answer.text,
  headers: [...answer.headers.entries()].filter(
    ([name]) => !["x-request-id", "apigw-requestid", "x-audit-receipt", "date"].includes(name),
  ),
});

/** Every way by which a physician could come to a record. */
export const pathsTo = (patientId: string, { type, id }: Filed): readonly string[] => [
  `/fhir/${type}/${id}`,
  `/fhir/${type}/${id}/_history/1`,
  `/fhir/${type}/${id}/_history`,
  `/fhir/${type}?patient=${patientId}`,
  `/fhir/${type}?patient=${patientId}&_summary=count`,
  `/fhir/${type}?patient=${patientId}&_count=0`,
  `/fhir/${type}?_id=${id}`,
  `/fhir/${type}?_id=${id}&_include=${type}:subject`,
  `/fhir/Patient?_id=${patientId}&_revinclude=${type}:subject`,
  `/fhir/Patient/${patientId}/$everything`,
];
