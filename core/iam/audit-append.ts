import { leadingKeys, policy, ROWS_BY_KEY_ALONE, TENANT_TAG } from "./clauses.ts";
import type { PolicyDocument } from "./document.ts";
import { functionRoleArn, tableArn, type WitnessedSite } from "./names.ts";
import { taggedSessionTrust } from "./session-trust.ts";

/** A session that appends events knows its tenant and nothing else: it has no purpose and no role to work in. */
const SESSION_TAGS = ["tenant"] as const;

/**
 * Who may append to a clinic's trail without working in the clinic: sign-in, both administrations and finance, with a tenant tag,
 * no other tag, and the source identity of the user or client that the event is about.
 */
export const auditAppendTrust = (site: WitnessedSite): PolicyDocument =>
  taggedSessionTrust({
    principals: (["session", "admin", "platform", "finance"] as const).map((name) => functionRoleArn(site, name)),
    tags: SESSION_TAGS,
    sids: { assume: "AssumeWithTenantTag", tag: "TagWithTheTenant", identity: "SourceIdentityIsAHolder" },
  });

/**
 * Appends events to the trail of the session's tenant and reads the public key that their detail is sealed to. It reads
 * no event back, reaches no chart and has no use of any key.
 */
export function auditAppendPolicy(site: WitnessedSite): PolicyDocument {
  return policy(
    {
      Sid: "AppendAuditEvents",
      Effect: "Allow",
      Action: "dynamodb:PutItem",
      Resource: tableArn(site, "outbox"),
      Condition: {
        ...leadingKeys([`T#${TENANT_TAG}#A#*`]),
        StringEqualsIfExists: { "dynamodb:ReturnValues": "NONE" },
      },
    },
    {
      Sid: "ReadAuditPublicKey",
      Effect: "Allow",
      Action: ["dynamodb:GetItem", "dynamodb:Query"],
      Resource: tableArn(site, "keys"),
      Condition: leadingKeys([`T#${TENANT_TAG}#A#K`]),
    },
    ...ROWS_BY_KEY_ALONE,
  );
}
