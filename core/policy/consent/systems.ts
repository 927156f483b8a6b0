/**
 * Namespaces of ours in a Consent. An actor that is no FHIR record is named by a Reference with an identifier alone:
 * `{ "identifier": { "system": "urn:keyward:role", "value": "nurse" } }`.
 */
export const ACTOR_SYSTEMS = {
  role: "urn:keyward:role",
  user: "urn:keyward:user",
  client: "urn:keyward:client",
  tenant: "urn:keyward:tenant",
} as const;

/** Codes C, S, B and D in `provision.class`. */
export const RECORD_CLASS_SYSTEM = "urn:keyward:record-class";
/** MLTRAINING in `provision.purpose`: HL7 v3 ActReason has no code that means it alone. */
export const PURPOSE_SYSTEM = "urn:keyward:purpose";
