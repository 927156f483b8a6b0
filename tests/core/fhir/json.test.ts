import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { copyLexemes, lexemeOf, stringifyJson } from "../../../core/fhir/decimal.ts";
import { type JsonLimits, parseJson } from "../../../core/fhir/json.ts";

const limits: JsonLimits = { maxBytes: 10_000, maxDepth: 64, maxValues: 1_000 };
const rule = (body: string | Uint8Array, of: JsonLimits = limits): string => {
  const result = parseJson(body, of);
  return result.ok ? "accepted" : result.error.rule;
};
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

describe("parseJson", () => {
  it.each([
    ["a duplicate key", `{"a":1,"b":2,"a":3}`, "json-duplicate-key"],
    ["a duplicate key deep inside", `{"a":[{"b":1,"b":1}]}`, "json-duplicate-key"],
    ["a duplicate key written with an escape", String.raw`{"a":1,"\u0061":2}`, "json-duplicate-key"],
    ["__proto__", `{"__proto__":{"isAdmin":true}}`, "json-forbidden-key"],
    ["__proto__ written with an escape", String.raw`{"\u005f_proto__":1}`, "json-forbidden-key"],
    ["constructor", `{"a":{"constructor":1}}`, "json-forbidden-key"],
    ["prototype", `{"prototype":1}`, "json-forbidden-key"],
    ["valueOf", `{"valueOf":1}`, "json-forbidden-key"],
    ["an escaped lone surrogate", String.raw`"\ud800"`, "json-surrogate"],
    ["an escaped pair in the wrong order", String.raw`"\udc00\ud800"`, "json-surrogate"],
    ["a lone surrogate in a string body", `"\ud800"`, "json-surrogate"],
    ["a lone surrogate in a key", String.raw`{"\udc00":1}`, "json-surrogate"],
    ["a byte order mark", "\ufeff{}", "json-bom"],
    ["NaN", `{"a":NaN}`, "json-syntax"],
    ["Infinity", `[Infinity]`, "json-syntax"],
    ["-Infinity", `[-Infinity]`, "json-syntax"],
    ["1e400", `[1e400]`, "json-number"],
    ["1e-400", `[1e-400]`, "json-number"],
    ["a number of 41 characters", `[0.${"1".repeat(39)}]`, "json-number"],
    ["a leading zero", `[01]`, "json-syntax"],
    ["a leading plus", `[+1]`, "json-syntax"],
    ["a bare point", `[.5]`, "json-syntax"],
    ["a trailing point", `[5.]`, "json-syntax"],
    ["a hex number", `[0x10]`, "json-syntax"],
    ["a trailing comma in an object", `{"a":1,}`, "json-syntax"],
    ["a trailing comma in an array", `[1,]`, "json-syntax"],
    ["a comment", `{"a":1/* x */}`, "json-syntax"],
    ["single quotes", `{'a':1}`, "json-syntax"],
    ["an unquoted key", `{a:1}`, "json-syntax"],
    ["a raw line break in a string", `"a\nb"`, "json-syntax"],
    ["a raw NUL in a string", `"a\0b"`, "json-syntax"],
    ["an unknown escape", String.raw`"\x41"`, "json-syntax"],
    ["a short unicode escape", String.raw`"\u12"`, "json-syntax"],
    ["an unfinished string", `{"a":"b`, "json-syntax"],
    ["an unfinished object", `{"a":1`, "json-syntax"],
    ["a second value", `{} {}`, "json-syntax"],
    ["nothing", ``, "json-syntax"],
    ["a misspelt word", `[truth]`, "json-syntax"],
    ["a non-breaking space between tokens", `{\u00a0}`, "json-syntax"],
    ["65 levels", `${"[".repeat(65)}${"]".repeat(65)}`, "json-depth"],
    ["10,000 levels", `{"a":`.repeat(10_000), "json-size"],
    ["too many values", `[${"0,".repeat(1_000)}0]`, "json-values"],
  ])("AT-49 refuses %s", (_, body, expected) => {
    expect(rule(body)).toBe(expected);
  });

  it("refuses 10,000 levels by their depth where the size is allowed", () => {
    expect(rule(`{"a":`.repeat(10_000), { ...limits, maxBytes: 1_000_000 })).toBe("json-depth");
    expect(rule("[".repeat(5_000_000), { ...limits, maxBytes: 10_000_000 })).toBe("json-depth");
  });

  it("refuses a 50 MB body by its length, unread", () => {
    expect(rule(new Uint8Array(50 * 1024 * 1024), { ...limits, maxBytes: 6_000_000 })).toBe("json-size");
  });

  it("refuses more keys in an object than any FHIR element has", () => {
    const many = `{${Array.from({ length: 1_001 }, (_, index) => `"k${index}":1`).join(",")}}`;
    expect(rule(many, { maxBytes: 100_000, maxDepth: 64, maxValues: 100_000 })).toBe("json-values");
  });

  it.each([
    ["a stray continuation byte", bytes(0x22, 0x80, 0x22)],
    ["an overlong slash", bytes(0x22, 0xc0, 0xaf, 0x22)],
    ["an encoded surrogate", bytes(0x22, 0xed, 0xa0, 0x80, 0x22)],
    ["a cut sequence", bytes(0x22, 0xe2, 0x82, 0x22)],
    ["UTF-16", bytes(0xff, 0xfe, 0x7b, 0, 0x7d, 0)],
  ])("refuses %s as no UTF-8", (_, body) => {
    expect(rule(body)).toBe("json-utf8");
  });

  it("refuses a byte order mark in bytes", () => {
    expect(rule(bytes(0xef, 0xbb, 0xbf, 0x7b, 0x7d))).toBe("json-bom");
  });

  it("says nothing of where or what", () => {
    const result = parseJson(`{"name":"CANARY-7f3a","name":1}`, limits);
    expect(result).toEqual({ ok: false, error: { kind: "structure", rule: "json-duplicate-key" } });
  });

  it("reads what JSON.parse reads, as text and as bytes", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), fc.integer({ min: 0, max: 3 }), (text, indent) => {
        const pretty = JSON.stringify(JSON.parse(text), null, indent);
        const expected = JSON.parse(pretty) as unknown;
        const own = parseJson(Buffer.from(pretty));
        // Keys that every object inherits are refused, whatever they hold.
        if (!own.ok) expect(["json-forbidden-key", "json-surrogate", "json-number"]).toContain(own.error.rule);
        else expect(own.value).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  it("never throws, and never accepts what JSON.parse refuses", () => {
    const piece = fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      `"a"`,
      `"`,
      "\\",
      "1",
      "-",
      "e",
      ".",
      "0",
      "true",
      "nul",
      " ",
      "\ud800",
      "\u0000",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join("");
        const own = parseJson(text);
        if (!own.ok) return;
        expect(own.value).toEqual(JSON.parse(text));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("stringifyJson", () => {
  const roundTrip = (text: string): string => {
    const result = parseJson(text);
    return result.ok ? stringifyJson(result.value) : "refused";
  };

  it.each([
    `{"value":1.50}`,
    `{"value":0.10,"low":{"value":100.00}}`,
    `[1.0,1e3,-0,0.000,12345678901234567890.12345]`,
    `{"value":3.0e-5,"text":"1.50"}`,
    `{"value":7,"deep":[{"a":[2.500]}]}`,
  ])("writes the decimals of %s as they came", (text) => {
    expect(roundTrip(text)).toBe(text);
  });

  it("keeps any decimal that is not refused", () => {
    const digits = fc.stringMatching(/^(?:0|[1-9][0-9]{0,12})(?:\.[0-9]{1,12})?(?:[eE][+-]?[0-9]{1,2})?$/);
    fc.assert(
      fc.property(digits, fc.boolean(), (number, isNegative) => {
        const text = `{"value":${isNegative ? "-" : ""}${number}}`;
        expect(roundTrip(text)).toBe(text);
      }),
    );
  });

  it("writes the new number once it was changed, and keeps the others through a shallow copy around them", () => {
    const result = parseJson(`{"a":{"value":1.50},"b":{"value":2.50}}`);
    expect(result.ok).toBe(true);
    const value = (result.ok ? result.value : {}) as { a: { value: number }; b: object };
    value.a.value = 3;
    expect(stringifyJson({ ...value, c: 1 })).toBe(`{"a":{"value":3},"b":{"value":2.50},"c":1}`);
  });

  it("carries the text over with copyLexemes", () => {
    const result = parseJson(`{"value":1.50}`);
    const value = (result.ok ? result.value : {}) as { value: number };
    expect(stringifyJson({ ...value })).toBe(`{"value":1.5}`);
    expect(stringifyJson(copyLexemes(value, { ...value }))).toBe(`{"value":1.50}`);
    expect(lexemeOf(value, "value")).toBe("1.50");
    expect(lexemeOf(value, "other")).toBeUndefined();
  });
});
