import type { AuditEvent } from "./event.ts";
import { toInstant } from "../kernel/clock.ts";

/**
 * An event as FHIR R4 AuditEvent, after IHE BALP 1.1 (profiles.ihe.net/ITI/BALP): identifiers only, as in the event
 * itself. What is sealed in `detail` is rendered only for who could open it.
 */

type Coding = { readonly system: string; readonly code: string; readonly display?: string };
type Agent = Readonly<Record<string, unknown>>;
type Entity = Readonly<Record<string, unknown>>;
/** A FHIR R4 AuditEvent as plain JSON. */
export type FhirAuditEvent = Readonly<Record<string, unknown>> & { readonly resourceType: "AuditEvent" };

/** The parts of an opened detail that BALP has a place for. */
export interface OpenedDetail {
  readonly sourceIp?: string;
  readonly userAgent?: string;
  /** Method, path and query of the request. */
  readonly request?: string;
}

const BALP = "https://profiles.ihe.net/ITI/BALP";
const PROFILE = `${BALP}/StructureDefinition/IHE.BasicAudit`;
const KEYWARD = "urn:keyward";
const DICOM = "http://dicom.nema.org/resources/ontology/DCM";
const ENTITY_TYPE = "http://terminology.hl7.org/CodeSystem/audit-entity-type";
const ENTITY_ROLE = "http://terminology.hl7.org/CodeSystem/object-role";
const SOURCE_TYPE = "http://terminology.hl7.org/CodeSystem/security-source-type";
const PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";
const REASONS = "http://terminology.hl7.org/CodeSystem/v3-ActReason";

const REST: Coding = {
  system: "http://terminology.hl7.org/CodeSystem/audit-event-type",
  code: "rest",
  display: "Restful Operation",
};
const SECURITY_ALERT: Coding = { system: DICOM, code: "110113", display: "Security Alert" };
const EXPORT: Coding = { system: DICOM, code: "110106", display: "Export" };
const SOURCE_ROLE: Coding = { system: DICOM, code: "110153", display: "Source Role ID" };
const DESTINATION_ROLE: Coding = { system: DICOM, code: "110152", display: "Destination Role ID" };
const OBJECT: Coding = { system: ENTITY_TYPE, code: "2", display: "System Object" };
const DOMAIN_RESOURCE: Coding = { system: ENTITY_ROLE, code: "4", display: "Domain Resource" };

/** FHIR's own interactions; `everything` is an operation, and everything else is ours. */
const FHIR_INTERACTIONS: Readonly<Record<string, string>> = {
  read: "read",
  vread: "vread",
  history: "history",
  search: "search",
  create: "create",
  update: "update",
  delete: "delete",
  transaction: "transaction",
  everything: "operation",
};

/** BALP's patterns for what happened with success and to a patient. Each asks for what the event then has. */
const PATIENT_PATTERNS: Readonly<Record<string, string>> = {
  read: "PatientRead",
  vread: "PatientRead",
  create: "PatientCreate",
  update: "PatientUpdate",
  delete: "PatientDelete",
};

const OUTCOMES = { success: "0", denied: "4", failure: "8" } as const;
const OUTCOME_TEXT = { denied: "refused by policy", failure: "failed" } as const;

const codeable = (coding: Coding) => ({ coding: [coding] });
const reference = (type: string, id: string, version?: number) => ({
  reference: `${type}/${id}${version === undefined ? "" : `/_history/${version}`}`,
});
const identified = (system: string, value: string) => ({
  identifier: { system: `${KEYWARD}:${system.toLowerCase()}`, value },
});

/** MLTRAINING is ours: HL7 has no code that means this alone. */
const purposeCoding = (purpose: NonNullable<AuditEvent["purpose"]>): Coding =>
  purpose === "MLTRAINING" ? { system: `${KEYWARD}:purpose`, code: purpose } : { system: REASONS, code: purpose };

function network(address: string | undefined): Agent {
  if (address === undefined || address === "") return {};
  // FHIR R4 network-type: 2 IP address, 5 URI.
  return { network: { address, type: address.startsWith("https://") ? "5" : "2" } };
}

function userAgent({ actor, purpose, decision, request }: AuditEvent): Agent {
  return {
    type: codeable({ system: PARTICIPATION, code: "IRCP", display: "information recipient" }),
    who: identified(actor.kind === "user" ? "user" : "client", actor.user),
    requestor: true,
    role: actor.roles.map((role) => codeable({ system: `${KEYWARD}:role`, code: role })),
    // Session, request and the decision with the version of the rules it was made by.
    policy: [
      `urn:keyward:session:${actor.session}`,
      `urn:keyward:request:${request}`,
      `urn:keyward:decision:${decision.id}`,
      `urn:keyward:policy:${decision.version}`,
    ],
    ...(purpose === undefined ? {} : { purposeOfUse: [codeable(purposeCoding(purpose))] }),
  };
}

