import { describe, expect, it } from "vitest";
import { createMatcher, type Hotkey } from "../../../web/src/app/hotkeys.ts";

const bind = (keys: string): Hotkey => ({ keys, label: keys, run: () => undefined });
const bound = [bind("mod+k"), bind("?"), bind("g b"), bind("g p"), bind("b")];

describe("CLIN-18 shortcuts of one key and of two", () => {
  it("knows a key with Ctrl or Cmd, a single key, and two keys one after the other", () => {
    const match = createMatcher();
    expect(match("k", true, 0, bound)?.keys).toBe("mod+k");
    expect(match("?", false, 10, bound)?.keys).toBe("?");
    expect(match("g", false, 20, bound)).toBeUndefined();
    expect(match("b", false, 30, bound)?.keys).toBe("g b");
    expect(match("b", false, 40, bound)?.keys).toBe("b");
  });

  it("forgets the first of two after a while, and after a key that leads nowhere", () => {
    const match = createMatcher();
    match("g", false, 0, bound);
    expect(match("p", false, 1_201, bound)).toBeUndefined();
    match("g", false, 2_000, bound);
    expect(match("x", false, 2_010, bound)).toBeUndefined();
    expect(match("p", false, 2_020, bound)).toBeUndefined();
  });

  it("takes the last that was bound of two with the same keys", () => {
    const over = { ...bind("?"), label: "over" };
    expect(createMatcher()("?", false, 0, [...bound, over])?.label).toBe("over");
  });
});
