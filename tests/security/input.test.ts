import { afterAll, beforeAll } from "vitest";
import { addresses } from "./input/addresses.ts";
import { json } from "./input/json.ts";
import { logs } from "./input/logs.ts";
import { narrative } from "./input/narrative.ts";
import { ownRequests } from "./input/own-requests.ts";
import { openScene, type Scene } from "./input/scene.ts";
import { sizes } from "./input/sizes.ts";

/**
 * What bad input gets (AT-25, AT-26, AT-36, AT-42, AT-49, AT-50, AT-52, AT-53, AT-57): a 4xx that names the rule and
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

logs(use, 500);
