import { describe, expect, it } from "vitest";
import { RoleName, routeNames, routes } from "../../../core/contract/index.ts";
import { authorizeClinic, type Purpose, PURPOSES } from "../../../core/policy/index.ts";
import { delegation, EMERGENCY, given, member } from "./members.ts";

const ROLES = RoleName.options;
const ACTIONS: readonly string[] = [
  ...new Set(routeNames.flatMap((name) => (routes[name].zone === "clinic" ? [routes[name].action ?? ""] : []))),
];
const STEP_UP = [
  "person.invite",
  "person.change-roles",
  "person.end",
  "person.restore",
  "person.end-sign-ins",
  "person.reset",
  "app.register",
  "app.change",
  "app.suspend",
  "app.resume",
  "app.add-key",
  "app.revoke-key",
  "break-glass.begin",
  "hold.place",
  "hold.release",
  "settings.change",
  "export.start",
  "export.approve",
  "delegation.grant",
  "settings.go-live",
  "note.unlock",
  "clinic.time-zone",
  "patient.merge",
  "patient.unmerge",
];
/** Who acts in which purpose, with both factors again, for one other patient. Written from what each role is for. */
const OFFICE = ["break-glass.list", "break-glass.end", "break-glass.review", "hold.place", "hold.release", "hold.list"];
/** A clinic's people and apps: its administrator's, and nobody else's. */
const ADMINISTRATION = [
  "person.list",
  "person.read",
  "person.abilities",
  "person.invite",
  "person.change-roles",
  "person.end",
  "person.restore",
  "person.end-sign-ins",
  "person.reset",
  "app.list",
  "app.read",
  "app.register",
  "app.change",
  "app.suspend",
  "app.resume",
  "app.add-key",
  "app.revoke-key",
];
/** Besides what she treats with. */
const OWN_EMERGENCIES = "break-glass.own";
/** A patient's consents, and the names of who works here. */
const CONSENTS = ["consent.forms", "consent.list", "consent.record", "consent.revoke", "people.list"];
/** Visits and notes: what is read of them, and what is done. */
const NOTES_READ = ["visit.read", "note.read", "note.history"];
const NOTES = [
  ...NOTES_READ,
  "visit.start",
  "visit.change",
  "note.start",
  "note.check",
  "note.write",
  "note.sign",
  "note.addend",
  "note.unlock",
  "note.discard",
  "note.unsigned",
  "template.read",
];
/** Files of a chart; in an emergency they are read and added. What was before is for who treats. */
const DOCUMENTS_ADDED = ["document.list", "document.upload", "document.read", "document.preview"];
const OFFICE_PAPERS = [...DOCUMENTS_ADDED, "document.check", "document.describe", "document.withdraw"];
const DOCUMENTS = [...OFFICE_PAPERS, "document.history"];
/** What is written into a chart's lists and vitals; in an emergency it is added, and nothing changed. */
const CHART_ADDED = ["chart.record", "chart.history"];
const CHART = [...CHART_ADDED, "chart.change", "chart.reconcile"];
/** The clinic's day: who begins a visit treats. */
const DAY = [
  "clinic.read",
  "schedule.setup",
  "schedule.read",
  "schedule.free",
  ...["book", "walk-in", "move", "cancel", "step", "room"].map((act) => `appointment.${act}`),
];
/** The registry of patients: two charts are made one by who answers for the treatment. */
const PATIENTS_FOUND = ["patient.search", "patient.recent", "patient.read"];
const PATIENTS = [...PATIENTS_FOUND, "patient.register", "patient.edit"];
/** What everybody who works on messages and tasks does; which of them they see is the records' to say. */
const INBOX = [
  "inbox.read",
  "message.read",
  "message.send",
  "message.receive",
  "task.read",
  "task.create",
  "task.change",
];

