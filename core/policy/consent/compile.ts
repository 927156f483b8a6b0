import type { FhirResource, JsonObject } from "../../fhir/index.ts";
import { isJsonObject } from "../../fhir/index.ts";
import { dateRange } from "../../fhir/search/dates.ts";
import type { Result } from "../../kernel/result.ts";
import { err, ok } from "../../kernel/result.ts";
import type { CompiledConsent, ConsentRule } from "./compiled.ts";
import { fault, ConsentFault } from "./fault.ts";
import type { ConsentIssue } from "./issue.ts";
import { compileProvision, countRules, periodOf } from "./provision.ts";
import { idOfReference } from "./actors.ts";

const SCOPES = "http://terminology.hl7.org/CodeSystem/consentscope";
const ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
const POLICY_CODES = "http://terminology.hl7.org/CodeSystem/consentpolicycodes";
/** v3-ActCode ActConsentDirective: what holds where no provision says otherwise. */
const BASES: Readonly<Record<string, "permit" | "deny">> = {
  OPTIN: "permit",
  OPTINR: "permit",
  OPTOUT: "deny",
  OPTOUTE: "deny",
};
/** The form of an authorization, which says nothing that the provisions do not. */
const FORMS: ReadonlySet<string> = new Set(["hipaa-auth"]);
/** The law itself, which holds in any case. Any other policy text may say what nobody here would enforce. */
const LAW = /^https:\/\/www\.ecfr\.gov\/current\/title-4[25]\//;
/** Scopes that are not about information; with provisions they would be, and are refused. */
const OTHER_SCOPES: ReadonlySet<string> = new Set(["adr", "treatment"]);

/** Elements that say who, when and where of the consent itself, and none of what it permits. */
const DESCRIPTIVE: ReadonlySet<string> = new Set(
  (
    "resourceType id meta language text contained extension identifier status scope category patient dateTime performer " +
    "organization sourceAttachment sourceReference policy policyRule verification provision"
  ).split(" "),
);

/** True for a Consent whose effect this module judges: one about information. */
export const isPrivacyConsent = (resource: FhirResource): boolean =>
  resource.resourceType === "Consent" && !OTHER_SCOPES.has(scopeOf(resource) ?? "");

/**
 * A FHIR R4 Consent as rules that can be judged without it. Takes a validated Consent and the version that it has or will
 * have; gives the first element that would not be enforced as an issue (http://hl7.org/fhir/R4/consent.html). A consent
 * that is not active compiles to one without effect, whatever it says: a revocation is never refused.
 */
export function compileConsent(resource: FhirResource, version: number): Result<CompiledConsent, ConsentIssue> {
  try {
    return ok(compile(resource, version));
  } catch (error) {
    if (error instanceof ConsentFault) return err(error.issue);
    throw error;
  }
}

function compile(resource: FhirResource, version: number): CompiledConsent {
  const patientId = idOfReference(resource["patient"], "Patient");
  if (patientId === undefined) throw fault("consent-reference", "Consent.patient");
  const isActive = resource["status"] === "active";
  const rule = isActive ? ruleOf(resource, patientId) : undefined;
  return {
    format: 1,
    id: resource.id ?? "unsaved",
    version,
    patientId,
    isActive,
    issuedAtMs: issuedAt(resource),
    ...(rule && { rule }),
  };
}

