import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { systemClock, type Clock } from "../../../core/kernel/clock.ts";
import { createDynamoTable } from "../../../core/table/dynamodb.ts";
import { createMeter } from "../../../core/table/index.ts";
import { createRegistryStore } from "../../../core/table/registry-store.ts";
import { clientToken } from "../../../scripts/cli/sign-in.ts";
import { type Stack, startStack } from "../../../scripts/local/stack.ts";
import type { Plan } from "../../../scripts/plan/shape.ts";
import { createFirstOperator } from "../../../scripts/start/operator.ts";
import { quickPasswords } from "../../fixtures/quick-passwords.ts";

const REGION = "us-east-1";
/** The plan's limit protects a stage from the world; here one browser and one test are all its callers. */
const THROTTLE = { ratePerSecond: 10_000, burst: 5_000 };

/** A running stage with the built portal, and its operator. */
export interface Stage {
  readonly stack: Stack;
  readonly clock: Clock;
  /** The tenant of whoever runs the platform: finance people are its members. */
  readonly operationsId: string;
  /** A request of the platform zone. Throws for any answer but 2xx. */
  operate<T>(path: string, body: unknown): Promise<T>;
  close(): Promise<void>;
}

/** The plan that the run began with (see `global-setup.ts`). */
function currentPlan(): Plan {
  const file = process.env["KEYWARD_TEST_PLAN"];
  if (file === undefined) throw new Error("the browser tests run under tests/web/playwright.config.ts");
  return JSON.parse(readFileSync(file, "utf8")) as Plan;
}

/** Starts a stage in memory that serves the portal of `folder`. */
export async function startStage(folder: string): Promise<Stage> {
  const stack = await startStack({
    plan: currentPlan(),
    throttle: THROTTLE,
    patches: quickPasswords(),
    portal: { folder },
  });
  const clock = systemClock;
  const operator = await makeOperator(stack, clock);
  let token: { readonly text: string; readonly untilMs: number } | undefined;

  async function bearer(): Promise<string> {
    if (token === undefined || token.untilMs <= clock.now()) {
      const text = await clientToken(stack.endpoint, operator, "platform", clock.now());
      token = { text, untilMs: clock.now() + 4 * 60_000 };
    }
    return token.text;
  }

  return {
    stack,
    clock,
    operationsId: operator.tenantId,
    async operate<T>(path: string, body: unknown) {
      const response = await fetch(`${stack.endpoint}${path}`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${await bearer()}`,
          "content-type": "application/json",
          "idempotency-key": randomBytes(16).toString("hex"),
          "x-reason": "onboarding",
        },
        body: JSON.stringify(body),
      });
      if (!response.ok) throw new Error(`POST ${path}: ${response.status} ${await response.text()}`);
      return (await response.json()) as T;
    },
    close: () => stack.close(),
  };
}

async function makeOperator(stack: Stack, clock: Clock): ReturnType<typeof createFirstOperator> {
  const { accessKeyId, secretAccessKey } = stack.cloud.rootCredentials;
  const client = new DynamoDBClient({
    region: REGION,
    endpoint: stack.endpoint,
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 1,
  });
  const names = { registry: "keyward-dev-registry" };
  const table = createDynamoTable({ client, names, clock, meter: createMeter() });
  try {
    return await createFirstOperator(createRegistryStore(table), clock.now());
  } finally {
    client.destroy();
  }
}
