import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AuditEvent, decodeEvent, encodeEvent, readHead, slowDecode } from "../../../core/audit/event.ts";
import { packLine, unpackLine } from "../../../core/audit/row.ts";
import { createAuditWriter } from "../../../core/audit/writer.ts";
import { facts } from "./fixtures.ts";

describe("event", () => {
  const clock = { now: () => 1_800_000_000_000 };

  it("AUD-2 has one text, and no text but that is an event", () => {
    const { line, event } = createAuditWriter(clock).draft(facts());
    expect(decodeEvent(line)).toEqual(event);
    expect(decodeEvent(` ${line}`)).toBeUndefined();
    expect(decodeEvent(line.replace('"action":"R"', '"action":"R","extra":1'))).toBeUndefined();
    expect(() => encodeEvent({ ...event, request: "a\nb" })).toThrow();
    expect(() => encodeEvent({ ...event, entities: [{ type: "Patient", id: "John Smith" }] })).toThrow();
  });

  it("a refused write leaves no gap, an unknown one ends the chain, and an open one is never continued", () => {
    const writer = createAuditWriter(clock);
    const first = writer.draft(facts());
    writer.settle(first, "refused");
    const second = writer.draft(facts());
    expect(second.event.writer.seq).toBe(1);
    writer.settle(second, "stored");
    const third = writer.draft(facts());
    expect(third.event.writer).toMatchObject({ id: second.event.writer.id, seq: 2 });
    writer.settle(third, "unknown");
    const fourth = writer.draft(facts());
    expect(fourth.event.writer.seq).toBe(1);
    expect(fourth.event.writer.id).not.toBe(second.event.writer.id);
    const fifth = writer.draft(facts());
    expect(fifth.event.writer.id).not.toBe(fourth.event.writer.id);
    writer.settle(fourth, "stored");
    writer.settle(fifth, "stored");
    expect(writer.draft(facts()).event.writer).toMatchObject({ id: fifth.event.writer.id, seq: 2 });
  });
});

const opaque = fc.stringMatching(/^[A-Za-z0-9._:-]{1,40}$/);
const id = fc.stringMatching(/^[0-7][0-9a-hjkmnp-tv-z]{25}$/);
const integer = fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.constantFrom(0, -1, 1e15, 999_999_999_999_999));
const word = fc.stringMatching(/^[A-Za-z0-9._:|/*+-]{0,20}$/);
const inputs = fc.dictionary(
  fc.stringMatching(/^[A-Za-z][A-Za-z0-9._:|/-]{0,12}$/),
  fc.oneof(word, integer, fc.boolean(), fc.array(word, { maxLength: 3 })),
  { maxKeys: 4 },
);
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

/** Every member that an event can have, each now and then. */
const events: fc.Arbitrary<AuditEvent> = fc
  .record({
    v: fc.constant(1 as const),
    id,
    tenant: id,
    at: integer,
    action: fc.constantFrom("C", "R", "U", "D", "E"),
    interaction: fc.stringMatching(/^[a-z][a-z.-]{1,31}$/),
    outcome: fc.constantFrom("success", "denied", "failure"),
    service: fc.stringMatching(/^[a-z][a-z-]{0,31}$/),
    actor: fc.record({
      user: id,
      kind: fc.constantFrom("user", "client"),
      roles: fc.array(opaque, { maxLength: 8 }),
      client: opaque,
      session: opaque,
    }),
    purpose: maybe(fc.constantFrom("TREAT", "ETREAT", "HRESCH", "MLTRAINING")),
    patient: maybe(opaque),
    entities: fc.array(fc.record({ type: opaque, id: maybe(opaque), version: maybe(integer) }), { maxLength: 4 }),
    count: maybe(integer),
    sections: maybe(fc.array(opaque, { minLength: 1, maxLength: 4 })),
    classes: fc.array(fc.constantFrom("C", "S", "B", "D", "X", "I", "A"), { maxLength: 3 }),
    recipient: maybe(opaque),
    request: opaque,
    decision: fc.record({
      id: opaque,
      version: opaque,
      rules: fc.array(opaque, { maxLength: 4 }),
      inputs: maybe(inputs),
    }),
    consent: fc.record({
      state: fc.constantFrom("not-required", "permit", "deny"),
      ids: fc.array(opaque, { maxLength: 3 }),
    }),
    emergency: maybe(opaque),
    delegation: maybe(fc.record({ id: opaque, user: id })),
    reason: maybe(fc.record({ code: opaque })),
    approver: maybe(opaque),
    stage: maybe(fc.constantFrom("start", "approve", "finish")),
    replay: maybe(fc.boolean()),
    writer: fc.record({
      id,
      seq: fc.oneof(
        fc.integer({ min: 1 }),
        fc
          .maxSafeNat()
          .map((seq) => seq + 1)
          .filter(Number.isSafeInteger),
      ),
      prev: fc.stringMatching(/^[0-9a-f]{64}$/),
    }),
    detail: maybe(fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes).toString("base64"))),
  })
  .map((event) => JSON.parse(JSON.stringify(event)) as AuditEvent);

