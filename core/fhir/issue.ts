import { constraint } from "./definitions.ts";

/** FHIR R4 issue types: https://hl7.org/fhir/R4/valueset-issue-type.html */
export type IssueCode =
  | "invalid"
  | "structure"
  | "required"
  | "value"
  | "invariant"
  | "security"
  | "login"
  | "expired"
  | "forbidden"
  | "suppressed"
  | "processing"
  | "not-supported"
  | "duplicate"
  | "multiple-matches"
  | "not-found"
  | "deleted"
  | "too-long"
  | "code-invalid"
  | "extension"
  | "too-costly"
  | "business-rule"
  | "conflict"
  | "transient"
  | "lock-error"
  | "no-store"
  | "exception"
  | "timeout"
  | "incomplete"
  | "throttled"
  | "informational";

/** What is wrong, where, under which rule. Never any content of the resource, nor the name of an unknown property. */
export interface ValidationIssue {
  /** FHIRPath-like, made of element names of the definitions and indexes: `Patient.contact[0].gender`. */
  readonly path: string;
  /** A stable key: one of RULES, or the key of an R4 constraint (`obs-6`). */
  readonly rule: string;
  readonly severity: "error" | "warning";
  readonly code: IssueCode;
}

const RULES = {
  "resource-type": ["not-supported", "The resource type is missing or not supported here"],
  "resource-shape": ["structure", "A resource is a JSON object"],
  depth: ["too-costly", "The resource is nested too deeply"],
  "too-many-values": ["too-costly", "The resource has more values than can be judged"],
  "unknown-property": ["structure", "unknown property at this path"],
  required: ["required", "A required element is missing"],
  cardinality: ["structure", "The element repeats more often than it may"],
  "json-type": ["structure", "The JSON type does not fit the element's type"],
  array: ["structure", "The element must be an array exactly when it may repeat"],
  null: ["structure", "null stands only in an array of primitives beside an extension at the same index"],
  "ele-1": ["invariant", "All FHIR elements must have a @value or children"],
  "ext-1": ["invariant", "Must have either extensions or value[x], not both"],
  "dom-2": ["invariant", "If the resource is contained in another resource, it SHALL NOT contain nested Resources"],
  "dom-3": [
    "invariant",
    "If the resource is contained in another resource, it SHALL be referred to from elsewhere in the resource or SHALL refer to the containing resource",
  ],
  "dom-4": [
    "invariant",
    "If a resource is contained in another resource, it SHALL NOT have a meta.versionId or a meta.lastUpdated",
  ],
  "dom-5": ["invariant", "If a resource is contained in another resource, it SHALL NOT have a security label"],
  "contained-id": ["invariant", "Contained resources have ids of their own"],
  "ref-1": ["invariant", "SHALL have a contained resource if a local reference is provided"],
  "obs-7": [
    "invariant",
    "If Observation.code is the same as an Observation.component.code then the value element associated with the code SHALL NOT be present",
  ],
  "que-2": ["invariant", "The link ids for groups and questions must be unique within the questionnaire"],
  "txt-1": [
    "invariant",
    "The narrative SHALL contain only the basic html formatting elements and attributes, and nothing that runs or loads anything",
  ],
  "txt-2": ["invariant", "The narrative SHALL have some non-whitespace content"],
  choice: ["structure", "Only one type of a choice element may be present"],
  binding: ["code-invalid", "The code is not in the required value set"],
  "reference-format": ["value", "The reference is not a relative, absolute, urn, contained or conditional reference"],
  "reference-target": ["value", "The element may not refer to this resource type"],
  "reference-type": ["value", "The reference and its type element disagree"],
  "bundle-shape": ["structure", "A Bundle is an object with a type and an array of entries"],
  "bundle-type": ["not-supported", "Only transaction and batch bundles are taken"],
  "bundle-size": ["too-costly", "The bundle has too many entries"],
  "bundle-request": ["structure", "The entry's request does not have the form of its method"],
  "bundle-method": ["not-supported", "The entry's method is not supported in bundles"],
  "bundle-resource": ["required", "POST and PUT entries carry a resource, GET and DELETE entries none"],
  "bundle-identity": ["invariant", "No two entries of a transaction change the same resource"],
  "bundle-id": ["value", "The type and id of a resource are those of its request"],
  "bundle-reference": ["not-found", "A urn reference stands for another entry of the same transaction"],
  "bdl-7": ["invariant", "FullUrl must be unique in a bundle"],
  "bdl-8": ["invariant", "fullUrl cannot be a version specific reference"],
  condition: ["invalid", "The conditional reference or request is not a search that can be made"],
  "condition-none": ["not-found", "The condition matches nothing"],
  "condition-several": ["multiple-matches", "The condition matches more than one resource"],
  "one-patient": ["business-rule", "A record lives with one patient, and this names several"],
  "search-unknown": ["not-supported", "The search parameter is not known for this type"],
  "search-modifier": ["not-supported", "The modifier is not supported for this parameter"],
  "search-chain": ["not-supported", "Chained parameters and _has are not supported"],
  "search-value": ["value", "The value does not have the form that the parameter takes"],
  "search-repeated": ["duplicate", "The parameter stands once"],
  "search-size": ["too-costly", "The search has too many parameters or values"],
  "search-cursor": ["value", "The page link is not one that this server made"],
  "json-size": ["too-long", "The body is too large"],
  "json-depth": ["too-costly", "The body is nested too deeply"],
  "json-values": ["too-costly", "The body has too many values"],
  "json-utf8": ["structure", "The body is not UTF-8"],
  "json-bom": ["structure", "The body starts with a byte order mark"],
  "json-surrogate": ["structure", "The body has half a surrogate pair"],
  "json-syntax": ["structure", "The body is not JSON"],
  "json-number": ["structure", "A number is too large, too small or too long to be kept"],
  "json-duplicate-key": ["structure", "An object has the same key twice"],
  "json-forbidden-key": ["structure", "An object has a key that every object inherits"],
  "uri-scheme": ["security", "A URI must not carry a script"],
  "too-long": ["too-long", "The string is longer than 1 MB"],
  format: ["value", "The value does not have the format of the element's type"],
} as const satisfies Record<string, readonly [IssueCode, string]>;

export type Rule = keyof typeof RULES;

/** An error under one of our own rules. */
export const issue = (path: string, rule: Rule): ValidationIssue => ({
  path,
  rule,
  severity: "error",
  code: RULES[rule][0],
});

/** An error under an R4 constraint. */
export const invariantIssue = (path: string, key: string): ValidationIssue => ({
  path,
  rule: key,
  severity: "error",
  code: "invariant",
});

/** The rule in words, for an OperationOutcome: ours, or FHIR's own; never anything of a resource. */
export function describeRule(rule: string): string | undefined {
  if (Object.hasOwn(RULES, rule)) return RULES[rule as Rule][1];
  return constraint(rule)?.human;
}