/** Data flows from the server when it is read, and to it in all else; BALP names the ends after that. */
function ends(event: AuditEvent, detail: OpenedDetail): Agent[] {
  const isRead = event.action === "R";
  const client = {
    type: codeable(isRead ? DESTINATION_ROLE : SOURCE_ROLE),
    who: identified("client", event.actor.client),
    ...(detail.userAgent === undefined || detail.userAgent === "" ? {} : { altId: detail.userAgent }),
    requestor: false,
    ...network(detail.sourceIp),
  };
  const server = {
    type: codeable(isRead ? SOURCE_ROLE : DESTINATION_ROLE),
    who: identified("service", event.service),
    requestor: false,
  };
  return [client, server];
}

/** Whoever else it was done for, by or with. */
function others({ delegation, approver }: AuditEvent): Agent[] {
  return [
    ...(delegation === undefined
      ? []
      : [
          {
            type: codeable({ system: PARTICIPATION, code: "RESP", display: "responsible party" }),
            who: identified("user", delegation.user),
            requestor: false,
            policy: [`urn:keyward:delegation:${delegation.id}`],
          },
        ]),
    ...(approver === undefined
      ? []
      : [
          {
            type: codeable({ system: PARTICIPATION, code: "AUTHEN", display: "authenticator" }),
            who: identified("user", approver),
            requestor: false,
          },
        ]),
  ];
}

const patientEntity = (patient: string): Entity => ({
  what: reference("Patient", patient),
  type: { system: ENTITY_TYPE, code: "1", display: "Person" },
  role: { system: ENTITY_ROLE, code: "1", display: "Patient" },
});

/** `<id>:<version>` */
function consentEntity(consent: string): Entity {
  const [, id = consent, version] = /^(.*):(\d+)$/.exec(consent) ?? [];
  return {
    what: reference("Consent", id, version === undefined ? undefined : Number(version)),
    type: OBJECT,
    role: DOMAIN_RESOURCE,
    description: "Consent on file",
  };
}

/** Records have references; types of ours (`Session`, `User`, `BreakGlass`) have identifiers. */
function dataEntity({ type, id, version }: AuditEvent["entities"][number], isRecord: boolean): Entity {
  const what =
    id === undefined ? { type } : isRecord ? reference(type, id, version) : { ...identified(type, id), display: type };
  return { what: id === undefined ? { display: type } : what, type: OBJECT, role: DOMAIN_RESOURCE };
}

function detailsOf(event: AuditEvent): Entity[] {
  const { count, classes, sections, emergency, reason, stage, replay, writer, decision, consent } = event;
  const values: [string, string | undefined][] = [
    ["count", count?.toString()],
    ["classes", classes.length === 0 ? undefined : classes.join(" ")],
    ["sections", sections?.join(" ")],
    ["break-glass", emergency],
    ["reason", reason?.code],
    ["stage", stage],
    ["replay", replay === true ? "true" : undefined],
    ["rules", decision.rules.length === 0 ? undefined : decision.rules.join(" ")],
    ["consent", consent.state],
    ["chain", `${writer.id} ${writer.seq}`],
  ];
  const detail = values.flatMap(([type, valueString]) => (valueString === undefined ? [] : [{ type, valueString }]));
  return [
    {
      what: identified("request", event.request),
      type: { system: `${BALP}/CodeSystem/BasicAuditEntityType`, code: "XrequestId" },
      detail,
    },
  ];
}

const queryEntity = (request: string): Entity => ({
  type: OBJECT,
  role: { system: ENTITY_ROLE, code: "24", display: "Query" },
  query: Buffer.from(request).toString("base64"),
});

/** Types of a resource begin with a capital in FHIR too: what is ours is told by the interaction. */
const reachesRecords = ({ interaction }: AuditEvent): boolean =>
  interaction in FHIR_INTERACTIONS || interaction === "view.read" || interaction === "export";

function patternOf(event: AuditEvent, hasQuery: boolean): string | undefined {
  if (event.recipient !== undefined) return "PrivacyDisclosure.Source";
  if (event.outcome !== "success" || event.patient === undefined) return undefined;
  if (event.interaction === "search") return hasQuery ? "PatientQuery" : undefined;
  return PATIENT_PATTERNS[event.interaction];
}

const commonOf = (event: AuditEvent) => ({
  id: event.id,
  action: event.action,
  recorded: toInstant(event.at),
  outcome: OUTCOMES[event.outcome],
  ...(event.outcome === "success" ? {} : { outcomeDesc: OUTCOME_TEXT[event.outcome] }),
  ...(event.purpose === undefined ? {} : { purposeOfEvent: [codeable(purposeCoding(event.purpose))] }),
  source: {
    observer: identified("service", event.service),
    type: [{ system: SOURCE_TYPE, code: "4", display: "Application Server" }],
  },
});

