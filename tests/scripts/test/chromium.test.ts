import { describe, expect, it } from "vitest";
import { findChromium, type Machine } from "../../../scripts/test/chromium.ts";

const DEBIAN = ["/etc/debian_version", "/usr/bin/apt-get"];

function machineOf(files: readonly string[], more: Partial<Machine> = {}) {
  const present = new Set(files);
  const ran: string[] = [];
  const machine: Machine = {
    environment: {},
    userId: 0,
    exists: (file) => present.has(file),
    run: (command, args) => {
      ran.push([command, ...args].join(" "));
      if (args.includes("install")) present.add("/usr/bin/chromium");
      return true;
    },
    ...more,
  };
  return { machine, ran };
}

describe("INF-5 the browser of the tests", () => {
  it("is the one that CHROMIUM names", () => {
    const { machine } = machineOf(["/opt/c", "/usr/bin/chromium"], { environment: { CHROMIUM: "/opt/c" } });
    expect(findChromium(machine)).toEqual({ ok: true, value: "/opt/c" });
  });

  it("a CHROMIUM that is not there is said, and nothing is put in its place", () => {
    const { machine, ran } = machineOf([...DEBIAN, "/usr/bin/chromium"], { environment: { CHROMIUM: "/opt/c" } });
    expect(findChromium(machine)).toEqual({ ok: false, error: "CHROMIUM names /opt/c, and there is no such file" });
    expect(ran).toEqual([]);
  });

  it("is Debian's where it is installed", () => {
    const { machine, ran } = machineOf([...DEBIAN, "/usr/bin/chromium"]);
    expect(findChromium(machine)).toEqual({ ok: true, value: "/usr/bin/chromium" });
    expect(ran).toEqual([]);
  });

  it("is installed where root is on Debian", () => {
    const { machine, ran } = machineOf(DEBIAN);
    expect(findChromium(machine)).toEqual({ ok: true, value: "/usr/bin/chromium" });
    expect(ran).toEqual([
      "/usr/bin/apt-get update -qq",
      "/usr/bin/apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core",
    ]);
  });

  it.each([
    ["somebody else", DEBIAN, { userId: 1000 }],
    ["another system", [], { userId: undefined }],
    ["a package source that does not answer", DEBIAN, { run: () => false }],
  ] as const)("%s is told what to install", (_title, files, more) => {
    const found = findChromium(machineOf(files, more).machine);
    expect(found).toMatchObject({ ok: false });
    expect(found.ok ? "" : found.error).toContain("apt-get install chromium fonts-dejavu-core");
  });
});
