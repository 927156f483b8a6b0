import { describe, expect, it } from "vitest";
import { consentOf, effectsOf, FORMS, type Party, revokedOf, viewOf } from "../../../core/consent/index.ts";
import { CONSENT_FORMS, RecordConsent } from "../../../core/contract/index.ts";
import { type FhirResource, validateResource } from "../../../core/fhir/index.ts";
import { encodeId, type TenantId } from "../../../core/kernel/ids.ts";
import { type CompiledConsent, compileConsent } from "../../../core/policy/consent/index.ts";
import { policyTexts } from "../../../core/policy/policies.generated.ts";
import { dayBounds } from "../../../core/schedule/clinic-time.ts";

const idOf = (fill: number): string => encodeId(Buffer.alloc(16, fill));
const PATIENT = idOf(1);
const TENANT = idOf(2) as TenantId;
const [DR_REED, DR_VANCE, DESK, NURSE, PARTNER, BILLER] = [3, 4, 5, 6, 7, 8].map(idOf) as [
  string,
  string,
  string,
  string,
  string,
  string,
];
const NOW = Date.parse("2026-11-22T15:00:00Z");
const ZONE = "America/New_York";

const signature = { kind: "in-person", signedOn: "2026-11-22", by: "patient" };
const person = (id: string) => ({ kind: "person", id });
const ANSWERS: Readonly<Record<string, Record<string, unknown>>> = {
  share: { recipients: [person(DR_REED)], parts: ["clinical", "mental-health"], purposes: ["TREAT"] },
  restrict: { recipients: [person(DR_VANCE)], part: "everything" },
  "substance-use": {
    discloser: "Maple Street Clinic",
    description: "Diagnosis, medication and attendance of substance use disorder treatment",
    recipients: [person(DR_REED)],
    purposes: ["TREAT"],
    expiry: "end-of-treatment",
    told: { revocation: true, redisclosure: true, refusal: true },
  },
  research: { study: "Sleep and pain", recipients: [person(DR_REED)], parts: ["clinical"], expiry: "end-of-study" },
  "therapy-notes": { recipients: [person(DR_VANCE)], purposes: ["TREAT"] },
};
const filled = (form: string, more: Record<string, unknown> = {}): RecordConsent =>
  RecordConsent.parse({ form, signature, ...ANSWERS[form], ...more });

const origin = { patientId: PATIENT, userId: DESK, nowMs: NOW, dayBounds: (day: string) => dayBounds(ZONE, day) };
function stored(request: RecordConsent, id = "c-1"): FhirResource {
  const valid = validateResource({
    ...consentOf(request, origin),
    id,
    meta: { versionId: "1", lastUpdated: "2026-11-22T15:00:00Z" },
  });
  if (!valid.ok) throw new Error(JSON.stringify(valid.error));
  return valid.value;
}
function compiled(request: RecordConsent, id = "c-1"): CompiledConsent {
  const consent = compileConsent(stored(request, id), 1);
  if (!consent.ok) throw new Error(JSON.stringify(consent.error));
  return consent.value;
}

const STAFF: readonly Party[] = [
  { id: DR_REED, kind: "user", name: "Dr. Reed", roles: ["physician"] },
  { id: DR_VANCE, kind: "user", name: "Dr. Vance", roles: ["physician"] },
  { id: NURSE, kind: "user", name: "Nurse Obi", roles: ["nurse"] },
  { id: DESK, kind: "user", name: "Desk", roles: ["front-desk"] },
  { id: BILLER, kind: "user", name: "Biller", roles: ["billing"] },
  { id: PARTNER, kind: "client", name: "Lakeside Cardiology", roles: ["referral-partner"] },
];
const at = { tenantId: TENANT, patientId: PATIENT, nowMs: NOW, parties: STAFF };
/** `Dr. Reed TREAT +hiv -clinical`, one line for each that changes. */
const told = (before: readonly CompiledConsent[], after: readonly CompiledConsent[]): string[] =>
  effectsOf(before, after, at).map(({ party, purpose, gains, loses }) =>
    [party.name, purpose, ...gains.map((part) => `+${part}`), ...loses.map((part) => `-${part}`)].join(" "),
  );

