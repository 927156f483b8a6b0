import { beforeAll, describe, expect, it } from "vitest";
import { FUNCTION_NAMES, type FunctionName, functionRoleArn, STAGES, type Stage } from "../../core/iam/names.ts";
import { routeNames, routes } from "../../core/contract/index.ts";
import { firstDifference } from "../../scripts/plan/difference.ts";
import { ACCOUNT, WITNESS_ACCOUNT } from "../../scripts/plan/pretend.ts";
import { planStages } from "../../scripts/plan/run.ts";
import type { Plan } from "../../scripts/plan/shape.ts";
import { at, principals, statements, violations } from "../../stacks/guardrails/guardrail.ts";
import { guardrails } from "../../stacks/guardrails/guardrails.ts";
import { asStackResource, committedPlan, committedText, ofType, root } from "./plans.ts";

describe("INF-5 the committed plan is what the config makes", () => {
  let fresh: ReadonlyMap<Stage, string>;
  let again: ReadonlyMap<Stage, string>;
  beforeAll(async () => {
    fresh = await planStages(root);
    again = await planStages(root, { stages: ["production"] });
  });

  it.each(STAGES)("stacks/plan/%s.json is fresh", (stage) => {
    expect(firstDifference(committedText(stage), fresh.get(stage) ?? "")).toBeUndefined();
  });

  it("and is the same bytes in every run", () => {
    expect(again.get("production") === fresh.get("production")).toBe(true);
  });
});

describe("INF-5 a deployer's shell", () => {
  it("gives the distribution its own domain and TLS 1.2, with a certificate", async () => {
    const environment = {
      KEYWARD_DOMAIN: "ehr.clinic.org",
      KEYWARD_CERTIFICATE_ARN: "arn:aws:acm:us-east-1:111122223333:certificate/1",
    };
    const plans = await planStages(root, { stages: ["production"], environment });
    const plan = JSON.parse(plans.get("production") ?? "") as Plan;
    expect(plan.outputs["publicUrl"]).toBe("https://ehr.clinic.org");
    expect(ofType(plan, "aws:cloudfront/distribution:Distribution")[0]?.inputs).toMatchObject({
      aliases: ["ehr.clinic.org", "documents.ehr.clinic.org"],
      viewerCertificate: {
        acmCertificateArn: environment.KEYWARD_CERTIFICATE_ARN,
        sslSupportMethod: "sni-only",
        minimumProtocolVersion: "TLSv1.2_2021",
      },
    });
    expect(violations(guardrails, plan.resources.map(asStackResource))).toEqual([]);
  });

  it.each(["staging", "production"] as const)("cannot run sst dev on %s, which holds PHI", async (stage) => {
    await expect(planStages(root, { stages: [stage], dev: true })).rejects.toThrow(
      "sst dev never runs on a stage that holds PHI",
    );
  });
});

