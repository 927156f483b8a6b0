import { RoleName } from "../../contract/platform.ts";
import type { JsonObject } from "../../fhir/index.ts";
import { isJsonObject, parseReference } from "../../fhir/index.ts";
import { isId } from "../../kernel/ids.ts";
import type { ConsentActor } from "./compiled.ts";
import { fault } from "./fault.ts";
import { ACTOR_SYSTEMS } from "./systems.ts";

export interface ActorContext {
  readonly patientId: string;
  /** Ids of the clinic's own Organization records, from `Consent.organization`. */
  readonly ownOrganizations: readonly string[];
}

const PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";
const ROLE_CLASS = "http://terminology.hl7.org/CodeSystem/v3-RoleClass";
const SECURITY_ROLE = "http://terminology.hl7.org/CodeSystem/extra-security-role-type";

/** Part of http://hl7.org/fhir/R4/valueset-security-role-type.html: those by which somebody receives information. */
const RECIPIENTS: ReadonlySet<string> = new Set([
  `${PARTICIPATION}|IRCP`,
  `${PARTICIPATION}|PRCP`,
  `${PARTICIPATION}|REFT`,
  `${ROLE_CLASS}|DELEGATEE`,
  `${ROLE_CLASS}|GRANTEE`,
  `${SECURITY_ROLE}|humanuser`,
  `${SECURITY_ROLE}|dataprocessor`,
  `${SECURITY_ROLE}|datacollector`,
]);
const AUTHOR = `${PARTICIPATION}|AUT`;

/** The id of a literal, relative, unversioned reference to a type; undefined for any other. */
export function idOfReference(value: unknown, type: string): string | undefined {
  const target = targetOf(value);
  return target?.type === type ? target.id : undefined;
}

function targetOf(value: unknown): { readonly type: string; readonly id: string } | undefined {
  if (!isJsonObject(value) || typeof value["reference"] !== "string") return undefined;
  const target = parseReference(value["reference"]);
  return target.kind === "relative" && target.version === undefined ? target : undefined;
}

/** What a provision's actors are: recipients, or authors of what it is about. Both in one provision are refused. */
export function compileActors(
  values: readonly unknown[],
  path: string,
  effect: "permit" | "deny" | undefined,
  context: ActorContext,
): { readonly actors?: ConsentActor[]; readonly authors?: string[] } {
  const actors: ConsentActor[] = [];
  const authors: string[] = [];
  for (const [index, value] of values.entries()) {
    const at = `${path}[${index}]`;
    if (!isJsonObject(value)) throw fault("consent-element", at);
    if (roleOf(value, at) === "author") authors.push(authorOf(value, at));
    else actors.push(actorOf(value, at, effect, context));
  }
  if (actors.length > 0 && authors.length > 0) throw fault("consent-element", path);
  return { ...(actors.length > 0 && { actors }), ...(authors.length > 0 && { authors }) };
}

function roleOf(actor: JsonObject, at: string): "recipient" | "author" {
  const role = actor["role"];
  const coding: unknown = isJsonObject(role) ? role["coding"] : undefined;
  const names = (Array.isArray(coding) ? (coding as unknown[]) : []).map((each) =>
    isJsonObject(each) ? `${String(each["system"])}|${String(each["code"])}` : "",
  );
  // Translations of one role stand side by side; one of another meaning would be left unheard.
  if (names.length > 0 && names.every((name) => RECIPIENTS.has(name))) return "recipient";
  if (names.length > 0 && names.every((name) => name === AUTHOR)) return "author";
  throw fault("consent-code", `${at}.role`);
}

function authorOf(actor: JsonObject, at: string): string {
  const id = idOfReference(actor["reference"], "Practitioner");
  if (id === undefined) throw fault("consent-reference", `${at}.reference`);
  return id;
}

function actorOf(
  actor: JsonObject,
  at: string,
  effect: "permit" | "deny" | undefined,
  context: ActorContext,
): ConsentActor {
  const { reference } = actor;
  const found =
    isJsonObject(reference) && reference["reference"] === undefined ? named(reference) : literal(reference, context);
  if (found === undefined) throw fault("consent-reference", `${at}.reference`);
  if (found === "no-organization") throw fault("consent-reference", "Consent.organization");
  const isHerself = found.kind === "patient" || (found.kind === "role" && found.id === "patient");
  if (isHerself && effect !== "permit") throw fault("consent-own-access", `${at}.reference`);
  return found;
}

function literal(reference: unknown, context: ActorContext): ConsentActor | "no-organization" | undefined {
  const target = targetOf(reference);
  if (target === undefined) return undefined;
  const { type, id } = target;
  switch (type) {
    case "Practitioner":
      return { kind: "practitioner", id };
    case "Device":
      return { kind: "client", id };
    case "Patient":
      return id === context.patientId ? { kind: "patient", id } : undefined;
    case "RelatedPerson":
      return { kind: "related-person", id };
    case "PractitionerRole":
    case "CareTeam":
    case "Group":
      return { kind: "affiliation", id: `${type}/${id}` };
    case "Organization":
      // Whether it is the clinic or another decides what the rule means: a consent that does not say is not guessed at.
      if (context.ownOrganizations.length === 0) return "no-organization";
      return { kind: context.ownOrganizations.includes(id) ? "own-organization" : "organization", id };
    default:
      return undefined;
  }
}

/** Those who are no records: by an identifier of ours. */
function named(reference: JsonObject): ConsentActor | undefined {
  const { identifier } = reference;
  const { system, value } = isJsonObject(identifier) ? identifier : {};
  if (typeof value !== "string") return undefined;
  switch (system) {
    case ACTOR_SYSTEMS.role:
      return RoleName.safeParse(value).success ? { kind: "role", id: value } : undefined;
    case ACTOR_SYSTEMS.user:
      return isId(value) ? { kind: "user", id: value } : undefined;
    case ACTOR_SYSTEMS.client:
      return isId(value) ? { kind: "client", id: value } : undefined;
    case ACTOR_SYSTEMS.tenant:
      return isId(value) ? { kind: "tenant", id: value } : undefined;
    default:
      return undefined;
  }
}
