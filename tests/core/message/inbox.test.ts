import { beforeEach, describe, expect, it } from "vitest";
import { parseSearch, readBundle } from "../../../core/fhir/index.ts";
import {
  assignResult,
  changeTask,
  countInbox,
  createTask,
  type InboxAsked,
  mailboxOf,
  postMessage,
  readInbox,
  readResult,
  readThread,
  receiveThread,
  reviewResult,
  threadsOf,
} from "../../../core/message/index.ts";
import { resourceOf } from "../../../core/record/index.ts";
import { valueOf } from "../crypto/fixtures.ts";
import { grantOf, resource } from "../record/world.ts";
import { ADA, BEN, CLEO, type Clinic, openClinic, person, pool } from "./world.ts";

let clinic: Clinic;
beforeEach(async () => {
  clinic = await openClinic();
});

const all: InboxAsked = { scope: "team", isSnoozed: false };
const itemsOf = async (desk: ReturnType<Clinic["as"]>, asked: Partial<InboxAsked> = {}) =>
  valueOf(await readInbox(desk, { ...all, ...asked })).items;
const rule = (name: string) => ({ ok: false, error: { kind: "rule", rule: name } });
const HOUR = 3_600_000;

const write = (category: "administrative" | "clinical" = "clinical") =>
  postMessage(clinic.patient(), {
    patientId: clinic.patientId,
    topic: "Dizzy since Tuesday",
    category,
    text: "I feel dizzy when I get up.",
  });

