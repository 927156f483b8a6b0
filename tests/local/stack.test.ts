import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { createVirtualClock } from "../../scripts/local/front/index.ts";
import { readPlan } from "../../scripts/local/provision/index.ts";
import { verifyTrail } from "../../scripts/local/trail/index.ts";
import type { TrailFile } from "../../scripts/local/trail/index.ts";
import { startStack } from "../../scripts/local/stack.ts";
import type { Stack, StackOptions } from "../../scripts/local/stack.ts";
import type { Plan } from "../../scripts/plan/shape.ts";
import { postSigned } from "../fixtures/aws-json.ts";

const stacks: Stack[] = [];
const folders: string[] = [];
afterEach(async () => {
  for (const stack of stacks.splice(0)) await stack.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** The committed plan of dev, with a handler of the tests in every function. */
function planWith(handler = "tests/fixtures/lambda/whoami.handler"): Plan {
  const plan = readPlan("dev");
  return { ...plan, functions: plan.functions.map((one) => ({ ...one, handler, install: {} })) };
}

async function open(options: StackOptions = {}): Promise<Stack> {
  const stack = await startStack({ plan: planWith(), ...options });
  stacks.push(stack);
  return stack;
}

interface Answer {
  readonly arn: string;
  readonly path: string;
  readonly publicUrl: string;
  readonly nowMs: number;
}
const ask = async (stack: Stack, target: string): Promise<Answer> =>
  (await fetch(stack.endpoint + target)).json() as Promise<Answer>;

describe("INF-5 a stage from the committed plan", () => {
  it("answers over HTTP through a function that holds its own role and nothing else", async () => {
    const stack = await open();
    const answer = await ask(stack, "/fhir/Patient/p1");
    expect(answer).toMatchObject({
      arn: "arn:aws:sts::111122223333:assumed-role/keyward-dev-fn-fhir/keyward-dev-fhir",
      path: "/fhir/Patient/p1",
      publicUrl: stack.endpoint,
    });
    expect((await fetch(`${stack.endpoint}/nowhere`)).status).toBe(404);
    const records = stack.cloud.trail.records();
    expect(records.map((record) => record.eventName)).toContain("GetCallerIdentity");
  });

  it("AT-56 keeps every log, and the access log without a path", async () => {
    const stack = await open();
    await ask(stack, "/fhir/Patient/planted-id");
    await stack.drain();
    const logs = stack.logs();
    expect([...logs.keys()]).toEqual(expect.arrayContaining(["keyward-dev-fhir", "keyward-dev-seal", "http-api"]));
    expect(logs.get("http-api")?.join("\n")).toContain("GET /fhir/{type}/{id}");
    expect(JSON.stringify([...logs])).not.toContain("planted-id");
  });

  it("fires its schedule on a virtual clock, with the role that Scheduler assumes, and handlers live in that time", async () => {
    const clock = createVirtualClock({ startMs: Date.parse("2026-03-01T00:00:00Z") });
    const stack = await open({ clock });
    const runs = (): number =>
      stack.lambda.usage().filter((record) => record.functionName === "keyward-dev-seal").length;
    await clock.advance(59_000);
    expect(runs()).toBe(0);
    await clock.advance(1_000);
    expect(runs()).toBe(1);
    await clock.advance(180_000);
    expect(runs()).toBe(4);
    expect(stack.lambda.usage().every((record) => record.outcome === "returned")).toBe(true);
    const { nowMs } = await ask(stack, "/fhir/Patient/p1");
    expect(Math.abs(nowMs - clock.now())).toBeLessThan(60_000);
    expect(stack.cloud.trail.records().map((record) => JSON.stringify(record))).toEqual(
      expect.arrayContaining([expect.stringContaining("scheduler.amazonaws.com")]),
    );
    await stacks.pop()?.close();
    await clock.close();
  });

  it("AW-17 delivers its trail by the hour into a locked bucket, and the chain verifies", async () => {
    const clock = createVirtualClock({ startMs: Date.parse("2026-03-01T00:30:00Z") });
    const stack = await open({ clock });
    await ask(stack, "/fhir/Patient/p1");
    await clock.advance(30 * 60_000);
    const files = [...stack.cloud.s3.dumpObjects("keyward-dev-c01-trail-111122223333")];
    expect(files.every((file) => file.lock.retention?.mode === "COMPLIANCE")).toBe(true);
    const [delivery] = stack.trailDeliveries;
    const read = (key: string): TrailFile | undefined => {
      const file = files.find((one) => one.key === key);
      if (file?.bytes === undefined) return undefined;
      const metadata = Object.entries(file.headers).map(([name, value]) => [name.replace(/^x-amz-meta-/, ""), value]);
      return { bytes: file.bytes, metadata: Object.fromEntries(metadata) as Record<string, string> };
    };
    const verified = await verifyTrail({
      publicKeyPem: delivery?.publicKeyPem ?? "",
      newestKey: delivery?.newestKey() ?? "",
      read,
    });
    expect(verified).toMatchObject({ ok: true, value: { digests: 1 } });
    await stacks.pop()?.close();
    await clock.close();
  });

  it("does not fire a schedule whose role may not invoke the function", async () => {
    const plan = structuredClone(planWith());
    const inputs = plan.resources.find((one) => one.inputs["role"] === "keyward-dev-schedule")?.inputs;
    expect(inputs).toBeDefined();
    (inputs as { policy: { Statement: object[] } }).policy.Statement = [
      {
        Effect: "Allow",
        Action: "lambda:InvokeFunction",
        Resource: "arn:aws:lambda:us-east-1:111122223333:function:another",
      },
    ];
    const clock = createVirtualClock({ startMs: 0 });
    const stack = await open({ clock, plan });
    await clock.advance(60_000);
    // The witness's schedule has a role of its own, in the witness's account.
    expect(stack.lambda.usage().map(({ functionName }) => functionName)).toEqual(["keyward-dev-witness"]);
    expect(stack.lambda.logs("keyward-dev-seal").join()).toMatch(/schedule keyward-dev-seal failed: .*not authorized/);
    await stacks.pop()?.close();
    await clock.close();
  });
});

describe("AW-18 streams are switched by administration", () => {
  const table = "keyward-dev-c01-outbox";
  const streams = (stack: Stack): readonly string[] =>
    stack.eventSources.states().flatMap(({ streamArn }) => (streamArn.includes(table) ? [streamArn] : []));

  it("a stream that is on again is another stream, and its readers follow", async () => {
    const stack = await open();
    const before = stack.cloud.dynamodb.findTable(table)?.streamArn;
    await stack.setStream(table, false);
    expect(stack.cloud.dynamodb.findTable(table)?.streamArn).toBeUndefined();
    await new Promise((resolve) => setTimeout(resolve, 5));
    await stack.setStream(table, true);
    const after = stack.cloud.dynamodb.findTable(table)?.streamArn;
    expect(after).not.toBe(before);
    expect(streams(stack)).toEqual([after, after]);
  });

  it("a mapping that is on again goes on where it was", async () => {
    const stack = await open();
    const name = "keyward-dev-archive";
    const states = (): readonly string[] => stack.eventSources.states().map(({ functionName }) => functionName);
    await stack.eventSources.setEnabled(name, false);
    expect(states()).not.toContain(name);
    await stack.eventSources.setEnabled(name, true);
    expect(states()).toContain(name);
    await expect(stack.eventSources.setEnabled("keyward-dev-fhir", false)).rejects.toThrow("no event source mapping");
  });
});

describe("the logs of functions in CloudWatch", () => {
  const events = async (stack: Stack, logGroupName: string): Promise<readonly string[]> => {
    const answer = await postSigned({
      endpoint: stack.endpoint,
      service: "logs",
      target: "Logs_20140328.FilterLogEvents",
      key: stack.cloud.rootCredentials,
      nowMs: Date.now(),
      input: { logGroupName },
    });
    return ((answer["events"] ?? []) as { message: string }[]).map(({ message }) => message);
  };

  it("hold what each function and the API wrote", async () => {
    const stack = await open();
    await ask(stack, "/fhir/Patient/p1");
    expect((await events(stack, "/aws/lambda/keyward-dev-fhir")).join()).toContain('"type":"platform.start"');
    expect((await events(stack, "/aws/apigateway/keyward-dev")).join()).toContain("GET /fhir/{type}/{id}");
  });

  it("hold nothing of a function whose role may not write there", async () => {
    const plan = structuredClone(planWith());
    const inputs = plan.resources.find((one) => one.name === "FnFhirPolicy")?.inputs;
    const { policy } = inputs as { policy: { Statement: { Sid?: string }[] } };
    policy.Statement = policy.Statement.filter(({ Sid }) => Sid !== "OwnLog");
    const stack = await open({ plan });
    await ask(stack, "/fhir/Patient/p1");
    expect(await events(stack, "/aws/lambda/keyward-dev-fhir")).toEqual([]);
    expect(stack.lambda.logs("keyward-dev-fhir").join()).toContain('"type":"platform.start"');
  });
});

describe("the one port keeps AWS calls, API requests and nonsense apart", () => {
  async function raw(stack: Stack, text: string): Promise<string> {
    return new Promise((resolve) => {
      let received = "";
      const socket = net.connect(stack.cloud.port, "127.0.0.1", () => socket.end(text));
      socket.on("data", (chunk: Buffer) => (received += chunk.toString("latin1")));
      socket.on("close", () => resolve(received));
      socket.on("error", () => resolve(received));
    });
  }
  const host = "Host: 127.0.0.1\r\nConnection: close\r\n";

  it.each([
    [
      "a forged AWS signature on an API path",
      `GET /fhir/Patient/p HTTP/1.1\r\n${host}Authorization: AWS4-HMAC-SHA256 Credential=x/20260301/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=0\r\n\r\n`,
      /^HTTP\/1\.1 40[03]/,
    ],
    [
      "both length and chunks",
      `POST /fhir HTTP/1.1\r\n${host}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      /^HTTP\/1\.1 400/,
    ],
    [
      "another host",
      "GET /fhir/Patient/p HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
      /^HTTP\/1\.1 403/,
    ],
    ["a second host", `GET /fhir/Patient/p HTTP/1.1\r\nHost: evil.example\r\n${host}\r\n`, /^HTTP\/1\.1 40[03]/],
    ["a bad escape", `GET /fhir/%zz/p HTTP/1.1\r\n${host}\r\n`, /^HTTP\/1\.1 400/],
  ])("%s reaches no function", async (_title, text, status) => {
    const stack = await open();
    expect(await raw(stack, text)).toMatch(status);
    expect(stack.lambda.usage()).toEqual([]);
  });
});

describe("start and end", () => {
  it("a second start on the same folder and port comes up with what was there", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "keyward-stack-"));
    folders.push(folder);
    const first = await startStack({ plan: planWith(), folder });
    const { port } = first.cloud;
    await first.cloud.dynamodb.invoke("DynamoDB_20120810.PutItem", {
      TableName: "keyward-dev-registry",
      Item: { pk: { S: "a" }, sk: { S: "b" } },
    });
    await first.close();
    const second = await startStack({ plan: planWith(), folder, port });
    stacks.push(second);
    expect(second.cloud.dynamodb.dumpItems("keyward-dev-registry")).toHaveLength(1);
    expect((await ask(second, "/fhir/Patient/p1")).publicUrl).toBe(`http://127.0.0.1:${port}`);
  });

  it("a start that fails leaves nothing behind: the folder and the port are free at once", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "keyward-stack-"));
    folders.push(folder);
    const server = http.createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    await expect(startStack({ plan: planWith("tests/fixtures/lambda/absent.handler"), folder, port })).rejects.toThrow(
      /no such module/,
    );
    const stack = await startStack({ plan: planWith(), folder, port });
    stacks.push(stack);
    expect(stack.cloud.port).toBe(port);
  });

  it("an end leaves no timer, thread, socket or file open: a process ends by itself", async () => {
    const script = fileURLToPath(new URL("./close-child.ts", import.meta.url));
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", script], { stdio: "inherit" });
    expect(await new Promise((resolve) => child.on("exit", resolve))).toBe(0);
  });

  it("takes the stage's own request limit, or another for bulk work", async () => {
    const stack = await open({ throttle: { ratePerSecond: 1, burst: 2 } });
    const statuses = [];
    for (let index = 0; index < 3; index += 1) statuses.push((await fetch(`${stack.endpoint}/fhir/Patient/p`)).status);
    expect(statuses).toEqual([200, 200, 429]);
  });

  it("an end stops the server, the functions and the schedules", async () => {
    const stack = await startStack({ plan: planWith() });
    await ask(stack, "/fhir/Patient/p1");
    await stack.close();
    await expect(fetch(stack.endpoint)).rejects.toThrow();
    await expect(stack.lambda.invoke("keyward-dev-fhir", {})).rejects.toThrow();
  });
});
