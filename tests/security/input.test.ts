import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addresses } from "./input/addresses.ts";
import { concurrency } from "./input/concurrency.ts";
import { idempotency } from "./input/idempotency.ts";
import { json } from "./input/json.ts";
import { narrative } from "./input/narrative.ts";
import { outages } from "./input/outages.ts";
import { ownRequests } from "./input/own-requests.ts";
import { openScene, type Scene } from "./input/scene.ts";
import { sizes } from "./input/sizes.ts";

/**
 * What bad input gets (AT-25 to AT-31, AT-36, AT-42, AT-49, AT-50, AT-52, AT-53, AT-57): a 4xx that names the rule and
 * the place and says nothing of what was sent, and nothing half-written.
 */
let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.close());
const use = (): Scene => scene;

json(use);
ownRequests(use);
narrative(use);
addresses(use);
sizes(use);
concurrency(use);
idempotency(use);
outages(use);

describe("AT-57 AT-36 the logs, after all of this", () => {
  it("AT-57 no log holds anything of what was sent", () => {
    const { world, canary } = use();
    const lines = [...world.stack.logs().values()].flat();
    expect(lines.length).toBeGreaterThan(1_000);
    for (const planted of [canary, world.a.canary, Buffer.from(canary).toString("base64").slice(2, -3)])
      expect(lines.filter((line) => line.includes(planted))).toEqual([]);
  });
  it("AT-36 every line of a log is one line, and one object or one of Lambda's own", () => {
    for (const lines of use().world.stack.logs().values()) {
      for (const line of lines) {
        expect(line).not.toMatch(/[\n\r\u001b\u2028\u2029]/);
        if (!/^(?:START|END|REPORT|INIT_START) /.test(line)) expect(() => void JSON.parse(line)).not.toThrow();
      }
    }
  });
});
