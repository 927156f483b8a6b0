import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { createLogStore } from "../../../scripts/local/lambda/log-store.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});
function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "keyward-log-"));
  folders.push(folder);
  return folder;
}

describe("the log store", () => {
  it("keeps lines apart by function, oldest first", () => {
    const logs = createLogStore(undefined);
    logs.append("a", "one\ntwo\n");
    logs.append("b", "other");
    logs.append("a", "three");
    expect(logs.lines("a")).toEqual(["one", "two", "three"]);
    expect(logs.lines("b")).toEqual(["other"]);
    expect(logs.lines("c")).toEqual([]);
  });

  it("is bounded in lines and in the length of a text", () => {
    const logs = createLogStore(undefined);
    for (let index = 0; index < 6_000; index += 1) logs.append("a", `line ${index}`);
    expect(logs.lines("a")).toHaveLength(5_000);
    expect(logs.lines("a").at(-1)).toBe("line 5999");
    logs.append("b", "x".repeat(1_000_000));
    expect(logs.lines("b")[0]).toHaveLength(262_144);
  });

  it("turns a file over when it has grown large", () => {
    const folder = temporaryFolder();
    const logs = createLogStore(folder);
    const text = "x".repeat(262_000);
    for (let index = 0; index < 70; index += 1) logs.append("a", text);
    logs.close();
    const file = path.join(folder, "logs", "a.log");
    expect(statSync(`${file}.1`).size).toBeGreaterThan(16 * 1_048_576);
    expect(statSync(file).size).toBeLessThan(16 * 1_048_576);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it("opens no file after its end", () => {
    const folder = temporaryFolder();
    const logs = createLogStore(folder);
    logs.append("a", "before");
    logs.close();
    logs.append("a", "late");
    logs.append("b", "late");
    expect(readFileSync(path.join(folder, "logs", "a.log"), "utf8")).toBe("before\n");
    expect(existsSync(path.join(folder, "logs", "b.log"))).toBe(false);
    expect(logs.lines("a")).toEqual(["before", "late"]);
  });
});
