import { S3Client } from "@aws-sdk/client-s3";
import { createKms, type Kms } from "../../../scripts/local/kms/index.ts";
import { createS3, type S3 } from "../../../scripts/local/s3/index.ts";
import {
  REGION,
  startServer,
  testClock,
  testDeps,
  type TestClock,
  type TestPrincipal,
  type TestServer,
} from "../kms/harness.ts";

export interface S3Bench {
  readonly clock: TestClock;
  readonly kms: Kms;
  readonly s3: S3;
  readonly server: TestServer;
  /** A client that signs as the principal with this access key id; `ADMIN` may everything. */
  client(accessKeyId?: string): S3Client;
  close(): Promise<void>;
}

/** An S3 and a KMS of their own behind one loopback server, with unmodified SDK clients. */
export async function s3Bench(
  options: {
    readonly folder?: string;
    readonly principals?: Readonly<Record<string, TestPrincipal>>;
    readonly clock?: TestClock;
  } = {},
): Promise<S3Bench> {
  const clock = options.clock ?? testClock();
  const deps = testDeps(clock, options.folder);
  const kms = createKms(deps);
  const s3 = createS3(deps, { kms });
  const server = await startServer([kms, s3], { clock, principals: options.principals ?? {} });
  const clients: S3Client[] = [];
  return {
    clock,
    kms,
    s3,
    server,
    client(accessKeyId = "ADMIN") {
      const client = new S3Client({
        endpoint: server.endpoint,
        region: REGION,
        forcePathStyle: true,
        credentials: { accessKeyId, secretAccessKey: "secret" },
        maxAttempts: 1,
      });
      clients.push(client);
      return client;
    },
    async close() {
      for (const client of clients) client.destroy();
      await server.close();
      s3.close();
      kms.close();
    },
  };
}
