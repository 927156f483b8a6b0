import {
  DENY_UNTAGGED,
  KEY_ESCAPE_ACTIONS,
  KEYLESS_TABLE_ACTIONS,
  keyContext,
  leadingKeys,
  policy,
  TENANT_TAG,
  thisTenant,
} from "./clauses.ts";
import type { PolicyDocument } from "./document.ts";
import { functionRoleArn, tableArn, type KeyArns, type WitnessedSite } from "./names.ts";
import { taggedSessionTrust } from "./session-trust.ts";

/** The zones that show people by name: sign-in, administration, and those that staff and patients work in. */
const ZONES = ["session", "admin", "clinic", "patient"] as const;

/** Who may open the names of a clinic's people: with a session of that clinic, for a user of it. */
export const peopleNamesTrust = (site: WitnessedSite): PolicyDocument =>
  taggedSessionTrust({
    principals: ZONES.map((name) => functionRoleArn(site, name)),
    tags: ["tenant"],
    sids: { assume: "AssumeWithTenantTag", tag: "TagWithTheTenant", identity: "SourceIdentityIsAUser" },
  });

/**
 * The key pair that names and logins of the session's own tenant are sealed to, and nothing that is sealed: the rows come
 * with the role that the zone reads the registry with, so that neither is worth anything alone.
 */
export function peopleNamesPolicy(site: WitnessedSite, keys: Pick<KeyArns, "cell">): PolicyDocument {
  return policy(
    {
      Sid: "ReadPeopleKey",
      Effect: "Allow",
      Action: ["dynamodb:GetItem", "dynamodb:Query"],
      Resource: tableArn(site, "keys"),
      Condition: leadingKeys([`T#${TENANT_TAG}#U#K`]),
    },
    {
      Sid: "UnwrapOwnPeopleKey",
      Effect: "Allow",
      Action: "kms:Decrypt",
      Resource: keys.cell,
      Condition: keyContext(thisTenant, site.cell, ["U"]),
    },
    DENY_UNTAGGED,
    {
      Sid: "DenyTheRest",
      Effect: "Deny",
      Action: [
        "dynamodb:BatchGetItem",
        "dynamodb:ConditionCheckItem",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        ...KEYLESS_TABLE_ACTIONS,
        "s3:*",
        "kms:Encrypt",
        "kms:Sign",
        "kms:Generate*",
        ...KEY_ESCAPE_ACTIONS,
        "sqs:*",
        "sts:*",
        "iam:*",
      ],
      Resource: "*",
    },
    { Sid: "DenyOtherTables", Effect: "Deny", Action: "dynamodb:*", NotResource: tableArn(site, "keys") },
  );
}
