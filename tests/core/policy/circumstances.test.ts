import { describe, expect, it } from "vitest";
import { RoleName } from "../../../core/contract/index.ts";
import { RECORD_CLASSES, type RecordClass } from "../../../core/kernel/data-class.ts";
import {
  authorize,
  authorizeAtBest,
  authorizeClinic,
  type Circumstances,
  type ClassConsent,
  consentOfAll,
  type Demand,
  NEUTRAL,
  type Purpose,
  PURPOSES,
} from "../../../core/policy/index.ts";
import { spaceOf } from "../../../core/policy/review/space.ts";
import { currentPolicies } from "../../../core/policy/version.ts";
import { ACTIONS, delegation, demand, EMERGENCY, given, member } from "./members.ts";

/** How a request about patient p2 ends: `permit`, or what it is refused as. */
function ends(
  role: string,
  purpose: Purpose,
  asked: Demand | readonly Demand[],
  circumstances: Circumstances,
  more: Parameters<typeof member>[1] = {},
): string {
  const demands = Array.isArray(asked) ? (asked as readonly Demand[]) : [asked as Demand];
  const result = authorize(member(role, more), demands, { purpose, circumstances });
  return result.ok ? "permit" : result.error.kind;
}

describe("POL-2 patient preference", () => {
  const table: readonly [string, Purpose, Demand["action"], RecordClass, ClassConsent, string][] = [
    ["physician", "TREAT", "read", "C", "deny", "forbidden"],
    ["physician", "TREAT", "create", "C", "deny", "forbidden"],
    ["nurse", "TREAT", "search", "D", "deny", "forbidden"],
    ["billing", "HPAYMT", "read", "B", "deny", "forbidden"],
    ["front-desk", "HOPERAT", "read", "D", "deny", "forbidden"],
    ["integration", "HOPERAT", "read", "C", "deny", "forbidden"],
    ["clinic-administrator", "HOPERAT", "export", "C", "deny", "forbidden"],
    ["physician", "TREAT", "export", "C", "deny", "forbidden"],
    ["physician", "TREAT", "read", "S", "none", "forbidden"],
    ["physician", "TREAT", "read", "S", "deny", "forbidden"],
    ["physician", "TREAT", "create", "S", "deny", "forbidden"],
    ["billing", "HPAYMT", "read", "S", "permit", "forbidden"],
    ["front-desk", "TREAT", "read", "S", "permit", "forbidden"],
    ["clinic-administrator", "HOPERAT", "export", "S", "permit", "forbidden"],
    ["integration", "HOPERAT", "create", "S", "none", "forbidden"],
    ["physician", "TREAT", "read", "C", "none", "permit"],
    ["physician", "TREAT", "read", "S", "permit", "permit"],
    ["nurse", "TREAT", "search", "S", "permit", "permit"],
    ["integration", "TREAT", "read", "S", "permit", "permit"],
    ["physician", "TREAT", "create", "S", "none", "permit"],
    ["nurse", "TREAT", "create", "S", "none", "permit"],
  ];
  it.each(table)("POL-2 %s for %s: %s of class %s with consent %s: %s", (role, purpose, action, of, consent, end) => {
    expect(ends(role, purpose, demand(action, of, "p2"), given({ consent }))).toBe(end);
  });

  it("POL-2 consent to one class is none to another", () => {
    const circumstances: Circumstances = {
      ...NEUTRAL,
      consent: { byClass: { ...consentOfAll("none"), C: "permit" }, ids: ["p2.c:1"] },
    };
    expect(ends("physician", "TREAT", demand("read", "S", "p2"), circumstances)).toBe("forbidden");
    const both = authorize(member("physician"), [{ ...demand("read", "C", "p2"), classes: ["C", "S"] }], {
      purpose: "TREAT",
      circumstances,
    });
    expect(both).toMatchObject({ ok: true, value: { classes: ["C", "D"] } });
  });

  it("POL-2 a refusal of others does not keep a patient from her own record", () => {
    const self = { patientId: "p2" };
    for (const recordClass of RECORD_CLASSES)
      expect(ends("patient", "PATRQT", demand("read", recordClass, "p2"), given({ consent: "deny" }), self)).toBe(
        "permit",
      );
    expect(ends("patient", "PATRQT", demand("read", "S", "p3"), given({ consent: "permit" }), self)).toBe("forbidden");
  });

  it("POL-8 many patients at once never include a segmented record, whatever is said of consent", () => {
    for (const role of ["physician", "nurse", "integration", "clinic-administrator"]) {
      for (const purpose of PURPOSES) {
        for (const action of ACTIONS)
          expect(ends(role, purpose, demand(action, "S"), given({ consent: "permit" }))).toBe("forbidden");
      }
    }
  });

  it("POL-4 the grant says what consent it rests on, with the consents' versions", () => {
    const on = (consent: ClassConsent, of: RecordClass) => {
      const asked = authorize(member("physician"), [demand("read", of, "p2")], {
        purpose: "TREAT",
        circumstances: given({ consent }),
      });
      return asked.ok ? asked.value.consent : undefined;
    };
    expect(on("none", "C")).toEqual({ state: "not-required", ids: [] });
    expect(on("permit", "S")).toEqual({ state: "permit", ids: ["p1.c1:3"] });
  });
});

