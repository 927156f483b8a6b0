import { describe, expect, it } from "vitest";
import { demoPeople } from "../../scripts/start/people.ts";
import { AREAS } from "../../web/src/app/areas.ts";
import { SHOTS } from "./shots.ts";

const facts = { patientId: "01m81a0da64kbfa0r1krjwtsnf", noteId: "01m81a0da64kbfa0r1krjwtsnf.1" };
const matches = (pattern: string, address: string): boolean =>
  new RegExp(`^${pattern.replaceAll(/\$\w+/g, "[^/]+")}$`).test(address.split("?", 1)[0] ?? "");

describe("INF-5 the screens of the README", () => {
  it("are named once, for a file", () => {
    const names = SHOTS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
  });

  it("are of people whom the synthetic clinic has", () => {
    const logins = demoPeople({ seed: "lakeside", today: "2026-11-22" }).map(({ suffix }) => `a.${suffix}`);
    for (const { as } of SHOTS) expect([undefined, "finance", ...logins]).toContain(as);
  });

  it("are screens of the portal", () => {
    const lost = SHOTS.map(({ path }) => path(facts)).filter(
      (address) => address !== "/app/" && !AREAS.some(({ path }) => matches(path, address)),
    );
    expect(lost).toEqual([]);
  });
});
