import {
  evaluate,
  type KeyArns,
  principalContext,
  sessionPolicy,
  type Site,
  tableArn,
  tenantRequestPolicy,
} from "../../core/iam/index.ts";
import type { TenantId } from "../../core/kernel/ids.ts";
import { invariant } from "../../core/kernel/invariant.ts";
import { cpuMsSince, type Figure, median } from "./figures.ts";

const SITE: Site = { stage: "dev", cell: "c01", accountId: "111122223333", region: "us-east-1" };
const TENANT = "01hxyzabcd0123456789abcdef" as TenantId;
const arnOf = (id: string): string => `arn:aws:kms:us-east-1:111122223333:key/00000000-0000-4000-8000-${id}`;
const KEYS: KeyArns = {
  cell: arnOf("000000000001"),
  audit: arnOf("000000000002"),
  checkpoint: arnOf("000000000003"),
  token: arnOf("000000000004"),
  session: arnOf("000000000005"),
  cost: arnOf("000000000007"),
  witness: arnOf("000000000006"),
};
const ROUNDS = 7;
const TIMES = 4_000;

/** How fast one decision is made: a tenant's GetItem, by its role's policy and its session policy. */
export function benchIam(): Figure[] {
  const principal = {
    arn: "arn:aws:sts::111122223333:assumed-role/keyward-dev-c01-tenant-request/u-1",
    accountId: "111122223333",
    type: "AssumedRole",
  } as const;
  const policies = {
    identity: [tenantRequestPolicy(SITE, KEYS)],
    session: [sessionPolicy(SITE, KEYS, { tenantId: TENANT, classes: ["C", "D", "X", "I"], purpose: "TREAT" })],
  };
  const tagged = principalContext(principal, { tenant: TENANT, purpose: "TREAT", role: "physician" });
  const decide = (key: string): boolean =>
    evaluate(
      {
        principal,
        action: "dynamodb:GetItem",
        resource: tableArn(SITE, "data"),
        context: { ...tagged, "dynamodb:LeadingKeys": [key], "dynamodb:EnclosingOperation": "GetItem" },
      },
      policies,
    ).allowed;
  const own = `T#${TENANT}#C#P#p`;
  const foreign = own.replace(/f#C/, "g#C");
  invariant(decide(own) && !decide(foreign), "the decisions that are timed are the right ones");
  const rates = (key: string): number => {
    const list: number[] = [];
    for (let round = 0; round <= ROUNDS; round += 1) {
      const start = process.cpuUsage();
      for (let time = 0; time < TIMES; time += 1) decide(key);
      if (round > 0) list.push((TIMES / cpuMsSince(start)) * 1000);
    }
    return median(list);
  };
  const unit = "decisions/s of CPU";
  return [
    { section: "IAM", name: "a tenant's own key: allowed", value: rates(own), unit },
    { section: "IAM", name: "another tenant's key: denied", value: rates(foreign), unit },
  ];
}
