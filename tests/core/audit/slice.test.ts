import { describe, expect, it } from "vitest";
import { segmentsOf } from "../../../core/audit/hashes.ts";
import { FORMATS, type Format } from "../../../core/audit/rendition.ts";
import { renderSlice, type SliceProof, sliceOf, verifySlice } from "../../../core/audit/slice.ts";
import { createAuditWriter } from "../../../core/audit/writer.ts";
import { csvCell } from "../../../core/kernel/spreadsheet.ts";
import { facts, logKey, makeSealer, memoryArchive, ORIGIN, putBatch, TENANT } from "./fixtures.ts";

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("missing");
  return value;
}

const START = Date.UTC(2026, 10, 22, 8);
const MINUTE = 60_000;

/** Twenty minutes with 13 events each, sealed each minute. */
async function twentyMinutes() {
  const made = makeSealer(memoryArchive(), START);
  const writer = createAuditWriter(made.clock);
  for (let minute = 0; minute < 20; minute += 1) {
    const drafts = Array.from({ length: 13 }, (_, index) => {
      const draft = writer.draft(
        facts({ request: `m${minute}-${index}`, actor: { ...facts().actor, client: "-1-1" } }),
      );
      writer.settle(draft, "stored");
      return draft;
    });
    await made.sealer.add(TENANT, [await putBatch(made.archive, made.clock.now(), drafts)]);
    made.advance(MINUTE);
  }
  return made;
}

/** The slice of minutes [from, to) as an export has it: copies of what it names, its proof, and the rendered events. */
async function exported(from: number, to: number, format: Format = "ndjson") {
  const { archive } = await twentyMinutes();
  const request = {
    tenantId: TENANT,
    origin: ORIGIN,
    fromMs: START + from * MINUTE,
    toMs: START + to * MINUTE,
    format,
  };
  const { proof, keys } = must(await sliceOf(archive, request));
  const copy = memoryArchive();
  for (const key of keys) copy.objects.set(key, must(archive.objects.get(key)));
  const texts: string[] = [];
  const { events } = await renderSlice(copy, proof, (text) => texts.push(text));
  return { copy, proof, events, rendered: Buffer.from(texts.join("")), keys };
}

const check = ({
  copy,
  proof,
  rendered,
}: {
  copy: ReturnType<typeof memoryArchive>;
  proof: SliceProof;
  rendered: Buffer;
}) => verifySlice(copy, proof, rendered, { logKey });

describe("an export of the trail", () => {
  it.each([
    [0, 20],
    [0, 1],
    [7, 8],
    [5, 17],
    [19, 20],
  ])("AUD-11 minutes %i to %i verify offline from their own copies", async (from, to) => {
    const slice = await exported(from, to);
    expect(slice.events).toBe((to - from) * 13);
    expect(slice.keys).toHaveLength((to - from) * 2);
    expect(await check(slice)).toEqual({ events: slice.events });
  });

  it.each(FORMATS)("AUD-11 a word changed in the %s, an event taken out or added is named", async (format) => {
    const slice = await exported(3, 6, format);
    expect(await check(slice)).toEqual({ events: 39 });
    const text = slice.rendered.toString("utf8");
    const lines = text.split("\n");
    const fifth = must(lines[5]);
    const id = format === "csv" ? fifth.slice(1, 27) : (JSON.parse(fifth) as { id: string }).id;
    const changed = lines.with(
      5,
      must(lines[5]).replace("success", "refusal").replace('"outcome":"0"', '"outcome":"4"'),
    );
    const faultOf = async (rendered: string) => (await check({ ...slice, rendered: Buffer.from(rendered) })).fault;
    expect((await faultOf(changed.join("\n")))?.where).toBe(id);
    expect((await faultOf(lines.toSpliced(5, 1).join("\n")))?.where).toBe(id);
    expect((await faultOf(`${text}${must(lines[5])}\n`))?.where).toBe("after the last event");
  });

  it("AUD-11 an object or a seal that is changed, missing or of another place is named", async () => {
    const slice = await exported(3, 6);
    for (const key of slice.keys) {
      const original = must(slice.copy.objects.get(key));
      slice.copy.objects.delete(key);
      expect((await check(slice)).fault?.where).toBe(key);
      slice.copy.objects.set(key, original);
    }
    const object = must(slice.keys[3]);
    const lines = must(slice.copy.objects.get(object)).toString("utf8").split("\n");
    const altered = lines.with(4, must(lines[4]).replace('"outcome":"success"', '"outcome":"denied"'));
    slice.copy.objects.set(object, Buffer.from(altered.join("\n")));
    expect((await check(slice)).fault?.where).toBe((JSON.parse(must(lines[4])) as { id: string }).id);
  });

  it("AUD-11 a period that is made shorter, covers of another place, and another key do not pass", async () => {
    const slice = await exported(3, 6);
    const other = await exported(4, 6);
    const faultOf = async (proof: Partial<SliceProof>) =>
      (await check({ ...slice, proof: { ...slice.proof, ...proof } })).fault;
    expect(await faultOf({ seals: [3, 5] })).toMatchObject({ where: "verification.json" });
    expect(await faultOf({ left: other.proof.left })).toMatchObject({ where: "verification.json" });
    expect(await faultOf({ right: [] })).toMatchObject({ where: "verification.json" });
    expect(await faultOf({ fromMs: slice.proof.fromMs + MINUTE })).toBeDefined();
    expect(await faultOf({ checkpoint: slice.proof.checkpoint.replace("\n260\n", "\n261\n") })).toMatchObject({
      where: "verification.json",
    });
    const strange = { logKey: { ...logKey, name: "another" } };
    expect((await verifySlice(slice.copy, slice.proof, slice.rendered, strange)).fault?.where).toBe(
      "verification.json",
    );
  });

  it("AUD-11 the CSV opens in a spreadsheet: one line for each event, every cell quoted, no formula", async () => {
    const { rendered } = await exported(0, 2, "csv");
    const rows = rendered.toString("utf8").split("\r\n");
    expect(rows).toHaveLength(26 + 2);
    expect(rows[0]).toMatch(/^"id","time","tenant"/);
    const cells = must(rows[1]).slice(1, -1).split('","');
    expect(cells).toHaveLength(must(rows[0]).split('","').length);
    expect(cells).toContain("'-1-1");
    expect(cells).toContain("2026-11-22T08:00:00.000Z");
  });

  it.each([
    ["=1+1", `"'=1+1"`],
    ["+1", `"'+1"`],
    ["-1", `"'-1"`],
    ["@SUM(A1)", `"'@SUM(A1)"`],
    ["\t=1", `"'\t=1"`],
    ["\r=1", `"'\r=1"`],
    ["\uff1d1", `"'\uff1d1"`],
    ['a"b', '"a""b"'],
    ["a,b\nc", '"a,b\nc"'],
    ["", '""'],
  ])("AT-36 the cell %j is text", (text, cell) => expect(csvCell(text)).toBe(cell));

  it("a part of a tree is made of few perfect subtrees, one after the other", () => {
    expect(segmentsOf(0, 13)).toEqual([
      { start: 0, end: 8 },
      { start: 8, end: 12 },
      { start: 12, end: 13 },
    ]);
    expect(segmentsOf(13, 30).map(({ start }) => start)).toEqual([13, 14, 16, 24, 28]);
    expect(segmentsOf(5, 5)).toEqual([]);
  });
});
