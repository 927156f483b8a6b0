import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { harness, virtualClock } from "./harness.ts";
import type { Harness } from "./harness.ts";

interface Echo {
  readonly event: unknown;
  readonly calls: number;
  readonly environment: Record<string, string>;
  readonly requestId: string;
  readonly functionName: string;
  readonly arn: string;
  readonly hasTimeLeft: boolean;
  readonly nowMs: number;
  readonly constructedMs: number;
  readonly fixedMs: number;
}

const echoOf = (answer: { value: unknown }): Echo => answer.value as Echo;

describe("an execution environment", () => {
  let at: Harness;
  beforeAll(async () => {
    process.env["PLANTED_PARENT_SECRET"] = "planted-parent-secret";
    at = harness();
    await at.add("one", "echo.handler", { environment: { STAGE: "dev", OWN: "one" } });
    await at.add("two", "echo.handler", { environment: { STAGE: "dev", OWN: "two" } });
  });
  afterAll(async () => {
    delete process.env["PLANTED_PARENT_SECRET"];
    await at.lambda.close();
  });

  it("sees its own variables and role session, and nothing of the parent's", async () => {
    const { environment } = echoOf(await at.call("one", {}));
    expect(environment["PLANTED_PARENT_SECRET"]).toBeUndefined();
    expect(Object.keys(environment).toSorted()).toEqual(
      [
        "AWS_ACCESS_KEY_ID",
        "AWS_CONFIG_FILE",
        "AWS_DEFAULT_REGION",
        "AWS_ENDPOINT_URL",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_SHARED_CREDENTIALS_FILE",
        "LAMBDA_TASK_ROOT",
        "OWN",
        "STAGE",
        "TZ",
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
      ].toSorted(),
    );
    expect(environment["AWS_SESSION_TOKEN"]).toBe("token-one");
  });

  it("shares neither variables, nor role, nor module state with another function of the same module", async () => {
    const one = echoOf(await at.call("one", { n: 1 }));
    const two = echoOf(await at.call("two", { n: 2 }));
    expect([one.environment["OWN"], two.environment["OWN"]]).toEqual(["one", "two"]);
    expect(two.environment["AWS_SESSION_TOKEN"]).toBe("token-two");
    expect(two.environment["AWS_LAMBDA_LOG_STREAM_NAME"]).not.toBe(one.environment["AWS_LAMBDA_LOG_STREAM_NAME"]);
    expect(two.calls).toBe(1);
    expect(at.issued.map((issue) => issue.principal)).toEqual(["lambda.amazonaws.com", "lambda.amazonaws.com"]);
    expect(at.issued[1]?.roleArn).toBe("arn:aws:iam::111122223333:role/two");
  });

  it("keeps module state while it is warm, and loses it when it is retired", async () => {
    const before = echoOf(await at.call("one", {}));
    const warm = echoOf(await at.call("one", {}));
    expect(warm.calls).toBe(before.calls + 1);
    await at.lambda.retireAll();
    expect(echoOf(await at.call("one", {})).calls).toBe(1);
  });

  it("gets a context that names the request, the function and the time left", async () => {
    const answer = echoOf(await at.call("one", { patient: "é" }));
    expect(answer.event).toEqual({ patient: "é" });
    expect(answer.functionName).toBe("one");
    expect(answer.arn).toBe("arn:aws:lambda:us-east-1:111122223333:function:one");
    expect(answer.requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.hasTimeLeft).toBe(true);
  });

  it("is told of as usage: init on the cold call only, billed time rounded up", async () => {
    await at.lambda.retireAll();
    const seen: string[] = [];
    const stop = at.lambda.onUsage((record) => seen.push(record.requestId));
    const cold = echoOf(await at.call("two", {}));
    const warm = echoOf(await at.call("two", {}));
    stop();
    const records = at.lambda.usage().slice(-2);
    expect(records.map((record) => record.requestId)).toEqual([cold.requestId, warm.requestId]);
    expect(seen).toEqual([cold.requestId, warm.requestId]);
    expect(records[0]?.initMs).toBeGreaterThan(0);
    expect(records[1]?.initMs).toBeUndefined();
    expect(records.map((record) => Number.isInteger(record.billedMs))).toEqual([true, true]);
    expect(at.lambda.logs("two").at(-1)).toContain(`REPORT RequestId: ${warm.requestId}`);
  });
});