function ruleOf(resource: FhirResource, patientId: string): ConsentRule | undefined {
  for (const name of Object.keys(resource)) {
    if (!DESCRIPTIVE.has(name)) throw fault("consent-element", `Consent.${name}`);
  }
  const scope = scopeOf(resource);
  const base = baseOf(resource);
  checkPolicies(resource);
  if (scope !== undefined && OTHER_SCOPES.has(scope)) {
    if (resource["provision"] !== undefined) throw fault("consent-element", "Consent.provision");
    if (base !== undefined) throw fault("consent-element", "Consent.policyRule");
    return undefined;
  }
  if (scope !== "patient-privacy" && scope !== "research") throw fault("consent-code", "Consent.scope");
  const isResearch = scope === "research";
  const context = {
    patientId,
    ownOrganizations: organizationsOf(resource),
    onlyPurposes: isResearch ? (["HRESCH"] as const) : undefined,
  };
  const provision = resource["provision"];
  const stated = isJsonObject(provision) ? compileProvision(provision, "Consent.provision", context) : undefined;
  const rule = withBase(base, stated, isJsonObject(provision) ? provision : undefined);
  if (rule === undefined || !says(rule)) throw fault("consent-empty", "Consent.provision");
  if (countRules(rule) > MAX_RULES) throw fault("consent-size", "Consent.provision");
  return isResearch ? { purposes: ["HRESCH"], exceptions: [rule] } : rule;
}

/** More provisions than any form has; each is judged for every record of an answer. */
const MAX_RULES = 200;

/**
 * R4: the root provision bounds the base policy and has no type of its own. Where it has one, as most forms in use do, it is
 * the first exception to the base policy, which then holds for the same time.
 */
function withBase(
  base: "permit" | "deny" | undefined,
  stated: ConsentRule | undefined,
  provision: JsonObject | undefined,
): ConsentRule | undefined {
  if (base === undefined) return stated;
  if (stated === undefined) return { effect: base };
  if (stated.effect === undefined) return { ...stated, effect: base };
  return { effect: base, ...periodOf(provision?.["period"], "Consent.provision.period"), exceptions: [stated] };
}

const says = (rule: ConsentRule): boolean => rule.effect !== undefined || rule.exceptions?.some(says) === true;

const codings = (concept: unknown): readonly JsonObject[] => {
  const coding = isJsonObject(concept) ? concept["coding"] : undefined;
  return Array.isArray(coding) ? (coding as unknown[]).filter(isJsonObject) : [];
};

function scopeOf(resource: FhirResource): string | undefined {
  const code = codings(resource["scope"]).find((coding) => coding["system"] === SCOPES)?.["code"];
  return typeof code === "string" ? code : undefined;
}

/** What the policy rule says by itself; undefined where it names a form only. Two that disagree are refused. */
function baseOf(resource: FhirResource): "permit" | "deny" | undefined {
  if (resource["policyRule"] === undefined) return undefined;
  const found = codings(resource["policyRule"]);
  const bases = new Set<"permit" | "deny">();
  for (const { system, code } of found) {
    const base = system === ACT_CODE && typeof code === "string" ? BASES[code] : undefined;
    const isForm = system === POLICY_CODES && typeof code === "string" && FORMS.has(code);
    if (base === undefined && !isForm) throw fault("consent-code", "Consent.policyRule");
    if (base !== undefined) bases.add(base);
  }
  if (found.length === 0 || bases.size > 1) throw fault("consent-code", "Consent.policyRule");
  return [...bases][0];
}

function checkPolicies(resource: FhirResource): void {
  const policies: unknown = resource["policy"];
  if (!Array.isArray(policies)) return;
  for (const [index, policy] of (policies as unknown[]).entries()) {
    const uri = isJsonObject(policy) ? policy["uri"] : undefined;
    if (uri !== undefined && (typeof uri !== "string" || !LAW.test(uri))) {
      throw fault("consent-element", `Consent.policy[${index}].uri`);
    }
  }
}

/** The clinic's own Organization records: `Consent.organization` is who manages the consent. */
function organizationsOf(resource: FhirResource): readonly string[] {
  const found: unknown = resource["organization"];
  return (Array.isArray(found) ? (found as unknown[]) : []).flatMap(
    (each) => idOfReference(each, "Organization") ?? [],
  );
}

function issuedAt(resource: FhirResource): number {
  const stated = resource["dateTime"] ?? resource.meta?.["lastUpdated"];
  const low = typeof stated === "string" ? dateRange(stated)?.low : undefined;
  return low ?? 0;
}