const TABLE: Record<string, Partial<Record<Purpose, readonly string[]>>> = {
  physician: {
    TREAT: [
      "break-glass.begin",
      "break-glass.end",
      OWN_EMERGENCIES,
      "delegation.grant",
      "delegation.revoke",
      "delegation.list",
      "consent.preview",
      ...CONSENTS,
      "view.read",
      ...NOTES,
      ...DOCUMENTS,
      ...CHART,
      ...DAY,
      ...PATIENTS,
      "patient.merge-review",
      "patient.merge",
      "patient.unmerge",
      "appointment.start",
      ...INBOX,
      "result.read",
      "result.assign",
      "result.review",
      "note.cosign",
      "export.start",
      "export.read",
      "export.cancel",
    ],
    ETREAT: [
      "break-glass.begin",
      "break-glass.end",
      OWN_EMERGENCIES,
      "view.read",
      "people.list",
      "clinic.read",
      ...NOTES_READ,
      ...DOCUMENTS_ADDED,
      "document.history",
      ...CHART_ADDED,
    ],
    HRESCH: ["view.read", "export.start", "export.read", "export.cancel"],
    MLTRAINING: ["export.start", "export.read", "export.cancel"],
  },
  nurse: {
    TREAT: [
      "break-glass.begin",
      "break-glass.end",
      OWN_EMERGENCIES,
      "delegation.grant",
      "delegation.revoke",
      "delegation.list",
      "consent.preview",
      ...CONSENTS,
      "view.read",
      ...NOTES,
      ...DOCUMENTS,
      ...CHART,
      ...DAY,
      ...PATIENTS,
      "appointment.start",
      ...INBOX,
      "result.read",
      "result.assign",
    ],
    ETREAT: [
      "break-glass.begin",
      "break-glass.end",
      OWN_EMERGENCIES,
      "view.read",
      "people.list",
      "clinic.read",
      ...NOTES_READ,
      ...DOCUMENTS_ADDED,
      "document.history",
      ...CHART_ADDED,
    ],
  },
  "front-desk": {
    TREAT: ["view.read", "consent.preview", ...CONSENTS, ...OFFICE_PAPERS, ...DAY, ...PATIENTS, ...INBOX],
    HOPERAT: ["view.read", "consent.preview", ...CONSENTS, ...OFFICE_PAPERS, ...DAY, ...PATIENTS, ...INBOX],
  },
  billing: { HPAYMT: ["view.read", "clinic.read", "people.list", ...PATIENTS_FOUND, ...INBOX] },
  "clinic-administrator": {
    HOPERAT: [
      ...OFFICE,
      "clinic.read",
      "clinic.change",
      "clinic.time-zone",
      "schedule.setup",
      "schedule.change",
      "template.read",
      "template.change",
      ...ADMINISTRATION,
      "settings.read",
      "settings.change",
      "settings.go-live",
      "portal.settings",
      "portal.settings-change",
      "approval.list",
      "people.list",
      "delegation.revoke",
      "delegation.list",
      "consent.preview",
      "audit.checkpoint",
      "alert.list",
      "alert.acknowledge",
      "export.start",
      "export.approve",
      "export.read",
      "export.cancel",
    ],
  },
  auditor: {
    HOPERAT: [
      "clinic.read",
      "audit.search",
      "audit.read",
      "audit.disclosures",
      "audit.checkpoint",
      "alert.list",
      "break-glass.list",
      "hold.list",
      "delegation.list",
      "settings.read",
      "approval.list",
      "people.list",
    ],
  },
  "referral-partner": { TREAT: ["view.read"] },
  integration: { TREAT: ["view.read"], HOPERAT: ["view.read"], HRESCH: ["view.read"] },
};

const cells = ROLES.flatMap((role) => PURPOSES.map((purpose) => ({ role, purpose })));

