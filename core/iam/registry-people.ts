import { leadingKeys, ONLY_IN_TRANSACTIONS, policy, ROWS_BY_KEY_ALONE, TENANT_TAG } from "./clauses.ts";
import type { PolicyDocument } from "./document.ts";
import { functionRoleArn, tableArn, type WitnessedSite } from "./names.ts";
import { taggedSessionTrust } from "./session-trust.ts";

/** Who may keep a clinic's people and apps: the admin zone, with a session of that clinic, for a user of it. */
export const registryPeopleTrust = (site: WitnessedSite): PolicyDocument =>
  taggedSessionTrust({
    principals: functionRoleArn(site, "admin"),
    tags: ["tenant"],
    sids: { assume: "AssumeWithTenantTag", tag: "TagWithTheTenant", identity: "SourceIdentityIsAUser" },
  });

/** The registry's partitions of a clinic, as core/tenant spells them. */
const KEPT = [`PEOPLE#${TENANT_TAG}`, `ACCOUNT#${TENANT_TAG}`, `ONCE#${TENANT_TAG}`];
const TOLD = `SIGNINS#${TENANT_TAG}`;

/**
 * The members, apps and accounts of the session's own tenant, and what sign-in tells of them. It reads and writes no other
 * tenant's row, no session, credential or login of anybody, no record and no key: what ends a sign-in here is a time in
 * the membership, which whoever is asked for something reads.
 */
export function registryPeoplePolicy(site: WitnessedSite): PolicyDocument {
  return policy(
    {
      Sid: "ReadOwnPeople",
      Effect: "Allow",
      Action: ["dynamodb:GetItem", "dynamodb:Query"],
      Resource: tableArn(site, "registry"),
      Condition: leadingKeys([...KEPT, TOLD]),
    },
    {
      Sid: "KeepOwnPeople",
      Effect: "Allow",
      Action: "dynamodb:PutItem",
      Resource: tableArn(site, "registry"),
      Condition: { ...leadingKeys(KEPT), ...ONLY_IN_TRANSACTIONS },
    },
    ...ROWS_BY_KEY_ALONE,
    { Sid: "DenyOtherTables", Effect: "Deny", Action: "dynamodb:*", NotResource: tableArn(site, "registry") },
  );
}
