import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  functionRoleArn,
  sessionPolicy,
  tableName,
  tenantRequestPolicy,
  tenantRequestTrust,
  tenantRoleArn,
} from "../../../core/iam/index.ts";
import { systemClock } from "../../../core/kernel/clock.ts";
import type { Change, Marks, PrivacyDeps, PrivacyFailure } from "../../../core/privacy/index.ts";
import {
  activeBreakGlass,
  activeDelegations,
  approve,
  beginBreakGlass,
  endBreakGlass,
  findApproval,
  findBreakGlass,
  grantDelegation,
  listOpenReviews,
  placeHold,
  protectionCheck,
  protectionWrite,
  readProtection,
  readProtections,
  relationship,
  requestApproval,
} from "../../../core/privacy/index.ts";
import type { Result } from "../../../core/kernel/result.ts";
import { createDynamoTable } from "../../../core/table/dynamodb.ts";
import type { Table, TableName } from "../../../core/table/index.ts";
import { createMeter } from "../../../core/table/index.ts";
import type { Cloud } from "../../../scripts/local/front/cloud.ts";
import { createCloud } from "../../../scripts/local/front/cloud.ts";
import { errorOf, valueOf } from "../crypto/fixtures.ts";
import { compiled } from "../policy/consent/fixtures.ts";
import { createTables, rootClient } from "../table/cloud-tables.ts";
import {
  ASSISTANT,
  createPrivacyWorld,
  DOCTOR,
  marks,
  OFFICER,
  PATIENT,
  principal,
  type PrivacyWorld,
  TENANT_A,
  TENANT_B,
} from "./world.ts";

const SITE = {
  stage: "dev",
  cell: "c01",
  accountId: "111122223333",
  region: "us-east-1",
  witnessAccountId: "444455556666",
} as const;
const KEYS = { cell: "arn:aws:kms:us-east-1:111122223333:key/cell" };

let cloud: Cloud;
let world: PrivacyWorld;
const clients: { destroy(): void }[] = [];

/** The names that the session's policies know. */
const NAMES = Object.fromEntries(
  (["data", "outbox", "keys"] as const).map((table) => [table, tableName(SITE, table)]),
) as Record<TableName, string>;

function tableWith(client: DynamoDBClient): Table {
  clients.push(client);
  return createDynamoTable({ client, names: NAMES, clock: systemClock, meter: createMeter() });
}

/** A request's own credentials, vended as the clinic zone vends them: its role, the tenant's tag, its session policy. */
async function vended(): Promise<Table> {
  const { endpoint, region, iam } = cloud;
  const arn = functionRoleArn(SITE, "clinic");
  iam.roles.put({
    name: arn.split("/").at(-1) ?? "",
    trust: {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
    },
    policies: {
      vend: {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Action: ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
            Resource: tenantRoleArn(SITE),
          },
        ],
      },
    },
  });
  iam.roles.put({
    name: tenantRoleArn(SITE).split("/").at(-1) ?? "",
    trust: tenantRequestTrust(SITE),
    policies: { request: tenantRequestPolicy(SITE, KEYS) },
  });
  const own = iam.issueServiceSession(arn, "lambda.amazonaws.com", "test");
  const sts = new STSClient({ endpoint, region, credentials: own, maxAttempts: 1 });
  clients.push(sts);
  const scope = { tenantId: TENANT_A, classes: ["C", "D", "X", "I"] as const, purpose: "HOPERAT" as const };
  const { Credentials: given } = await sts.send(
    new AssumeRoleCommand({
      RoleArn: tenantRoleArn(SITE),
      RoleSessionName: `u-${DOCTOR}`,
      SourceIdentity: `u-${DOCTOR}`,
      Tags: [
        { Key: "tenant", Value: TENANT_A },
        { Key: "purpose", Value: "HOPERAT" },
        { Key: "role", Value: "physician" },
      ],
      Policy: JSON.stringify(sessionPolicy(SITE, KEYS, scope)),
    }),
  );
  const credentials = {
    accessKeyId: given?.AccessKeyId ?? "",
    secretAccessKey: given?.SecretAccessKey ?? "",
    sessionToken: given?.SessionToken ?? "",
  };
  return tableWith(new DynamoDBClient({ endpoint, region, credentials, maxAttempts: 1 }));
}

beforeAll(async () => {
  cloud = await createCloud();
  createTables(cloud, tableName(SITE, "data").replace(/-data$/, ""));
  world = await createPrivacyWorld({ table: await vended(), keyTable: tableWith(rootClient(cloud)) });
});
afterAll(async () => {
  for (const client of clients) client.destroy();
  await cloud.close();
});

