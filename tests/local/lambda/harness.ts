import { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../../core/kernel/clock.ts";
import { systemClock } from "../../../core/kernel/clock.ts";
import type { FunctionConfiguration, RoleSession } from "../../../scripts/local/lambda/function.ts";
import { createLambda } from "../../../scripts/local/lambda/index.ts";
import type { Lambda, LambdaOptions } from "../../../scripts/local/lambda/index.ts";

export interface VirtualClock extends Clock {
  advance(ms: number): void;
}

export function virtualClock(startMs = Date.parse("2026-03-01T00:00:00Z")): VirtualClock {
  let nowMs = startMs;
  return {
    now: () => nowMs,
    advance: (ms) => {
      nowMs += ms;
    },
  };
}

export interface Issued {
  readonly roleArn: string;
  readonly principal: string;
  readonly sessionName: string;
}

export interface Harness {
  readonly lambda: Lambda;
  readonly issued: readonly Issued[];
  add(functionName: string, handler: string, more?: Partial<FunctionConfiguration>): Promise<void>;
  call(functionName: string, event: unknown): Promise<{ value: unknown; failed: boolean }>;
}

export function harness(
  options: Partial<LambdaOptions> & { clock?: Clock; database?: () => DatabaseSync } = {},
): Harness {
  const clock = options.clock ?? systemClock;
  const issued: Issued[] = [];
  const lambda = createLambda({
    deps: {
      clock,
      accountId: "111122223333",
      region: "us-east-1",
      openDatabase: options.database ?? (() => new DatabaseSync(":memory:")),
    },
    endpoint: "http://127.0.0.1:9",
    issueServiceSession: (roleArn, principal, sessionName): RoleSession => {
      issued.push({ roleArn, principal, sessionName });
      return {
        accessKeyId: `ASIA${issued.length}`,
        secretAccessKey: `secret-${issued.length}`,
        sessionToken: `token-${sessionName}`,
        expiration: new Date(clock.now() + 3_600_000),
      };
    },
    ...options,
  });
  return {
    lambda,
    issued,
    add: (functionName, handler, more = {}) =>
      lambda.putFunctions([
        {
          functionName,
          handler: `tests/fixtures/lambda/${handler}`,
          roleArn: `arn:aws:iam::111122223333:role/${functionName}`,
          environment: {},
          timeoutSeconds: 10,
          memorySizeMb: 128,
          ...more,
        },
      ]),
    async call(functionName, event) {
      const result = await lambda.invoke(functionName, event);
      return { value: JSON.parse(result.payload) as unknown, failed: result.functionError !== undefined };
    },
  };
}
