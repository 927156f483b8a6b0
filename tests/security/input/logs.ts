import { describe, expect, it } from "vitest";
import type { Use } from "./scene.ts";

/** After all else: what the logs of a stage hold that has met everything in this file. */
export function logs(use: Use, leastLines: number): void {
  describe("AT-57 AT-36 the logs, after all of this", () => {
    it("AT-57 no log holds anything of what was sent", () => {
      const { world, canary } = use();
      const lines = [...world.stack.logs().values()].flat();
      expect(lines.length).toBeGreaterThan(leastLines);
      for (const planted of [canary, world.a.canary, Buffer.from(canary).toString("base64").slice(2, -3)])
        expect(lines.filter((line) => line.includes(planted))).toEqual([]);
    });
    it("AT-36 every line of a log is one line, and one object or one of Lambda's own", () => {
      for (const lines of use().world.stack.logs().values()) {
        for (const line of lines) {
          if (/^(?:START|END|REPORT|INIT_START) [^\n\r]*$/.test(line)) continue;
          expect(line).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
          expect(() => void JSON.parse(line)).not.toThrow();
        }
      }
    });
  });
}
