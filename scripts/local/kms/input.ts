import type { WireRequest } from "../service.ts";
import { ServiceError } from "../service.ts";
import { constraint, notImplemented, validation } from "./errors.ts";

/** The JSON body of a KMS request, its members not yet checked. */
export type Input = Readonly<Record<string, unknown>>;

const TARGET_PREFIX = "TrentService.";
const serialization = (message: string): ServiceError => new ServiceError("SerializationException", message, 400);
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The operation named in `X-Amz-Target`; another service's target gives 501. Source: AWS JSON 1.1 protocol. */
export function operationName(request: WireRequest): string {
  const target = request.headers["x-amz-target"] ?? "";
  if (request.method !== "POST" || !target.startsWith(TARGET_PREFIX))
    throw notImplemented("A request without an operation");
  return target.slice(TARGET_PREFIX.length);
}

/** Parses the body. Throws SerializationException without repeating any of it. */
export function parseInput(request: WireRequest): Input {
  let value: unknown;
  try {
    value = request.body.length === 0 ? {} : JSON.parse(request.body.toString("utf8"));
  } catch {
    throw serialization("The request body is not valid JSON");
  }
  if (!isObject(value)) throw serialization("The request body is not a JSON object");
  return value;
}

/** A member that the operation does not know here could change what AWS would do, so it is refused, not ignored. */
export function refuseUnknownMembers(input: Input, known: readonly string[]): void {
  for (const name of Object.keys(input)) {
    if (!known.includes(name)) throw notImplemented("A member of this request");
  }
}

export interface Length {
  readonly min: number;
  readonly max: number;
}

export function optionalString(
  input: Input,
  member: string,
  length: Length = { min: 0, max: 8192 },
): string | undefined {
  const value = input[member];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw serialization(`${member} must be a string`);
  if (value.length < length.min) {
    throw constraint(member, `Member must have length greater than or equal to ${length.min}`);
  }
  if (value.length > length.max)
    throw constraint(member, `Member must have length less than or equal to ${length.max}`);
  return value;
}

export function requiredString(input: Input, member: string, length: Length = { min: 1, max: 2048 }): string {
  const value = optionalString(input, member, length);
  if (value === undefined) throw constraint(member, "Member must not be null");
  return value;
}

/** One of `values`, or undefined when absent. */
export function optionalChoice<T extends string>(input: Input, member: string, values: readonly T[]): T | undefined {
  const value = optionalString(input, member);
  if (value === undefined) return undefined;
  const found = values.find((candidate) => candidate === value);
  if (found === undefined) throw constraint(member, `Member must satisfy enum value set: [${values.join(", ")}]`);
  return found;
}

export function requiredChoice<T extends string>(input: Input, member: string, values: readonly T[]): T {
  const value = optionalChoice(input, member, values);
  if (value === undefined) throw constraint(member, "Member must not be null");
  return value;
}

export function optionalInteger(input: Input, member: string, range: Length): number | undefined {
  const value = input[member];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "number" || !Number.isInteger(value)) throw serialization(`${member} must be an integer`);
  if (value < range.min) throw constraint(member, `Member must have value greater than or equal to ${range.min}`);
  if (value > range.max) throw constraint(member, `Member must have value less than or equal to ${range.max}`);
  return value;
}

export function optionalBoolean(input: Input, member: string): boolean {
  const value = input[member];
  if (value === undefined || value === null) return false;
  if (typeof value !== "boolean") throw serialization(`${member} must be a boolean`);
  return value;
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** A blob member, base64 on the wire; `length` is in bytes. */
export function requiredBytes(input: Input, member: string, length: Length): Buffer {
  const value = input[member];
  if (value === undefined || value === null) throw constraint(member, "Member must not be null");
  if (typeof value !== "string" || !BASE64.test(value)) throw serialization(`${member} must be base64`);
  const bytes = Buffer.from(value, "base64");
  if (bytes.length < length.min) {
    throw constraint(member, `Member must have length greater than or equal to ${length.min}`);
  }
  if (bytes.length > length.max)
    throw constraint(member, `Member must have length less than or equal to ${length.max}`);
  return bytes;
}

/** Name and value pairs that are bound to a ciphertext as associated data. */
export type EncryptionContext = Readonly<Record<string, string>>;

/** AWS KMS Developer Guide, "Encryption context": string pairs, at most 8,192 characters together. */
export function encryptionContext(input: Input, member = "EncryptionContext"): EncryptionContext {
  const value = input[member];
  if (value === undefined || value === null) return {};
  if (!isObject(value)) throw serialization(`${member} must be a map of strings`);
  let size = 0;
  for (const [name, text] of Object.entries(value)) {
    if (typeof text !== "string") throw serialization(`${member} must be a map of strings`);
    size += name.length + text.length;
  }
  if (size > 8192) throw validation("EncryptionContext is too long");
  return value as EncryptionContext;
}

/** Grants cannot be made here, so no grant token can be valid; Nitro Enclaves do not exist here. */
export function refuseGrantsAndEnclaves(input: Input): void {
  const tokens = input["GrantTokens"];
  if (Array.isArray(tokens) && tokens.length > 0)
    throw new ServiceError("InvalidGrantTokenException", "No grant token is valid here", 400);
  if (input["Recipient"] !== undefined) throw notImplemented("Recipient");
}

export interface Tag {
  readonly TagKey: string;
  readonly TagValue: string;
}

/** Tags on a key: at most 50, names of 1 to 128 and values of up to 256 characters, `aws:` reserved. */
export function tagList(input: Input, member = "Tags"): readonly Tag[] {
  const value = input[member];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw serialization(`${member} must be a list`);
  if (value.length > 50) throw new ServiceError("TagException", "Too many tags", 400);
  const tags = value.map((entry: unknown): Tag => {
    if (!isObject(entry)) throw serialization(`${member} must be a list of tags`);
    return {
      TagKey: requiredString(entry, "TagKey", { min: 1, max: 128 }),
      TagValue: requiredString(entry, "TagValue", { min: 0, max: 256 }),
    };
  });
  if (tags.some((tag) => tag.TagKey.toLowerCase().startsWith("aws:"))) {
    throw new ServiceError("TagException", "aws: prefixed tag key names are not allowed for external use.", 400);
  }
  if (new Set(tags.map((tag) => tag.TagKey)).size !== tags.length) {
    throw new ServiceError("TagException", "Duplicate tag keys", 400);
  }
  return tags;
}
