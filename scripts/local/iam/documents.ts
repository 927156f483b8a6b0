import type { PolicyDocument } from "../../../core/iam/document.ts";
import { OPERATORS } from "../../../core/iam/operators.ts";
import { ServiceError } from "../service.ts";

/** Where a policy is attached, which decides what its statements must and must not say. */
export type PolicyKind = "identity" | "trust" | "session";

/** Characters without whitespace. Source: IAM User Guide, "IAM and AWS STS quotas". */
export const POLICY_LIMITS = { rolePolicies: 10_240, trustPolicy: 2_048, sessionPolicy: 2_048 } as const;

const STATEMENT_KEYS = new Set([
  "Sid",
  "Effect",
  "Principal",
  "NotPrincipal",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Condition",
]);

const malformed = (message: string): ServiceError => new ServiceError("MalformedPolicyDocument", message, 400);

/** Parses a policy that came as text. Throws ServiceError MalformedPolicyDocument without repeating the text. */
export function parsePolicy(text: string, kind: PolicyKind): PolicyDocument {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw malformed("This policy contains invalid Json");
  }
  return checkPolicy(value, kind);
}

/**
 * The policy, when IAM would take it: known elements, an effect, one of Action and NotAction, conditions with operators
 * that IAM knows, a Principal exactly where one belongs. Documents of the old version are refused: their variables are
 * plain text, which no document of ours wants. Throws ServiceError MalformedPolicyDocument.
 * Source: IAM User Guide, "Grammar of the IAM JSON policy language".
 */
export function checkPolicy(value: unknown, kind: PolicyKind): PolicyDocument {
  if (!isRecord(value)) throw malformed("Syntax errors in policy.");
  if (Object.keys(value).some((key) => key !== "Version" && key !== "Statement" && key !== "Id")) {
    throw malformed("Syntax errors in policy.");
  }
  if (value["Version"] !== "2012-10-17") throw malformed("The policy must be of version 2012-10-17.");
  const statements = isList(value["Statement"]) ? value["Statement"] : [value["Statement"]];
  if (statements.length === 0) throw malformed("Syntax errors in policy.");
  for (const statement of statements) checkStatement(statement, kind);
  // The checks above are the shape of PolicyDocument; a single statement is put into a list.
  return { Version: "2012-10-17", Statement: statements } as PolicyDocument;
}

export const sizeOf = (document: PolicyDocument): number => JSON.stringify(document).length;

function checkStatement(statement: unknown, kind: PolicyKind): void {
  if (!isRecord(statement)) throw malformed("Syntax errors in policy.");
  const has = (key: string): boolean => statement[key] !== undefined;
  if (Object.keys(statement).some((key) => !STATEMENT_KEYS.has(key))) throw malformed("Syntax errors in policy.");
  if (statement["Effect"] !== "Allow" && statement["Effect"] !== "Deny") throw malformed("Invalid effect.");
  if (has("Action") === has("NotAction")) throw malformed("Policy statement must contain actions.");
  if (![statement["Action"] ?? statement["NotAction"]].flat().every(isAction)) {
    throw malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
  }
  if (kind === "trust") {
    if (has("Principal") === has("NotPrincipal")) throw malformed("Trust policy statements must name a principal.");
    if (has("Resource") || has("NotResource")) throw malformed("Has prohibited field Resource");
  } else {
    if (has("Principal") || has("NotPrincipal")) throw malformed("Policy document should not specify a principal.");
    if (has("Resource") === has("NotResource")) throw malformed("Policy statement must contain resources.");
    if (![statement["Resource"] ?? statement["NotResource"]].flat().every(isText)) {
      throw malformed('Resource must be in ARN format or "*".');
    }
  }
  if (has("Condition")) checkCondition(statement["Condition"]);
}

function checkCondition(condition: unknown): void {
  if (!isRecord(condition)) throw malformed("Syntax errors in policy.");
  for (const [operator, keys] of Object.entries(condition)) {
    const name = operator.replace(/^(ForAllValues|ForAnyValue):/, "");
    const plain = name.replace(/IfExists$/, "");
    const isKnown = name === "Null" || Object.hasOwn(OPERATORS, plain);
    if (!isKnown || !isRecord(keys)) throw malformed(`Invalid Condition type : ${isKnown ? plain : "unknown"}.`);
    if (!Object.values(keys).flat().every(isText)) throw malformed("Syntax errors in policy.");
  }
}

const isText = (value: unknown): boolean => typeof value === "string";
const isAction = (value: unknown): boolean =>
  typeof value === "string" && (value === "*" || /^[A-Za-z0-9-]+:[A-Za-z0-9*?]+$/.test(value));
const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