describe("CLIN-9 messages", () => {
  it("CLIN-9 a patient's message waits in the pool of its category, and the desk does not know that it is there", async () => {
    const { thread } = valueOf(await write());
    expect(await itemsOf(clinic.as(BEN))).toMatchObject([
      { kind: "message", id: thread, unread: 1, owner: { kind: "pool", pool: "nurse", isMine: true } },
    ]);
    expect(await itemsOf(clinic.as(CLEO), { scope: "everyone" })).toEqual([]);
    expect(await readThread(clinic.as(CLEO), thread)).toMatchObject({ error: { kind: "not-found" } });
    expect(valueOf(await threadsOf(clinic.as(CLEO), clinic.patientId))).toEqual([]);
    const { grant, records } = clinic.as(CLEO);
    const query = valueOf(parseSearch("Communication", `patient=${clinic.patientId}`));
    expect(valueOf(await records.search(grant, query)).total).toBe(0);
    expect(await records.read(grant, "Communication", thread)).toMatchObject({ error: { kind: "not-found" } });
    expect(await records.history(grant, "Communication", thread)).toMatchObject({ error: { kind: "not-found" } });
  });

  it("CLIN-9 an administrative one comes to the front desk, and what is labelled is nobody's list", async () => {
    const { thread } = valueOf(await write("administrative"));
    expect(await itemsOf(clinic.as(CLEO))).toMatchObject([{ id: thread, owner: { pool: "front-desk", isMine: true } }]);
    const whole = grantOf({ userId: ADA.userId });
    const stored = valueOf(await clinic.world.for(whole).read(whole, "Communication", thread));
    const security = [{ system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: "PSY" }];
    const labelled = { ...resourceOf(stored), meta: { ...resourceOf(stored).meta, security } };
    valueOf(await clinic.world.for(whole).update(whole, labelled as never, { ifMatch: 1 }));
    const { grant, records } = clinic.as(CLEO);
    expect(await records.read(grant, "Communication", thread)).toMatchObject({ ok: false });
    expect(await records.vread(grant, "Communication", thread, 1)).toMatchObject({ ok: false });
  });

  it("CLIN-9 it is read once by whom it went to, and the patient sees that it was", async () => {
    const { thread } = valueOf(await write());
    const before = valueOf(await readThread(clinic.as(ADA), thread));
    expect(before.messages[0]).toMatchObject({ isUnread: false, from: { kind: "patient" } });
    expect(valueOf(await receiveThread(clinic.as(ADA), thread)).messages[0]?.readBy).toEqual([]);
    const read = valueOf(await receiveThread(clinic.as(BEN), thread));
    expect(read).toMatchObject({ unread: 0, state: "open" });
    expect(read.messages[0]?.readBy).toMatchObject([{ by: { kind: "person", isMe: true } }]);
    const [own] = valueOf(await readThread(clinic.patient(), thread)).messages;
    expect(own?.readBy).toEqual([
      { by: { kind: "person", name: BEN.name, isMe: false }, at: expect.any(String) as unknown },
    ]);
    expect(await itemsOf(clinic.as(BEN))).toMatchObject([{ unread: 0 }]);
  });

  it("CLIN-9 nurse hands a thread to the physician, she answers and closes it, and the patient's next message opens it anew", async () => {
    const { thread } = valueOf(await write());
    const [waiting] = await itemsOf(clinic.as(BEN));
    const { id = "", version = 0 } = waiting?.task ?? {};
    valueOf(await changeTask(clinic.as(BEN), id, version, { move: "assign", owner: person(ADA), comment: "BP 98/60" }));
    expect(await itemsOf(clinic.as(BEN))).toEqual([]);
    expect(await itemsOf(clinic.as(ADA), { scope: "mine" })).toMatchObject([{ id: thread, owner: { isMe: true } }]);
    valueOf(await postMessage(clinic.as(ADA), { thread, text: "Come in today.", to: "patient", closes: true }));
    expect(await itemsOf(clinic.as(ADA))).toEqual([]);
    expect(valueOf(await threadsOf(clinic.patient(), clinic.patientId))).toMatchObject([
      { state: "closed", unread: 1, lastFrom: { kind: "person", name: ADA.name } },
    ]);
    valueOf(await receiveThread(clinic.patient(), thread));
    valueOf(await postMessage(clinic.patient(), { thread, text: "At four?" }));
    expect(await itemsOf(clinic.as(BEN))).toMatchObject([{ id: thread, unread: 1, owner: { pool: "nurse" } }]);
    const { tasks } = valueOf(await mailboxOf(clinic.patient(), clinic.patientId));
    expect(tasks).toEqual([]);
  });

  it("CLIN-9 the same request sent twice is one message, and one of another patient's is none", async () => {
    const desk = { ...clinic.patient(), effect: { key: "k1", fingerprint: "f1" } };
    const post = { patientId: clinic.patientId, topic: "Refill", category: "prescription", text: "Please" } as const;
    const [first, again] = [valueOf(await postMessage(desk, post)), valueOf(await postMessage(desk, post))];
    expect(again).toEqual(first);
    expect(valueOf(await threadsOf(clinic.patient(), clinic.patientId))).toHaveLength(1);
    const other = { ...post, patientId: "01hzzzzzzzzzzzzzzzzzzzzzzx" };
    expect(await postMessage(clinic.patient(), other)).toMatchObject({ error: { kind: "not-found" } });
  });

  it("CLIN-9 forwarding makes a new message: down for a reason alone, and without a trace of where it came from", async () => {
    const { thread } = valueOf(await write());
    const post = {
      patientId: clinic.patientId,
      topic: "New card",
      text: "Please send the form.",
      to: pool("front-desk"),
    };
    const down = { ...post, category: "administrative" } as const;
    expect(await postMessage(clinic.as(BEN), { ...down, forwards: { thread } })).toEqual(rule("category-down"));
    const sent = valueOf(
      await postMessage(clinic.as(BEN), { ...down, forwards: { thread, reason: "Only the form is asked for" } }),
    );
    const seen = valueOf(await readThread(clinic.as(CLEO), sent.thread));
    expect(JSON.stringify(seen)).not.toContain(thread);
    const up = { ...post, category: "prescription", to: pool("nurse") } as const;
    const raised = valueOf(await postMessage(clinic.as(BEN), { ...up, forwards: { thread: sent.thread } }));
    expect(valueOf(await readThread(clinic.as(BEN), raised.thread)).forwardedFrom).toBe(sent.thread);
    expect(await postMessage(clinic.as(BEN), { ...up, to: pool("front-desk") })).toEqual(rule("category-reach"));
    expect(await postMessage(clinic.as(CLEO), { ...up, to: "patient" })).toEqual(rule("category-reach"));
  });

  /* Invariant: a message is never edited, and neither a message nor a task ever changes its category or its patient. */
  it("CLIN-9 a message is never edited, and neither a message nor a task ever changes its category or its patient", async () => {
    const { thread } = valueOf(await write());
    const whole = grantOf({ userId: ADA.userId });
    const records = clinic.world.for(whole);
    const stored = resourceOf(valueOf(await records.read(whole, "Communication", thread)));
    const [task] = await itemsOf(clinic.as(BEN));
    const work = resourceOf(valueOf(await records.read(whole, "Task", task?.task?.id ?? "")));
    const door = { error: { kind: "business-rule", rule: "inbox-door" } };
    const code = (value: string) => [{ coding: [{ system: "urn:keyward:message-category", code: value }] }];
    const changes: readonly (readonly [object, boolean])[] = [
      [{ ...stored, payload: [{ contentString: "I never said that" }] }, true],
      [{ ...stored, category: code("administrative") }, true],
      [{ ...stored, sender: { display: "somebody else" } }, true],
      [{ ...stored, status: "completed" }, false],
      [{ ...work, extension: [{ url: "urn:keyward:message-category", valueCode: "administrative" }] }, true],
      [{ ...work, extension: [] }, true],
      [{ ...work, status: "completed" }, false],
    ];
    for (const [next, isInboxWrite] of changes)
      expect(await records.update(whole, next as never, { ifMatch: 1, isInboxWrite })).toMatchObject(door);
    expect(await records.delete(whole, "Communication", thread)).toMatchObject(door);
    const { id: _id, meta: _meta, ...copy } = stored;
    expect(await records.create(whole, copy as never)).toMatchObject(door);
  });
});

