import { ANY_TENANT, policy } from "./clauses.ts";
import type { PolicyDocument } from "./document.ts";

/** What a trust policy asks of the one session that it lets be opened. */
export interface SessionTrust {
  /** ARNs of the execution roles that may open it. */
  readonly principals: string | readonly string[];
  /** Every tag that the session may carry, and no other. */
  readonly tags: readonly string[];
  /** By tag: the values that it may have, the tag being there. */
  readonly oneOf?: Readonly<Record<string, readonly string[]>>;
  /** By tag: a pattern of its value, beside the tenant's, which is always asked for. */
  readonly like?: Readonly<Record<string, readonly string[]>>;
  readonly sids: { readonly assume: string; readonly tag: string; readonly identity: string };
}

/**
 * Trust in a session of one tenant: a tenant tag, known tags and no other, and the source identity of the user or client
 * whose work it is. Three statements, because STS supplies each action with other condition keys: one for all three can
 * never match. Source: Service Authorization Reference, AWS Security Token Service.
 */
export function taggedSessionTrust(asked: SessionTrust): PolicyDocument {
  const { principals, tags, oneOf = {}, like = {}, sids } = asked;
  const Principal = { AWS: principals };
  const requested = <T>(values: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(values).map(([tag, value]) => [`aws:RequestTag/${tag}`, value]));
  const known = {
    Null: { "aws:TagKeys": "false" },
    "ForAllValues:StringEquals": { "aws:TagKeys": tags },
    ...(Object.keys(oneOf).length > 0 && { StringEquals: requested(oneOf) }),
  };
  const shaped = { "aws:RequestTag/tenant": ANY_TENANT, ...requested(like) };
  const holder = { "sts:SourceIdentity": `u-${ANY_TENANT}` };
  return policy(
    {
      Sid: sids.assume,
      Effect: "Allow",
      Principal,
      Action: "sts:AssumeRole",
      Condition: { ...known, StringLike: { ...shaped, ...holder } },
    },
    {
      Sid: sids.tag,
      Effect: "Allow",
      Principal,
      Action: "sts:TagSession",
      Condition: { ...known, StringLike: shaped },
    },
    {
      Sid: sids.identity,
      Effect: "Allow",
      Principal,
      Action: "sts:SetSourceIdentity",
      Condition: { StringLike: holder },
    },
  );
}