describe.each(STAGES)("INF-2 who may become whom in %s", (stage) => {
  const plan = committedPlan(stage);
  const site = {
    stage,
    cell: "c01",
    accountId: plan.account,
    region: plan.region,
    witnessAccountId: WITNESS_ACCOUNT,
  };
  const by = (...names: readonly FunctionName[]): readonly string[] =>
    names.map((name) => `AWS ${functionRoleArn(site, name)}`);
  const trusts = new Map(
    ofType(plan, "aws:iam/role:Role").map(({ inputs }) => [
      String(inputs["name"]),
      [...new Set(statements(inputs["assumeRolePolicy"]).flatMap(principals))],
    ]),
  );

  it("no role trusts the account, as every role of SST's own does", () => {
    expect([...trusts.values()].flat().filter((principal) => principal.endsWith(":root"))).toEqual([]);
  });

  it("each role is assumed by exactly this", () => {
    const lambda = ["Service lambda.amazonaws.com"];
    const functionTrusts = FUNCTION_NAMES.map((name) => [`keyward-${stage}-fn-${name}`, lambda] as const);
    expect(Object.fromEntries(trusts)).toEqual({
      ...Object.fromEntries(functionTrusts),
      [`keyward-${stage}-c01-tenant-request`]: by("fhir", "clinic", "patient"),
      [`keyward-${stage}-c01-tenant-export`]: by("export"),
      [`keyward-${stage}-c01-audit-append`]: by("session", "admin", "platform", "finance"),
      [`keyward-${stage}-c01-books`]: by("finance"),
      [`keyward-${stage}-c01-statement-read`]: by("admin"),
      [`keyward-${stage}-c01-people-names`]: by("session", "admin", "clinic", "patient"),
      [`keyward-${stage}-c01-audit-read`]: by("clinic", "patient"),
      [`keyward-${stage}-registry-read`]: by("fhir", "clinic", "patient", "admin", "finance", "export"),
      [`keyward-${stage}-registry-privacy`]: by("clinic"),
      [`keyward-${stage}-registry-people`]: by("admin"),
      [`keyward-${stage}-identity`]: by("session"),
      [`keyward-${stage}-control-plane`]: by("platform"),
      [`keyward-${stage}-witness-schedule`]: ["Service scheduler.amazonaws.com"],
      [`keyward-${stage}-schedule`]: ["Service scheduler.amazonaws.com"],
    });
  });

  it("each role has one inline policy, and whatever else is attached comes off", () => {
    const roles = [...trusts.keys()].sort();
    const rolesOf = (type: string, property: string) =>
      ofType(plan, type)
        .map(({ inputs }) => String(inputs[property]))
        .sort();
    expect(rolesOf("aws:iam/rolePolicy:RolePolicy", "role")).toEqual(roles);
    expect(rolesOf("aws:iam/rolePoliciesExclusive:RolePoliciesExclusive", "roleName")).toEqual(roles);
    expect(rolesOf("aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive", "roleName")).toEqual(roles);
  });
});

describe.each(STAGES)("AUD-7 the witness of %s", (stage) => {
  const plan = committedPlan(stage);
  it("stands in another account, with all that is its own", () => {
    const there = plan.resources.filter(({ account }) => account !== undefined);
    expect(new Set(there.map(({ account }) => account))).toEqual(new Set([WITNESS_ACCOUNT]));
    const kinds = there.map(({ type, name }) => `${type.split(":").at(-1)} ${name}`);
    expect(kinds.sort()).toEqual([
      "Alias KeyAliasWitness",
      "Bucket Witness",
      "BucketObjectLockConfiguration WitnessLock",
      "BucketObjectv2 FunctionWitnessCode",
      "BucketOwnershipControls WitnessOwnership",
      "BucketPolicy WitnessPolicy",
      "BucketPublicAccessBlock WitnessPublicAccess",
      "BucketServerSideEncryptionConfiguration WitnessEncryption",
      "BucketVersioning WitnessVersioning",
      "Function FunctionWitnessFunction",
      "Key KeyWitness",
      "LogGroup FunctionWitnessLogGroup",
      "Role FnWitnessRole",
      "Role WitnessSchedulerRole",
      "RolePoliciesExclusive FnWitnessOnlyPolicy",
      "RolePoliciesExclusive WitnessSchedulerOnlyPolicy",
      "RolePolicy FnWitnessPolicy",
      "RolePolicy WitnessSchedulerPolicy",
      "RolePolicyAttachmentsExclusive FnWitnessNoManagedPolicy",
      "RolePolicyAttachmentsExclusive WitnessSchedulerNoManagedPolicy",
      "Schedule WitnessEveryMinute",
    ]);
  });
});