describe("POL-1 the portal's consent forms", () => {
  it("POL-1 there is a definition, and a rule of who records it, for every form of the contract", () => {
    expect(FORMS.map(({ form }) => form)).toEqual([...CONSENT_FORMS]);
    const rules = Object.values(policyTexts).join("\n");
    for (const { action } of FORMS) expect(rules).toContain(`Keyward::Action::"${action}"`);
  });

  it.each(CONSENT_FORMS)(
    "POL-1 %s makes a valid FHIR Consent that can be computed, and reads back as it was filled in",
    (form) => {
      const request = filled(form);
      const rule = compiled(request).rule;
      expect(rule?.exceptions?.length).toBeGreaterThan(0);
      const view = viewOf(stored(request), NOW, (id) => STAFF.find((each) => each.id === id)?.name);
      expect(view).toMatchObject({
        id: "c-1",
        version: 1,
        state: "active",
        form,
        signature,
        recordedBy: { name: "Desk" },
      });
      expect(new Set(view.statements.map(({ effect }) => effect))).toEqual(
        new Set([form === "restrict" ? "deny" : "permit"]),
      );
      expect(view.statements[0]?.parties[0]).toMatchObject({
        kind: "person",
        name: expect.stringContaining("Dr. ") as string,
      });
    },
  );

  it.each([
    [
      "an element of 42 CFR 2.31 that was not told",
      "substance-use",
      { told: { revocation: true, redisclosure: true, refusal: false } },
    ],
    ["no description of the information", "substance-use", { description: " " }],
    ["a day of expiry that is not there", "substance-use", { expiry: "on-day" }],
    ["a period that ends before it begins", "share", { period: { from: "2026-12-01", until: "2026-11-30" } }],
    ["a representative without authority", "share", { signature: { ...signature, by: "representative" } }],
    ["nobody to receive it", "share", { recipients: [] }],
    ["therapy notes for a whole role", "therapy-notes", { recipients: [{ kind: "role", role: "physician" }] }],
    ["a patient kept from her own record", "restrict", { recipients: [{ kind: "role", role: "patient" }] }],
    ["a field of no form", "share", { note: "x" }],
  ])("POL-1 refuses %s", (_title, form, more) => {
    expect(RecordConsent.safeParse({ form, signature, ...ANSWERS[form], ...more }).success).toBe(false);
  });

  it("POL-1 a period is of the clinic's days, also where its clocks change", () => {
    const view = viewOf(
      stored(filled("share", { period: { from: "2026-11-01", until: "2026-11-01" } })),
      NOW,
      () => undefined,
    );
    // The day on which daylight saving time ends has 25 hours.
    expect([view.from, view.until]).toEqual(["2026-11-01T04:00:00.000Z", "2026-11-02T04:59:59.999Z"]);
    expect(view.state).toBe("expired");
  });

  it.each([
    ["2026-11-22", "expires"],
    ["2026-12-20", "expires"],
    ["2027-06-01", "active"],
    ["2026-11-21", "expired"],
  ])("POL-14 a consent until %s is told as %s", (until, state) => {
    const consent = stored(filled("share", { period: { until } }));
    expect(viewOf(consent, NOW, () => undefined).state).toBe(state);
  });
  it("POL-14 one that begins later is told so, one that is taken back says why, and one that cannot be read denies", () => {
    const share = stored(filled("share", { period: { from: "2026-12-01" } }));
    expect(viewOf(share, NOW, () => undefined).state).toBe("upcoming");
    const mark = { reason: "patient-request", by: NURSE, at: "2026-11-22T16:00:00.000Z", text: "said so" } as const;
    const gone = viewOf(revokedOf(share, mark), NOW, () => "Nurse Obi");
    expect(gone).toMatchObject({ state: "revoked", revocation: { reason: "patient-request", text: "said so" } });
    // What it said is still told.
    expect(gone.statements).toHaveLength(2);
    const broken = { ...share, provision: { code: [{ text: "x" }] } } as unknown as FhirResource;
    expect(viewOf(broken, NOW, () => undefined)).toMatchObject({ state: "not-computed", statements: [] });
  });
});

describe("POL-1 the effect of a form, by the policy that decides in earnest", () => {
  it("POL-1 sharing opens what it names to whom it names, and nothing to anybody else", () => {
    expect(told([], [compiled(filled("share"))])).toEqual(["Dr. Reed TREAT +mental-health"]);
    const everything = filled("share", { parts: ["mental-health", "hiv", "sexual-health", "genetic", "violence"] });
    // Never substance use or therapy notes: they have forms of their own.
    expect(told([], [compiled(everything)])).toEqual([
      "Dr. Reed TREAT +mental-health +hiv +sexual-health +genetic +violence",
    ]);
  });
  it("POL-1 another organization's system sees what the patient names, and nothing before", () => {
    const share = filled("share", { recipients: [{ kind: "system", id: PARTNER }], parts: ["clinical"] });
    expect(told([], [compiled(share)])).toEqual(["Lakeside Cardiology TREAT +clinical +demographics"]);
  });
  it("POL-1 a restriction takes all of the chart from one person, and its end gives it back", () => {
    const restriction = compiled(filled("restrict"));
    const lost = told([], [restriction]);
    expect(lost).toEqual(["Dr. Vance TREAT -clinical -billing -demographics"]);
    expect(told([restriction], [])).toEqual(lost.map((line) => line.replaceAll("-", "+")));
  });
  it("POL-1 a role is restricted as a whole", () => {
    const nurses = filled("restrict", { recipients: [{ kind: "role", role: "nurse" }], part: "clinical" });
    expect(told([], [compiled(nurses)])).toEqual(["Nurse Obi TREAT -clinical"]);
  });
  it("POL-8 substance use opens by its own form alone, and counseling notes by both", () => {
    const part2 = compiled(filled("substance-use"));
    expect(told([], [part2])).toEqual(["Dr. Reed TREAT +substance-use"]);
    const notes = compiled(filled("therapy-notes", { recipients: [person(DR_REED)] }), "c-2");
    expect(told([part2], [part2, notes])).toEqual(["Dr. Reed TREAT +therapy-notes"]);
  });
  it("POL-8 research opens for research alone", () => {
    expect(told([], [compiled(filled("research"))])).toEqual(["Dr. Reed HRESCH +clinical +demographics"]);
  });
  it("POL-14 a revoked or expired consent has no effect", () => {
    const expired = compiled(filled("share", { period: { until: "2026-11-20" } }));
    expect(told([], [expired])).toEqual([]);
    const mark = { reason: "patient-request", by: NURSE, at: "2026-11-22T16:00:00.000Z" } as const;
    const revoked = compileConsent(revokedOf(stored(filled("restrict")), mark), 2);
    expect(revoked.ok && revoked.value.isActive).toBe(false);
  });
});
