import { afterAll, beforeAll } from "vitest";
import { bundles } from "./tenant-isolation/bundles.ts";
import { cursors } from "./tenant-isolation/cursors.ts";
import { reads, stillThere } from "./tenant-isolation/reads.ts";
import { openScene, type Scene } from "./tenant-isolation/scene.ts";
import { searches } from "./tenant-isolation/searches.ts";
import { spoofing } from "./tenant-isolation/spoofing.ts";
import { createByUpdate, writes } from "./tenant-isolation/writes.ts";

/**
 * The attacks of one tenant on another over HTTP (AT-01 to AT-14): another tenant's id answers byte for byte as an id
 * that never was, nothing of B's changes, and A's own trail tells of each try. Every group has a control that works.
 */
let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.close());
const use = (): Scene => scene;

reads(use);
writes(use);
searches(use);
bundles(use);
cursors(use);
spoofing(use);
createByUpdate(use);
stillThere(use);