/** What a forger or a fault may do to a text. */
const damage = fc.oneof(
  fc.record({
    kind: fc.constant("flip" as const),
    at: fc.nat(),
    to: fc.string({ minLength: 1, maxLength: 1, unit: "binary" }),
  }),
  fc.record({ kind: fc.constant("cut" as const), at: fc.nat(), length: fc.integer({ min: 1, max: 12 }) }),
  fc.record({
    kind: fc.constant("insert" as const),
    at: fc.nat(),
    text: fc.constantFrom(
      " ",
      "0",
      "-",
      "\\u0041",
      '","x":"',
      ',"extra":1',
      "\u2028",
      "\n",
      "1e3",
      "+",
      "{}",
      "[]",
      '"',
      "=",
    ),
  }),
);

function apply(line: string, change: typeof damage extends fc.Arbitrary<infer T> ? T : never): string {
  const at = change.at % line.length;
  if (change.kind === "flip") return line.slice(0, at) + change.to + line.slice(at + 1);
  if (change.kind === "cut") return line.slice(0, at) + line.slice(at + change.length);
  return line.slice(0, at) + change.text + line.slice(at);
}

/** What the schema alone says, and what the quick ways say. */
function compare(line: string): void {
  const slow = slowDecode(line);
  expect(decodeEvent(line)).toEqual(slow);
  const head = readHead(line);
  expect(head === undefined).toBe(slow === undefined);
  if (slow === undefined || head === undefined) return;
  const { id: eventId, tenant, at, writer } = slow;
  expect({ id: head.id, tenant: head.tenant, at: head.at, writer: head.writer }).toEqual({
    id: eventId,
    tenant,
    at,
    writer,
  });
}

describe("the quick check of an event's text", () => {
  it("PROOF-3 says of every event what the schema says, and gives the same head", () => {
    fc.assert(
      fc.property(events, (event) => {
        const line = encodeEvent(event);
        expect(slowDecode(line)).toEqual(event);
        compare(line);
      }),
      { numRuns: 400 },
    );
  });

  it("PROOF-3 says of every damaged text what the schema says", () => {
    fc.assert(
      fc.property(events, fc.array(damage, { minLength: 1, maxLength: 3 }), (event, changes) => {
        compare(changes.reduce(apply, encodeEvent(event)));
      }),
      { numRuns: 1_500 },
    );
  });

  it("AUD-2 an event with a wrong member throws whichever way it is encoded", () => {
    const { event } = createAuditWriter({ now: () => 1_800_000_000_000 }).draft(facts());
    for (const wrong of [
      { ...event, service: "Not One" },
      { ...event, decision: { ...event.decision, inputs: { "a b": 1 } } },
      { ...event, decision: { ...event.decision, inputs: { name: "Anna Meier" } } },
      { ...event, extra: 1 },
      { ...event, reason: { code: "because she asked" } },
    ]) {
      expect(() => encodeEvent(wrong as AuditEvent)).toThrow();
      expect(decodeEvent(JSON.stringify(wrong))).toBeUndefined();
    }
  });
});

describe("the row of an event", () => {
  it("gives every text back byte for byte, with and without detail", () => {
    fc.assert(
      fc.property(events, (event) => {
        const line = encodeEvent(event);
        expect(unpackLine(packLine(line))).toBe(line);
      }),
      { numRuns: 200 },
    );
  });

  it.each(["", "{}", '"detail":"AAA="', '"detail":"AAAA"\u0001', '"detail":"AB=="', "\u{1f600}"])(
    "gives also the odd text %j back",
    (text) => expect(unpackLine(packLine(text))).toBe(text),
  );

  it("AW-18 bytes that nobody packed are no text, and no small row becomes a large one", () => {
    const packed = packLine("{}");
    expect(unpackLine(new Uint8Array())).toBeUndefined();
    expect(unpackLine(Buffer.from("not packed"))).toBeUndefined();
    expect(unpackLine(Uint8Array.from(packed).with(0, 2))).toBeUndefined();
    expect(unpackLine(packed.subarray(0, -1))).toBeUndefined();
    expect(unpackLine(packLine(" ".repeat(100_000)))).toHaveLength(100_000);
    expect(unpackLine(packLine(" ".repeat(1_000_000)))).toBeUndefined();
  });
});
