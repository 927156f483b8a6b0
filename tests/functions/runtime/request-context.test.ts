import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { createServer } from "node:http";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { DataKey, openItem, type SealedRow, sealItem } from "../../../core/crypto/index.ts";
import { requestOfUserAgent } from "../../../core/watch/index.ts";
import { dynamoDb } from "../../../functions/runtime/clients.ts";
import { describeRequest, inRequest } from "../../../functions/runtime/request-context.ts";
import { TENANT_A, valueOf } from "../../core/crypto/fixtures.ts";
import { patientId, recordId } from "../../core/watch/fixtures.ts";

const key = new DataKey(TENANT_A, "C", 1, Buffer.alloc(32, 7));
const place = (number: number, type = "Observation") => ({
  tenantId: TENANT_A,
  table: "data",
  dataClass: "C" as const,
  pk: `T#${TENANT_A}#C#P#${patientId(1)}`,
  sk: `R#${type}#${recordId(patientId(1), number)}`,
});

function sealed(
  number: number,
  content: { phi?: string; _t: string } = { phi: "secret", _t: "Observation" },
): SealedRow {
  return valueOf(sealItem(content, { ...place(number), version: 1 }, { phi: "encrypt", _t: "sign" }, key));
}
const open = (number: number): unknown => openItem(sealed(number), place(number), key);

interface Fields {
  readonly requestId?: string;
  readonly count?: number;
  readonly records?: readonly string[];
}
const logged = vi.hoisted(() => ({ lines: [] as [level: string, message: string, fields: Fields][] }));
vi.mock("../../../functions/runtime/log.ts", () => ({
  log: (...line: [level: string, message: string, fields: Fields]) => logged.lines.push(line),
}));
const taken = () => logged.lines.splice(0).map(([, , fields]) => fields);

describe("key use", () => {
  it("PROOF-4 an invocation's one line counts every record that it opened, by opaque names", async () => {
    await inRequest("req-1", async () => {
      describeRequest({ route: "fhirRead", tenantId: TENANT_A });
      for (let number = 1; number <= 11; number += 1) open(number);
      await Promise.resolve();
    });
    const group = `C/P/${patientId(1)}/R/Observation`;
    const lines = taken();
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ requestId: "req-1", route: "fhirRead", count: 11, more: [`${group}=11`] });
    expect(lines[0]?.records).toHaveLength(8);
    expect(lines[0]?.records?.[0]).toBe(`${group}/${recordId(patientId(1), 1)}`);
  });

  it("PROOF-4 the line is written where the handler throws, and none where nothing was opened", async () => {
    await expect(
      inRequest("req-2", () => {
        open(1);
        return Promise.reject(new Error("handler"));
      }),
    ).rejects.toThrow("handler");
    await inRequest("req-3", () => Promise.resolve());
    expect(taken().map(({ requestId }) => requestId)).toEqual(["req-2"]);
  });

  it("PROOF-4 what is opened after the answer, or outside of any request, is told at once", async () => {
    let later: (() => void) | undefined;
    await inRequest("req-4", async () => {
      later = await Promise.resolve(() => open(2));
      // The context of a request follows what it left running.
      setImmediate(later);
    });
    await new Promise((resolve) => setTimeout(resolve, 5));
    open(3);
    expect(taken().map(({ requestId }) => requestId)).toEqual(["req-4", "none"]);
  });

  it("a deletion or a locator, of which nothing is encrypted, shows nothing and is not counted", async () => {
    const row = sealed(5, { _t: "Observation" });
    await inRequest("req-5", () => Promise.resolve(openItem(row, place(5), key)));
    expect(taken()).toEqual([]);
  });

  it("two requests at once do not count for each other", async () => {
    const run = (id: string, number: number): Promise<void> =>
      inRequest(id, async () => {
        await new Promise((resolve) => setImmediate(resolve));
        open(number);
      });
    await Promise.all([run("req-6", 6), run("req-7", 7)]);
    expect(taken().map(({ requestId, count }) => [requestId, count])).toEqual([
      ["req-6", 1],
      ["req-7", 1],
    ]);
  });
});

describe("user agents", () => {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers["user-agent"] ?? "");
    response.setHeader("content-type", "application/x-amz-json-1.0");
    response.end("{}");
  });
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it("AUD-2 every AWS call names the request that it was made for, and none outside of one", async () => {
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    vi.stubEnv("AWS_ENDPOINT_URL", `http://127.0.0.1:${port}`);
    const credentials = () =>
      Promise.resolve({
        accessKeyId: "a",
        secretAccessKey: "b",
        sessionToken: "c",
        expiration: new Date(Date.now() + 1e6),
      });
    const client = dynamoDb("us-east-1", credentials);
    const call = () => client.send(new GetItemCommand({ TableName: "data", Key: { pk: { S: "x" }, sk: { S: "y" } } }));
    await Promise.all([inRequest("req-A", call), inRequest("req=B", call)]);
    await call();
    client.destroy();
    vi.unstubAllEnvs();
    expect(seen.map((text) => requestOfUserAgent(text))).toEqual(expect.arrayContaining(["req-A", "req_B", undefined]));
  });
});
