import { describe, expect, it } from "vitest";
import {
  assumeRoleRequests,
  evaluateTrust,
  SESSION_PURPOSES,
  tenantRoleArn,
  type PolicyDocument,
} from "../../../core/iam/index.ts";
import { A, JOB, principals, site, USER } from "./stage.ts";
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

const whoIsTrusted = (trust: PolicyDocument, call: Call): readonly string[] =>
  (Object.keys(principals) as (keyof typeof principals)[]).filter((as) => assume(trust, { ...call, as }));

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
    ["the export function", { as: "export" }],
    ["the reconciler", { as: "reconcile" }],
    ["an administrator", { as: "admin" }],
    ["another tenant's session", { as: "tenant" }],
    ["the account root, which STS never lets assume", { as: "root" }],
    ["a role of the same name in another account", { as: "foreign" }],
    ["Lambda itself", { as: "lambda" }],
  ];
  it.each(refused)("refuses %s", (_title, call) => {
    expect(assume(trust, call)).toBe(false);
  });
  it.each(SESSION_PURPOSES)("POL-3 allows the FHIR zone for purpose %s", (each) => {
    expect(assume(trust, { tags: { ...full, purpose: each } })).toBe(true);
  });

  it("trusts the zones that serve a clinic, and nobody else", () => {
    expect(whoIsTrusted(trust, {})).toEqual(["fhir", "clinic"]);
  });

  it("CLIN-11 trusts the patients' own portal for a patient's request and in no other purpose", () => {
    const trusting = SESSION_PURPOSES.filter((each) =>
      assume(trust, { as: "patientZone", tags: { ...full, purpose: each } }),
    );
    expect(trusting).toEqual(["PATRQT"]);
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

  it("trusts sign-in and both administrations, and nobody else", () => {
    expect(whoIsTrusted(trust, call)).toEqual(["session", "adminZone", "platform", "finance"]);
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

describe("AUD-4 becoming a reader of a clinic's own trail", () => {
  const trust = documentOf("trust/audit-read");
  it.each([
    ["no tags", { tags: {} }],
    ["no tenant tag", { tags: { purpose, role } }],
    ["an unknown purpose", { tags: { ...full, purpose: "MARKETING" } }],
    ["the tag of an export", { tags: { ...full, job: JOB } }],
    ["no source identity", { sourceIdentity: null }],
  ] as const)("refuses %s", (_title, each) => {
    expect(assume(trust, { as: "clinic", ...each })).toBe(false);
  });
  it("trusts the clinic zone and nobody else, not even the zone of the charts", () => {
    expect(whoIsTrusted(trust, {})).toEqual(["clinic"]);
  });
});

describe("AW-11 becoming the changer of a clinic's privacy settings", () => {
  const trust = documentOf("trust/registry-privacy");
  it.each([
    ["no tags", { tags: {} }],
    ["a short tenant", { tags: { tenant: "t1" } }],
    ["all tags of a tenant's request", { tags: full }],
    ["no source identity", { tags: { tenant }, sourceIdentity: null }],
  ] as const)("refuses %s", (_title, each) => {
    expect(assume(trust, { as: "clinic", ...each })).toBe(false);
  });
  it("trusts the clinic zone and nobody else", () => {
    expect(whoIsTrusted(trust, { tags: { tenant } })).toEqual(["clinic"]);
  });
});

describe("AW-11 becoming the keeper of a clinic's people and apps", () => {
  const trust = documentOf("trust/registry-people");
  it.each([
    ["no tags", { tags: {} }],
    ["a short tenant", { tags: { tenant: "t1" } }],
    ["a tenant that is a pattern", { tags: { tenant: "*" } }],
    ["all tags of a tenant's request", { tags: full }],
    ["no source identity", { tags: { tenant }, sourceIdentity: null }],
  ] as const)("refuses %s", (_title, each) => {
    expect(assume(trust, { as: "adminZone", ...each })).toBe(false);
  });
  it("trusts the admin zone and nobody else", () => {
    expect(whoIsTrusted(trust, { tags: { tenant } })).toEqual(["adminZone"]);
  });
});

describe.each([
  ["COST-7", "books", "finance"],
  ["COST-6", "statement-read", "adminZone"],
] as const)("%s AW-11 becoming %s", (_row, name, zone) => {
  const trust = documentOf(`trust/${name}`);
  it.each([
    ["no tags", { tags: {} }],
    ["a short tenant", { tags: { tenant: "t1" } }],
    ["a tenant that is a pattern", { tags: { tenant: "*" } }],
    ["all tags of a tenant's request", { tags: full }],
    ["no source identity", { tags: { tenant }, sourceIdentity: null }],
  ] as const)("refuses %s", (_title, each) => {
    expect(assume(trust, { as: zone, ...each })).toBe(false);
  });
  it("trusts one zone and nobody else", () => {
    expect(whoIsTrusted(trust, { tags: { tenant } })).toEqual([zone]);
  });
});

describe("AW-11 becoming who opens the names of a clinic's people", () => {
  const trust = documentOf("trust/people-names");
  it.each([
    ["no tags", { tags: {} }],
    ["a short tenant", { tags: { tenant: "t1" } }],
    ["a tenant that is a pattern", { tags: { tenant: "*" } }],
    ["all tags of a tenant's request", { tags: full }],
    ["no source identity", { tags: { tenant }, sourceIdentity: null }],
  ] as const)("refuses %s", (_title, each) => {
    expect(assume(trust, { as: "session", ...each })).toBe(false);
  });
  it("trusts the zones that show people by name, and nobody else", () => {
    expect(whoIsTrusted(trust, { tags: { tenant } })).toEqual(["clinic", "patientZone", "session", "adminZone"]);
  });
});

describe("EXP-1 becoming the export of one job", () => {
  const trust = documentOf("trust/tenant-export");
  const call: Call = { as: "export", tags: { ...full, job: JOB } };
  it.each([
    ["no job", { ...call, tags: full }],
    ["a short job", { ...call, tags: { ...full, job: "j1" } }],
    ["a job that is a pattern", { ...call, tags: { ...full, job: "*" } }],
    ["no tenant", { ...call, tags: { purpose, role, job: JOB } }],
    ["an unknown purpose", { ...call, tags: { ...full, purpose: "MARKETING", job: JOB } }],
    ["another tag", { ...call, tags: { ...full, job: JOB, admin: "yes" } }],
    ["no source identity", { ...call, sourceIdentity: null }],
  ] as const)("refuses %s", (_title, each) => {
    expect(assume(trust, each)).toBe(false);
  });
  it.each([JOB, "queue"])("trusts the export function for job %s, and nobody else", (job) => {
    expect(whoIsTrusted(trust, { tags: { ...full, job } })).toEqual(["export"]);
  });
});

describe("AW-11 the roles of the stage", () => {
  const untagged = { tags: {}, sourceIdentity: null } as const;
  it.each([
    ["trust/registry-read", ["fhir", "clinic", "patientZone", "adminZone", "finance", "export"]],
    ["trust/identity", ["session"]],
    ["trust/control-plane", ["platform"]],
    ["trust/function", ["lambda"]],
  ] as const)("%s trusts %s and nobody else", (name, trusted) => {
    expect(whoIsTrusted(documentOf(name), untagged)).toEqual(trusted);
    for (const as of trusted) expect(assume(documentOf(name), { as, tags: full, sourceIdentity: null })).toBe(false);
  });

  it.each([
    ["trust/schedule", site.accountId, site.witnessAccountId],
    ["trust/witness-schedule", site.witnessAccountId, site.accountId],
  ] as const)("%s is for the schedules of account %s", (name, own, other) => {
    const check = (sourceAccount: string): boolean =>
      evaluateTrust(
        {
          principal: principals.scheduler,
          action: "sts:AssumeRole",
          resource: tenantRoleArn(site),
          context: { "aws:SourceAccount": sourceAccount },
        },
        documentOf(name),
        { identity: [] },
      ).allowed;
    expect(check(own)).toBe(true);
    expect(check(other)).toBe(false);
    expect(check("999988887777")).toBe(false);
  });
});
