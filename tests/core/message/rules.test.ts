import { describe, expect, it } from "vitest";
import { type InboxItem, TASK_MOVES, TASK_STATES } from "../../../core/contract/index.ts";
import { MESSAGE_CATEGORIES } from "../../../core/kernel/message-category.ts";
import { countsOf, inInboxOrder, pageOf, type Waiting } from "../../../core/message/inbox-page.ts";
import { dueMs, dueView, readMoment, startMs } from "../../../core/message/moments.ts";
import { isDownwards, reachesCategory } from "../../../core/message/parties.ts";
import { gravest, valuesOf } from "../../../core/message/result-resource.ts";
import { isOpen, movesFrom, nextState, taskStateOf } from "../../../core/message/task-states.ts";
import { resource } from "../record/world.ts";

const CHICAGO = "America/Chicago";

describe("CLIN-9 the table of a task", () => {
  const OPEN = ["accept", "start", "complete", "cancel", "fail", "assign", "snooze", "wake", "plan", "comment"];
  it.each([
    ["requested", OPEN.filter((move) => move !== "fail")],
    ["accepted", OPEN.filter((move) => move !== "accept")],
    ["in-progress", OPEN.filter((move) => move !== "accept" && move !== "start")],
    ["completed", ["comment", "reopen"]],
    ["cancelled", ["comment", "reopen"]],
    ["failed", ["comment", "reopen"]],
  ] as const)("CLIN-9 a task that is %s takes these moves and no other", (state, moves) => {
    expect([...movesFrom(state)].toSorted()).toEqual([...moves].toSorted());
  });

  it("CLIN-9 what has ended waits for nobody, and every move leads to a state of the table", () => {
    for (const state of TASK_STATES)
      for (const move of TASK_MOVES) {
        const next = nextState(move, state);
        if (next !== undefined) expect(TASK_STATES).toContain(next);
        if (["complete", "cancel", "fail"].includes(move) && next !== undefined) expect(isOpen(next)).toBe(false);
      }
    expect(nextState("assign", "in-progress")).toBe("requested");
  });

  it.each([
    ["on-hold", "in-progress"],
    ["entered-in-error", "cancelled"],
    ["rejected", "cancelled"],
    ["made-up", "requested"],
    [undefined, "requested"],
  ])("CLIN-9 a task from elsewhere that is %s is taken for %s", (status, state) => {
    expect(taskStateOf(status)).toBe(state);
  });
});

describe("CLIN-9 who works on what", () => {
  it.each([
    ["front-desk", ["administrative"]],
    ["billing", ["billing"]],
    ["nurse", ["administrative", "clinical", "prescription", "results"]],
    ["physician", ["administrative", "clinical", "prescription", "results"]],
    ["clinic-administrator", []],
    ["patient", []],
  ])("CLIN-9 %s works on %j", (role, categories) => {
    expect(MESSAGE_CATEGORIES.filter((category) => reachesCategory([role], category))).toEqual(categories);
  });

  it("CLIN-9 from clinical to administrative or billing is down, and no other way is", () => {
    const down = MESSAGE_CATEGORIES.flatMap((from) =>
      MESSAGE_CATEGORIES.filter((to) => isDownwards(from, to)).map((to) => `${from} > ${to}`),
    );
    expect(down).toEqual(
      ["clinical", "prescription", "results"].flatMap((from) => [`${from} > administrative`, `${from} > billing`]),
    );
  });
});

describe("CLIN-9 due dates are those of the clinic's calendar", () => {
  const HOUR = 3_600_000;
  it.each([
    ["a day of 23 hours", "2026-03-08", 23],
    ["a day of 25 hours", "2026-11-01", 25],
    ["any other day", "2026-07-04", 24],
  ])("CLIN-9 %s is over when the clinic's clock says midnight", (_title, day, hours) => {
    expect((dueMs(CHICAGO, day) - startMs(CHICAGO, day)) / HOUR).toBe(hours);
    expect(dueView(CHICAGO, day, dueMs(CHICAGO, day) - 1).isOverdue).toBe(false);
    expect(dueView(CHICAGO, day, dueMs(CHICAGO, day)).isOverdue).toBe(true);
  });

  it.each([
    [{ day: "2026-03-08", time: "02:30" }, "time-skipped"],
    [{ day: "2026-11-01", time: "01:30" }, "time-doubled"],
    [{ day: "2026-02-29" }, "day-unknown"],
  ])("CLIN-9 %j is refused as %s", (moment, rule) => {
    expect(readMoment(CHICAGO, moment)).toEqual({ ok: false, error: { kind: "rule", rule } });
  });

  it("CLIN-9 a time that the clock shows twice is one of the two, an hour apart", () => {
    const at = (occurrence: "first" | "second") =>
      readMoment(CHICAGO, { day: "2026-11-01", time: "01:30", occurrence });
    expect([at("first"), at("second")]).toEqual([
      { ok: true, value: "2026-11-01T06:30:00.000Z" },
      { ok: true, value: "2026-11-01T07:30:00.000Z" },
    ]);
  });
});

