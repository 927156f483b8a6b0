import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { createCloud } from "../../../scripts/local/front/index.ts";
import type { Cloud } from "../../../scripts/local/front/index.ts";
import { ignored } from "../../../scripts/local/provision/ignored.ts";
import { provision, readPlan } from "../../../scripts/local/provision/index.ts";
import type { Plan, PlannedResource } from "../../../scripts/plan/shape.ts";

const publicUrl = "http://127.0.0.1:4000";
const plan = readPlan("dev");

const clouds: Cloud[] = [];
const folders: string[] = [];
afterEach(async () => {
  for (const cloud of clouds.splice(0)) await cloud.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

async function open(folder?: string): Promise<Cloud> {
  const cloud = await createCloud(folder === undefined ? {} : { folder });
  clouds.push(cloud);
  return cloud;
}

/** The plan with one resource changed; `change` gets the first of the type that it wants. */
function changed(type: string, change: (inputs: Record<string, unknown>, resource: PlannedResource) => void): Plan {
  const copy = structuredClone(plan) as { resources: PlannedResource[] } & Plan;
  const resource = copy.resources.find((one) => one.type === type);
  if (resource === undefined) throw new Error(`the plan holds no ${type}`);
  change(resource.inputs as Record<string, unknown>, resource);
  return copy;
}
const without = (type: string): Plan => ({ ...plan, resources: plan.resources.filter((one) => one.type !== type) });

describe("INF-5 the cloud makes itself from the committed plan", () => {
  it.each(["dev", "staging", "production"] as const)("all of stage %s", async (stage) => {
    const made = await provision(await open(), readPlan(stage), { publicUrl });
    expect(made.tables).toEqual(
      ["c01-data", "c01-keys", "c01-outbox", "registry", "c01-trail"].map((name) => `keyward-${stage}-${name}`),
    );
    expect(made.buckets).toContain(`keyward-${stage}-c01-archive-111122223333`);
    expect(made.queues).toEqual([`keyward-${stage}-c01-archive-dlq`]);
    expect(made.roleArns).toContain(`arn:aws:iam::111122223333:role/keyward-${stage}-c01-tenant-request`);
    expect(Object.keys(made.keyArns)).toContain(`alias/keyward-${stage}-c01-cell`);
    expect(made.functions.map((one) => one.functionName)).toContain(`keyward-${stage}-fhir`);
    expect(made.schedules.map((one) => [one.name, one.expression])).toEqual(
      [
        ["close", "1 day"],
        ["export", "1 minute"],
        ["meter", "1 hour"],
        ["reconcile", "1 minute"],
        ["seal", "1 minute"],
        ["witness", "1 minute"],
      ].map(([name, rate]) => [`keyward-${stage}-${name}`, `rate(${rate})`]),
    );
    expect(made.httpApi?.routes.length).toBeGreaterThan(10);
  });

  it("with the streams, key ids and policies that the plan names", async () => {
    const cloud = await open();
    const made = await provision(cloud, plan, { publicUrl });
    const planned = plan.resources.filter((one) => one.type === "aws:lambda/eventSourceMapping:EventSourceMapping");
    expect(made.mappings.map((one) => one.streamArn)).toEqual(planned.map((one) => one.inputs["eventSourceArn"]));
    const cell = plan.resources.find((one) => one.type === "aws:kms/key:Key" && one.name === "KeyCell");
    expect(made.keyArns["alias/keyward-dev-c01-cell"]).toBe(cell?.state["arn"]);
    const role = cloud.iam.roles.get("keyward-dev-fn-fhir");
    expect(Object.keys(role?.policies ?? {})).toEqual(["permissions"]);
  });

  it("with the local origin in the place of the public one", async () => {
    const made = await provision(await open(), plan, { publicUrl });
    const fhir = made.functions.find((one) => one.functionName === "keyward-dev-fhir");
    expect(fhir?.environment["PUBLIC_URL"]).toBe(publicUrl);
    expect(JSON.stringify(made)).not.toContain(String(plan.outputs["publicUrl"]));
    expect(fhir?.externals).toEqual(["@cedar-policy/cedar-wasm"]);
  });

  it("AUD-7 with the witness in its own account", async () => {
    const cloud = await open();
    const made = await provision(cloud, plan, { publicUrl });
    const witness = "444455556666";
    expect(made.roleArns).toContain(`arn:aws:iam::${witness}:role/keyward-dev-fn-witness`);
    expect(made.keyArns["alias/keyward-dev-c01-witness"]).toMatch(new RegExp(`^arn:aws:kms:us-east-1:${witness}:key/`));
    expect(made.buckets).toContain(`keyward-dev-c01-witness-${witness}`);
    expect(made.logGroups).toContainEqual({ name: "/aws/lambda/keyward-dev-witness", accountId: witness });
    expect(made.functions.filter(({ accountId }) => accountId === witness).map((one) => one.functionName)).toEqual([
      "keyward-dev-witness",
    ]);
  });

  it("AUD-10 refuses a lifecycle that would forget", async () => {
    const forgetful = changed("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", (inputs) => {
      inputs["rules"] = [{ id: "x", status: "Enabled", filter: { prefix: "" }, expiration: { days: 1 } }];
    });
    await expect(provision(await open(), forgetful, { publicUrl })).rejects.toThrow(/cannot be provisioned here/);
  });

  it("once: a second start finds everything there, with its data", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "keyward-provision-"));
    folders.push(folder);
    const first = await open(folder);
    const before = await provision(first, plan, { publicUrl });
    await first.dynamodb.invoke("DynamoDB_20120810.PutItem", {
      TableName: "keyward-dev-registry",
      Item: { pk: { S: "a" }, sk: { S: "b" } },
    });
    const roleId = first.iam.roles.get("keyward-dev-fn-fhir")?.roleId;
    await clouds.pop()?.close();
    const second = await open(folder);
    expect(await provision(second, plan, { publicUrl })).toEqual(before);
    expect(second.dynamodb.dumpItems("keyward-dev-registry")).toHaveLength(1);
    expect(second.iam.roles.get("keyward-dev-fn-fhir")?.roleId).toBe(roleId);
  });
});