describe("POL-2 legal authorization", () => {
  const holds: readonly [Circumstances["hold"], string, Purpose, Demand["action"], string][] = [
    ["frozen", "physician", "TREAT", "create", "permit"],
    ["frozen", "nurse", "TREAT", "create", "permit"],
    ["frozen", "integration", "HOPERAT", "create", "permit"],
    ["restricted", "physician", "TREAT", "create", "locked"],
    ["restricted", "integration", "HOPERAT", "create", "locked"],
    ["frozen", "physician", "TREAT", "update", "locked"],
    ["frozen", "physician", "TREAT", "delete", "locked"],
    ["frozen", "integration", "HOPERAT", "update", "locked"],
    ["restricted", "physician", "TREAT", "read", "locked"],
    ["restricted", "nurse", "TREAT", "search", "locked"],
    ["restricted", "physician", "TREAT", "update", "locked"],
    ["restricted", "auditor", "HOPERAT", "read", "forbidden"],
    ["frozen", "billing", "HPAYMT", "update", "forbidden"],
    ["frozen", "nurse", "TREAT", "delete", "forbidden"],
    ["frozen", "physician", "TREAT", "read", "permit"],
    ["frozen", "physician", "TREAT", "export", "permit"],
    ["restricted", "clinic-administrator", "HOPERAT", "export", "permit"],
  ];
  it.each(holds)("POL-2 a %s chart: %s for %s, %s: %s", (hold, role, purpose, action, end) => {
    expect(ends(role, purpose, demand(action, "C", "p2"), given({ hold }))).toBe(end);
  });

  it("RET-3 POL-2 a patient under a frozen hold can still say what she wants: a new Consent, and no change of one", () => {
    const consent = (action: Demand["action"]): Demand => ({ ...demand(action, "D", "p2"), type: "Consent" });
    for (const role of ["physician", "nurse"])
      expect(ends(role, "TREAT", consent("create"), given({ hold: "frozen" }))).toBe("permit");
    expect(ends("front-desk", "HOPERAT", consent("create"), given({ hold: "frozen" }))).toBe("permit");
    expect(ends("physician", "TREAT", consent("update"), given({ hold: "frozen" }))).toBe("locked");
    expect(ends("front-desk", "HOPERAT", consent("create"), given({ hold: "restricted" }))).toBe("locked");
  });

  it("RET-3 POL-2 who keeps a restricting hold adds nothing to the chart either", () => {
    for (const role of ["physician", "nurse"]) {
      const asked = authorize(member(role), [demand("create", "C", "p2")], {
        purpose: "TREAT",
        circumstances: given({ hold: "restricted" }),
        isPrivacyOfficer: true,
      });
      expect(asked).toMatchObject({ ok: false, error: { kind: "locked" } });
    }
  });

  it("POL-2 who could not do it without the hold is not told of the hold", () => {
    expect(ends("physician", "TREAT", demand("update", "C", "p2"), given({ hold: "frozen", consent: "deny" }))).toBe(
      "forbidden",
    );
    const two = [demand("update", "C", "p2"), demand("delete", "B", "p2")];
    expect(ends("physician", "TREAT", two, given({ hold: "frozen" }))).toBe("forbidden");
  });

  it("POL-2 a privacy officer reads a restricted chart only as far as the own role goes", () => {
    const officer = (role: string, purpose: Purpose) =>
      authorize(member(role), [demand("read", "C", "p2")], {
        purpose,
        circumstances: given({ hold: "restricted" }),
        isPrivacyOfficer: true,
      }).ok;
    expect(officer("physician", "TREAT")).toBe(true);
    expect(officer("billing", "HPAYMT")).toBe(false);
    expect(officer("clinic-administrator", "HOPERAT")).toBe(false);
  });

  it("POL-8 POL-15 research and the training of models want the patient's consent to each class", () => {
    for (const purpose of ["HRESCH", "MLTRAINING"] as const) {
      for (const recordClass of RECORD_CLASSES) {
        for (const role of ["physician", "integration"]) {
          const read = demand("read", recordClass, "p2");
          expect(ends(role, purpose, read, given())).toBe("forbidden");
          expect(ends(role, purpose, read, given({ consent: "deny" }))).toBe("forbidden");
          expect(ends(role, purpose, demand("search", recordClass), given({ consent: "permit" }))).toBe("forbidden");
          expect(ends(role, purpose, read, given({ consent: "permit" }))).toBe("permit");
        }
      }
    }
  });
});

