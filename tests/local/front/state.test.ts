import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openState, type State } from "../../../scripts/local/front/state.ts";

let folder: string;
const open: State[] = [];
beforeEach(() => {
  folder = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "keyward-state-")), "data");
});
afterEach(() => {
  for (const state of open.splice(0)) state.close();
  fs.rmSync(path.dirname(folder), { recursive: true, force: true });
});

function start(): State {
  const state = openState(folder);
  if (!state.ok) throw new Error(state.error.kind);
  open.push(state.value);
  return state.value;
}
const problem = (): string | undefined => {
  const state = openState(folder);
  if (!state.ok) return state.error.kind;
  state.value.close();
  return undefined;
};
const modeOf = (name: string): string => (fs.statSync(path.join(folder, name)).mode & 0o777).toString(8);

describe("data folder", () => {
  it("is closed to other users, with everything in it", () => {
    const state = start();
    const database = state.openDatabase("things");
    database.exec("CREATE TABLE t (a); INSERT INTO t VALUES (1)");
    expect(modeOf(".")).toBe("700");
    expect(modeOf("blobs")).toBe("700");
    const files = fs.readdirSync(folder).filter((name) => name !== "blobs");
    expect(files).toEqual(expect.arrayContaining(["master.key", "things.db", "things.db-wal"]));
    for (const name of files) expect([name, modeOf(name)]).toEqual([name, "600"]);
  });

  it("keeps data and secrets over a restart, and the secret not in plain text", () => {
    const first = start();
    first.openDatabase("things").exec("CREATE TABLE t (a); INSERT INTO t VALUES (7)");
    const wrapped = first.wrapSecret(Buffer.from("planted secret"));
    expect(wrapped.includes("planted secret")).toBe(false);
    first.close();
    const second = start();
    expect(second.openDatabase("things").prepare("SELECT a FROM t").get()).toEqual({ a: 7 });
    expect(second.unwrapSecret(wrapped).toString()).toBe("planted secret");
  });

  it("refuses a wrapped secret with one flipped bit, or of another folder's key", () => {
    const state = start();
    const wrapped = state.wrapSecret(Buffer.from("secret"));
    for (const index of wrapped.keys()) {
      const altered = Buffer.from(wrapped);
      altered[index] = (altered[index] ?? 0) ^ 1;
      expect(() => state.unwrapSecret(altered)).toThrow();
    }
    const other = openState();
    if (other.ok) open.push(other.value);
    expect(() => other.ok && other.value.unwrapSecret(wrapped)).toThrow();
  });

  it("is held by one at a time, and free again after close", () => {
    const state = start();
    expect(problem()).toBe("in-use");
    state.close();
    expect(problem()).toBeUndefined();
  });

  it("does not start over a lost, damaged or readable master key", () => {
    start().openDatabase("things").exec("CREATE TABLE t (a)");
    open.splice(0).forEach((state) => state.close());
    const file = path.join(folder, "master.key");
    const key = fs.readFileSync(file);
    fs.chmodSync(file, 0o644);
    expect(problem()).toBe(process.platform === "win32" ? undefined : "key-readable-by-others");
    fs.chmodSync(file, 0o600);
    fs.writeFileSync(file, key.subarray(1));
    expect(problem()).toBe("key-damaged");
    fs.rmSync(file);
    expect(problem()).toBe("key-missing");
    fs.writeFileSync(file, key, { mode: 0o600 });
    expect(problem()).toBeUndefined();
  });

  it("in memory leaves nothing behind", () => {
    const state = openState();
    expect(state.ok && state.value.blobFolder).toBeUndefined();
    if (state.ok) state.value.openDatabase("things").exec("CREATE TABLE t (a)");
    expect(fs.existsSync(folder)).toBe(false);
    if (state.ok) state.value.close();
  });
});
