import { describe, expect, it } from "vitest";
import { assumeRoleRequests, evaluateTrust, tenantRoleArn, type PolicyDocument } from "../../../core/iam/index.ts";
import { A, principals, site, USER } from "./stage.ts";
import { documentOf } from "./whole-stage.ts";

interface Call {
  readonly as?: keyof typeof principals;
  readonly tags?: Readonly<Record<string, string>>;
  readonly sourceIdentity?: string | null;
}

const full = { tenant: A as string, purpose: "TREAT", role: "physician" };
const { tenant, purpose, role } = full;

/** Whether every check of one AssumeRole call passes. */
function assume(trust: PolicyDocument, { as = "fhir", tags = full, sourceIdentity = `u-${USER}` }: Call): boolean {
  const requests = assumeRoleRequests({
    principal: principals[as],
    roleArn: tenantRoleArn(site),
    roleSessionName: "request",
    tags,
    transitiveTagKeys: [],
    ...(sourceIdentity !== null && { sourceIdentity }),
    context: {},
  });
  const everything: PolicyDocument = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
  };
  return requests.every((request) => evaluateTrust(request, trust, { identity: [everything] }).allowed);
}

describe("AW-11 becoming a tenant's request", () => {
  const trust = documentOf("trust/tenant-request");
  const refused: readonly (readonly [string, Call])[] = [
    ["no tags", { tags: {} }],
    ["no tenant tag", { tags: { purpose, role } }],
    ["no purpose tag", { tags: { tenant, role } }],
    ["a short tenant", { tags: { ...full, tenant: "t1" } }],
    ["a long tenant", { tags: { ...full, tenant: `${tenant}0` } }],
    ["an extra tag", { tags: { ...full, admin: "yes" } }],
    ["an unknown purpose", { tags: { ...full, purpose: "MARKETING" } }],
    ["no source identity", { sourceIdentity: null }],
    ["a source identity that is no user id", { sourceIdentity: "jane@example.org" }],
    ["a short source identity", { sourceIdentity: "u-42" }],
    ["another zone", { as: "session" }],
    ["the control plane", { as: "controlPlane" }],
    ["the archive writer", { as: "archive" }],
    ["an administrator", { as: "admin" }],
    ["another tenant's session", { as: "tenant" }],
    ["the account root, which STS never lets assume", { as: "root" }],
    ["a role of the same name in another account", { as: "foreign" }],
    ["Lambda itself", { as: "lambda" }],
  ];
  it.each(refused)("refuses %s", (_title, call) => {
    expect(assume(trust, call)).toBe(false);
  });
  it.each(["TREAT", "HPAYMT", "HOPERAT", "ETREAT"])("allows the FHIR zone for purpose %s", (each) => {
    expect(assume(trust, { tags: { ...full, purpose: each } })).toBe(true);
  });

  it("a tenant's session may assume nothing, whatever a trust policy says", () => {
    const open: PolicyDocument = {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { AWS: principals.tenant.arn }, Action: "sts:AssumeRole" }],
    };
    const [request] = assumeRoleRequests({
      principal: principals.tenant,
      roleArn: tenantRoleArn(site),
      roleSessionName: "s",
      tags: {},
      transitiveTagKeys: [],
      context: { "aws:PrincipalTag/tenant": A },
    });
    if (request === undefined) throw new Error("a call has a check");
    const decision = evaluateTrust(request, open, { identity: [documentOf("role/tenant-request")] });
    expect(decision).toMatchObject({ reason: "explicit-deny", layer: "identity", sid: "DenyNever" });
  });
});

describe("AW-11 becoming an appender of a tenant's events", () => {
  const trust = documentOf("trust/audit-append");
  const call: Call = { as: "session", tags: { tenant } };
  const refused: readonly (readonly [string, Call])[] = [
    ["no tags", { ...call, tags: {} }],
    ["a short tenant", { ...call, tags: { tenant: "t1" } }],
    ["a long tenant", { ...call, tags: { tenant: `${tenant}0` } }],
    ["a purpose tag, which a tenant's request has", { ...call, tags: { tenant, purpose } }],
    ["all tags of a tenant's request", { ...call, tags: full }],
    ["another tag in its place", { ...call, tags: { role } }],
    ["no source identity", { ...call, sourceIdentity: null }],
    ["a source identity that is no id", { ...call, sourceIdentity: "jane@example.org" }],
    ["a short source identity", { ...call, sourceIdentity: "u-42" }],
  ];
  it.each(refused)("refuses %s", (_title, each) => {
    expect(assume(trust, each)).toBe(false);
  });

  it("trusts sign-in and the platform zone, and nobody else", () => {
    const trusts = (Object.keys(principals) as (keyof typeof principals)[]).filter((as) =>
      assume(trust, { ...call, as }),
    );
    expect(trusts).toEqual(["session", "platform"]);
  });

  it("leads nowhere: its session may assume nothing, whatever a trust policy says", () => {
    const open: PolicyDocument = {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { AWS: principals.auditAppend.arn }, Action: "sts:AssumeRole" }],
    };
    const [request] = assumeRoleRequests({
      principal: principals.auditAppend,
      roleArn: tenantRoleArn(site),
      roleSessionName: "s",
      tags: {},
      transitiveTagKeys: [],
      context: { "aws:PrincipalTag/tenant": A },
    });
    if (request === undefined) throw new Error("a call has a check");
    const decision = evaluateTrust(request, open, { identity: [documentOf("role/audit-append")] });
    expect(decision).toMatchObject({ reason: "explicit-deny", layer: "identity", sid: "DenyTheRest" });
  });
});

describe("AW-11 the roles of the stage", () => {
  const untagged = { tags: {}, sourceIdentity: null } as const;
  it.each([
    ["trust/registry-read", "fhir"],
    ["trust/identity", "session"],
    ["trust/control-plane", "platform"],
    ["trust/function", "lambda"],
  ] as const)("%s trusts %s and nobody else", (name, trusted) => {
    const trusts = (Object.keys(principals) as (keyof typeof principals)[]).filter((as) =>
      assume(documentOf(name), { as, ...untagged }),
    );
    expect(trusts).toEqual([trusted]);
    expect(assume(documentOf(name), { as: trusted, tags: full, sourceIdentity: null })).toBe(false);
  });

  it("the schedule's role is for this account's schedules", () => {
    const check = (sourceAccount: string): boolean =>
      evaluateTrust(
        {
          principal: principals.scheduler,
          action: "sts:AssumeRole",
          resource: tenantRoleArn(site),
          context: { "aws:SourceAccount": sourceAccount },
        },
        documentOf("trust/schedule"),
        { identity: [] },
      ).allowed;
    expect(check(site.accountId)).toBe(true);
    expect(check("999988887777")).toBe(false);
  });
});
