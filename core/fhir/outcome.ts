import { describeRule, issue, type IssueCode, type Rule, type ValidationIssue } from "./issue.ts";
import type { JsonError } from "./json.ts";

export interface OperationOutcome {
  readonly resourceType: "OperationOutcome";
  readonly issue: readonly {
    readonly severity: "fatal" | "error" | "warning" | "information";
    readonly code: IssueCode;
    readonly details?: {
      readonly coding?: readonly { readonly system: string; readonly code: string }[];
      readonly text?: string;
    };
    readonly expression?: readonly string[];
  }[];
}

/** Names our rules and R4's constraint keys in an OperationOutcome. */
export const RULE_SYSTEM = "urn:keyward:fhir-rule";

/** FHIR R4 operationoutcome.html. At least one issue; each says where, which rule, and the rule's words. */
export function operationOutcome(issues: readonly ValidationIssue[]): OperationOutcome {
  return {
    resourceType: "OperationOutcome",
    issue: issues.map(({ path, rule, severity, code }) => {
      const text = describeRule(rule);
      return {
        severity,
        code,
        details: { coding: [{ system: RULE_SYSTEM, code: rule }], ...(text === undefined ? {} : { text }) },
        expression: [path],
      };
    }),
  };
}

/** An outcome that is not about an element: `not-found`, `conflict`, `throttled`... `text` must hold no record content. */
export const plainOutcome = (
  code: IssueCode,
  text: string,
  severity: "error" | "warning" | "information" = "error",
): OperationOutcome => ({
  resourceType: "OperationOutcome",
  issue: [{ severity, code, details: { text } }],
});

/** The issue of a body that is not JSON as we read it. */
export const jsonIssue = ({ rule }: JsonError): ValidationIssue => issue("Resource", rule satisfies Rule);
