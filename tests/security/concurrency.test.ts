import { afterAll, beforeAll } from "vitest";
import { concurrency } from "./input/concurrency.ts";
import { idempotency } from "./input/idempotency.ts";
import { logs } from "./input/logs.ts";
import { outages } from "./input/outages.ts";
import { openScene, type Scene } from "./input/scene.ts";

/**
 * Requests that race, come again, or meet an outage (AT-27 to AT-31, AT-57): one effect for each that was answered with
 * one, and none for any other.
 */
let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.close());
const use = (): Scene => scene;

concurrency(use);
idempotency(use);
outages(use);
logs(use, 200);
