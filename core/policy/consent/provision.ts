import type { JsonObject } from "../../fhir/index.ts";
import { isJsonObject, isResourceType, parseReference } from "../../fhir/index.ts";
import { sensitivityCodes } from "../../fhir/labels.ts";
import { dateRange } from "../../fhir/search/dates.ts";
import { RECORD_CLASSES, type RecordClass } from "../../kernel/data-class.ts";
import { PURPOSES, type Purpose } from "../grant.ts";
import type { ActorContext } from "./actors.ts";
import { compileActors, idOfReference } from "./actors.ts";
import { CONFIDENTIALITY_LEVELS, type ConsentAction, type ConsentRule } from "./compiled.ts";
import { fault } from "./fault.ts";
import { PURPOSE_SYSTEM, RECORD_CLASS_SYSTEM } from "./systems.ts";

export interface ProvisionContext extends ActorContext {
  /** The only purposes that the scope of the consent reaches; undefined for all. */
  readonly onlyPurposes?: readonly Purpose[] | undefined;
}

const ACTIONS_SYSTEM = "http://terminology.hl7.org/CodeSystem/consentaction";
const REASONS_SYSTEM = "http://terminology.hl7.org/CodeSystem/v3-ActReason";
const ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
const CONFIDENTIALITY_SYSTEM = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";
const TYPES_SYSTEM = "http://hl7.org/fhir/resource-types";

/** To use is to see, to correct is to write: nothing here does one without the other. */
const ACTIONS: Readonly<Record<string, ConsentAction>> = {
  access: "access",
  use: "access",
  collect: "collect",
  correct: "collect",
  disclose: "disclose",
};
/** Nested deeper than any form; the structure has been judged before. */
const MAX_DEPTH = 8;

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

/** A provision and those inside it. Throws ConsentFault at the first element that would not be enforced. */
export function compileProvision(
  provision: JsonObject,
  path: string,
  context: ProvisionContext,
  depth = 1,
): ConsentRule {
  if (depth > MAX_DEPTH) throw fault("consent-size", path);
  let rule: ConsentRule = {};
  for (const [name, value] of Object.entries(provision)) {
    const at = `${path}.${name}`;
    const part = compileElement(name, value, at, provision, context, depth);
    // Authors can be named twice, as actors and as data: both would have to hold, and a list holds where one does.
    if (Object.keys(part).some((key) => key in rule)) throw fault("consent-element", at);
    rule = { ...rule, ...part };
  }
  return rule;
}

function compileElement(
  name: string,
  value: unknown,
  at: string,
  provision: JsonObject,
  context: ProvisionContext,
  depth: number,
): ConsentRule {
  switch (name) {
    case "id":
    case "extension":
      return {};
    case "type":
      if (value !== "permit" && value !== "deny") throw fault("consent-code", at);
      return { effect: value };
    case "period":
      return periodOf(value, at);
    case "actor": {
      const type = provision["type"];
      const effect = type === "permit" || type === "deny" ? type : undefined;
      return compileActors(list(value), at, effect, context);
    }
    case "action":
      return { actions: [...new Set(list(value).flatMap((each, index) => actionsOf(each, `${at}[${index}]`)))] };
    case "purpose":
      return { purposes: [...new Set(list(value).map((each, index) => purposeOf(each, `${at}[${index}]`, context)))] };
    case "securityLabel":
      return labelsOf(list(value), at);
    case "class":
      return kindsOf(list(value), at);
    case "dataPeriod": {
      const { from, until } = periodOf(value, at);
      return { ...(from !== undefined && { dataFrom: from }), ...(until !== undefined && { dataUntil: until }) };
    }
    case "data":
      return dataOf(list(value), at);
    case "provision":
      return {
        exceptions: list(value).map((each, index) => {
          if (!isJsonObject(each)) throw fault("consent-element", `${at}[${index}]`);
          const exception = compileProvision(each, `${at}[${index}]`, context, depth + 1);
          // R4: `type` is required in every nested rule. One without it would narrow, or hide, and say nothing.
          if (exception.effect === undefined) throw fault("consent-element", `${at}[${index}].type`);
          return exception;
        }),
      };
    default:
      // Provision.code and modifierExtension among them: what a record's codes mean is not judged here.
      throw fault("consent-element", at);
  }
}