function typeOf(event: AuditEvent): { readonly type: Coding; readonly subtype: readonly Coding[] } {
  const { interaction } = event;
  const own: Coding = { system: `${KEYWARD}:interaction`, code: interaction };
  const restful = FHIR_INTERACTIONS[interaction];
  const rest: Coding[] =
    restful === undefined ? [] : [{ system: "http://hl7.org/fhir/restful-interaction", code: restful }];
  if (event.recipient !== undefined) {
    const disclose = { system: "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle", code: "disclose" };
    return { type: EXPORT, subtype: [disclose, ...rest, own] };
  }
  return restful === undefined ? { type: REST, subtype: [own] } : { type: REST, subtype: [...rest, own] };
}

/** Who receives what is disclosed; the clinic is its custodian. */
function disclosureAgents({ recipient, tenant }: AuditEvent): Agent[] {
  if (recipient === undefined) return [];
  return [
    { type: codeable(DESTINATION_ROLE), who: identified("recipient", recipient), requestor: false },
    {
      type: codeable({ system: PARTICIPATION, code: "CST", display: "custodian" }),
      who: identified("tenant", tenant),
      requestor: false,
    },
  ];
}

/**
 * The AuditEvent of an event. A disclosure to a recipient follows BALP's PrivacyDisclosure.Source; reads, writes and
 * searches of a patient's records its Patient patterns, which are named in `meta.profile` where all is there that they ask.
 */
export function fhirAuditEvent(event: AuditEvent, detail: OpenedDetail = {}): FhirAuditEvent {
  const { patient, consent, entities, tenant } = event;
  const hasQuery = detail.request !== undefined && detail.request !== "";
  const pattern = patternOf(event, hasQuery);
  return {
    resourceType: "AuditEvent",
    ...(pattern === undefined ? {} : { meta: { profile: [`${PROFILE}.${pattern}`] } }),
    ...typeOf(event),
    ...commonOf(event),
    agent: [userAgent(event), ...ends(event, detail), ...others(event), ...disclosureAgents(event)],
    entity: [
      ...(patient === undefined ? [] : [patientEntity(patient)]),
      ...entities.map((entity) => dataEntity(entity, reachesRecords(event))),
      ...(hasQuery && detail.request !== undefined ? [queryEntity(detail.request)] : []),
      ...consent.ids.map(consentEntity),
      ...detailsOf(event),
      { what: identified("tenant", tenant), type: { system: ENTITY_TYPE, code: "3", display: "Organization" } },
    ],
  };
}

/**
 * What consent decided about an event, as BALP's AuthZconsent; undefined where consent had no say. It has the event's id
 * with a suffix, because it says another thing of the same moment.
 */
export function fhirConsentDecision(event: AuditEvent): FhirAuditEvent | undefined {
  const { consent, patient, actor, tenant } = event;
  if (consent.state === "not-required" || consent.ids.length === 0 || patient === undefined) return undefined;
  const isPermit = consent.state === "permit";
  return {
    resourceType: "AuditEvent",
    meta: { profile: [`${PROFILE}.AuthZconsent`] },
    type: SECURITY_ALERT,
    subtype: [{ system: `${BALP}/CodeSystem/AuthZsubType`, code: "AuthZ-Consent" }],
    ...commonOf(event),
    id: `${event.id}-consent`,
    action: "E",
    outcome: isPermit ? "0" : "8",
    ...(isPermit ? {} : { outcomeDesc: "Consent denied access to this user" }),
    agent: [
      {
        type: codeable({
          system: "http://terminology.hl7.org/CodeSystem/extra-security-role-type",
          code: "110150",
          display: "Application",
        }),
        who: identified("client", actor.client),
        requestor: false,
      },
      userAgent(event),
      {
        type: codeable({
          system: "http://terminology.hl7.org/CodeSystem/v3-RoleClass",
          code: "PROV",
          display: "healthcare provider",
        }),
        who: identified("tenant", tenant),
        requestor: false,
      },
      {
        type: codeable({
          system: "http://terminology.hl7.org/CodeSystem/extra-security-role-type",
          code: "authserver",
          display: "authorization server",
        }),
        who: identified("service", event.service),
        requestor: false,
      },
    ],
    source: {
      observer: identified("service", event.service),
      type: [{ system: SOURCE_TYPE, code: "6", display: "Security Server" }],
    },
    entity: [patientEntity(patient), ...consent.ids.map(consentEntity)],
  };
}