describe("POL-2 treatment relationship", () => {
  it.each(["C", "S"] as const)("POL-2 class %s is closed for treatment without the relationship asked for", (of) => {
    const consent = of === "S" ? ("permit" as const) : ("none" as const);
    for (const role of ["physician", "nurse"]) {
      expect(ends(role, "TREAT", demand("read", of, "p2"), given({ consent, relationship: "absent" }))).toBe(
        "forbidden",
      );
      expect(ends(role, "TREAT", demand("create", of, "p2"), given({ consent, relationship: "absent" }))).toBe(
        "forbidden",
      );
      expect(ends(role, "TREAT", demand("read", of, "p2"), given({ consent, relationship: "present" }))).toBe("permit");
      expect(ends(role, "TREAT", demand("read", of, "p2"), given({ consent, relationship: "open" }))).toBe("permit");
    }
  });

  it("POL-2 demographics stay open, so that a patient can be found", () => {
    expect(ends("nurse", "TREAT", demand("search", "D"), given({ relationship: "absent" }))).toBe("permit");
  });

  it("POL-2 no search across patients goes around a required relationship", () => {
    expect(ends("physician", "TREAT", demand("search", "C"), given({ relationship: "present" }))).toBe("forbidden");
    expect(ends("physician", "TREAT", demand("search", "C"), given({ relationship: "open" }))).toBe("permit");
  });
});

describe("POL-2 a relationship is asked for where there is a patient", () => {
  const absent = given({ relationship: "absent" });
  const medication = (action: Demand["action"]): Demand => ({ action, type: "Medication", classes: ["C"] });

  it("POL-2 what is in no patient's compartment asks for none, alone and beside a patient's records", () => {
    for (const relationship of ["absent", "present"] as const)
      expect(ends("physician", "TREAT", medication("create"), given({ relationship }))).toBe("permit");
    const mixed = [medication("create"), { action: "search", type: "Practitioner", classes: ["D"] } as const];
    expect(ends("physician", "TREAT", mixed, absent)).toBe("permit");
    const treated: Circumstances = { ...given({ relationship: "present" }), patientId: "p2" };
    const beside = [medication("read"), demand("create", "C", "p2")];
    expect(ends("physician", "TREAT", beside, treated)).toBe("permit");
    const known = new Map([["p2", treated]]);
    expect(authorize(member("physician"), beside, { purpose: "TREAT", circumstances: known }).ok).toBe(true);
    expect(authorizeAtBest(member("physician"), beside, { purpose: "TREAT" }).ok).toBe(true);
  });

  it("POL-2 many patients at once stay refused, also beside a patient whom the member treats", () => {
    const treated: Circumstances = { ...given({ relationship: "present" }), patientId: "p2" };
    const known = new Map([["p2", treated]]);
    for (const bulk of [demand("search", "C"), { ...demand("search", "C"), type: "Device" }]) {
      expect(ends("physician", "TREAT", bulk, absent)).toBe("forbidden");
      expect(ends("physician", "TREAT", [bulk, medication("read")], absent)).toBe("forbidden");
      const asked = [demand("read", "C", "p2"), medication("read"), bulk];
      expect(authorize(member("physician"), asked, { purpose: "TREAT", circumstances: known }).ok).toBe(false);
    }
    // A type that nobody knows may be anybody's.
    expect(ends("physician", "TREAT", { ...medication("read"), type: "Unheard" }, absent)).toBe("forbidden");
  });

  it("POL-2 a patient whom the member does not treat stays refused beside what is nobody's", () => {
    const known = new Map([["p2", { ...absent, patientId: "p2" }]]);
    const asked = [medication("read"), demand("read", "C", "p2")];
    expect(authorize(member("physician"), asked, { purpose: "TREAT", circumstances: known }).ok).toBe(false);
  });
});