describe("CLIN-9 tasks", () => {
  const give = (desk = clinic.as(BEN), more = {}) =>
    createTask(desk, {
      patientId: clinic.patientId,
      title: "Call back",
      category: "clinical",
      owner: pool("nurse"),
      priority: "routine",
      ...more,
    });

  it("CLIN-9 of two who take a task at once, one does and the other is told", async () => {
    const { id, version } = valueOf(await give());
    const takes = await Promise.all([
      changeTask(clinic.as(BEN), id, version, { move: "accept" }),
      changeTask(clinic.as(ADA), id, version, { move: "assign", owner: person(ADA) }),
    ]);
    expect(takes.filter(({ ok }) => ok)).toHaveLength(1);
    expect(takes.find(({ ok }) => !ok)).toMatchObject({ error: { kind: "conflict" } });
  });

  it("CLIN-9 a snoozed task returns at its time on the clinic's clock, and a thread as soon as the patient writes", async () => {
    clinic.world.clock.nowMs = Date.parse("2026-10-31T15:00:00Z");
    const { id, version } = valueOf(await give());
    const { thread } = valueOf(await write());
    const threadTask = (await itemsOf(clinic.as(BEN))).find((item) => item.id === thread)?.task;
    const until = { move: "snooze", until: { day: "2026-11-02" } } as const;
    valueOf(await changeTask(clinic.as(BEN), id, version, until));
    valueOf(await changeTask(clinic.as(BEN), threadTask?.id ?? "", threadTask?.version ?? 0, until));
    expect(await itemsOf(clinic.as(BEN))).toEqual([]);
    const aside = await itemsOf(clinic.as(BEN), { isSnoozed: true });
    expect(aside.map(({ snoozedUntil }) => snoozedUntil)).toEqual(Array(2).fill("2026-11-02T06:00:00.000Z"));
    clinic.world.clock.nowMs += HOUR;
    valueOf(await postMessage(clinic.patient(), { thread, text: "It is worse." }));
    expect((await itemsOf(clinic.as(BEN))).map((item) => item.id)).toEqual([thread]);
    // The day in between has 25 hours.
    clinic.world.clock.nowMs = Date.parse("2026-11-02T05:59:00Z");
    expect(valueOf(await countInbox(clinic.as(BEN))).waiting).toBe(1);
    clinic.world.clock.nowMs = Date.parse("2026-11-02T06:00:00Z");
    expect(valueOf(await countInbox(clinic.as(BEN))).waiting).toBe(2);
    const [one] = (await itemsOf(clinic.as(BEN))).filter((item) => item.kind === "task");
    const past = { move: "snooze", until: { day: "2026-11-01" } } as const;
    expect(await changeTask(clinic.as(BEN), id, one?.task?.version ?? 0, past)).toEqual(rule("moment-past"));
  });

  it("CLIN-9 it ends for a reason, opens again for a reason, and says both; due and overdue are the server's words", async () => {
    const due = { day: "2026-11-23" };
    const made = valueOf(await give(clinic.as(BEN), { due, comment: "Ask about fever" }));
    expect(made).toMatchObject({
      due: { at: "2026-11-23", isDay: true, isOverdue: false },
      comments: [{ text: "Ask about fever" }],
    });
    clinic.world.clock.nowMs += 72 * HOUR;
    expect(valueOf(await countInbox(clinic.as(BEN)))).toEqual({ waiting: 1, overdue: 1 });
    const cancelled = valueOf(
      await changeTask(clinic.as(BEN), made.id, made.version, { move: "cancel", reason: "She came in" }),
    );
    expect(cancelled).toMatchObject({ state: "cancelled", reason: "She came in", may: ["reopen", "comment"] });
    expect(await changeTask(clinic.as(BEN), made.id, 2, { move: "complete" })).toEqual(rule("task-move"));
    const open = valueOf(await changeTask(clinic.as(BEN), made.id, 2, { move: "reopen", reason: "She left again" }));
    expect(open).toMatchObject({ state: "requested", reason: "She left again", version: 3 });
  });

  it("CLIN-9 what is about nobody is administrative, and an administrative task names nothing of a chart", async () => {
    expect(await give(clinic.as(BEN), { patientId: undefined })).toEqual(rule("category-without-patient"));
    const desk = { patientId: undefined, category: "administrative", owner: pool("front-desk"), title: "Order paper" };
    const { id } = valueOf(await give(clinic.as(BEN), desk));
    expect(await itemsOf(clinic.as(CLEO))).toMatchObject([{ kind: "task", id, title: "Order paper" }]);
    const link = { type: "DiagnosticReport", id: await clinic.report() } as const;
    const named = { category: "administrative", owner: pool("front-desk"), link };
    expect(await give(clinic.as(ADA), named)).toEqual(rule("task-link"));
    expect(await give(clinic.as(CLEO))).toEqual(rule("category-reach"));
    expect(await give(clinic.as(ADA), { owner: person(CLEO) })).toEqual(rule("category-reach"));
  });

  it("CLIN-9 the same move sent twice is one move", async () => {
    const { id, version } = valueOf(await give());
    const desk = clinic.once(clinic.as(BEN), "move-1");
    const move = { move: "comment", comment: "Left a voice mail" } as const;
    valueOf(await changeTask(desk, id, version, move));
    expect(valueOf(await changeTask(desk, id, version, move)).comments).toHaveLength(1);
  });
});

