import { evalFhirPathTyped, type FhirPathAtom, parseFhirPath, toTypedValue, type TypedValue } from "@medplum/core";
import { registerTypes } from "./core-schema.ts";
import { constraint } from "./definitions.ts";
import { invariantIssue, issue, type ValidationIssue } from "./issue.ts";
import { isJsonObject, type JsonObject } from "./json.ts";
import type { Judged } from "./structure.ts";

const UCUM: TypedValue = { type: "uri", value: "http://unitsofmeasure.org" };
const parsed = new Map<string, FhirPathAtom>();

function expressionOf(key: string): FhirPathAtom {
  let atom = parsed.get(key);
  if (!atom) {
    atom = parseFhirPath(constraint(key)?.expression ?? "false");
    parsed.set(key, atom);
  }
  return atom;
}

/** False too where the expression can not be evaluated: what we can not judge, we do not let in. */
function holds(key: string, value: TypedValue, variables: Record<string, TypedValue>): boolean {
  try {
    const result = evalFhirPathTyped(expressionOf(key), [value], variables);
    return result.length === 1 && result[0]?.value === true;
  } catch {
    return false;
  }
}

/** Every linkId of a Questionnaire's items, at any depth (que-2: "descendants().linkId.isDistinct()"). */
function* linkIds(items: unknown): Generator<unknown> {
  for (const item of Array.isArray(items) ? items : []) {
    if (!isJsonObject(item)) continue;
    yield item["linkId"];
    yield* linkIds(item["item"]);
  }
}

const hasDistinctLinkIds = (questionnaire: JsonObject): boolean => {
  const ids = [...linkIds(questionnaire["item"])];
  return new Set(ids).size === ids.length;
};

/** The codings of a CodeableConcept as `system|code`. */
function codingsOf(concept: unknown): string[] {
  const coding: unknown = isJsonObject(concept) ? concept["coding"] : undefined;
  return (Array.isArray(coding) ? coding.filter(isJsonObject) : []).map(
    ({ system, code }) => `${String(system)}|${String(code)}`,
  );
}

/** obs-7: an Observation with a value has no component with the code of its own. */
function hasComponentOfOwnCode(observation: JsonObject): boolean {
  const { code, component } = observation;
  if (!Array.isArray(component) || !Object.keys(observation).some((key) => /^_?value[A-Z]/.test(key))) return false;
  const own = new Set(codingsOf(code));
  return component.filter(isJsonObject).some((inner) => codingsOf(inner["code"]).some((coding) => own.has(coding)));
}

/** Constraints for which the engine has not the means. */
function checkByCode(resource: JsonObject, path: string): ValidationIssue[] {
  const { resourceType } = resource;
  if (resourceType === "Questionnaire" && !hasDistinctLinkIds(resource)) return [issue(`${path}.item`, "que-2")];
  return resourceType === "Observation" && hasComponentOfOwnCode(resource) ? [issue(path, "obs-7")] : [];
}

/**
 * Evaluates R4's error constraints on values whose structure is sound, with @medplum/core's FHIRPath engine.
 * @medplum/core's own validator leaves out the constraints of datatypes (per-1, cpt-2, att-1, qty-3); here they count.
 */
export function checkInvariants(root: JsonObject, judged: readonly Judged[]): ValidationIssue[] {
  const issues: ValidationIssue[] = [];
  const rootResource = toTypedValue(root);
  for (const { path, type, value, constraints, resource } of judged) {
    registerTypes(type);
    const typed = { type, value };
    const variables = {
      "%context": typed,
      "%ucum": UCUM,
      "%resource": resource === root ? rootResource : toTypedValue(resource),
      "%rootResource": rootResource,
    };
    for (const key of constraints) {
      if (!holds(key, typed, variables)) issues.push(invariantIssue(path, key));
    }
  }
  const contained: readonly unknown[] = Array.isArray(root["contained"]) ? root["contained"] : [];
  const type = String(root["resourceType"]);
  issues.push(...checkByCode(root, type));
  for (const [index, inner] of contained.entries()) {
    if (isJsonObject(inner)) issues.push(...checkByCode(inner, `${type}.contained[${index}]`));
  }
  return issues;
}