/** A Period in milliseconds, its end exclusive: FHIR R4 datatypes.html#Period counts all that an end's precision covers. */
export function periodOf(value: unknown, at: string): { readonly from?: number; readonly until?: number } {
  if (value === undefined) return {};
  if (!isJsonObject(value)) throw fault("consent-period", at);
  const { start, end } = value;
  for (const name of Object.keys(value)) {
    // An end that is not known (`_end` with a data-absent-reason) is no open end.
    if (!["id", "extension", "start", "end"].includes(name)) throw fault("consent-period", `${at}.${name}`);
  }
  const from = typeof start === "string" ? dateRange(start)?.low : undefined;
  const until = typeof end === "string" ? dateRange(end)?.high : undefined;
  const isRead = (start === undefined || from !== undefined) && (end === undefined || until !== undefined);
  if (!isRead || (from !== undefined && until !== undefined && until <= from)) throw fault("consent-period", at);
  return {
    ...(from !== undefined && { from: Math.floor(from) }),
    ...(until !== undefined && { until: Math.floor(until) }),
  };
}

function actionsOf(value: unknown, at: string): ConsentAction[] {
  const coding = isJsonObject(value) ? list(value["coding"]) : [];
  const actions = coding.map((each) => {
    const action = isJsonObject(each) && each["system"] === ACTIONS_SYSTEM ? ACTIONS[String(each["code"])] : undefined;
    if (action === undefined) throw fault("consent-code", at);
    return action;
  });
  if (actions.length === 0) throw fault("consent-code", at);
  return actions;
}

function purposeOf(value: unknown, at: string, { onlyPurposes }: ProvisionContext): Purpose {
  const { system, code } = isJsonObject(value) ? value : {};
  const purpose = PURPOSES.find((known) => known === code);
  const isOurs = purpose === "MLTRAINING";
  if (purpose === undefined || system !== (isOurs ? PURPOSE_SYSTEM : REASONS_SYSTEM)) throw fault("consent-code", at);
  if (onlyPurposes && !onlyPurposes.includes(purpose)) throw fault("consent-element", at);
  return purpose;
}

/** Categories, or one confidentiality level as a high-water mark (FHIR R4 consent.html): both at once have no one meaning. */
function labelsOf(values: readonly unknown[], at: string): ConsentRule {
  const labels: string[] = [];
  const levels: NonNullable<ConsentRule["confidentiality"]>[] = [];
  for (const [index, value] of values.entries()) {
    const { system, code } = isJsonObject(value) ? value : {};
    const level =
      system === CONFIDENTIALITY_SYSTEM ? CONFIDENTIALITY_LEVELS.find((known) => known === code) : undefined;
    const isCategory = system === ACT_CODE && typeof code === "string" && sensitivityCodes().has(code);
    if (level !== undefined) levels.push(level);
    else if (isCategory) labels.push(code);
    else throw fault("consent-code", `${at}[${index}]`);
  }
  const [level, ...more] = levels;
  if (more.length > 0 || (level !== undefined && labels.length > 0)) throw fault("consent-element", at);
  return level === undefined ? { labels } : { confidentiality: level };
}

function kindsOf(values: readonly unknown[], at: string): ConsentRule {
  const classes: RecordClass[] = [];
  const types: string[] = [];
  for (const [index, value] of values.entries()) {
    const { system, code } = isJsonObject(value) ? value : {};
    const letter = system === RECORD_CLASS_SYSTEM ? RECORD_CLASSES.find((known) => known === code) : undefined;
    if (letter !== undefined) classes.push(letter);
    else if (system === TYPES_SYSTEM && isResourceType(code)) types.push(code);
    else throw fault("consent-code", `${at}[${index}]`);
  }
  return { ...(classes.length > 0 && { classes }), ...(types.length > 0 && { types }) };
}

/** Single records, or all that one practitioner wrote. What is `related` to a record nobody here can tell. */
function dataOf(values: readonly unknown[], at: string): ConsentRule {
  const records: string[] = [];
  const authors: string[] = [];
  for (const [index, value] of values.entries()) {
    const { meaning, reference } = isJsonObject(value) ? value : {};
    const text = isJsonObject(reference) ? reference["reference"] : undefined;
    const target = typeof text === "string" ? parseReference(text) : undefined;
    const author = idOfReference(reference, "Practitioner");
    if (meaning === "instance" && target?.kind === "relative" && target.version === undefined) {
      records.push(`${target.type}/${target.id}`);
    } else if (meaning === "authoredby" && author !== undefined) {
      authors.push(author);
    } else {
      throw fault("consent-element", `${at}[${index}]`);
    }
  }
  if (records.length > 0 && authors.length > 0) throw fault("consent-element", at);
  return records.length > 0 ? { records } : { authors };
}

export const countRules = (rule: ConsentRule): number =>
  1 + (rule.exceptions ?? []).reduce((total, each) => total + countRules(each), 0);