describe("CLIN-6 results", () => {
  it("CLIN-6 a result waits with who ordered it until it is signed off, with its flag in words", async () => {
    const id = await clinic.report({ orderedBy: ADA });
    expect(await itemsOf(clinic.as(ADA), { scope: "mine" })).toMatchObject([
      { kind: "result", id, flag: "critical-high", title: "Basic metabolic panel", owner: { isMe: true } },
    ]);
    expect(await itemsOf(clinic.as(CLEO), { scope: "everyone" })).toEqual([]);
    const signed = valueOf(
      await reviewResult(clinic.as(ADA), id, 1, {
        comment: "Repeat today",
        followUp: { title: "Repeat potassium", owner: pool("nurse"), due: { day: "2026-11-23" } },
        message: { topic: "Your blood test", text: "Please come in today." },
      }),
    );
    expect(signed.result.review).toMatchObject({ by: { name: ADA.name, isMe: true }, comment: "Repeat today" });
    expect(await itemsOf(clinic.as(ADA))).toEqual([]);
    expect(await itemsOf(clinic.as(BEN))).toMatchObject([{ kind: "task", id: signed.task, title: "Repeat potassium" }]);
    expect(valueOf(await threadsOf(clinic.patient(), clinic.patientId))).toMatchObject([
      { id: signed.thread, unread: 1 },
    ]);
  });

  it("CLIN-6 signed twice it is signed once; of two at once, one is told; a changed result waits again", async () => {
    const id = await clinic.report();
    const both = await Promise.all([
      reviewResult(clinic.as(ADA), id, 1, { comment: "A" }),
      reviewResult(clinic.as({ ...ADA, userId: BEN.userId, name: "Dr. B" }), id, 1, { comment: "B" }),
    ]);
    expect(both.filter(({ ok }) => ok)).toHaveLength(1);
    expect(both.find(({ ok }) => !ok)).toMatchObject({
      error: { kind: expect.stringMatching(/conflict|rule/) as unknown },
    });
    const winner = both[0]?.ok ? ADA : { ...ADA, userId: BEN.userId };
    expect(await reviewResult(clinic.as(winner), id, 1, {})).toMatchObject({ ok: true });
    expect(await reviewResult(clinic.as(winner), id, 2, {})).toEqual(rule("result-reviewed"));

    const whole = grantOf({ userId: ADA.userId });
    const records = clinic.world.for(whole);
    const report = resourceOf(valueOf(await records.read(whole, "DiagnosticReport", id)));
    const corrected = { ...report, status: "corrected", conclusion: "Haemolysed" };
    const door = { error: { kind: "business-rule", rule: "inbox-door" } };
    expect(await records.update(whole, corrected as never, { ifMatch: 2 })).toMatchObject(door);
    const { extension: _review, ...without } = corrected as typeof corrected & { extension: unknown };
    valueOf(await records.update(whole, without as never, { ifMatch: 2 }));
    expect(await itemsOf(clinic.as(ADA))).toMatchObject([{ kind: "result", id }]);
    const forged = { ...without, extension: report["extension"] };
    expect(await records.update(whole, forged as never, { ifMatch: 3 })).toMatchObject(door);
  });

  it("CLIN-6 a nurse hands it over and does not sign it; two who hand it over at once make one task", async () => {
    const id = await clinic.report();
    const handed = await Promise.all([
      assignResult(clinic.as(BEN), id, { owner: person(ADA), comment: "Please look" }),
      assignResult(clinic.as(ADA), id, { owner: person(ADA) }),
    ]);
    expect(handed.filter(({ ok }) => ok)).toHaveLength(1);
    expect(await itemsOf(clinic.as(ADA), { scope: "mine" })).toMatchObject([{ id, owner: { isMe: true } }]);
    expect(await reviewResult(clinic.as(BEN), id, 1, {})).toEqual(rule("category-reach"));
    const aside = { snooze: { day: "2026-11-24" } };
    valueOf(await assignResult(clinic.as(ADA), id, aside));
    expect(await itemsOf(clinic.as(ADA))).toEqual([]);
    clinic.world.clock.nowMs = Date.parse("2026-11-24T06:00:00Z");
    expect(await itemsOf(clinic.as(ADA))).toMatchObject([{ id }]);
    valueOf(await reviewResult(clinic.as(ADA), id, 1, {}));
    expect(valueOf(await readResult(clinic.as(ADA), id)).task).toBeUndefined();
    expect(await assignResult(clinic.as(ADA), id, { owner: pool("nurse") })).toEqual(rule("result-reviewed"));
  });

  it("CLIN-6 what is registered or cancelled waits for nobody, and what nobody signed waits whatever its age", async () => {
    await clinic.report({ status: "registered" });
    await clinic.report({ status: "cancelled" });
    const nowMs = clinic.world.clock.nowMs;
    clinic.world.clock.nowMs = Date.UTC(2019, 4, 1);
    const old = await clinic.report();
    clinic.world.clock.nowMs = nowMs;
    expect(await itemsOf(clinic.as(ADA), { scope: "everyone" })).toMatchObject([{ kind: "result", id: old }]);
  });

  const whole = grantOf({ userId: ADA.userId });
  const lab = (more: object = {}) => ({
    resourceType: "Observation",
    status: "final",
    category: [{ coding: [{ code: "laboratory" }] }],
    subject: { reference: `Patient/${clinic.patientId}` },
    code: { text: "Sodium" },
    effectiveDateTime: "2024-02-03T08:00:00Z",
    valueQuantity: { value: 118, unit: "mmol/L" },
    interpretation: [{ coding: [{ code: "LL" }] }],
    ...more,
  });
  const put = async (value: object): Promise<string> => {
    clinic.world.clock.nowMs += 1;
    return valueOf(await clinic.world.for(whole).create(whole, resource(value))).version.id;
  };
  const everyone = () => itemsOf(clinic.as(ADA), { scope: "everyone" });

  it("CLIN-6 values that came without a report wait together, and are signed over the very versions that were seen", async () => {
    const sodium = await put(lab());
    await put(lab({ code: { text: "Potassium" }, interpretation: [{ coding: [{ code: "N" }] }] }));
    await put(lab({ category: [{ coding: [{ code: "vital-signs" }] }] }));
    await put(lab({ status: "registered" }));
    const [group, ...others] = await everyone();
    expect(others).toEqual([]);
    expect(group).toMatchObject({ kind: "result", title: "Sodium, Potassium", flag: "critical-low" });
    const { id = "" } = group ?? {};
    const seen = valueOf(await readResult(clinic.as(ADA), id));
    expect(seen.values.map(({ name }) => name)).toEqual(["Sodium", "Potassium"]);
    // Another one of the same day comes before she signs.
    await put(lab({ code: { text: "Chloride" } }));
    expect(await reviewResult(clinic.as(ADA), id, seen.version, {})).toMatchObject({ error: { kind: "conflict" } });
    const now = valueOf(await readResult(clinic.as(ADA), id));
    valueOf(await assignResult(clinic.as(BEN), id, { owner: person(ADA) }));
    expect(await itemsOf(clinic.as(ADA), { scope: "mine" })).toMatchObject([{ id, kind: "result" }]);
    const desk = clinic.once(clinic.as(ADA), "sign-1");
    const signed = valueOf(await reviewResult(desk, id, now.version, { comment: "Seen" }));
    expect(signed.result).toMatchObject({ review: { comment: "Seen", by: { isMe: true } }, may: [] });
    expect(valueOf(await reviewResult(desk, id, now.version, { comment: "Seen" }))).toEqual(signed);
    expect(await everyone()).toEqual([]);

    const records = clinic.world.for(whole);
    const current = resourceOf(valueOf(await records.read(whole, "Observation", sodium)));
    const door = { error: { kind: "business-rule", rule: "inbox-door" } };
    expect(await records.update(whole, { ...current, status: "corrected" } as never, { ifMatch: 2 })).toMatchObject(
      door,
    );
    const { extension: _review, ...corrected } = { ...current, status: "corrected" } as Record<string, unknown>;
    valueOf(await records.update(whole, corrected as never, { ifMatch: 2 }));
    expect(await everyone()).toMatchObject([{ title: "Sodium" }]);
  });

  it("CLIN-6 a value waits with the report that names it, and by itself once it was corrected", async () => {
    const sodium = await put(lab());
    expect(await everyone()).toHaveLength(1);
    const result = [{ reference: `Observation/${sodium}` }];
    const subject = { reference: `Patient/${clinic.patientId}` };
    const code = { text: "Panel" };
    const report = await put({ resourceType: "DiagnosticReport", status: "final", subject, code, result });
    expect((await everyone()).map(({ id }) => id)).toEqual([report]);
    valueOf(await reviewResult(clinic.as(ADA), report, 1, {}));
    expect(await everyone()).toEqual([]);
    const records = clinic.world.for(whole);
    const current = resourceOf(valueOf(await records.read(whole, "Observation", sodium)));
    valueOf(await records.update(whole, { ...current, status: "corrected" } as never, { ifMatch: 1 }));
    expect(await everyone()).toMatchObject([{ kind: "result", title: "Sodium" }]);
  });

  it("CLIN-6 of what is written together, the report waits alone; and nobody makes history of what has come", async () => {
    const [observation, panel] = ["urn:uuid:00000000-0000-8000-8000-000000000001", "DiagnosticReport"];
    const bundle = readBundle({
      resourceType: "Bundle",
      type: "transaction",
      entry: [
        { fullUrl: observation, resource: resource(lab()), request: { method: "POST", url: "Observation" } },
        {
          resource: resource({
            resourceType: panel,
            status: "final",
            subject: { reference: `Patient/${clinic.patientId}` },
            code: { text: "Panel" },
            result: [{ reference: observation }],
          }),
          request: { method: "POST", url: panel },
        },
      ],
    });
    const records = clinic.world.for(whole);
    valueOf(await records.transaction(whole, valueOf(bundle)));
    expect(await everyone()).toMatchObject([{ title: "Panel" }]);
    const [item] = await everyone();
    const stored = resourceOf(valueOf(await records.read(whole, panel as "DiagnosticReport", item?.id ?? "")));
    const dismissed = { ...stored, meta: { tag: [{ system: "urn:keyward:history", code: "imported" }] } };
    expect(await records.update(whole, dismissed as never, { ifMatch: 1 })).toMatchObject({
      error: { kind: "business-rule", rule: "inbox-door" },
    });
    await put(lab({ meta: { tag: [{ system: "urn:keyward:history", code: "imported" }] } }));
    expect(await everyone()).toHaveLength(1);
  });

  it("COST-2 what was signed off costs a look at the inbox nothing", async () => {
    const { meter } = clinic.world;
    const look = async (): Promise<number> => {
      const before = meter.reads["data/gsi1"] ?? 0;
      expect(await everyone()).toEqual([]);
      return (meter.reads["data/gsi1"] ?? 0) - before;
    };
    const empty = await look();
    for (let count = 0; count < 30; count += 1) {
      const id = await clinic.report();
      valueOf(await reviewResult(clinic.as(ADA), id, 1, {}));
    }
    expect(await look()).toBe(empty);
  });
});
