import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { RoleName } from "../../../core/contract/index.ts";
import type { RecordClass } from "../../../core/kernel/data-class.ts";
import {
  authorize,
  authorizeAtBest,
  authorizeClinic,
  authorizePlatform,
  type Demand,
  grantForRefusal,
  policyBundle,
  policyVersion,
  type Purpose,
  PURPOSES,
} from "../../../core/policy/index.ts";
import { parsePolicyBundle } from "../../../core/policy/policy-set.ts";
import { currentPolicies } from "../../../core/policy/version.ts";
import { generatePolicies } from "../../../scripts/policies.ts";
import { ACTIONS, CLASSES, demand, given, member } from "./members.ts";

const ROLES = RoleName.options;
const READS = "read,vread,history,search,everything";

/** What each role may do for the purpose it works for, with another patient's records and nothing else known of her. */
const TABLE: Record<string, { readonly purpose: Purpose; readonly classes: Partial<Record<RecordClass, string>> }> = {
  physician: {
    purpose: "TREAT",
    classes: {
      C: `${READS},export,create,update,delete`,
      S: "create",
      D: `${READS},export,create,update,delete`,
      B: `${READS},export`,
    },
  },
  nurse: { purpose: "TREAT", classes: { C: `${READS},create,update`, S: "create", D: `${READS},create,update` } },
  "front-desk": { purpose: "HOPERAT", classes: { D: "read,search,create,update" } },
  billing: { purpose: "HPAYMT", classes: { B: "read,vread,history,search,create,update", D: "read,search" } },
  "clinic-administrator": { purpose: "HOPERAT", classes: { C: "export", B: "export", D: "export" } },
  integration: {
    purpose: "HOPERAT",
    classes: { C: "read,search,create,update", B: "read,search,create,update", D: "read,search,create,update" },
  },
};

const cells = ROLES.flatMap((role) =>
  ACTIONS.flatMap((action) => CLASSES.map((recordClass) => ({ role, action, recordClass }))),
);
const isExpected = (role: string, recordClass: RecordClass, action: string): boolean =>
  TABLE[role]?.classes[recordClass]?.split(",").includes(action) ?? false;
const refusalsFirst = cells.toSorted(
  (left, right) =>
    Number(isExpected(left.role, left.recordClass, left.action)) -
    Number(isExpected(right.role, right.recordClass, right.action)),
);