describe.each(STAGES)("INF-5 the order of a deploy of %s", (stage) => {
  const plan = committedPlan(stage);
  const dependsOn = (name: string) =>
    plan.resources.find((resource) => resource.name === name)?.options.dependsOn ?? [];

  it("every minute runs what looks after the audit log, every hour what counts costs, every day what closes months", () => {
    const made = ofType(plan, "aws:scheduler/schedule:Schedule").map(({ inputs }) => [
      String(inputs["name"]),
      inputs["scheduleExpression"],
      at(inputs, "target", "arn"),
      at(inputs, "target", "roleArn"),
    ]);
    const arn = (account: string, name: string) =>
      `arn:aws:lambda:us-east-1:${account}:function:keyward-${stage}-${name}`;
    const role = (account: string, name: string) => `arn:aws:iam::${account}:role/keyward-${stage}-${name}`;
    const rates = { seal: "1 minute", reconcile: "1 minute", export: "1 minute", meter: "1 hour", close: "1 day" };
    const own = Object.entries(rates).map(([name, rate]) => [
      `keyward-${stage}-${name}`,
      `rate(${rate})`,
      arn(ACCOUNT, name),
      role(ACCOUNT, "schedule"),
    ]);
    const witness = [
      `keyward-${stage}-witness`,
      "rate(1 minute)",
      arn(WITNESS_ACCOUNT, "witness"),
      role(WITNESS_ACCOUNT, "witness-schedule"),
    ];
    expect(made.sort()).toEqual([...own, witness].sort());
  });

  it("the archive's tiers are set before the policy stands that lets nobody change them", () => {
    expect(dependsOn("ArchivePolicy")).toContain(
      "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration::ArchiveTiers",
    );
  });

  it("two readers share the outbox's stream, and no more: DynamoDB gives a shard to two", () => {
    const readers = ofType(plan, "aws:lambda/eventSourceMapping:EventSourceMapping").map(({ inputs }) =>
      String(inputs["eventSourceArn"]).replace(/^.*-c01-(\w+)\/.*$/, "$1"),
    );
    expect(readers.toSorted()).toEqual(["data", "outbox", "outbox"]);
  });

  it.each(["OutboxToArchive", "SealEveryMinute"])("%s writes to the archive only once it is locked", (name) => {
    expect(dependsOn(name)).toContain(
      "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration::ArchiveLock",
    );
  });

  it("CloudTrail delivers only once its bucket is locked", () => {
    const trail = ofType(plan, "aws:cloudtrail/trail:Trail")[0];
    expect(trail?.options.dependsOn).toContain(
      "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration::TrailLock",
    );
  });

  it("a function has its rights before it runs", () => {
    for (const lambda of ofType(plan, "aws:lambda/function:Function")) {
      const policy = `${lambda.name.replace(/^Function/, "Fn").replace(/Function$/, "")}Policy`;
      expect(lambda.options.dependsOn).toContain(`aws:iam/rolePolicy:RolePolicy::${policy}`);
    }
  });

  it("a route is made for each row of the route table, under a name that is the row's", () => {
    const made = ofType(plan, "aws:apigatewayv2/route:Route").map(({ name, inputs }) => [name, inputs["routeKey"]]);
    const rows = routeNames.map((name) => [
      `Route${name.charAt(0).toUpperCase()}${name.slice(1)}`,
      `${routes[name].method} ${routes[name].path}`,
    ]);
    expect(made.sort()).toEqual(rows.sort());
  });
});

/** The parts of a plan by path, with the stage's own name, ids and origin taken out. */
function parts(stage: Stage): ReadonlyMap<string, string> {
  const plan = committedPlan(stage);
  let text = committedText(stage);
  for (const { type, name, state } of plan.resources) {
    const id = String(state["id"]);
    if (/^[0-9a-f-]{36}$|^[0-9a-z]{10}$|^E[0-9A-Z]{10}$/.test(id)) text = text.replaceAll(id, `<${type}::${name}>`);
  }
  text = text
    .replaceAll(`keyward-${stage}`, "keyward-<stage>")
    .replaceAll(`urn:pulumi:${stage}:`, "urn:pulumi:<stage>:");
  const found = new Map<string, string>();
  const walk = (value: unknown, where: string): void => {
    if (typeof value !== "object" || value === null) {
      found.set(where, JSON.stringify(value));
      return;
    }
    if (Array.isArray(value)) {
      value.forEach((element: unknown, index) => {
        const { type, name } = (element ?? {}) as { type?: string; name?: string };
        walk(
          element,
          type === undefined || name === undefined ? `${where}.${index}` : `${type.split(":").at(-1)}.${name}`,
        );
      });
      return;
    }
    for (const [key, inner] of Object.entries(value)) walk(inner, where === "" ? key : `${where}.${key}`);
  };
  walk(JSON.parse(text), "");
  return found;
}

