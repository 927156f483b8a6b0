import { describe, expect, it } from "vitest";
import {
  assumeRoleRequests,
  attachmentArn,
  auditReadRoleArn,
  evaluateTrust,
  functionRoleArn,
  functionRoleName,
  lintDocument,
  ownTrailSessionPolicy,
  principalContext,
  SESSION_POLICY_LIMIT,
  sessionPolicy,
  tableArn,
  tenantRoleArn,
} from "../../../core/iam/index.ts";
import { A, B, keys, principals, rolePrincipal, site, tagged, USER } from "./stage.ts";
import { ask, documentOf } from "./whole-stage.ts";

const ADA = "01hxyzadaa0123456789abcdef";
const BOB = "01hxyzb0bb0123456789abcdef";
const ALL = ["C", "S", "B", "D", "X", "I"] as const;

const own = sessionPolicy(site, keys, { tenantId: A, classes: ALL, purpose: "PATRQT", onlyPatientId: ADA });
const purpose = { "aws:PrincipalTag/purpose": "PATRQT" };

const mayRead = (...partitions: readonly string[]): boolean =>
  ask({
    as: "tenant",
    action: "dynamodb:Query",
    resource: tableArn(site, "data"),
    context: { ...tagged(A), ...purpose, "dynamodb:LeadingKeys": partitions },
    session: own,
  }).allowed;

describe("CLIN-11 the session of a patient's own request", () => {
  it.each(["C", "S", "B", "D"])("CLIN-11 reaches her compartment of class %s and nobody else's", (letter) => {
    expect(mayRead(`T#${A}#${letter}#P#${ADA}`)).toBe(true);
    expect(mayRead(`T#${A}#${letter}#P#${BOB}`)).toBe(false);
    expect(mayRead(`T#${A}#${letter}#P#${ADA}`, `T#${A}#${letter}#P#${BOB}`)).toBe(false);
    expect(mayRead(`T#${A}#${letter}#P#${ADA}x`)).toBe(false);
    expect(mayRead(`T#${B}#${letter}#P#${ADA}`)).toBe(false);
  });

  it.each([
    ["providers and rooms", "D#R#Practitioner", true],
    ["a calendar", "D#CAL#Practitioner#x", true],
    ["what protects", "D#PRV", true],
    ["the directory of patients", "D#DIR", false],
    ["emergencies", "D#BG", false],
    ["what others opened last", "D#RCT", false],
    ["records of nobody of class C", "C#R#Questionnaire", false],
  ])("CLIN-11 %s", (_title, rest, isReached) => {
    expect(mayRead(`T#${A}#${rest}`)).toBe(isReached);
  });

  it("CLIN-11 fits into STS's limit with ids of ours and keeps the lint, and reaches no file", () => {
    const where = { ...site, stage: "production", region: "ap-southeast-1" } as const;
    const scope = { tenantId: A, classes: ALL, purpose: "PATRQT", onlyPatientId: ADA } as const;
    expect(JSON.stringify(sessionPolicy(where, keys, scope)).length).toBeLessThanOrEqual(SESSION_POLICY_LIMIT);
    const longest = { ...scope, onlyPatientId: "x".repeat(64) };
    expect(JSON.stringify(sessionPolicy(where, keys, longest)).length).toBeLessThanOrEqual(SESSION_POLICY_LIMIT);
    expect(lintDocument(own, "session")).toEqual([]);
    expect(JSON.stringify(own)).not.toContain("s3:");
  });

  it("CLIN-8 reads one attachment with a session of its own: that object, and no other, no row and no key", () => {
    const name = `C/${"0a".repeat(32)}`;
    const one = sessionPolicy(site, keys, { tenantId: A, classes: [], purpose: "PATRQT", onlyObject: name });
    const may = (action: string, resource: string, context: Record<string, string | string[]> = {}): boolean =>
      ask({ as: "tenant", action, resource, context: { ...tagged(A), ...purpose, ...context }, session: one }).allowed;
    const at = (object: string): string => `${attachmentArn(site)}/t/${A}/${object}`;
    expect(may("s3:GetObject", at(name))).toBe(true);
    for (const other of [`C/${"0b".repeat(32)}`, `S/${"0a".repeat(32)}`, `${name}0`, "C/", "C/*", `X/${USER}/f`])
      expect([other, may("s3:GetObject", at(other))]).toEqual([other, false]);
    expect(may("s3:GetObject", at(name).replace(A, B))).toBe(false);
    expect(may("s3:PutObject", at(name), { "s3:if-none-match": "*" })).toBe(false);
    expect(may("dynamodb:Query", tableArn(site, "data"), { "dynamodb:LeadingKeys": [`T#${A}#C#P#${ADA}`] })).toBe(
      false,
    );
    expect(
      may("kms:Decrypt", keys.cell, { "kms:EncryptionContext:tenant": A, "kms:EncryptionContext:class": "C" }),
    ).toBe(false);
    expect(lintDocument(one, "session")).toEqual([]);
    for (const onlyObject of ["C/*", "*", "", "X/0a", `${name}*`, `../${name}`, `I/${"0a".repeat(32)}`])
      expect(() => sessionPolicy(site, keys, { tenantId: A, classes: [], purpose: "PATRQT", onlyObject })).toThrow(
        "one object is read, and no row beside it",
      );
    expect(() =>
      sessionPolicy(site, keys, { tenantId: A, classes: ["C"], purpose: "PATRQT", onlyObject: name }),
    ).toThrow("one object is read, and no row beside it");
  });

  it.each(["*", "a?", `${ADA}*`, "", "a#b", '","', "${aws:PrincipalTag/tenant}"])(
    "CLIN-11 refuses the patient id %j: it would be a pattern",
    (onlyPatientId) => {
      expect(() =>
        sessionPolicy(site, keys, { tenantId: A, classes: ["C"], purpose: "PATRQT", onlyPatientId }),
      ).toThrow("a patient's session names an id of FHIR's");
    },
  );

  it("CLIN-11 reads in the trail what is about her, and no other row, file or key", () => {
    const readerTags = principalContext(principals.auditRead, { tenant: A, purpose: "PATRQT", role: "patient" });
    const policy = ownTrailSessionPolicy(site, { tenantId: A, patientName: ADA });
    const reads = (action: string, resource: string, context: Record<string, string | string[]>): boolean =>
      ask({ as: "auditRead", action, resource, context: { ...readerTags, ...context }, session: policy }).allowed;
    const trail = tableArn(site, "trail");
    const at = (partition: string) => ({ "dynamodb:LeadingKeys": [partition] });
    expect(reads("dynamodb:Query", trail, at(`T#${A}#A#I#P#${ADA}#R#success`))).toBe(true);
    for (const other of [`P#${BOB}#R#success`, "R#success", `U#${USER}#R#success`])
      expect(reads("dynamodb:Query", trail, at(`T#${A}#A#I#${other}`))).toBe(false);
    expect(reads("dynamodb:GetItem", tableArn(site, "keys"), at(`T#${A}#A#K`))).toBe(false);
    expect(() => ownTrailSessionPolicy(site, { tenantId: A, patientName: "*" })).toThrow("opaque name");
  });
});