/** Two made of one state and committed at one moment. */
async function race<T>(
  make: (deps: PrivacyDeps, own: Marks) => Promise<Result<Change<T>, PrivacyFailure>>,
): Promise<number[]> {
  const both = await Promise.all(
    [marks(), marks()].map(async (own) => ({ own, change: valueOf(await make(world.deps(), own)) })),
  );
  const done = await Promise.all(both.map(({ own, change }) => world.commit(change.writes, own.eventId)));
  return done.map((each) => Number(each.ok)).toSorted((left, right) => left - right);
}

describe("the rows of core/privacy over DynamoDB, with a request's own credentials", () => {
  it("AT-32 protection: written, read, checked, listed; two changes of one version are one", async () => {
    const before = valueOf(await readProtection(world.deps(), PATIENT));
    const consents = [compiled({ type: "deny" })];
    const outcome = await race(async (deps, own) => {
      const write = valueOf(await protectionWrite(deps, before, { consents }, own));
      return { ok: true, value: { value: undefined, writes: [write] } };
    });
    expect(outcome).toEqual([0, 1]);
    const after = valueOf(await readProtection(world.deps(), PATIENT));
    expect(after).toMatchObject({ version: 1, consents });
    expect((await world.commit([protectionCheck(world.deps(), before)], marks().eventId)).ok).toBe(false);
    expect((await world.commit([protectionCheck(world.deps(), after)], marks().eventId)).ok).toBe(true);
    expect(valueOf(await readProtections(world.deps())).size).toBe(1);
    expect(
      await race((deps, own) =>
        placeHold(deps, after, { mode: "frozen", reasonCode: "litigation", matter: "m", by: { userId: OFFICER } }, own),
      ),
    ).toEqual([0, 1]);
  });

  it("POL-9 break-glass: two begins are one, two ends are one, and the queue has it", async () => {
    const input = { patientId: PATIENT, reasonCode: "immediate-care", reasonText: "unconscious" } as const;
    expect(await race((deps, own) => beginBreakGlass(deps, principal(), input, own))).toEqual([0, 1]);
    const active = valueOf(await activeBreakGlass(world.deps(), DOCTOR, PATIENT));
    const found = valueOf(await findBreakGlass(world.deps(), active?.id ?? ""));
    expect(await race((deps, own) => endBreakGlass(deps, found, { userId: DOCTOR }, own))).toEqual([0, 1]);
    expect(valueOf(await activeBreakGlass(world.deps(), DOCTOR, PATIENT))).toBeUndefined();
    expect(valueOf(await listOpenReviews(world.deps())).map(({ episode }) => episode.id)).toEqual([active?.id]);
  });

  it("POL-15 delegations and approvals: granted, found, and given once", async () => {
    const { id } = await world.act((deps, own) =>
      grantDelegation(deps, { clientId: ASSISTANT, by: { userId: DOCTOR }, purposes: ["TREAT"], days: 1 }, own),
    );
    expect(valueOf(await activeDelegations(world.deps(), ASSISTANT)).map((each) => each.id)).toEqual([id]);
    const what = { action: "export.start", subject: { n: 1 } };
    const asked = await world.act((deps, own) => requestApproval(deps, { ...what, by: { userId: DOCTOR } }, own));
    const found = valueOf(await findApproval(world.deps(), asked.id));
    expect(await race((deps, own) => approve(deps, found, { ...what, by: { userId: OFFICER } }, own))).toEqual([0, 1]);
    expect(valueOf(await relationship(world.deps(), PATIENT, "dr-ada"))).toBe("absent");
  });

  it("AW-01 the credentials reach no other clinic's rows, whatever the code asks for", async () => {
    const alarmsBefore = world.alarms.length;
    const failures = [
      await readProtection(world.deps(TENANT_B), PATIENT),
      await activeBreakGlass(world.deps(TENANT_B), DOCTOR, PATIENT),
      await listOpenReviews(world.deps(TENANT_B)),
      await activeDelegations(world.deps(TENANT_B), ASSISTANT),
    ];
    for (const failure of failures) expect(errorOf<unknown, PrivacyFailure>(failure)).toEqual({ kind: "unavailable" });
    expect(world.alarms.slice(alarmsBefore)).toEqual(failures.map(() => ({ kind: "denied", from: "table" })));
  });
});
