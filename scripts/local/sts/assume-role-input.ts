import { deflateRawSync } from "node:zlib";
import type { PolicyDocument } from "../../../core/iam/document.ts";
import { parsePolicy, POLICY_LIMITS } from "../iam/index.ts";
import { ServiceError } from "../service.ts";
import { parseList, type Parameters } from "./query-protocol.ts";

export interface AssumeRoleInput {
  readonly roleArn: string;
  readonly roleSessionName: string;
  readonly durationSeconds: number | undefined;
  readonly policy: PolicyDocument | undefined;
  readonly policyText: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly transitiveTagKeys: readonly string[];
  readonly externalId: string | undefined;
  readonly sourceIdentity: string | undefined;
}

/** Letters, digits and spaces of any script and `_.:/=+-@`. Source: STS API Reference, Tag. */
const TAG_KEY = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u;
const TAG_VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u;
const SESSION_NAME = /^[\w+=,.@-]{2,64}$/;
const MOST_TAGS = 50;

/** Requests that name what is not built are refused, so that nobody believes it took effect. */
const NOT_BUILT = ["PolicyArns.member.1.arn", "SerialNumber", "TokenCode", "ProvidedContexts.member.1.ProviderArn"];

const failed = (member: string, constraint: string): ServiceError =>
  new ServiceError(
    "ValidationError",
    `1 validation error detected: Value at '${member}' failed to satisfy constraint: Member must ${constraint}`,
    400,
  );

/**
 * The parameters of AssumeRole, with the limits that need no knowledge of the role.
 * Throws ServiceError as STS would. Source: STS API Reference, AssumeRole.
 */
export function parseAssumeRole(parameters: Parameters): AssumeRoleInput {
  const missing = NOT_BUILT.find((name) => parameters.has(name));
  if (missing !== undefined)
    throw new ServiceError("NotImplemented", `${missing} is not part of the embedded AWS`, 501);

  const roleArn = parameters.get("RoleArn") ?? "";
  if (roleArn.length < 20 || roleArn.length > 2048) throw failed("roleArn", "have length between 20 and 2048");
  if (!/^arn:aws:iam::\d{12}:role\/[\w+=,.@/-]+$/.test(roleArn)) {
    throw new ServiceError("ValidationError", "The role ARN is invalid", 400);
  }
  const roleSessionName = parameters.get("RoleSessionName") ?? "";
  if (!SESSION_NAME.test(roleSessionName))
    throw failed("roleSessionName", "satisfy regular expression pattern: [\\w+=,.@-]{2,64}");

  const policyText = parameters.get("Policy");
  if (policyText !== undefined && (policyText.length < 1 || policyText.length > POLICY_LIMITS.sessionPolicy)) {
    throw failed("policy", `have length less than or equal to ${POLICY_LIMITS.sessionPolicy}`);
  }
  const externalId = parameters.get("ExternalId");
  if (externalId !== undefined && !/^[\w+=,.@:/-]{2,1224}$/.test(externalId)) {
    throw failed("externalId", "satisfy regular expression pattern: [\\w+=,.@:\\/-]{2,1224}");
  }
  const sourceIdentity = parameters.get("SourceIdentity");
  if (sourceIdentity !== undefined && (!SESSION_NAME.test(sourceIdentity) || sourceIdentity.startsWith("aws:"))) {
    throw failed("sourceIdentity", "satisfy regular expression pattern: [\\w+=,.@-]{2,64}");
  }
  const tags = parseTags(parameters);
  return {
    roleArn,
    roleSessionName,
    durationSeconds: parseDuration(parameters.get("DurationSeconds")),
    policy: policyText === undefined ? undefined : parsePolicy(policyText, "session"),
    policyText,
    tags,
    transitiveTagKeys: parseTransitive(parameters, tags),
    externalId,
    sourceIdentity,
  };
}

function parseDuration(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (!(seconds >= 900)) throw failed("durationSeconds", "have value greater than or equal to 900");
  if (seconds > 43_200) throw failed("durationSeconds", "have value less than or equal to 43200");
  return seconds;
}

function parseTags(parameters: Parameters): Readonly<Record<string, string>> {
  const pairs = parseList("Tags", (prefix) => {
    const key = parameters.get(`${prefix}.Key`);
    const value = parameters.get(`${prefix}.Value`);
    if (key === undefined && value === undefined) return undefined;
    if (key === undefined || !TAG_KEY.test(key)) {
      throw failed("tags.member.key", "satisfy regular expression pattern: [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+");
    }
    if (value === undefined || !TAG_VALUE.test(value)) {
      throw failed("tags.member.value", "satisfy regular expression pattern: [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*");
    }
    if (/^aws:/i.test(key)) throw new ServiceError("InvalidParameterValue", "Tag keys must not begin with aws:", 400);
    return [key, value] as const;
  });
  if (pairs.length > MOST_TAGS) throw failed("tags", `have length less than or equal to ${MOST_TAGS}`);
  if (new Set(pairs.map(([key]) => key.toLowerCase())).size !== pairs.length) {
    throw new ServiceError(
      "InvalidParameterValue",
      "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
      400,
    );
  }
  return Object.fromEntries(pairs);
}

function parseTransitive(parameters: Parameters, tags: Readonly<Record<string, string>>): readonly string[] {
  const keys = parseList("TransitiveTagKeys", (name) => parameters.get(name));
  const isPassed = (key: string): boolean => Object.keys(tags).some((tag) => tag.toLowerCase() === key.toLowerCase());
  if (keys.length > MOST_TAGS) throw failed("transitiveTagKeys", `have length less than or equal to ${MOST_TAGS}`);
  if (!keys.every(isPassed)) {
    throw new ServiceError(
      "InvalidParameterValue",
      "The specified transitive tag key must be included in the requested tags.",
      400,
    );
  }
  return keys;
}

/** AWS does not publish the packed form. Its API example, a small policy and three tags, says 8 percent; this model says more. */
const PACKED_BYTES = 1_200;

/** How full the session token is with policy and tags, in percent: raw deflate against a strict bound. */
export function packedPolicyPercent(policyText: string | undefined, tags: Readonly<Record<string, string>>): number {
  const pairs = Object.entries(tags).map(([key, value]) => `${key}\0${value}\0`);
  const text = (policyText ?? "") + pairs.join("");
  return text === "" ? 0 : Math.ceil((deflateRawSync(text, { level: 9 }).length * 100) / PACKED_BYTES);
}
