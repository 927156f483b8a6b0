import { describe, expect, it } from "vitest";
import type { Principal } from "../../../core/identity/principal.ts";
import type { RecordClass } from "../../../core/kernel/data-class.ts";
import type { TenantId, UserId } from "../../../core/kernel/ids.ts";
import { authorize, authorizePlatform, type Demand, policyVersion } from "../../../core/policy/index.ts";
import { decide } from "../../../core/policy/engine.ts";
import { generatePolicies } from "../../../scripts/policies.ts";
import { readFileSync } from "node:fs";
import path from "node:path";

const member = (role: string, more: Partial<Principal> = {}): Principal => ({
  kind: "user",
  userId: "01hxyzabcd0123456789abcdeg" as UserId,
  tenantId: "01hxyzabcd0123456789abcdef" as TenantId,
  roles: [role],
  assurance: "aal2",
  sessionId: "s",
  clientId: "portal",
  ...more,
});

const ACTIONS = ["read", "vread", "history", "search", "everything", "create", "update", "delete"] as const;
const ROLES = [
  "physician",
  "nurse",
  "front-desk",
  "billing",
  "clinic-administrator",
  "auditor",
  "patient",
  "finance",
  "platform-operator",
  "support",
  "integration",
] as const;
const CLASSES: readonly RecordClass[] = ["C", "S", "B", "D"];
const TYPE: Record<RecordClass, string> = { C: "Observation", S: "Observation", B: "Claim", D: "Patient" };

const READS = "read,vread,history,search,everything";
/** What each role may do with each class; a pair that is not here is refused. */
const TABLE: Record<string, Partial<Record<RecordClass, string>>> = {
  physician: { C: `${READS},create,update,delete`, D: `${READS},create,update,delete`, B: READS },
  nurse: { C: `${READS},create,update`, D: `${READS},create,update` },
  "front-desk": { D: "read,search,create,update" },
  billing: { B: "read,vread,history,search,create,update", D: "read,search" },
  integration: { C: "read,search,create,update", B: "read,search,create,update", D: "read,search,create,update" },
};

const cells = ROLES.flatMap((role) =>
  ACTIONS.flatMap((action) => CLASSES.map((recordClass) => ({ role, action, recordClass }))),
);

describe("authorize", () => {
  it.each(cells)("POL-11 $role $action $recordClass is as the table says", ({ role, action, recordClass }) => {
    const result = authorize(member(role), [{ action, type: TYPE[recordClass], classes: [recordClass] }]);
    const expected = TABLE[role]?.[recordClass]?.split(",").includes(action) ?? false;
    expect(result.ok).toBe(expected);
    const decision = result.ok
      ? result.value.decision
      : result.error.kind === "forbidden"
        ? result.error.decision
        : undefined;
    expect(decision?.policyVersion).toBe(policyVersion);
    if (result.ok) expect(result.value.classes).toContain(recordClass);
  });

  it("POL-8 no role reaches segmented records, whatever the action", () => {
    for (const role of ROLES) {
      for (const action of ACTIONS) {
        const demand: Demand = { action, type: "Observation", classes: ["S"], patientId: "p" };
        expect(authorize(member(role, { patientId: "p" }), [demand]).ok).toBe(false);
      }
    }
  });

  it("POL-12 an auditor and a platform operator have no record at all", () => {
    for (const role of ["auditor", "platform-operator", "finance", "support"]) {
      for (const { action, recordClass } of cells) {
        expect(authorize(member(role), [{ action, type: TYPE[recordClass], classes: [recordClass] }]).ok).toBe(false);
      }
    }
  });

  it("a patient reaches the own compartment only, and never without naming it", () => {
    const self = member("patient", { patientId: "p1" });
    const demand = (patientId?: string): Demand => ({ action: "read", type: "Observation", classes: ["C"], patientId });
    expect(authorize(self, [demand("p1")])).toMatchObject({ ok: true, value: { onlyPatientId: "p1" } });
    expect(authorize(self, [demand("p2")]).ok).toBe(false);
    expect(authorize(self, [demand()]).ok).toBe(false);
    expect(authorize(member("patient"), [demand("p1")]).ok).toBe(false);
  });

  it("INF-4 one factor is not enough for any role", () => {
    for (const role of ROLES) {
      expect(
        authorize(member(role, { assurance: "aal1", patientId: "p" }), [
          { action: "read", type: "Patient", classes: ["D"], patientId: "p" },
        ]).ok,
      ).toBe(false);
      expect(authorizePlatform(member(role, { assurance: "aal1" }), "tenant.create").ok).toBe(false);
    }
  });

  it("ISO-1 a member of one tenant is refused another tenant's records by policy alone", () => {
    const verdict = decide({
      memberTenant: "01hxyzabcd0123456789abcdef",
      roles: ["physician"],
      assurance: "aal2",
      action: "read",
      purpose: "TREAT",
      resource: { kind: "records", tenant: "01hxyzabcd0123456789abcdeg", class: "C", type: "Observation" },
    });
    expect(verdict).toEqual({ allowed: false, ruleIds: ["boundary-tenant"] });
  });

  it("one refused demand refuses the whole request, and no demand is a refusal", () => {
    const read: Demand = { action: "read", type: "Patient", classes: ["D"] };
    expect(authorize(member("front-desk"), [read]).ok).toBe(true);
    expect(authorize(member("front-desk"), [read, { ...read, type: "Observation", classes: ["C"] }]).ok).toBe(false);
    expect(authorize(member("physician"), []).ok).toBe(false);
  });

  it("POL-3 a purpose outside the role's work, or an unknown one, is refused", () => {
    const read: Demand = { action: "read", type: "Observation", classes: ["C"] };
    expect(authorize(member("physician"), [read], "HPAYMT").ok).toBe(false);
    expect(authorize(member("physician"), [read], "CURIOSITY")).toEqual({
      ok: false,
      error: { kind: "invalid-purpose" },
    });
  });

  it("only a platform operator works on the platform", () => {
    for (const role of ROLES) {
      for (const action of ["tenant.list", "tenant.create", "user.add", "client.add", "key.list"]) {
        expect(authorizePlatform(member(role), action).ok).toBe(role === "platform-operator");
      }
    }
    expect(authorizePlatform(member("platform-operator"), "tenant.shred").ok).toBe(false);
  });

  it("an action or a role that the schema does not know is refused", () => {
    expect(authorizePlatform(member("root"), "tenant.create").ok).toBe(false);
    expect(authorize(member("superuser"), [{ action: "read", type: "Patient", classes: ["D"] }]).ok).toBe(false);
  });

  it("POL-10 the generated module is what the .cedar files say", () => {
    const file = path.resolve(import.meta.dirname, "../../../core/policy/policies.generated.ts");
    expect(readFileSync(file, "utf8")).toBe(generatePolicies());
  });
});
