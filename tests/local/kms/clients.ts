import { KMSClient } from "@aws-sdk/client-kms";
import { createKms, type Kms } from "../../../scripts/local/kms/index.ts";
import {
  REGION,
  startServer,
  testClock,
  testDeps,
  type TestClock,
  type TestPrincipal,
  type TestServer,
} from "./harness.ts";

export interface KmsBench {
  readonly clock: TestClock;
  readonly kms: Kms;
  readonly server: TestServer;
  /** A client that signs as the principal with this access key id; `ADMIN` may everything. */
  client(accessKeyId?: string): KMSClient;
  close(): Promise<void>;
}

/** A KMS of its own behind a loopback server, with unmodified SDK clients. */
export async function kmsBench(
  options: {
    readonly folder?: string;
    readonly principals?: Readonly<Record<string, TestPrincipal>>;
    readonly clock?: TestClock;
  } = {},
): Promise<KmsBench> {
  const clock = options.clock ?? testClock();
  const kms = createKms(testDeps(clock, options.folder));
  const server = await startServer([kms], { clock, principals: options.principals ?? {} });
  const clients: KMSClient[] = [];
  return {
    clock,
    kms,
    server,
    client(accessKeyId = "ADMIN") {
      const client = new KMSClient({
        endpoint: server.endpoint,
        region: REGION,
        credentials: { accessKeyId, secretAccessKey: "secret" },
        maxAttempts: 1,
      });
      clients.push(client);
      return client;
    },
    async close() {
      for (const client of clients) client.destroy();
      await server.close();
      kms.close();
    },
  };
}

/** The name of the error that `promise` rejects with; `resolved` when it does not. */
export async function errorName(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return "resolved";
  } catch (error) {
    return error instanceof Error ? error.name : "not an error";
  }
}