describe("POL-6 another clinic to which a patient was referred", () => {
  const shown = demand("disclose", "C", "p2");
  it("POL-6 sees what the patient's consent permits it to, for treatment, of her alone", () => {
    for (const recordClass of RECORD_CLASSES) {
      const asked = demand("disclose", recordClass, "p2");
      expect(ends("referral-partner", "TREAT", asked, given({ consent: "permit" }))).toBe("permit");
      expect(ends("referral-partner", "TREAT", asked, given())).toBe("forbidden");
      expect(ends("referral-partner", "TREAT", asked, given({ consent: "deny" }))).toBe("forbidden");
    }
    expect(ends("referral-partner", "TREAT", demand("disclose", "C"), given({ consent: "permit" }))).toBe("forbidden");
    const required = given({ consent: "permit", relationship: "absent" });
    expect(ends("referral-partner", "TREAT", shown, required)).toBe("permit");
    expect(ends("referral-partner", "TREAT", shown, given({ consent: "permit", hold: "restricted" }))).toBe("locked");
    for (const purpose of PURPOSES.filter((each) => each !== "TREAT")) {
      const asked = given({ consent: "permit", emergency: EMERGENCY });
      expect(ends("referral-partner", purpose, shown, asked)).toBe("forbidden");
    }
  });

  it.each(ACTIONS)("POL-6 no %s: what FHIR routes ask for is not its own", (action) => {
    for (const recordClass of RECORD_CLASSES)
      expect(ends("referral-partner", "TREAT", demand(action, recordClass, "p2"), given({ consent: "permit" }))).toBe(
        "forbidden",
      );
  });

  it("POL-6 a second role or a person's sign-in opens nothing, and nobody else discloses", () => {
    const permit = given({ consent: "permit" });
    for (const roles of [
      ["referral-partner", "physician"],
      ["referral-partner", "integration"],
      ["referral-partner", "assistant"],
    ]) {
      expect(ends("referral-partner", "TREAT", demand("read", "C", "p2"), permit, { roles })).toBe("forbidden");
      expect(ends("referral-partner", "TREAT", demand("search", "D"), permit, { roles })).toBe("forbidden");
    }
    expect(ends("referral-partner", "TREAT", shown, permit, { assurance: "aal2", kind: "user" })).toBe("forbidden");
    for (const role of RoleName.options.filter((each) => each !== "referral-partner"))
      for (const purpose of PURPOSES) expect(ends(role, purpose, shown, permit)).toBe("forbidden");
  });

  it("POL-6 of the clinic's affairs it has the view of one patient", () => {
    const acts = spaceOf([currentPolicies]).actions.clinic;
    const may = (patientId?: string) =>
      acts.filter(
        (action) =>
          authorizeClinic(member("referral-partner"), action, { purpose: "TREAT", steppedUp: true, patientId }).ok,
      );
    expect([may("p2"), may()]).toEqual([["view.read"], []]);
  });
});