describe("what goes wrong in a handler", () => {
  let at: Harness;
  beforeAll(async () => {
    at = harness();
    await at.add("bad", "misbehave.handler", { timeoutSeconds: 1, memorySizeMb: 64 });
    await at.add("patient", "misbehave.handler", { timeoutSeconds: 100, memorySizeMb: 128 });
  });
  afterAll(() => at.lambda.close());

  it.each([
    ["a throw", "throw", { errorType: "TypeError", errorMessage: "planted" }],
    ["a thrown text", "throw-text", { errorType: "string", errorMessage: "planted text" }],
    ["process.exit", "exit", { errorType: "Runtime.ExitError" }],
    ["a late rejection", "reject-later", { errorType: "Runtime.UnhandledPromiseRejection" }],
    ["more memory than it has", "fill-memory", { errorType: "Runtime.OutOfMemory" }],
    ["an answer that JSON cannot hold", "circular", { errorType: "Runtime.MarshalError" }],
  ])("%s is an answer with functionError, and the next call works", async (_title, order, error) => {
    const functionName = order === "reject-later" || order === "fill-memory" ? "patient" : "bad";
    const answer = await at.call(functionName, { do: order });
    expect(answer).toMatchObject({ failed: true, value: error });
    expect(await at.call(functionName, { do: "nothing else" })).toEqual({ failed: false, value: "well" });
  });

  it.each(["hang", "spin"])("a handler that does %s is stopped at its time limit", async (order) => {
    const answer = await at.call("bad", { do: order });
    expect(answer.failed).toBe(true);
    expect(answer.value).toMatchObject({ errorType: "Sandbox.Timedout" });
    expect((answer.value as { errorMessage: string }).errorMessage).toMatch(/Task timed out after 1\.00 seconds$/);
    expect(at.lambda.logs("bad")).toContain(`about to ${order}`);
    expect(at.lambda.usage().at(-1)?.outcome).toBe("timed-out");
    expect((await at.call("bad", { do: "nothing else" })).value).toBe("well");
  });

  it("undefined is answered as null", async () => {
    expect(await at.call("bad", { do: "nothing" })).toEqual({ failed: false, value: null });
  });

  it("an answer may have 6 MB and no more", async () => {
    const fits = await at.lambda.invoke("patient", { do: "big", bytes: 6_291_556 - 2 });
    expect(fits.functionError).toBeUndefined();
    const exceeds = await at.lambda.invoke("patient", { do: "big", bytes: 6_291_556 - 1 });
    expect(exceeds.functionError).toBe("Unhandled");
    expect(exceeds.payload).toContain("Function.ResponseSizeTooLarge");
  });

  it.each([
    ["RequestResponse", 6_291_456],
    ["Event", 1_048_576],
  ] as const)("a request of type %s may have %d bytes and no more", async (type, limit) => {
    const fits = { do: "", pad: "x".repeat(limit - 18) };
    expect(JSON.stringify(fits)).toHaveLength(limit);
    await expect(at.lambda.invoke("patient", fits, { type })).resolves.toBeDefined();
    await expect(at.lambda.invoke("patient", { ...fits, pad: `${fits.pad}x` }, { type })).rejects.toMatchObject({
      code: "RequestTooLargeException",
      status: 413,
    });
    await at.lambda.idle();
  });

  it("an unknown function is a 404 that names it", async () => {
    await expect(at.lambda.invoke("nobody", {})).rejects.toMatchObject({
      code: "ResourceNotFoundException",
      status: 404,
    });
  });
});

describe("a module that does not load", () => {
  const at = harness();
  afterAll(() => at.lambda.close());

  it.each([
    ["broken-init.handler", "RangeError"],
    ["missing-import.handler", "Runtime.ImportModuleError"],
    ["echo.nothing", "Runtime.HandlerNotFound"],
    ["misbehave.notAFunction", "Runtime.HandlerNotFound"],
    ["misbehave.withCallback", "Runtime.CallbackHandlerDeprecated"],
  ])("%s answers %s", async (handler, errorType) => {
    const functionName = handler.replace(".", "-");
    await at.add(functionName, handler);
    expect(await at.call(functionName, {})).toMatchObject({ failed: true, value: { errorType } });
  });

  it("a handler without a file is refused when the function is made", async () => {
    await expect(at.add("absent", "absent.handler")).rejects.toThrow(/absent\.handler: no such module/);
  });
});

