import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decimalOf } from "../../../../core/cost/decimal.ts";
import { instantOf, numberOf } from "../../../../core/cost/focus/check/checked-row.ts";
import { CsvReader, UnreadableCsv } from "../../../../core/cost/csv-reader.ts";
import { flatObjectFault } from "../../../../core/cost/focus/check/flat-object.ts";
import { exactJson } from "../../../../core/cost/focus/exact-json.ts";
import { numberText } from "../../../../core/cost/focus/row.ts";
import { unitFault } from "../../../../core/cost/focus/units.ts";
import { csvQuoted } from "../../../../core/kernel/spreadsheet.ts";

describe("units (UnitFormat)", () => {
  it.each([
    "GB",
    "GiB",
    "Requests",
    "GB-Hours",
    "GB-Seconds",
    "GB-Months",
    "1000 Requests",
    "GB/Hour",
    "Units/3 Months",
    "Encounters",
    "Write Request Units",
    "Milliseconds",
  ])("COST-1 %s is one", (unit) => expect(unitFault(unit)).toBeUndefined());

  it.each([
    "gb",
    "GBs",
    "gigabyte-seconds",
    "GB-hours",
    "GB-Month",
    "Hour",
    "Hrs",
    "requests",
    "GB-Mo",
    "GB/Hours",
    "Units/3 Month",
    "GB/Hour/Day",
    "0 Requests",
    "",
  ])("COST-1 %j is none", (unit) => expect(unitFault(unit)).toBeDefined());
});

describe("numbers, instants and JSON", () => {
  it.each(["-100.2", "-3", "4", "35.2E-7", "1.234", "2e3"])("COST-1 %s is a number", (text) =>
    expect(numberOf(text)).toBeDefined(),
  );
  it.each(["1 1/2", "35.2E+7", "35.24 x 10^7", "$32", "3,432,342", "+333", "", ".5", "1.", "NaN", "0x10", " 1"])(
    "COST-1 %j is no number",
    (text) => expect(numberOf(text)).toBeUndefined(),
  );
  it.each([
    "2026-02-30T00:00:00Z",
    "2026-11-22T00:00:00.000Z",
    "2026-11-22T00:00:00+01:00",
    "2026-11-22",
    "2026-11-22T24:00:00Z",
  ])("COST-1 %s is no instant", (text) => expect(instantOf(text)).toBeUndefined());

  it("COST-1 a number always has its point and never an exponent", () => {
    expect(["100", "0.000000000001", "-6.250", "0"].map((text) => numberText(decimalOf(text)))).toEqual([
      "100.0",
      "0.000000000001",
      "-6.25",
      "0.0",
    ]);
  });

  it("COST-1 JSON keeps a number's last place, and text cannot break out of it", () => {
    const json = exactJson({
      ratio: decimalOf("0.333333333333"),
      quantity: decimalOf("12345678901234567890.5"),
      gone: undefined,
    });
    expect(json).toBe('{"ratio":0.333333333333,"quantity":12345678901234567890.5}');
    expect(JSON.parse(exactJson({ 'a"b': '"},{"x":"' }))).toEqual({ 'a"b': '"},{"x":"' });
  });

  it.each([
    ['{"a":1,"b":"{[,","c":null,"d":true}', undefined],
    ['{"a":1,"a":2}', /twice/],
    ['{"a":1,"\\u0061":2}', /twice/],
    ['{"a":[1]}', /list/],
    ['{"a":{"b":1}}', /list/],
  ])("COST-1 tags %s", (text, fault) => {
    if (fault === undefined) expect(flatObjectFault(text)).toBeUndefined();
    else expect(flatObjectFault(text)).toMatch(fault);
  });
});

describe("the reader of CSV", () => {
  const read = (pieces: readonly string[]) => {
    const reader = new CsvReader();
    return [...pieces.flatMap((piece) => [...reader.push(piece)]), ...reader.end()];
  };

  it("COST-7 gives back any table, wherever it was cut into pieces", () => {
    const cell = fc.oneof(
      fc.constant(null),
      fc.string({ unit: "binary" }),
      fc.constantFrom("", "NULL", '"', ",", "\r\n"),
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 7 }),
        (rows, size) => {
          const csv = rows
            .map((cells) => `${cells.map((each) => (each === null ? "" : csvQuoted(each))).join(",")}\r\n`)
            .join("");
          const pieces = Array.from({ length: Math.ceil(csv.length / size) }, (_, at) =>
            csv.slice(at * size, at * size + size),
          );
          expect(read([csv])).toEqual(rows);
          expect(read(pieces.map((piece) => piece)).length).toBe(rows.length);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("COST-7 tells null from an empty text, and passes over blank lines", () => {
    expect(read(['a,,"",NULL,"NULL"\n\n', "b,c,d,e,f"])).toEqual([
      ["a", null, "", null, "NULL"],
      ["b", "c", "d", "e", "f"],
    ]);
  });

  it.each(['a"b\n', '"a"b\n', '"a', "a\rb\n", `"${"a".repeat(1_100_000)}`])("COST-7 refuses %#", (text) => {
    expect(() => read([text])).toThrow(UnreadableCsv);
  });
});
