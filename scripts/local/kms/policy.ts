import type { PolicyDocument, Statement } from "../../../core/iam/document.ts";
import type { Caller } from "../service.ts";
import { kmsError } from "./errors.ts";

const malformed = (message: string) => kmsError("MalformedPolicyDocumentException", message);
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const list = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === "string" ? [value] : value;

/** The policy of a key made without one: the account's IAM policies decide. Source: KMS Developer Guide, "Default key policy". */
export const defaultPolicy = (accountId: string): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Id: "key-default-1",
    Statement: [
      {
        Sid: "Enable IAM User Permissions",
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${accountId}:root` },
        Action: "kms:*",
        Resource: "*",
      },
    ],
  });

/** The policy of an AWS managed key (`aws/s3`): everybody in the account, but only through the service. */
export const managedKeyPolicy = (accountId: string, viaService: string): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Id: "auto-managed-1",
    Statement: [
      {
        Sid: "Allow access through the service for all principals in the account that are authorized to use it",
        Effect: "Allow",
        Principal: { AWS: "*" },
        Action: ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
        Resource: "*",
        Condition: { StringEquals: { "kms:CallerAccount": accountId, "kms:ViaService": viaService } },
      },
    ],
  });

function parseStatement(value: unknown): Statement {
  if (!isObject(value)) throw malformed("A statement is not an object");
  const { Effect, Principal, NotPrincipal, Action, NotAction } = value;
  if (Effect !== "Allow" && Effect !== "Deny") throw malformed("A statement has no Effect");
  if (Principal === undefined && NotPrincipal === undefined) throw malformed("A statement has no Principal");
  if (Action === undefined && NotAction === undefined) throw malformed("A statement has no Action");
  for (const operator of Object.keys(isObject(value["Condition"]) ? value["Condition"] : {})) {
    const tests = (value["Condition"] as Record<string, unknown>)[operator];
    // An absent key makes ForAllValues true: on a single-valued key it permits what it seems to forbid.
    const isOpen =
      /^ForAllValues:/i.test(operator) &&
      Object.keys(isObject(tests) ? tests : {}).some((name) => /^kms:EncryptionContext:/i.test(name));
    if (isOpen) throw malformed("OverlyPermissiveCondition: kms:EncryptionContext: keys are single-valued");
  }
  return value as unknown as Statement;
}

/** Parses a key policy as KMS accepts it: at most 32 KiB, each statement with Principal. Throws MalformedPolicyDocumentException. */
export function parseKeyPolicy(text: string): PolicyDocument {
  if (text.length > 32_768) throw kmsError("LimitExceededException", "The key policy is too long");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw malformed("The key policy is not valid JSON");
  }
  if (!isObject(value)) throw malformed("The key policy is not an object");
  const statements = Array.isArray(value["Statement"]) ? (value["Statement"] as unknown[]) : [value["Statement"]];
  return { Version: "2012-10-17", Statement: statements.map(parseStatement) };
}

const matches = (pattern: string, word: string): boolean =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".")}$`,
    "i",
  ).test(word);

const coversPutKeyPolicy = (statement: Statement): boolean =>
  statement.Action === undefined
    ? !list(statement.NotAction).some((action) => matches(action, "kms:PutKeyPolicy"))
    : list(statement.Action).some((action) => matches(action, "kms:PutKeyPolicy"));

const namesCaller = (statement: Statement, caller: Caller): boolean => {
  const { Principal: principal } = statement;
  if (principal === undefined) return false;
  const names = principal === "*" ? ["*"] : list(principal["AWS"]);
  const own = [caller.arn, caller.roleArn, `arn:aws:iam::${caller.accountId}:root`, caller.accountId, "*"];
  return names.some((name) => own.includes(name));
};

/**
 * Refuses a policy that its author could not change again.
 * Source: KMS API Reference, PutKeyPolicy, BypassPolicyLockoutSafetyCheck. Conditions are not evaluated here:
 * an Allow counts with its conditions, a Deny only without.
 */
export function requireNoLockout(policy: PolicyDocument, caller: Caller): void {
  const relevant = policy.Statement.filter(
    (statement) => coversPutKeyPolicy(statement) && namesCaller(statement, caller),
  );
  const isDenied = relevant.some((statement) => statement.Effect === "Deny" && statement.Condition === undefined);
  if (isDenied || !relevant.some((statement) => statement.Effect === "Allow")) {
    throw malformed("The new key policy will not allow you to update the key policy in the future.");
  }
}
