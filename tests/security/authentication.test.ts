import { afterAll, beforeAll } from "vitest";
import { cookies } from "./authentication/cookies.ts";
import { revocation } from "./authentication/revocation.ts";
import { openScene, type Scene } from "./authentication/scene.ts";
import { tokens } from "./authentication/tokens.ts";

/**
 * Who is let in (AT-15 to AT-22, AT-40, AT-41), over HTTP against the zones of a stage that runs: tokens made from real
 * ones, cookies as browsers and other sites send them, and everything that ends a sign-in.
 */
let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.close());
const use = (): Scene => scene;

tokens(use);
cookies(use);
revocation(use);
