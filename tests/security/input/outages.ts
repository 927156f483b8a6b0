import { afterEach, describe, expect, it } from "vitest";
import type { FaultKind, FaultPlan } from "../../../scripts/local/front/index.ts";
import { signMember } from "../http/members.ts";
import { canaryPatient } from "../world.ts";
import { type Scene, type Use, whileNothingChanges } from "./scene.ts";

/** What a function needs, and how it goes missing. */
const OUTAGES: readonly (readonly [service: string, kind: FaultKind])[] = [
  ["dynamodb", "server-error"],
  ["dynamodb", "timeout-before"],
  ["dynamodb", "throttle"],
  ["kms", "server-error"],
  ["kms", "timeout-before"],
  ["kms", "throttle"],
  ["sts", "server-error"],
  ["sts", "timeout-before"],
  ["sts", "throttle"],
];

/** Without a plan, everything is well. */
const setPlan = ({ world }: Scene, plan?: FaultPlan): void => world.stack.cloud.faults.setPlan(plan);

export function outages(use: Use): void {
  afterEach(() => setPlan(use()));

  describe("AT-57 what is behind us is down", () => {
    it.each(OUTAGES)("AT-57 %s, by %s: 503 with a code, and nothing done", async (service, kind) => {
      const scene = use();
      const { world } = scene;
      // Somebody new: nothing that she needs is remembered from before.
      const wanted = { tenantId: world.a.tenantId, login: `a.${service}-${kind}`, roles: ["physician"] };
      const { caller } = await signMember(world, wanted);
      await whileNothingChanges(scene, async () => {
        setPlan(scene, { seed: 1, rules: [{ kind, service, probability: 1 }] });
        const answers = [
          await caller.send("GET", scene.path),
          await caller.send("POST", "/fhir/Patient", { body: canaryPatient(world.a) }),
          await caller.send("GET", "/fhir/Patient/unknown"),
        ];
        setPlan(scene);
        for (const [index, answer] of answers.entries()) {
          // Where nothing is found nothing has to be opened, and the event is sealed without KMS.
          const isFound = index < 2 || service !== "kms";
          const isThrottled = kind === "throttle" && answer.status === 429;
          expect([answer.status, isFound]).toEqual([isThrottled ? 429 : isFound ? 503 : 404, isFound]);
          if (isFound) expect(answer.text).toContain(`"code":"${isThrottled ? "throttled" : "transient"}"`);
          if (isFound) expect(answer.headers.get("retry-after")).toBe("1");
          expect(answer.text).not.toContain(world.a.canary);
          expect(answer.text).not.toMatch(/dynamo|\bkms\b|\bsts\b|\baws\b|exception|provisioned/i);
        }
      });
      // As the answer said: not at once, so that what comes back is not overrun.
      await new Promise((resolve) => setTimeout(resolve, 1_100));
      expect((await caller.send("GET", scene.path)).status).toBe(200);
    });
    it.each(["dynamodb", "kms"])("AT-57 %s is down for the session and platform zones", async (service) => {
      const scene = use();
      const { world } = scene;
      const body = { login: "x.y", password: "x", totp: "000000" };
      setPlan(scene, { seed: 1, rules: [{ kind: "server-error", service, probability: 1 }] });
      const answers = [
        await world.a.doc.send("POST", "/session/sign-in", { body }),
        await world.operator.send("POST", "/platform/tenants", { body: { name: "x" } }),
      ];
      setPlan(scene);
      // The session zone derives its secrets once: with those at hand it needs no KMS to refuse a login.
      for (const answer of answers) expect([401, 503]).toContain(answer.status);
      expect(answers[1]?.status).toBe(503);
    });
  });
}
