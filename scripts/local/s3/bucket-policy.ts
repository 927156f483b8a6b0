import type { PolicyDocument, Statement } from "../../../core/iam/document.ts";
import { bucketArn } from "./authorization.ts";
import { S3Error } from "./errors.ts";

const MAX_POLICY_BYTES = 20 * 1024;
const malformed = (message: string): S3Error => new S3Error("MalformedPolicy", 400, message);
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function texts(value: unknown, refusal: string): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? (value as unknown[]) : [value];
  return list.map((text) => {
    if (typeof text !== "string") throw malformed(refusal);
    return text;
  });
}

function parseStatement(value: unknown, bucket: string): Statement {
  if (!isObject(value)) throw malformed("Statement is not valid");
  const { Effect, Principal, NotPrincipal, Action, NotAction, Resource, NotResource, Condition } = value;
  if (Effect !== "Allow" && Effect !== "Deny") throw malformed("Invalid effect");
  if (Principal === undefined && NotPrincipal === undefined) throw malformed("Missing required field Principal");
  const actions = texts(Action ?? NotAction, "Missing required field Action");
  if (!actions.every((action) => action === "*" || /^s3:/i.test(action))) throw malformed("Policy has invalid action");
  const resources = texts(Resource ?? NotResource, "Missing required field Resource");
  const own = bucketArn(bucket);
  if (!resources.every((resource) => resource === own || resource.startsWith(`${own}/`) || resource === `${own}*`)) {
    throw malformed("Policy has invalid resource");
  }
  if (Condition !== undefined && !isObject(Condition)) throw malformed("Invalid condition");
  return value as unknown as Statement;
}

/**
 * Parses a bucket policy as S3 accepts it: at most 20 KB, version 2012-10-17, statements with a principal, S3 actions and
 * resources inside the bucket. Throws MalformedPolicy. The older policy version 2008-10-17 is refused.
 */
export function parseBucketPolicy(text: string, bucket: string): PolicyDocument {
  if (Buffer.byteLength(text) > MAX_POLICY_BYTES) throw new S3Error("PolicyTooLarge", 400, "The policy is too large");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (!isObject(value)) throw malformed("Policies must be valid JSON and the first byte must be '{'");
  if (value["Version"] !== "2012-10-17") throw malformed("The policy must contain a valid version string");
  const list: unknown = value["Statement"];
  const statements: readonly unknown[] = Array.isArray(list) ? (list as unknown[]) : [list];
  return { Version: "2012-10-17", Statement: statements.map((statement) => parseStatement(statement, bucket)) };
}

/** Conditions that hold a wildcard principal to somebody. Source: S3 User Guide, "The meaning of public". */
const FIXING_KEYS = [
  "aws:sourcearn",
  "aws:sourceaccount",
  "aws:sourcevpc",
  "aws:sourcevpce",
  "aws:sourceip",
  "aws:principalarn",
  "aws:principalaccount",
  "aws:principalorgid",
  "aws:userid",
];

const isEverybody = (principal: Statement["Principal"]): boolean =>
  principal === "*" || (principal !== undefined && [principal["AWS"] ?? []].flat().includes("*"));

function isFixed(statement: Statement): boolean {
  return Object.entries(statement.Condition ?? {}).some(
    ([operator, tests]) =>
      !/not|null|ifexists|forallvalues/i.test(operator) &&
      Object.entries(tests).some(
        ([key, values]) =>
          FIXING_KEYS.includes(key.toLowerCase()) && ![values].flat().some((value) => /[*?]/.test(value)),
      ),
  );
}

/** Whether the policy lets anybody in: what BlockPublicPolicy refuses. */
export const isPublicPolicy = (policy: PolicyDocument): boolean =>
  policy.Statement.some(
    (statement) =>
      statement.Effect === "Allow" &&
      (statement.NotPrincipal !== undefined || isEverybody(statement.Principal)) &&
      !isFixed(statement),
  );