describe("POL-2 emergency override", () => {
  const broken = given({ emergency: EMERGENCY });
  it("POL-2 without a break-glass nobody works in an emergency", () => {
    for (const role of ["physician", "nurse", "front-desk", "billing", "integration"])
      expect(ends(role, "ETREAT", demand("read", "C", "p2"), given({ consent: "permit" }))).toBe("forbidden");
  });

  it.each(ACTIONS)("POL-2 POL-9 %s under a break-glass", (action) => {
    const isAllowed = ["read", "vread", "history", "search", "everything", "create"].includes(action);
    for (const role of ["physician", "nurse"]) {
      for (const recordClass of ["C", "S", "D"] as const)
        expect(ends(role, "ETREAT", demand(action, recordClass, "p2"), broken)).toBe(
          isAllowed ? "permit" : "forbidden",
        );
      expect(ends(role, "ETREAT", demand(action, "B", "p2"), broken)).toBe("forbidden");
    }
    for (const role of [
      "front-desk",
      "billing",
      "clinic-administrator",
      "integration",
      "assistant",
      "auditor",
      "patient",
    ])
      expect(ends(role, "ETREAT", demand(action, "C", "p2"), broken)).toBe("forbidden");
  });

  it("POL-2 RET-3 it overrides a refusal, a missing relationship and a hold, and changes nothing that is there", () => {
    const read = demand("read", "S", "p2");
    const under = (more: Parameters<typeof given>[0]) => given({ emergency: EMERGENCY, ...more });
    expect(ends("nurse", "ETREAT", read, under({ consent: "deny" }))).toBe("permit");
    expect(ends("nurse", "ETREAT", read, under({ relationship: "absent" }))).toBe("permit");
    for (const hold of ["frozen", "restricted"] as const) {
      for (const role of ["physician", "nurse"]) {
        expect(ends(role, "ETREAT", read, under({ hold }))).toBe("permit");
        expect(ends(role, "ETREAT", demand("create", "C", "p2"), under({ hold }))).toBe("permit");
        expect(ends(role, "ETREAT", demand("update", "C", "p2"), under({ hold }))).toBe("forbidden");
        expect(ends(role, "ETREAT", demand("delete", "C", "p2"), under({ hold }))).toBe("forbidden");
        // The purpose alone is none: without a break-glass there is no emergency.
        expect(ends(role, "ETREAT", read, given({ hold, consent: "permit" }))).toBe("forbidden");
        expect(ends(role, "TREAT", demand("create", "C", "p2"), under({ hold }))).toBe(
          hold === "frozen" ? "permit" : "locked",
        );
      }
    }
  });

  it("POL-2 it opens nothing for another purpose, and nothing where no patient is named", () => {
    expect(ends("nurse", "TREAT", demand("read", "S", "p2"), broken)).toBe("forbidden");
    expect(ends("nurse", "ETREAT", demand("search", "C"), broken)).toBe("forbidden");
  });

  it("POL-9 the grant carries the break-glass, for this purpose alone", () => {
    const asked = (purpose: Purpose) =>
      authorize(member("nurse"), [demand("read", "C", "p2")], { purpose, circumstances: broken });
    expect(asked("ETREAT")).toMatchObject({ ok: true, value: { emergency: EMERGENCY } });
    const plain = asked("TREAT");
    expect(plain.ok && plain.value.emergency).toBe(undefined);
  });
});

describe("POL-15 delegated access", () => {
  const acting = given({ delegation: delegation() });
  it("POL-15 one patient's chart for whom it acts, read and searched", () => {
    expect(ends("assistant", "TREAT", demand("read", "C", "p2"), acting)).toBe("permit");
    expect(ends("assistant", "TREAT", demand("search", "D", "p2"), acting)).toBe("permit");
    const granted = authorize(member("assistant"), [demand("read", "C", "p2")], {
      purpose: "TREAT",
      circumstances: acting,
    });
    expect(granted).toMatchObject({
      ok: true,
      value: {
        delegation: { id: acting.delegation?.id, userId: acting.delegation?.userId },
        decision: { ruleIds: ["assistant-chart", "delegator:physician-chart"] },
      },
    });
  });

  const refused: readonly [string, Demand, Circumstances, Purpose][] = [
    ["without a delegation", demand("read", "C", "p2"), given(), "TREAT"],
    ["in bulk", demand("search", "C"), acting, "TREAT"],
    ["everything at once", demand("everything", "C", "p2"), acting, "TREAT"],
    ["past versions", demand("history", "C", "p2"), acting, "TREAT"],
    ["one past version", demand("vread", "C", "p2"), acting, "TREAT"],
    ["an export", demand("export", "C", "p2"), acting, "TREAT"],
    ["a new record", demand("create", "C", "p2"), acting, "TREAT"],
    ["a change", demand("update", "C", "p2"), acting, "TREAT"],
    ["for a purpose not delegated", demand("read", "C", "p2"), acting, "HOPERAT"],
    ["a segmented record without consent", demand("read", "S", "p2"), acting, "TREAT"],
    [
      "research without consent",
      demand("read", "C", "p2"),
      given({ delegation: delegation(["physician"], ["HRESCH"]) }),
      "HRESCH",
    ],
    [
      "training of models without consent",
      demand("read", "C", "p2"),
      given({ delegation: delegation(["physician"], ["MLTRAINING"]) }),
      "MLTRAINING",
    ],
    [
      "in an emergency, even of whom it acts for",
      demand("read", "C", "p2"),
      given({ emergency: EMERGENCY, delegation: delegation(["physician"], ["ETREAT"]) }),
      "ETREAT",
    ],
    [
      "what whom it acts for may not",
      demand("read", "C", "p2"),
      given({ delegation: delegation(["billing"]) }),
      "TREAT",
    ],
    ["for somebody without a role", demand("read", "C", "p2"), given({ delegation: delegation([]) }), "TREAT"],
    ["for an auditor", demand("read", "C", "p2"), given({ delegation: delegation(["auditor", "physician"]) }), "TREAT"],
  ];
  it.each(refused)("POL-15 refused: %s", (_what, asked, circumstances, purpose) => {
    expect(ends("assistant", purpose, asked, circumstances)).toBe("forbidden");
  });

  it("POL-15 training of models with the patient's consent, for the clinician who delegated it", () => {
    const circumstances = given({ consent: "permit", delegation: delegation(["physician"], ["MLTRAINING"]) });
    expect(ends("assistant", "MLTRAINING", demand("read", "C", "p2"), circumstances)).toBe("permit");
  });

  it("POL-15 a person's sign-in or a second role does not free an assistant", () => {
    const read = demand("read", "C", "p2");
    expect(ends("assistant", "TREAT", read, acting, { assurance: "aal2", kind: "user" })).toBe("forbidden");
    for (const roles of [
      ["assistant", "physician"],
      ["assistant", "integration"],
    ]) {
      expect(ends("assistant", "TREAT", demand("search", "C"), given(), { roles })).toBe("forbidden");
      expect(ends("assistant", "TREAT", demand("create", "C", "p2"), acting, { roles })).toBe("forbidden");
    }
  });

  it("POL-15 a delegation adds nothing to a person's own right", () => {
    expect(ends("billing", "TREAT", demand("read", "C", "p2"), acting)).toBe("forbidden");
    expect(ends("physician", "TREAT", demand("delete", "C", "p2"), given({ delegation: delegation(["nurse"]) }))).toBe(
      "forbidden",
    );
  });
});