describe("authorize", () => {
  it.each(refusalsFirst)("POL-11 $role $action $recordClass is as the table says", ({ role, action, recordClass }) => {
    const purpose = TABLE[role]?.purpose ?? "HOPERAT";
    const result = authorize(member(role), [demand(action, recordClass, "p2")], { purpose });
    expect(result.ok).toBe(isExpected(role, recordClass, action));
    const decision = result.ok ? result.value.decision : "decision" in result.error ? result.error.decision : undefined;
    expect(decision?.policyVersion).toBe(policyVersion);
    if (result.ok) expect(result.value.classes).toContain(recordClass);
  });

  it("POL-11 an attribute narrows a role: an administrator keeps the directory and no patient's demographics", () => {
    const administrator = member("clinic-administrator", { purpose: "HOPERAT" });
    const update = (type: string): Demand => ({ action: "update", type, classes: ["D"] });
    expect(authorize(administrator, [update("Practitioner")]).ok).toBe(true);
    expect(authorize(administrator, [update("Patient")]).ok).toBe(false);
    expect(authorize(administrator, [update("Consent")]).ok).toBe(false);
  });

  it("POL-12 an auditor has no record at all, whatever the purpose, not through a second role either", () => {
    for (const purpose of PURPOSES) {
      for (const { action, recordClass } of cells) {
        for (const roles of [["auditor"], ["auditor", "physician"]]) {
          const result = authorize(member("auditor", { roles }), [demand(action, recordClass, "p2")], { purpose });
          expect(result.ok).toBe(false);
        }
      }
    }
  });

  it("POL-11 who keeps the platform, or looks at what it costs, sees no record, not through a second role either", () => {
    for (const role of ["platform-operator", "finance", "support"]) {
      for (const purpose of PURPOSES) {
        for (const recordClass of CLASSES) {
          for (const roles of [[role], [role, "physician"]]) {
            const circumstances = given({ consent: "permit", relationship: "present" });
            const asked = authorize(member(role, { roles }), [demand("read", recordClass, "p2")], {
              purpose,
              circumstances,
            });
            expect(asked.ok).toBe(false);
          }
        }
      }
    }
  });

  it("a patient reaches the own compartment only, and never without naming it", () => {
    const self = member("patient", { patientId: "p1", purpose: "PATRQT" });
    const read = (patientId?: string): Demand => demand("read", "C", patientId);
    expect(authorize(self, [read("p1")])).toMatchObject({ ok: true, value: { onlyPatientId: "p1" } });
    expect(authorize(self, [read("p2")]).ok).toBe(false);
    expect(authorize(self, [read()]).ok).toBe(false);
    expect(authorize(member("patient", { purpose: "PATRQT" }), [read("p1")]).ok).toBe(false);
    for (const purpose of PURPOSES.filter((each) => each !== "PATRQT"))
      expect(authorize(self, [read("p1")], { purpose }).ok).toBe(false);
  });

  it("a colleague who is a patient too is a patient in her own request alone", () => {
    const both = member("nurse", { roles: ["nurse", "patient"], patientId: "p1" });
    const treating = authorize(both, [demand("read", "C", "p2")], { purpose: "TREAT" });
    expect(treating.ok && treating.value.onlyPatientId).toBe(undefined);
    expect(authorize(both, [demand("read", "C", "p2")], { purpose: "PATRQT" }).ok).toBe(false);
    expect(authorize(both, [demand("read", "C", "p1")], { purpose: "PATRQT" })).toMatchObject({
      value: { onlyPatientId: "p1" },
    });
  });

  it("INF-4 one factor is not enough for any role", () => {
    for (const role of ROLES) {
      const weak = member(role, { assurance: "aal1", patientId: "p" });
      for (const purpose of PURPOSES) {
        expect(authorize(weak, [demand("read", "D", "p")], { purpose }).ok).toBe(false);
        expect(authorizeClinic(weak, "audit.search", { purpose, isPrivacyOfficer: true }).ok).toBe(false);
      }
      expect(authorizePlatform(weak, "tenant.create").ok).toBe(false);
    }
  });

  it("a system with a key alone never has a person's role", () => {
    for (const role of ROLES.filter((each) => !["integration", "assistant", "platform-operator"].includes(each))) {
      for (const roles of [[role], [role, "integration"]]) {
        const system = member(role, { kind: "client", assurance: "client", roles, patientId: "p" });
        for (const purpose of PURPOSES)
          expect(authorize(system, [demand("read", "D", "p")], { purpose }).ok).toBe(false);
      }
    }
  });

  it("a token whose scope does not reach the route is refused by a rule of its own", () => {
    const asked = authorize(member("physician", { purpose: "TREAT" }), [demand("read", "C", "p2")], {
      isInScope: false,
    });
    expect(asked).toMatchObject({ ok: false, error: { kind: "forbidden", decision: { ruleIds: ["boundary-scope"] } } });
    expect(authorizePlatform(member("platform-operator"), "tenant.list", { isInScope: false }).ok).toBe(false);
  });

  it("one refused demand refuses the whole request, and no demand is a refusal", () => {
    const read = demand("read", "D", "p2");
    const options = { purpose: "HOPERAT" };
    expect(authorize(member("front-desk"), [read], options).ok).toBe(true);
    expect(authorize(member("front-desk"), [read, demand("read", "C", "p2")], options).ok).toBe(false);
    expect(authorize(member("physician"), [], { purpose: "TREAT" }).ok).toBe(false);
  });

  it("POL-3 a request without a purpose is refused, and so is a purpose outside of the role's work or an unknown one", () => {
    const read = demand("read", "C", "p2");
    expect(authorize(member("physician"), [read])).toEqual({ ok: false, error: { kind: "purpose-required" } });
    expect(authorizeClinic(member("auditor"), "audit.search")).toEqual({
      ok: false,
      error: { kind: "purpose-required" },
    });
    expect(authorize(member("physician"), [read], { purpose: "HPAYMT" }).ok).toBe(false);
    for (const purpose of ["CURIOSITY", "treat", "", "TREAT,HPAYMT"])
      expect(authorize(member("physician"), [read], { purpose })).toEqual({
        ok: false,
        error: { kind: "invalid-purpose" },
      });
  });

  it("POL-3 the session's declared purpose counts where the request states none, and is recorded", () => {
    const declared = member("physician", { purpose: "TREAT" });
    const read = demand("read", "C", "p2");
    const granted = authorize(declared, [read]);
    expect(granted).toMatchObject({
      ok: true,
      value: { purpose: "TREAT", decision: { inputs: { purpose: "TREAT" } } },
    });
    const refused = authorize(declared, [read], { purpose: "HPAYMT" });
    expect(refused.ok || grantForRefusal(declared, refused.error)).toMatchObject({ purpose: "HPAYMT", classes: [] });
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
    expect(authorize(member("superuser"), [demand("read", "D", "p2")], { purpose: "TREAT" }).ok).toBe(false);
    expect(authorizeClinic(member("clinic-administrator"), "clinic.burn", { purpose: "HOPERAT" }).ok).toBe(false);
  });

  it("at best: who never may is refused before anything is read, and who might is not", () => {
    const read = [demand("read", "S", "p2")];
    expect(authorizeAtBest(member("physician"), read, { purpose: "TREAT" }).ok).toBe(true);
    expect(authorizeAtBest(member("nurse"), read, { purpose: "ETREAT" }).ok).toBe(true);
    expect(authorizeAtBest(member("assistant"), read, { purpose: "TREAT" }).ok).toBe(true);
    expect(authorizeAtBest(member("billing"), read, { purpose: "HPAYMT" }).ok).toBe(false);
    expect(authorizeAtBest(member("assistant"), [demand("search", "C")], { purpose: "TREAT" }).ok).toBe(false);
    expect(authorizeAtBest(member("nurse"), [demand("delete", "C", "p2")], { purpose: "ETREAT" }).ok).toBe(false);
  });

  it("at best a record whose id does not tell its patient may be anybody's: the member's own, or one other's", () => {
    const unknown = { isPatientUnknown: true };
    const self = member("patient", { patientId: "p1" });
    const read = [demand("read", "C")];
    expect(authorizeAtBest(self, read, { purpose: "PATRQT" }).ok).toBe(false);
    expect(authorizeAtBest(self, read, { purpose: "PATRQT", ...unknown }).ok).toBe(true);
    expect(authorizeAtBest(member("nurse"), read, { purpose: "ETREAT", ...unknown }).ok).toBe(true);
    expect(authorizeAtBest(member("assistant"), read, { purpose: "TREAT", ...unknown }).ok).toBe(true);
    expect(authorizeAtBest(member("billing"), read, { purpose: "HPAYMT", ...unknown }).ok).toBe(false);
    expect(authorizeAtBest(member("auditor"), read, { purpose: "HOPERAT", ...unknown }).ok).toBe(false);
  });

  it("at best permits whatever any circumstances permit", () => {
    for (const role of ROLES) {
      for (const purpose of PURPOSES) {
        for (const action of ACTIONS) {
          const asked = [demand(action, "S", "p2")];
          const permitted = authorize(member(role), asked, {
            purpose,
            circumstances: given({ consent: "permit", relationship: "present" }),
          });
          if (permitted.ok) expect(authorizeAtBest(member(role), asked, { purpose }).ok).toBe(true);
        }
      }
    }
  });

  it("POL-10 the generated module is what the .cedar files say", () => {
    const file = path.resolve(import.meta.dirname, "../../../core/policy/policies.generated.ts");
    expect(readFileSync(file, "utf8")).toBe(generatePolicies());
  });

  it("POL-10 the bundle is the one text that the version is the SHA-256 of", () => {
    const { version, text } = policyBundle();
    expect(version).toBe(policyVersion);
    expect(parsePolicyBundle(text)).toEqual(currentPolicies);
    for (const spoilt of [
      "",
      "[]",
      `${text} `,
      text.replace("forbid", "permit").slice(1),
      '["s",[["b","x"],["a","y"]]]',
    ])
      expect(parsePolicyBundle(spoilt)).toBe(undefined);
    expect(parsePolicyBundle(text.replace("forbid", "permit"))?.version).not.toBe(version);
  });
});