function differences(a: Stage, b: Stage): string[] {
  const [before, after] = [parts(a), parts(b)];
  const paths = [...new Set([...before.keys(), ...after.keys()])].filter((key) => before.get(key) !== after.get(key));
  // The logical name says which one; the kind and the property say what differs.
  const resourceOf = (key: string): string => /^[A-Z]\w*\.\w+(?=\.)/.exec(key)?.[0] ?? "";
  const [had, has] = [before, after].map((all) => new Set([...all.keys()].map(resourceOf)));
  const kinds = paths.map((key) => {
    const [kind] = resourceOf(key).split(".");
    if (had?.has(resourceOf(key)) !== has?.has(resourceOf(key))) return `${kind} only in one of them`;
    return key.replace(/^([A-Z]\w*)\.\w+\./, "$1 ").replace(/\.\d+(?=\.|$)/g, "[]");
  });
  return [...new Set(kinds)].sort();
}

describe("INF-5 stages differ only where it is declared", () => {
  it("staging and production: name, origin and throttling", () => {
    expect(differences("staging", "production")).toEqual([
      "Distribution state.domainName",
      "Function inputs.environment.variables.PORTAL_ORIGIN",
      "Function inputs.environment.variables.PUBLIC_URL",
      "Function inputs.environment.variables.STAGE",
      "ResponseHeadersPolicy inputs.securityHeadersConfig.contentSecurityPolicy.contentSecurityPolicy",
      "Stage inputs.defaultRouteSettings.throttlingBurstLimit",
      "Stage inputs.defaultRouteSettings.throttlingRateLimit",
      "app.providers.aws.defaultTags.tags.keyward:stage",
      "app.stage",
      "aws.WitnessAccount.inputs.defaultTags",
      "outputs.portalDomain",
      "outputs.publicUrl",
    ]);
  });

  it("dev and production: also the firewall, protection, retention and whether a key may be deleted", () => {
    expect(differences("dev", "production")).toEqual([
      "Bucket options.protect",
      "Bucket options.retainOnDelete",
      "BucketLifecycleConfiguration inputs.rules[].transitions[].days",
      "BucketObjectLockConfiguration inputs.rule.defaultRetention.days",
      "BucketObjectLockConfiguration inputs.rule.defaultRetention.years",
      "BucketObjectLockConfiguration options.protect",
      "BucketObjectLockConfiguration options.retainOnDelete",
      "Distribution inputs.webAclId",
      "Distribution options.dependsOn[]",
      "Distribution options.protect",
      "Distribution state.domainName",
      "Function inputs.environment.variables.PORTAL_ORIGIN",
      "Function inputs.environment.variables.PUBLIC_URL",
      "Function inputs.environment.variables.STAGE",
      "Key inputs.policy.Statement[].Action[]",
      "Key options.protect",
      "Key options.retainOnDelete",
      "LogGroup inputs.retentionInDays",
      "LogGroup options.retainOnDelete",
      "Queue options.retainOnDelete",
      "ResponseHeadersPolicy inputs.securityHeadersConfig.contentSecurityPolicy.contentSecurityPolicy",
      "Stage inputs.defaultRouteSettings.throttlingBurstLimit",
      "Stage inputs.defaultRouteSettings.throttlingRateLimit",
      "Table inputs.deletionProtectionEnabled",
      "Table inputs.pointInTimeRecovery.recoveryPeriodInDays",
      "Table options.protect",
      "Table options.retainOnDelete",
      "Trail options.protect",
      "WebAcl only in one of them",
      "app.protect",
      "app.providers.aws.defaultTags.tags.keyward:phi",
      "app.providers.aws.defaultTags.tags.keyward:stage",
      "app.removal",
      "app.stage",
      "aws.WitnessAccount.inputs.defaultTags",
      "outputs.portalDomain",
      "outputs.publicUrl",
    ]);
  });
});
