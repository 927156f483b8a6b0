import type { AssumeRoleCommandInput } from "@aws-sdk/client-sts";
import { auditAppendRoleArn, sessionPolicy, tenantRoleArn } from "../../../core/iam/index.ts";
import { assumeRole, functionCredentials, type Hands } from "../aws.ts";
import { cellKeyArn, newTestId, SITE } from "../world.ts";
import type { Scene } from "./scene.ts";

/** What the FHIR function asks STS for, with some of it changed; `undefined` leaves a part out. */
export function asked({ a, world }: Scene, change: Partial<AssumeRoleCommandInput> = {}): AssumeRoleCommandInput {
  const policy = sessionPolicy(
    SITE,
    { cell: cellKeyArn(world.stack) },
    { tenantId: a, classes: ["C", "D", "X", "I"], purpose: "TREAT" },
  );
  const input: AssumeRoleCommandInput = {
    RoleArn: tenantRoleArn(SITE),
    RoleSessionName: "test",
    SourceIdentity: `u-${newTestId()}`,
    DurationSeconds: 900,
    Tags: tagsOf({ tenant: a, purpose: "TREAT", role: "physician" }),
    Policy: JSON.stringify(policy),
    ...change,
  };
  return Object.fromEntries(
    Object.entries(input).filter(([, value]) => value !== undefined),
  ) as unknown as AssumeRoleCommandInput;
}

export const tagsOf = (tags: Readonly<Record<string, string>>) =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

/** What sign-in asks STS for, to write into a clinic's trail without working in the clinic. */
export const askedToAppend = (tags: Readonly<Record<string, string>> | undefined): AssumeRoleCommandInput => ({
  RoleArn: auditAppendRoleArn(SITE),
  RoleSessionName: "test",
  SourceIdentity: `u-${newTestId()}`,
  DurationSeconds: 900,
  ...(tags === undefined ? {} : { Tags: tagsOf(tags) }),
});

export async function appending(scene: Scene, tags: Readonly<Record<string, string>> | undefined): Promise<Hands> {
  const { sts } = scene.hands(functionCredentials(scene.world, "session"));
  return scene.hands(await assumeRole(sts, askedToAppend(tags)));
}
