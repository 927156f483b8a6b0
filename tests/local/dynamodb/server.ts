import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import type { DynamoDb, DynamoDbOptions } from "../../../scripts/local/dynamodb/index.ts";
import { createDynamoDb } from "../../../scripts/local/dynamodb/index.ts";
import type { Call, Prepared, WireRequest } from "../../../scripts/local/service.ts";
import { ServiceError } from "../../../scripts/local/service.ts";

/** A clock that stands still until a test moves it. */
export class TestClock {
  ms: number;
  constructor(ms = Date.UTC(2026, 10, 22, 8, 0, 0)) {
    this.ms = ms;
  }
  now(): number {
    return this.ms;
  }
  advance(ms: number): void {
    this.ms += ms;
  }
}

export const ACCOUNT_ID = "111122223333";
export const REGION = "us-east-1";

/** A service over a file in `folder`, or in memory. */
export function openService(clock: { now(): number }, folder?: string, options: DynamoDbOptions = {}): DynamoDb {
  return createDynamoDb(
    {
      openDatabase: (name) => {
        if (folder === undefined) return new DatabaseSync(":memory:");
        const file = join(folder, `${name}.sqlite`);
        const database = new DatabaseSync(file);
        chmodSync(file, 0o600);
        return database;
      },
      blobFolder: undefined,
      clock,
      accountId: ACCOUNT_ID,
      region: REGION,
      wrapSecret: (plaintext) => plaintext,
      unwrapSecret: (wrapped) => wrapped,
    },
    options,
  );
}

export const rootCall = (nowMs: number): Call => ({
  requestId: randomUUID(),
  caller: {
    arn: `arn:aws:iam::${ACCOUNT_ID}:root`,
    accountId: ACCOUNT_ID,
    type: "Root",
    accessKeyId: "AKIDTEST",
    sessionTags: {},
  },
  nowMs,
  sourceIp: "127.0.0.1",
  userAgent: "test",
});

export interface TestServer {
  readonly endpoint: string;
  readonly service: DynamoDb;
  readonly clock: TestClock;
  readonly client: DynamoDBClient;
  readonly streams: DynamoDBStreamsClient;
  /** What each request asked of IAM, in order; nothing is refused. */
  readonly prepared: Prepared[];
  close(): Promise<void>;
}

/** The service behind plain HTTP without a signature check: every caller is root. */
export async function startServer(
  options: DynamoDbOptions & { folder?: string; clock?: TestClock } = {},
): Promise<TestServer> {
  const clock = options.clock ?? new TestClock();
  const service = openService(clock, options.folder, options);
  const prepared: Prepared[] = [];
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const request: WireRequest = {
        method: incoming.method ?? "POST",
        path: "/",
        query: "",
        headers: Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)])),
        body: Buffer.concat(chunks),
      };
      const call = rootCall(clock.now());
      const answer = async () => {
        const plan = await service.prepare(request, call);
        prepared.push(plan);
        return plan.run();
      };
      answer()
        .catch((error: unknown) => {
          if (error instanceof ServiceError) return service.renderError(error, call, request);
          return {
            status: 500,
            headers: {},
            body: JSON.stringify({ __type: "InternalServerError", message: String(error) }),
          };
        })
        .then((response) => {
          outgoing.writeHead(response.status, { ...response.headers });
          outgoing.end(response.body);
        }, outgoing.destroy.bind(outgoing));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const config = {
    endpoint,
    region: REGION,
    credentials: { accessKeyId: "AKIDTEST", secretAccessKey: "test" },
    maxAttempts: 1,
  };
  const client = new DynamoDBClient(config);
  const streams = new DynamoDBStreamsClient(config);
  return {
    endpoint,
    service,
    clock,
    client,
    streams,
    prepared,
    close: async () => {
      client.destroy();
      streams.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
      service.close();
    },
  };
}
