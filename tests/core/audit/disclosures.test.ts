import { describe, expect, it } from "vitest";
import { accountingOf, type Recipient } from "../../../core/audit/disclosures.ts";
import type { AuditEvent } from "../../../core/audit/event.ts";
import { createAuditWriter, type EventFacts } from "../../../core/audit/writer.ts";
import { facts } from "./fixtures.ts";

const PATIENT = "01hxyzabcd0123456789abcd00";
const NOW = Date.UTC(2026, 10, 22, 12);
const DAY = 86_400_000;

const disclosed = (daysAgo: number, more: Partial<EventFacts> = {}): AuditEvent =>
  createAuditWriter({ now: () => NOW - daysAgo * DAY }).draft(
    facts({ patient: PATIENT, recipient: "health-office", purpose: "HRESCH", ...more }),
  ).event;
const registry = new Map<string, Recipient>([
  ["health-office", { id: "health-office", name: "County Health Office", address: "1 Main Street" }],
  ["police", { id: "police", name: "State Police", suspendedUntilMs: NOW + 10 * DAY }],
]);
const asked = { patient: PATIENT, toMs: NOW } as const;

describe("accountingOf", () => {
  it("45 CFR 164.528(b): date, recipient with address, brief description, purpose", () => {
    const event = disclosed(3, {
      entities: [{ type: "Condition", id: "c" }, { type: "Condition", id: "d" }, { type: "Patient" }],
    });
    expect(accountingOf([event], registry, { ...asked, view: "patient" }).lines).toEqual([
      {
        recipient: { id: "health-office", name: "County Health Office", address: "1 Main Street" },
        purpose: "HRESCH",
        description: "Condition (2), Patient",
        firstMs: NOW - 3 * DAY,
        count: 1,
        lastMs: NOW - 3 * DAY,
        eventIds: [event.id],
      },
    ]);
  });

  it("164.528(b)(3): a series has its first, its number and its last, in whatever order and however often events come", () => {
    const events = [10, 2, 30, 20].map((days) => disclosed(days));
    const { lines } = accountingOf([...events, ...events], registry, { ...asked, view: "patient" });
    expect(lines).toMatchObject([{ firstMs: NOW - 30 * DAY, count: 4, lastMs: NOW - 2 * DAY }]);
  });

  it("164.528(a)(1): six years to the day, and neither treatment, payment and operations nor the patient herself", () => {
    const sixYears = (NOW - Date.UTC(2020, 10, 22, 12)) / DAY;
    const kept = [disclosed(sixYears), disclosed(sixYears + 0.001)];
    expect(accountingOf(kept, registry, { ...asked, view: "patient" }).lines).toMatchObject([{ count: 1 }]);
    const exempt = (["TREAT", "ETREAT", "HPAYMT", "HOPERAT", "PATRQT"] as const).map((purpose) =>
      disclosed(1, { purpose }),
    );
    expect(accountingOf(exempt, registry, { ...asked, view: "officer" }).lines).toEqual([]);
    expect(accountingOf(exempt, registry, { ...asked, view: "officer", withOperations: true }).lines).toHaveLength(5);
  });

  it("what was refused, failed, repeated, of another patient or given to nobody is no disclosure", () => {
    const { recipient: _recipient, ...read } = disclosed(1);
    const events = [
      disclosed(1, { outcome: "denied" }),
      disclosed(1, { outcome: "failure" }),
      disclosed(1, { replay: true }),
      disclosed(1, { patient: "01hxyzabcd0123456789abcd99" }),
      read,
      disclosed(-1),
    ];
    expect(accountingOf(events, registry, { ...asked, view: "officer" }).lines).toEqual([]);
  });

  it("164.528(a)(2): what law enforcement had suspended is not in the patient's view, is in the officer's, and comes back", () => {
    const events = [disclosed(1), disclosed(2, { recipient: "police" })];
    const names = (view: "patient" | "officer", toMs = NOW) =>
      accountingOf(events, registry, { ...asked, view, toMs }).lines.map(({ recipient }) => recipient.id);
    expect(names("patient")).toEqual(["health-office"]);
    expect(names("officer")).toEqual(["police", "health-office"]);
    expect(accountingOf(events, registry, { ...asked, view: "officer" }).lines[0]?.suspendedUntilMs).toBe(
      NOW + 10 * DAY,
    );
    expect(names("patient", NOW + 11 * DAY)).toEqual(["police", "health-office"]);
  });

  it("a recipient that nobody registered is told, and handed to the officer to name", () => {
    const event = disclosed(1, { recipient: "unknown-1" });
    expect(accountingOf([event], registry, { ...asked, view: "officer" }).unnamed).toEqual([event.id]);
    expect(accountingOf([event], registry, { ...asked, view: "patient" })).toMatchObject({
      unnamed: [],
      lines: [{ count: 1 }],
    });
  });
});