describe("CLIN-11 the zone of the patients' portal", () => {
  const assume = (trust: string, roleArn: string, of: string): boolean => {
    const requests = assumeRoleRequests({
      principal: rolePrincipal(functionRoleName(site, "patient")),
      roleArn,
      roleSessionName: "request",
      tags: { tenant: A, purpose: of, role: "patient" },
      transitiveTagKeys: [],
      sourceIdentity: `u-${USER}`,
      context: {},
    });
    const identity = [documentOf("role/fn-patient")];
    return requests.every((request) => evaluateTrust(request, documentOf(trust), { identity }).allowed);
  };

  it.each([
    ["trust/tenant-request", tenantRoleArn(site)],
    ["trust/audit-read", auditReadRoleArn(site)],
  ])("CLIN-11 becomes %s for a patient's request and for no other purpose", (trust, roleArn) => {
    expect(assume(trust, roleArn, "PATRQT")).toBe(true);
    for (const other of ["TREAT", "ETREAT", "HOPERAT", "HPAYMT", "HRESCH"])
      expect(assume(trust, roleArn, other)).toBe(false);
  });

  it("CLIN-11 changes no settings of the clinic, whatever its code names", () => {
    expect(JSON.stringify(documentOf("trust/registry-privacy"))).not.toContain(functionRoleArn(site, "patient"));
    expect(JSON.stringify(documentOf("role/fn-patient"))).not.toContain("registry-privacy");
  });
});
