import { describe, expect, it } from "vitest";
import { isColleague, type SeenEvent } from "../../../core/watch/index.ts";
import { colleagueRecords } from "../../../core/watch/signals/colleagues.ts";
import { facts } from "../audit/fixtures.ts";
import { MINUTE, patientId, recordId, seenAt, TENANT, USER } from "./fixtures.ts";

const NOON = Date.UTC(2026, 10, 23, 12);
const NURSE = "01hxyzabcd0123456789abcdfa";
const HERS = patientId(7);
const MEMBERS = [
  { userId: NURSE, patientId: HERS },
  { userId: USER, patientId: patientId(8) },
];
const { actor, decision } = facts();
const view = (more: object = {}, atMs = NOON, patient = HERS): SeenEvent =>
  seenAt(atMs, { patient, entities: [{ type: "Patient", id: patient }], interaction: "read", action: "R", ...more });
const treating = (...relationships: readonly string[]) => ({
  decision: {
    ...decision,
    inputs: { ask: "records", circumstances: relationships.map((relationship) => ({ relationship })) },
  },
});
const look = (...events: readonly SeenEvent[]) => colleagueRecords(TENANT, events, MEMBERS);

describe("AUD-6 colleagues' records", () => {
  it("a colleague's chart is told once for each viewer, patient and day, with its events, newest first", () => {
    const events = [view({}, NOON + MINUTE), view(), view({ interaction: "view.read" }, NOON + 2 * MINUTE)];
    const found = look(...events);
    expect(found).toMatchObject([
      { kind: "colleague-record", severity: "notice", tenant: TENANT, user: USER, patient: HERS, at: NOON, count: 3 },
    ]);
    expect(found[0]?.evidence).toEqual([events[2]?.id, events[0]?.id, events[1]?.id]);
    // A later look begins later in the day, and finds the same thing.
    expect(look(...events.slice(2)).map(({ id }) => id)).toEqual(found.map(({ id }) => id));
    const tomorrow = look(...events, view({}, NOON + 24 * 60 * MINUTE));
    expect(new Set(tomorrow.map(({ id }) => id)).size).toBe(2);
    const another = view({ actor: { ...actor, user: TENANT } });
    expect(look(view(), another).map(({ user }) => user)).toEqual([USER, TENANT]);
  });

  it("one's own chart is told as such, unless one asks for it as a patient", () => {
    const own = view({}, NOON, patientId(8));
    expect(look(own)).toMatchObject([{ kind: "own-record", user: USER, patient: patientId(8), evidence: [own.id] }]);
    expect(look(view({ purpose: "PATRQT" }, NOON, patientId(8)))).toEqual([]);
    // A colleague's is nobody else's to ask for.
    expect(look(view({ purpose: "PATRQT" }))).toMatchObject([{ kind: "colleague-record" }]);
  });

  it.each([
    ["one record of it", { entities: [{ type: "Observation", id: recordId(HERS, 1) }], patient: undefined }],
    ["a search in it", { interaction: "search", action: "E", entities: [{ type: "Observation" }] }],
    ["a search that found her alone", { interaction: "search", action: "E", patient: undefined }],
    [
      "a search of bills of her and another",
      {
        interaction: "search",
        action: "E",
        patient: undefined,
        classes: ["B"],
        entities: [{ type: "Claim" }, { type: "Patient", id: HERS }, { type: "Patient", id: patientId(1) }],
      },
    ],
    [
      "a list of patients with clinical records beside them",
      {
        interaction: "search",
        action: "E",
        patient: undefined,
        classes: ["C", "D"],
        entities: [{ type: "Patient" }, { type: "Patient", id: HERS }, { type: "Patient", id: patientId(1) }],
      },
    ],
    [
      "one by an assistant for her",
      {
        actor: { ...actor, kind: "client", user: TENANT },
        delegation: { id: "d-1", user: USER },
      },
    ],
    ["one where policy was told that he does not treat her", treating("absent")],
    ["one with a relationship to somebody else only", treating("present", "absent")],
    ["one whose inputs say nothing of it", { decision: { ...decision, inputs: { relationship: "present" } } }],
  ])("%s is told", (_title, more) => {
    expect(look(view(more))).toMatchObject([{ kind: "colleague-record", user: USER, patient: HERS }]);
  });

  it.each([
    ["of a patient who works elsewhere", {}, patientId(1)],
    ["by who treats her", treating("present"), HERS],
    ["in an emergency, which is told by itself", { emergency: "e-1" }, HERS],
    ["that was refused", { outcome: "denied" }, HERS],
    ["by a system that imports", { actor: { ...actor, kind: "client" } }, HERS],
    ["that is a write", { interaction: "update", action: "U" }, HERS],
    [
      "in a list of patients",
      {
        interaction: "search",
        action: "E",
        patient: undefined,
        classes: ["D"],
        entities: [{ type: "Patient" }, { type: "Patient", id: HERS }, { type: "Patient", id: patientId(1) }],
      },
      HERS,
    ],
    ["of whose trail somebody reads", { interaction: "audit.search", action: "E" }, HERS],
  ])("a look %s is not told", (_title, more, patient) => {
    expect(look(view(more, NOON, patient))).toEqual([]);
  });

  it("who has an account as a patient alone, or no longer works there, is nobody's colleague", () => {
    expect(isColleague({ roles: ["patient"], status: "active" })).toBe(false);
    expect(isColleague({ roles: ["nurse", "patient"], status: "disabled" })).toBe(false);
    expect(isColleague({ roles: ["nurse", "patient"], status: "active" })).toBe(true);
    expect(colleagueRecords(TENANT, [view()], [])).toEqual([]);
  });
});