describe("a bundle", () => {
  it("leaves externals outside and brings the files that are copied", async () => {
    const at = harness();
    await at.add("external", "external.handler", {
      externals: ["zod"],
      copyFiles: [{ from: "tests/fixtures/lambda/note.txt", to: "rules/note.txt" }],
    });
    expect((await at.call("external", {})).value).toEqual({ parsed: "external", copied: "a copied file" });
    const taskRoot = path.join(process.cwd(), "node_modules/.cache/keyward/functions");
    expect(statSync(taskRoot).isDirectory()).toBe(true);
    await at.lambda.close();
  });
});

describe("concurrency", () => {
  it("runs one invocation at a time in an environment, and as many environments as are allowed", async () => {
    const at = harness({ maxEnvironments: 2 });
    await at.add("slow", "misbehave.handler");
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => at.call("slow", { do: "sleep", ms: 20 })));
    expect(answers.map((answer) => answer.value)).toEqual(Array.from({ length: 5 }, () => "slept"));
    expect(at.lambda.usage().filter((record) => record.initMs !== undefined)).toHaveLength(2);
    await at.lambda.close();
  });

  it("throttles what exceeds the reserved concurrency, and everything at zero", async () => {
    const at = harness();
    await at.add("one-at-a-time", "misbehave.handler", { reservedConcurrency: 1 });
    await at.add("stopped", "misbehave.handler", { reservedConcurrency: 0 });
    const first = at.call("one-at-a-time", { do: "sleep", ms: 50 });
    await expect(at.call("one-at-a-time", {})).rejects.toMatchObject({ code: "TooManyRequestsException", status: 429 });
    expect((await first).value).toBe("slept");
    expect((await at.call("one-at-a-time", {})).value).toBe("well");
    await expect(at.call("stopped", {})).rejects.toMatchObject({ status: 429 });
    await at.lambda.close();
  });

  it("ends an environment that has been idle for long", async () => {
    const at = harness({ idleMs: 20 });
    await at.add("counter", "echo.counter");
    expect((await at.call("counter", {})).value).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 120));
    expect((await at.call("counter", {})).value).toBe(1);
    await at.lambda.close();
  });
});

describe("virtual time", () => {
  it("moves Date in handlers with the cloud's clock", async () => {
    const clock = virtualClock();
    const at = harness({ clock });
    await at.add("echo", "echo.handler");
    const first = echoOf(await at.call("echo", {}));
    clock.advance(3_000_000);
    const second = echoOf(await at.call("echo", {}));
    expect(Math.abs(first.nowMs - Date.parse("2026-03-01T00:00:00Z"))).toBeLessThan(60_000);
    expect(second.nowMs - first.nowMs).toBeGreaterThanOrEqual(3_000_000 - 60_000);
    expect(second.constructedMs - second.nowMs).toBeLessThan(1_000);
    expect(second.fixedMs).toBe(5);
    await at.lambda.close();
  });

  it("replaces an environment before its role session ends", async () => {
    const clock = virtualClock();
    const at = harness({ clock });
    await at.add("echo", "echo.handler");
    const first = echoOf(await at.call("echo", {}));
    clock.advance(50 * 60_000);
    expect(echoOf(await at.call("echo", {})).environment["AWS_ACCESS_KEY_ID"]).toBe(
      first.environment["AWS_ACCESS_KEY_ID"],
    );
    clock.advance(5 * 60_000);
    const renewed = echoOf(await at.call("echo", {}));
    expect(renewed.environment["AWS_ACCESS_KEY_ID"]).not.toBe(first.environment["AWS_ACCESS_KEY_ID"]);
    expect(renewed.calls).toBe(1);
    await at.lambda.close();
  });
});

describe("logs", () => {
  const folders: string[] = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  });

  it("AT-56 hold stdout, stderr and platform lines per function, in a file that only its owner reads", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "keyward-logs-"));
    folders.push(folder);
    const at = harness({ folder });
    await at.add("talks", "misbehave.handler");
    await at.add("quiet", "misbehave.handler");
    await at.call("talks", { do: "log" });
    await at.call("talks", { do: "throw" });
    await at.call("quiet", {});
    const lines = at.lambda.logs("talks");
    expect(lines).toEqual(expect.arrayContaining(["to stdout", "to stderr", "no line end"]));
    expect(lines.some((line) => line.includes("Invoke Error") && line.includes("planted"))).toBe(true);
    expect(at.lambda.logs("quiet").join("\n")).not.toContain("to stdout");
    await at.lambda.close();
    const file = path.join(folder, "logs", "talks.log");
    expect(readFileSync(file, "utf8")).toContain("to stderr\n");
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });
});