describe("what the plan holds and this cloud cannot do stops the start", () => {
  it.each<[string, Plan, RegExp]>([
    [
      "a resource type that nobody knows",
      {
        ...plan,
        resources: [...plan.resources, { ...(plan.resources[0] as PlannedResource), type: "aws:sns/topic:Topic" }],
      },
      /does not know: aws:sns\/topic:Topic/,
    ],
    [
      "a setting that nobody knows",
      changed("aws:dynamodb/table:Table", (inputs) => {
        inputs["replicas"] = [{ regionName: "us-west-2" }];
      }),
      /TableData cannot be provisioned here: replicas is not known/,
    ],
    [
      "a value that is not possible here",
      changed("aws:lambda/function:Function", (inputs) => {
        inputs["runtime"] = "nodejs18.x";
      }),
      /FunctionAdminFunction cannot be provisioned here: runtime/,
    ],
    [
      "a route whose function lets nobody in",
      changed("aws:lambda/permission:Permission", (inputs) => {
        inputs["principal"] = "events.amazonaws.com";
      }),
      /does not let apigateway\.amazonaws\.com invoke it/,
    ],
    [
      "a route whose function lets another API in",
      changed("aws:lambda/permission:Permission", (inputs) => {
        inputs["sourceArn"] = "arn:aws:execute-api:us-east-1:111122223333:another/*";
      }),
      /does not let apigateway\.amazonaws\.com invoke it/,
    ],
    ["a route without an integration", without("aws:apigatewayv2/integration:Integration"), /has no integration/],
    [
      "a role with a policy more than it says",
      changed("aws:iam/rolePoliciesExclusive:RolePoliciesExclusive", (inputs) => {
        inputs["policyNames"] = [];
      }),
      /has only , and gives it permissions/,
    ],
    [
      "a managed policy",
      changed("aws:iam/role:Role", (inputs) => {
        inputs["managedPolicyArns"] = ["arn:aws:iam::aws:policy/AdministratorAccess"];
      }),
      /cannot be provisioned here: managedPolicyArns/,
    ],
    [
      "a table policy on no table",
      changed("aws:dynamodb/resourcePolicy:ResourcePolicy", (inputs) => {
        inputs["resourceArn"] = "arn:aws:dynamodb:us-east-1:111122223333:table/another";
      }),
      /is on a table that the plan does not hold/,
    ],
    [
      "a lock on a bucket that is made without",
      changed("aws:s3/bucket:Bucket", (inputs) => {
        inputs["objectLockEnabled"] = false;
      }),
      /without Object Lock/,
    ],
    [
      "a schedule of no function",
      changed("aws:scheduler/schedule:Schedule", (inputs) => {
        inputs["target"] = { ...(inputs["target"] as object), arn: "arn:aws:lambda:us-east-1:111122223333:function:x" };
      }),
      /invokes what is no function/,
    ],
    [
      "a mapping of no stream",
      changed("aws:lambda/eventSourceMapping:EventSourceMapping", (inputs) => {
        inputs["eventSourceArn"] = "arn:aws:dynamodb:us-east-1:111122223333:table/x/stream/y";
      }),
      /names a function or a stream/,
    ],
    ["another account's plan", { ...plan, account: "999988887777" }, /the plan is for 999988887777/],
  ])("%s", async (_title, planted, message) => {
    await expect(provision(await open(), planted, { publicUrl })).rejects.toThrow(message);
  });

  it("a table that is there with other keys", async () => {
    const cloud = await open();
    await provision(cloud, plan, { publicUrl });
    const other = changed("aws:dynamodb/table:Table", (inputs) => {
      if (inputs["streamEnabled"] === true) inputs["streamViewType"] = "KEYS_ONLY";
    });
    await expect(provision(cloud, other, { publicUrl })).rejects.toThrow(
      /keyward-dev-c01-data is there with other keys/,
    );
  });

  it("and every type that is left out has its reason", () => {
    for (const reason of Object.values(ignored)) expect(reason.length).toBeGreaterThan(20);
  });
});

describe("a trail", () => {
  it("delivers to the bucket that the plan gives it", async () => {
    const made = await provision(await open(), plan, { publicUrl });
    expect(made.trails).toMatchObject([{ name: "keyward-dev", bucket: "keyward-dev-c01-trail-111122223333" }]);
  });

  it("needs a bucket of the plan", async () => {
    const planted = changed("aws:cloudtrail/trail:Trail", (inputs) => {
      inputs["s3BucketName"] = "another";
    });
    await expect(provision(await open(), planted, { publicUrl })).rejects.toThrow(/delivers to a bucket/);
  });
});
