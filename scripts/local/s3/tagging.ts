import { S3Error } from "./errors.ts";
import { leaf, node, xmlDocument } from "./xml.ts";
import { parseBody, refuseUnknownChildren, requiredChild } from "./xml-reader.ts";

export type Tags = Readonly<Record<string, string>>;

const invalidTag = (message: string): S3Error => new S3Error("InvalidTag", 400, message);

/** Source: Amazon S3 User Guide, "Object tags": 10 on an object, 50 on a bucket, keys to 128, values to 256 characters. */
function checked(pairs: readonly (readonly [string, string])[], max: number): Tags {
  if (pairs.length > max) throw new S3Error("BadRequest", 400, `Object tags cannot be greater than ${max}`);
  for (const [name, value] of pairs) {
    if (name.length < 1 || name.length > 128) throw invalidTag("The TagKey you have provided is invalid");
    if (value.length > 256) throw invalidTag("The TagValue you have provided is invalid");
    if (name.toLowerCase().startsWith("aws:")) throw invalidTag("System tags cannot be added or updated by requester");
  }
  if (new Set(pairs.map(([name]) => name)).size !== pairs.length) {
    throw invalidTag("Cannot provide multiple Tags with the same key");
  }
  return Object.fromEntries(pairs);
}

/** The header `x-amz-tagging`: `name=value&name=value`, form-encoded. */
export function tagsOfHeader(header: string | undefined): Tags {
  if (header === undefined || header === "") return {};
  return checked([...new URLSearchParams(header)], 10);
}

/** The body of PutObjectTagging and PutBucketTagging. */
export function tagsOfBody(body: Buffer, max: number): Tags {
  const root = parseBody(body, "Tagging");
  refuseUnknownChildren(root, ["TagSet"]);
  const set = requiredChild(root, "TagSet");
  refuseUnknownChildren(set, ["Tag"]);
  const pairs = set.children.map((tag): readonly [string, string] => [
    requiredChild(tag, "Key").text,
    requiredChild(tag, "Value").text,
  ]);
  return checked(pairs, max);
}

export const tagsDocument = (tags: Tags): string => {
  const entries = Object.entries(tags).map(([name, value]) => node("Tag", [leaf("Key", name), leaf("Value", value)]));
  return xmlDocument("Tagging", [node("TagSet", entries)]);
};
