import { afterAll, beforeAll } from "vitest";
import { archiveTampering } from "./aws-level/archive.ts";
import { classWalls } from "./aws-level/classes.ts";
import { controlPlaneEscalation } from "./aws-level/control-plane.ts";
import { foreignKeys, twinPrefixes } from "./aws-level/foreign-keys.ts";
import { keylessCalls } from "./aws-level/keyless-calls.ts";
import { keyContexts } from "./aws-level/keys.ts";
import { objectPrefixes } from "./aws-level/objects.ts";
import { existenceOracles, indexBypass, plainWrites } from "./aws-level/oracles-and-writes.ts";
import { outboxTampering } from "./aws-level/outbox.ts";
import { openScene, type Scene } from "./aws-level/scene.ts";
import { attributeFlips, ciphertextSwaps, forgedCiphertext } from "./aws-level/sealed-rows.ts";
import { chainingAndTrust } from "./aws-level/trust.ts";
import { appendOnlySessions, vendingFaults } from "./aws-level/vending.ts";

/**
 * The attacks on the AWS level (AW-01 to AW-20): over the wire, with unmodified SDK clients and credentials that were
 * vended as the FHIR function vends them. Each refusal is asserted by its AWS error, and each group has a control that
 * is allowed, so that nothing passes because everything is broken.
 */
let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.close());
const use = (): Scene => scene;

foreignKeys(use);
keylessCalls(use);
existenceOracles(use);
plainWrites(use);
outboxTampering(use);
appendOnlySessions(use);
indexBypass(use);
twinPrefixes(use);
classWalls(use);
keyContexts(use);
objectPrefixes(use);
chainingAndTrust(use);
vendingFaults(use);
ciphertextSwaps(use);
attributeFlips(use);
forgedCiphertext(use);
archiveTampering(use);
controlPlaneEscalation(use);
