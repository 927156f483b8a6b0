import { describe, expect, it } from "vitest";
import { parsePattern } from "../../../scripts/local/logs/pattern.ts";

const line = JSON.stringify({ level: "error", message: "alarm", request: { id: "r-17", status: 503 }, ok: false });

describe("the filter patterns of CloudWatch Logs that are built", () => {
  it.each<readonly [string, string, boolean]>([
    ["", line, true],
    ["alarm", line, true],
    ["alarm error", line, true],
    ["alarm nothing", line, false],
    ["?nothing ?alarm", line, true],
    ["alarm -error", line, false],
    ['"REPORT RequestId"', "REPORT RequestId: 1", true],
    ['{ $.level = "error" }', line, true],
    ['{ $.level = "info" }', line, false],
    ['{ $.level != "info" }', line, true],
    ['{ $.request.id = "r-*" && $.request.status = 503 }', line, true],
    ['{ $.request.id = "r-*" && $.request.status = 200 }', line, false],
    ["{ $.ok = false }", line, true],
    ['{ $.absent != "x" }', line, false],
    ['{ $.level = "info" || $.message = "alarm" }', line, true],
    ['{ $.level = "info" || $.message = "alarm" && $.ok = true }', line, false],
    ['{ $.level = "error" }', "no JSON", false],
    ['{ $.level = "error" }', "{ broken", false],
  ])("%s", (pattern, message, want) => {
    expect(parsePattern(pattern)(message)).toBe(want);
  });

  it.each(['{ $.a = "x"', "{ $.a > 3 }", '{ $.a = "x" || }', "[ip, user]", "%regex%", '"open'])(
    "refuses %s rather than reading it in another way",
    (pattern) => {
      expect(() => parsePattern(pattern)).toThrow("Invalid filter pattern");
    },
  );
});