describe("POL-14 what is known of one patient serves for no other", () => {
  const permit: Circumstances = { ...given({ consent: "permit" }), patientId: "p2" };
  it("POL-14 circumstances that name their patient open no other's record", () => {
    expect(ends("physician", "TREAT", demand("read", "S", "p2"), permit)).toBe("permit");
    expect(ends("physician", "TREAT", demand("read", "S", "p3"), permit)).toBe("forbidden");
    const broken: Circumstances = { ...given({ emergency: EMERGENCY }), patientId: "p2" };
    expect(ends("nurse", "ETREAT", [demand("read", "C", "p2"), demand("read", "C", "p3")], broken)).toBe("forbidden");
  });

  it("POL-14 with two patients in one request, unnamed circumstances forbid and permit nothing", () => {
    const two = [demand("read", "S", "p2"), demand("read", "S", "p3")];
    expect(ends("physician", "TREAT", two, given({ consent: "permit" }))).toBe("forbidden");
    const charts = [demand("update", "C", "p2"), demand("update", "C", "p3")];
    expect(ends("physician", "TREAT", charts, given({ hold: "frozen" }))).toBe("locked");
    expect(ends("physician", "TREAT", charts, given({ consent: "deny" }))).toBe("forbidden");
    expect(ends("physician", "TREAT", charts, given({ relationship: "present" }))).toBe("forbidden");
  });

  it("POL-14 with circumstances of each, each patient's own count; one of whom nothing was read is refused", () => {
    const asked = (known: ReadonlyMap<string, Circumstances>, ...patients: readonly string[]) =>
      authorize(
        member("physician"),
        patients.map((patientId) => demand("read", "S", patientId)),
        { purpose: "TREAT", circumstances: known },
      ).ok;
    const known = new Map([
      ["p2", given({ consent: "permit" })],
      ["p3", given({ consent: "permit" })],
      ["p4", given({ consent: "deny" })],
    ]);
    expect(asked(known, "p2", "p3")).toBe(true);
    expect(asked(known, "p2", "p4")).toBe(false);
    expect(asked(known, "p2", "p5")).toBe(false);
    const chart = authorize(member("physician"), [demand("read", "C", "p5")], {
      purpose: "TREAT",
      circumstances: known,
    });
    expect(chart.ok).toBe(false);
    const own = authorize(member("patient", { patientId: "p5" }), [demand("read", "C", "p5")], {
      purpose: "PATRQT",
      circumstances: known,
    });
    expect(own.ok).toBe(false);
  });
});
