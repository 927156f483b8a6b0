import { existsSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { LONG, longestFirst } from "../../../scripts/test/longest-first.ts";

const root = path.resolve(import.meta.dirname, "../../..");

describe("INF-5 the longest test files begin first", () => {
  it("in the order of the list, and all others as they came", () => {
    const files = ["/r/tests/a.test.ts", `/r/${LONG[1]}`, "/r/tests/b.test.ts", `/r/${LONG[0]}`];
    expect(longestFirst(files, (file) => file)).toEqual([files[3], files[1], files[0], files[2]]);
  });

  it("each of them is there, once", () => {
    expect(LONG.filter((file) => !existsSync(path.join(root, file)))).toEqual([]);
    expect(new Set(LONG).size).toBe(LONG.length);
  });
});
