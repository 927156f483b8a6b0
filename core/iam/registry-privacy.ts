import {
  DENY_UNTAGGED,
  KEYLESS_TABLE_ACTIONS,
  leadingKeys,
  ONLY_IN_TRANSACTIONS,
  policy,
  TENANT_TAG,
} from "./clauses.ts";
import type { PolicyDocument } from "./document.ts";
import { functionRoleArn, indexArn, tableArn, type WitnessedSite } from "./names.ts";
import { taggedSessionTrust } from "./session-trust.ts";

/** Who may change a clinic's privacy settings: the clinic zone, with a session of that clinic, for a user of it. */
export const registryPrivacyTrust = (site: WitnessedSite): PolicyDocument =>
  taggedSessionTrust({
    principals: functionRoleArn(site, "clinic"),
    tags: ["tenant"],
    sids: { assume: "AssumeWithTenantTag", tag: "TagWithTheTenant", identity: "SourceIdentityIsAUser" },
  });

/**
 * The registry's rows of the privacy settings and the profile of the session's own tenant, and who its members are: not
 * the row that says whether the tenant stands. The event that tells of a change is in the same transaction. It reads no
 * chart, no key and no other tenant's row.
 */
export function registryPrivacyPolicy(site: WitnessedSite): PolicyDocument {
  const ownRow = leadingKeys([`PRIVACY#${TENANT_TAG}`]);
  return policy(
    {
      Sid: "ReadOwnTenant",
      Effect: "Allow",
      Action: ["dynamodb:GetItem", "dynamodb:ConditionCheckItem"],
      Resource: tableArn(site, "registry"),
      Condition: ownRow,
    },
    {
      Sid: "ChangeOwnTenant",
      Effect: "Allow",
      Action: ["dynamodb:PutItem", "dynamodb:UpdateItem"],
      Resource: tableArn(site, "registry"),
      Condition: { ...ownRow, ...ONLY_IN_TRANSACTIONS },
    },
    {
      Sid: "ListOwnMembers",
      Effect: "Allow",
      Action: "dynamodb:Query",
      Resource: indexArn(site, "registry"),
      Condition: leadingKeys([`MEMBERS#${TENANT_TAG}`]),
    },
    {
      Sid: "AppendAuditEvents",
      Effect: "Allow",
      Action: "dynamodb:PutItem",
      Resource: tableArn(site, "outbox"),
      Condition: { ...leadingKeys([`T#${TENANT_TAG}#A#*`]), ...ONLY_IN_TRANSACTIONS },
    },
    DENY_UNTAGGED,
    {
      Sid: "DenyTheRest",
      Effect: "Deny",
      Action: ["dynamodb:BatchGetItem", ...KEYLESS_TABLE_ACTIONS, "s3:*", "kms:*", "sqs:*", "sts:*", "iam:*"],
      Resource: "*",
    },
    { Sid: "DenyOtherQueries", Effect: "Deny", Action: "dynamodb:Query", NotResource: indexArn(site, "registry") },
  );
}
