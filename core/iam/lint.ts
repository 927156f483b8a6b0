import { asList, parseOperator } from "./conditions.ts";
import type { PolicyDocument, Statement } from "./document.ts";
import { OPERATORS } from "./operators.ts";

/** What a document is for: a role's own policy, a session policy, a trust policy, or the policy on a table, bucket or key. */
export type LintKind = "role" | "session" | "trust" | "table" | "bucket" | "key";

export interface Finding {
  readonly rule: RuleName;
  /** The statement's Sid, or `#` and its index. */
  readonly statement: string;
}

interface Subject {
  readonly statement: Statement;
  readonly kind: LintKind;
  readonly document: PolicyDocument;
  readonly isAllow: boolean;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly tests: readonly ConditionKey[];
}

interface ConditionKey {
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

const lower = (text: string): string => text.toLowerCase();
const MULTIVALUED: ReadonlySet<string> = new Set(
  [
    "dynamodb:LeadingKeys",
    "dynamodb:Attributes",
    "aws:TagKeys",
    "sts:TransitiveTagKeys",
    "kms:EncryptionContextKeys",
  ].map(lower),
);
const ITEM_ACTION = /^dynamodb:(.*item|query)$/;
const TENANT_TABLE = /:table\/[^/]*-(data|outbox|keys)(\/|$)/;
/** Actions that carry no partition key, work on the whole table or take a row away. Service Authorization Reference. */
const KEYLESS =
  /^dynamodb:(scan|partiql.*|batchwriteitem|deleteitem|delete.*|export.*|restore.*|import.*|.*resourcepolicy)$/;
/** Actions that AWS gives no resource, so that `*` is the only one they can have. */
const RESOURCELESS: ReadonlySet<string> = new Set(["dynamodb:liststreams"]);
/** Literal text or `?`s between delimiters, and a `*` only behind the last delimiter, or none; or one literal word. */
const DELIMITED = /^(?:[A-Z]+#(?:[^*#]*#)*(?:\*|[^*#]+)|[A-Z]+)$/;
const VARIABLE = /\$\{([^}]+)\}/g;

const isNegated = (operator: string): boolean => OPERATORS[parseOperator(operator)?.base ?? ""]?.negated === true;
const setOf = (operator: string): string | undefined => parseOperator(operator)?.set;
const hasVariable = (value: string): boolean => /\$\{(?![*?$]\})/.test(value);
const isPresent = (subject: Subject, key: string): boolean =>
  subject.tests.some(
    (test) =>
      test.operator === "Null" && lower(test.key) === lower(key) && test.values.every((value) => value === "false"),
  );

/** Each rule says true of a statement that breaks it. */
const RULES = {
  /** AWS would refuse to store it; the evaluator reads it as never allowing and always denying. */
  "unknown-operator": ({ tests }) => tests.some((test) => parseOperator(test.operator) === undefined),
  /** ForAllValues holds where the key is absent. */
  "for-all-values-without-null": (subject) =>
    subject.isAllow &&
    subject.tests.some((test) => setOf(test.operator) === "ForAllValues" && !isPresent(subject, test.key)),
  /** A row of a clinic is reached by its partition key only. */
  "tenant-table-without-leading-keys": ({ isAllow, actions, resources, tests }) =>
    isAllow &&
    actions.some((action) => ITEM_ACTION.test(action)) &&
    resources.some((resource) => TENANT_TABLE.test(resource)) &&
    !tests.some((test) => lower(test.key) === "dynamodb:leadingkeys" && setOf(test.operator) === "ForAllValues"),
  "keyless-action": ({ isAllow, actions }) => isAllow && actions.some((action) => KEYLESS.test(action)),
  /** New actions appear in AWS every month; a wildcard would grant them unread. */
  "wildcard-action": ({ isAllow, actions }) => isAllow && actions.some((action) => /[*?]/.test(action)),
  /** A variable without a value makes a negated operator hold. */
  "negated-operator-with-variable": ({ tests }) =>
    tests.some((test) => isNegated(test.operator) && test.values.some(hasVariable)),
  /** `T#a*` is also a prefix of tenant `ab`. */
  "undelimited-prefix": ({ tests }) =>
    tests.some(
      (test) =>
        test.operator !== "Null" &&
        lower(test.key) === "dynamodb:leadingkeys" &&
        test.values.some((value) => !DELIMITED.test(value.replaceAll(VARIABLE, "x"))),
    ),
  "single-value-test-of-a-list": ({ tests }) =>
    tests.some(
      (test) => test.operator !== "Null" && MULTIVALUED.has(lower(test.key)) && setOf(test.operator) === undefined,
    ),
  "list-test-of-a-single-value": ({ tests }) =>
    tests.some((test) => setOf(test.operator) !== undefined && !MULTIVALUED.has(lower(test.key))),
  /** What is not listed is allowed: also what does not exist yet. */
  "allow-by-exception": ({ isAllow, statement }) =>
    isAllow &&
    (statement.NotAction !== undefined || statement.NotResource !== undefined || statement.NotPrincipal !== undefined),
  "any-resource": ({ isAllow, kind, actions, resources }) =>
    isAllow &&
    kind !== "key" &&
    resources.some(
      (resource) => resource === "*" || /^arn:aws:[a-z0-9]+:\*|:table\/\*|^arn:aws:s3:::\*/.test(resource),
    ) &&
    !actions.every((action) => RESOURCELESS.has(action)),
  "any-index": ({ isAllow, resources }) => isAllow && resources.some((resource) => /\/index\/.*[*?]/.test(resource)),
  anybody: ({ isAllow, statement: { Principal } }) =>
    isAllow && Principal !== undefined && (Principal === "*" || asList(Principal["AWS"]).includes("*")),
  /** A grant to a session's ARN passes by its session policy. */
  "session-as-principal": ({ isAllow, statement: { Principal } }) =>
    isAllow && typeof Principal === "object" && asList(Principal["AWS"]).some((arn) => arn.includes(":assumed-role/")),
  /** Tables and buckets hold a second wall, not a second door; but another account's reader comes in by no other way. */
  "resource-policy-that-allows": (subject) =>
    subject.isAllow && (subject.kind === "table" || (subject.kind === "bucket" && !isForeignReader(subject))),
  "short-arn": ({ tests }) =>
    tests.some(
      (test) =>
        /^(?:.*:)?Arn/.test(test.operator) &&
        test.values.some((value) => value.replaceAll(VARIABLE, "x").split(":").length < 6),
    ),
  /** A role that names a tag must deny those who come without it. */
  "tag-without-guard": ({ isAllow, kind, document, statement }) =>
    isAllow &&
    kind === "role" &&
    tagsOf(statement).some((tag) => !document.Statement.some((other) => deniesWithout(other, tag))),
  "decrypt-without-context": ({ isAllow, actions, tests }) =>
    isAllow &&
    actions.some((action) => /^kms:(decrypt|generatedatakey.*)$/.test(action)) &&
    !tests.some((test) => /^kms:(encryptioncontext:|viaservice$)/.test(lower(test.key))),
} as const satisfies Readonly<Record<string, (subject: Subject) => boolean>>;

/** S3 buckets of ours end with the account that they stand in. */
const BUCKET_ACCOUNT = /^arn:aws:s3:::[^/]*-(\d{12})(?:\/|$)/;
const BUCKET_READS: ReadonlySet<string> = new Set(
  [
    "s3:GetObject",
    "s3:GetObjectVersion",
    "s3:GetObjectRetention",
    "s3:ListBucket",
    "s3:ListBucketVersions",
    "s3:GetBucketObjectLockConfiguration",
  ].map(lower),
);
const ROLE_OR_ROOT = /^arn:aws:iam::(\d{12}):(?:role\/[\w+=,.@/-]+|(root))$/;

/**
 * Whether a statement lets named principals of one other account read, and nothing else. An account as a whole is named
 * only together with the very principals that are meant, for those that do not exist yet.
 */
function isForeignReader({ statement, actions, resources, tests }: Subject): boolean {
  if (typeof statement.Principal !== "object" || Object.keys(statement.Principal).join() !== "AWS") return false;
  const owners = new Set(resources.map((resource) => BUCKET_ACCOUNT.exec(resource)?.[1]));
  const isNarrowed = tests.some(
    ({ operator, key, values }) =>
      operator === "ArnEquals" && lower(key) === "aws:principalarn" && values.every((value) => !/[*?]/.test(value)),
  );
  return (
    actions.length > 0 &&
    actions.every((action) => BUCKET_READS.has(action)) &&
    owners.size === 1 &&
    asList(statement.Principal["AWS"]).every((arn) => {
      const [, account, root] = ROLE_OR_ROOT.exec(arn) ?? [];
      return (
        account !== undefined && !owners.has(account) && !owners.has(undefined) && (root === undefined || isNarrowed)
      );
    })
  );
}

export type RuleName = keyof typeof RULES;
export const RULE_NAMES = Object.keys(RULES) as readonly RuleName[];

function tagsOf(statement: Statement): readonly string[] {
  const text = JSON.stringify(statement);
  return [...text.matchAll(VARIABLE)]
    .map((match) => lower(match[1] ?? ""))
    .filter((name) => name.startsWith("aws:principaltag/"));
}

const deniesWithout = (statement: Statement, tag: string): boolean =>
  statement.Effect === "Deny" &&
  statement.Action === "*" &&
  statement.Resource === "*" &&
  Object.entries(statement.Condition?.["Null"] ?? {}).some(([key, value]) => lower(key) === tag && value === "true") &&
  Object.keys(statement.Condition ?? {}).length === 1;

/** Every rule that a statement of the document breaks; none for a sound document. */
export function lintDocument(document: PolicyDocument, kind: LintKind): readonly Finding[] {
  return document.Statement.flatMap((statement, index) => {
    const subject: Subject = {
      statement,
      kind,
      document,
      isAllow: statement.Effect === "Allow",
      actions: asList(statement.Action).map(lower),
      resources: asList(statement.Resource),
      tests: Object.entries(statement.Condition ?? {}).flatMap(([operator, keys]) =>
        Object.entries(keys).map(([key, values]) => ({ operator, key, values: asList(values) })),
      ),
    };
    return RULE_NAMES.filter((rule) => RULES[rule](subject)).map((rule) => ({
      rule,
      statement: statement.Sid ?? `#${index}`,
    }));
  });
}