const item = (id: string, more: Partial<InboxItem> = {}): Waiting => ({
  item: {
    kind: "task",
    id,
    title: id,
    category: "clinical",
    owner: { kind: "patient" },
    priority: "routine",
    at: "2026-03-01T00:00:00.000Z",
    unread: 0,
    ...more,
  },
  isMine: false,
  isSnoozed: false,
});
const due = (at: string) => ({ due: { at, isDay: !at.includes("T"), isOverdue: false } });

describe("CLIN-9 the order of the inbox", () => {
  const all = [
    item("young", { at: "2026-03-03T00:00:00.000Z" }),
    item("old"),
    item("due-later", due("2026-03-09")),
    item("due-at-ten", due("2026-03-08T15:00:00.000Z")),
    item("due-that-day", due("2026-03-08")),
  ];
  const names = (waiting: readonly Waiting[]) => waiting.map((each) => each.item.id);
  const ordered = inInboxOrder(CHICAGO, all);

  it("CLIN-9 by due, then by age", () => {
    expect(names(ordered)).toEqual(["due-at-ten", "due-that-day", "due-later", "old", "young"]);
  });

  it("CLIN-9 pages meet without a gap, also where something was done in between", () => {
    const first = pageOf(CHICAGO, ordered, 2, undefined);
    expect(first.ok && names(first.value.page)).toEqual(["due-at-ten", "due-that-day"]);
    const next = first.ok ? first.value.next : undefined;
    const without = ordered.filter((each) => each.item.id !== "due-that-day");
    const second = pageOf(CHICAGO, without, 2, next);
    expect(second.ok && names(second.value.page)).toEqual(["due-later", "old"]);
    const third = pageOf(CHICAGO, without, 2, second.ok ? second.value.next : undefined);
    expect(third).toMatchObject({ ok: true, value: { page: [{ item: { id: "young" } }] } });
    expect(third.ok && third.value.next).toBeUndefined();
  });

  it.each(["", "bm9wZQ", Buffer.from("1~x'; drop~task/a").toString("base64url")])(
    "CLIN-9 a cursor that we did not make is refused: %s",
    (cursor) => {
      expect(pageOf(CHICAGO, ordered, 2, cursor)).toEqual({ ok: false, error: { kind: "invalid-cursor" } });
    },
  );

  it("CLIN-9 what is put aside counts as that alone", () => {
    const counts = countsOf([...all, { ...item("aside", { unread: 2 }), isSnoozed: true }]);
    expect(counts).toEqual({
      open: 5,
      mine: 0,
      unread: 0,
      overdue: 0,
      snoozed: 1,
      byKind: { message: 0, task: 5, result: 0, note: 0 },
    });
  });
});

describe("CLIN-6 flags of results", () => {
  const observation = (more: object) =>
    valuesOf(resource({ resourceType: "Observation", status: "final", code: { text: "K" }, ...more }));
  const quantity = { valueQuantity: { value: 6.1, unit: "mmol/L" } };
  const range = { referenceRange: [{ low: { value: 3.5 }, high: { value: 5.1 } }] };
  const said = (code: string) => ({ interpretation: [{ coding: [{ code }] }] });

  it.each([
    ["its laboratory's flag comes before the range", { ...quantity, ...range, ...said("HH") }, "critical-high"],
    ["the range speaks where no flag does", { ...quantity, ...range }, "high"],
    ["within the range it is normal", { valueQuantity: { value: 4 }, ...range }, "normal"],
    ["below it, low", { valueQuantity: { value: 3.4 }, ...range }, "low"],
    ["without either nothing is called normal", quantity, undefined],
    ["an unknown flag is not guessed", { ...quantity, ...said("ZZ") }, undefined],
    ["a positive test is abnormal", { valueString: "Positive", ...said("POS") }, "abnormal"],
  ])("CLIN-6 %s", (_title, more, flag) => {
    expect(observation(more)[0]?.flag).toBe(flag);
  });

  it("CLIN-6 a value stands as it was sent, to its last digit, with its unit and its range", () => {
    const text = `{"resourceType":"Observation","status":"final","code":{"text":"K"},"valueQuantity":{"value":4.10,"unit":"mmol/L"},"referenceRange":[{"low":{"value":3.50},"high":{"value":5.10}}]}`;
    expect(valuesOf(resource(text))).toEqual([
      { name: "K", value: "4.10", unit: "mmol/L", range: "3.50–5.10", flag: "normal" },
    ]);
  });

  it("CLIN-6 the gravest of several flags is that of the whole", () => {
    expect(gravest(["normal", "high", "critical-low", undefined])).toBe("critical-low");
    expect(gravest([undefined])).toBeUndefined();
  });
});