describe("authorizeClinic", () => {
  it.each(cells)("POL-11 $role for $purpose does what the table says and nothing else", ({ role, purpose }) => {
    const done = ACTIONS.filter(
      (action) => authorizeClinic(member(role), action, { purpose, patientId: "p2", steppedUp: true }).ok,
    );
    const expected = TABLE[role]?.[purpose] ?? [];
    expect(done.toSorted()).toEqual(expected.filter((action) => ACTIONS.includes(action)).toSorted());
  });

  it("POL-12 every route of the clinic zone that changes something is refused to an auditor", () => {
    const mutating = routeNames.filter(
      // It reads, by a number that must not stand in an address, and answers ids of the trail.
      (name) => routes[name].zone === "clinic" && routes[name].method !== "GET" && name !== "findCharts",
    );
    expect(mutating.length).toBeGreaterThan(10);
    for (const name of mutating) {
      for (const purpose of PURPOSES) {
        for (const isPrivacyOfficer of [false, true]) {
          const options = { purpose, patientId: "p2", steppedUp: true, isPrivacyOfficer };
          expect([name, authorizeClinic(member("auditor"), routes[name].action ?? "", options).ok]).toEqual([
            name,
            false,
          ]);
        }
      }
    }
  });

  it.each(STEP_UP)("AT-34 AT-35 %s wants both factors again, and says so to whom it would else permit", (action) => {
    const role = /^(?:break-glass|delegation|note|patient)/.test(action) ? "physician" : "clinic-administrator";
    const purpose = role === "physician" ? "TREAT" : "HOPERAT";
    const options = { purpose, patientId: "p2" } as const;
    expect(authorizeClinic(member(role), action, options)).toMatchObject({ ok: false, error: { lacks: "step-up" } });
    expect(authorizeClinic(member(role), action, { ...options, steppedUp: true }).ok).toBe(true);
    const never = authorizeClinic(member("billing"), action, { purpose: "HPAYMT", patientId: "p2" });
    expect(never).toMatchObject({ ok: false, error: { kind: "forbidden" } });
    expect("error" in never && "lacks" in never.error).toBe(false);
  });

  it("AT-34 a break-glass is for one other patient: none without a patient, none for one's own chart", () => {
    const nurse = member("nurse", { patientId: "p1" });
    const begin = (patientId?: string) =>
      authorizeClinic(nurse, "break-glass.begin", { purpose: "ETREAT", steppedUp: true, patientId }).ok;
    expect([begin("p2"), begin("p1"), begin()]).toEqual([true, false, false]);
  });

  it("AT-39 the trail is for auditors and privacy officers; a patient sees who opened the own chart", () => {
    const open = (role: string, action: string, purpose: Purpose, more = {}) =>
      authorizeClinic(member(role, { patientId: "p1" }), action, { purpose, ...more }).ok;
    for (const role of ROLES) expect(open(role, "audit.search", "HOPERAT")).toBe(role === "auditor");
    expect(open("physician", "audit.search", "HOPERAT", { isPrivacyOfficer: true })).toBe(true);
    expect(open("finance", "audit.search", "HOPERAT", { isPrivacyOfficer: true })).toBe(false);
    expect(open("integration", "audit.search", "HOPERAT", { isPrivacyOfficer: true })).toBe(false);
    expect(open("patient", "audit.own", "PATRQT", { patientId: "p1" })).toBe(true);
    expect(open("patient", "audit.own", "PATRQT", { patientId: "p2" })).toBe(false);
    expect(open("patient", "audit.disclosures", "PATRQT", { patientId: "p1" })).toBe(true);
    expect(open("patient", "audit.disclosures", "PATRQT", { patientId: "p2" })).toBe(false);
    expect(open("physician", "audit.own", "TREAT", { patientId: "p1" })).toBe(false);
  });

  it("POL-15 an assistant looks at one patient's view for whom it acts, and does nothing else in the clinic", () => {
    const circumstances = given({ delegation: delegation(), emergency: EMERGENCY });
    const options = { purpose: "TREAT", patientId: "p2", steppedUp: true, isPrivacyOfficer: true, circumstances };
    const done = ACTIONS.filter((action) => authorizeClinic(member("assistant"), action, options).ok);
    expect(done).toEqual(["view.read"]);
    expect(authorizeClinic(member("assistant"), "view.read", { purpose: "TREAT", patientId: "p2" }).ok).toBe(false);
    expect(authorizeClinic(member("assistant"), "view.read", { purpose: "TREAT", circumstances }).ok).toBe(false);
  });

  it("a privacy officer does not appoint: the settings stay the administrator's", () => {
    const options = { purpose: "HOPERAT", steppedUp: true, isPrivacyOfficer: true };
    expect(authorizeClinic(member("physician"), "settings.change", options).ok).toBe(false);
    expect(authorizeClinic(member("physician"), "settings.read", options).ok).toBe(true);
  });
});
