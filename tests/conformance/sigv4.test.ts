import { Readable } from "node:stream";
import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { GenerateRandomCommand, KMSClient } from "@aws-sdk/client-kms";
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { probe } from "./deviations.ts";
import { clientOptions, isPeer, target, type Target } from "./target.ts";

const BUCKET = `keyward-conformance-${process.pid}`;
const ODD_KEY = "a b/é'(x)*+&=~!$.json";

/** DynamoDB Local has no other service, and checks no signature. */
const hasOneService = process.env["CONFORMANCE_PEER"] === "dynamodb-local";

let place: Target;
let s3: S3Client;
const open: { destroy(): void }[] = [];
const keep = <T extends { destroy(): void }>(client: T): T => {
  open.push(client);
  return client;
};
/** `none`, or the name of the error and the HTTP status. */
const refusal = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => "none",
    (error: { name: string; $metadata?: { httpStatusCode?: number } }) =>
      `${error.name} ${error.$metadata?.httpStatusCode}`,
  );
const random = (kms: KMSClient) => kms.send(new GenerateRandomCommand({ NumberOfBytes: 32 }));

interface SentRequest {
  headers: Record<string, string>;
  body: string | Uint8Array;
}
/** A client that changes each request after it was signed. */
function tampering(change: (request: SentRequest) => void): KMSClient {
  const kms = keep(new KMSClient(clientOptions(place)));
  kms.middlewareStack.add(
    (next) => (args) => {
      change((args as unknown as { request: SentRequest }).request);
      return next(args);
    },
    { step: "deserialize", priority: "high", name: "tamper" },
  );
  return kms;
}

beforeAll(async () => {
  place = await target();
  if (hasOneService) return;
  s3 = keep(new S3Client({ ...clientOptions(place), forcePathStyle: true }));
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
});
afterAll(async () => {
  for (const client of open) client.destroy();
  await place.close();
});

describe.skipIf(hasOneService)("SigV4: what real SDK clients send is accepted", () => {
  probe("sigv4-dynamodb", "DynamoDB", async () => {
    expect(
      (await keep(new DynamoDBClient(clientOptions(place))).send(new ListTablesCommand({}))).TableNames,
    ).toBeDefined();
  });
  probe("sigv4-kms", "KMS", async () => {
    expect((await random(keep(new KMSClient(clientOptions(place))))).Plaintext).toHaveLength(32);
  });
  probe("sigv4-sts", "STS in the query protocol", async () => {
    expect((await keep(new STSClient(clientOptions(place))).send(new GetCallerIdentityCommand({}))).Account).toBe(
      place.accountId,
    );
  });
  probe("sigv4-s3-odd-key", "S3 with an odd key", async () => {
    await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: ODD_KEY, Body: "hello" }));
    const found = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: ODD_KEY }));
    expect(await found.Body?.transformToString()).toBe("hello");
  });
  probe("sigv4-s3-stream", "S3 with a streamed body, aws-chunked with a checksum trailer", async () => {
    const Body = Readable.from([Buffer.from("hel"), Buffer.from("lo")]);
    await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: "streamed", Body, ContentLength: 5 }));
    const found = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: "streamed", ChecksumMode: "ENABLED" }));
    expect(await found.Body?.transformToString()).toBe("hello");
    expect(found.ContentEncoding).toBeUndefined();
    expect(found.ChecksumCRC32).toBe("NhCmhg==");
  });
  for (const ChecksumAlgorithm of ["CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const) {
    probe(
      `sigv4-s3-stream-${ChecksumAlgorithm.toLowerCase()}`,
      `S3 with a streamed body and ${ChecksumAlgorithm}`,
      async () => {
        const Body = Readable.from([Buffer.from("hello")]);
        await s3.send(
          new PutObjectCommand({ Bucket: BUCKET, Key: "streamed", Body, ContentLength: 5, ChecksumAlgorithm }),
        );
        const found = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: "streamed" }));
        expect(await found.Body?.transformToString()).toBe("hello");
      },
    );
  }
  probe("sigv4-s3-metadata", "S3 with metadata and an empty body", async () => {
    await s3.send(
      new PutObjectCommand({
        Bucket: BUCKET,
        Key: "empty",
        Body: Buffer.alloc(0),
        Metadata: { note: "two  spaces, a comma" },
      }),
    );
    const found = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: "empty" }));
    expect(found.Metadata?.["note"]).toMatch(/^two +spaces, a comma$/);
  });
  probe("sigv4-s3-list", "S3 with reserved characters in the query", async () => {
    await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: "a b/+ü/x", Body: "x" }));
    const { CommonPrefixes } = await s3.send(
      new ListObjectsV2Command({ Bucket: BUCKET, Prefix: "a b/+ü", Delimiter: "/" }),
    );
    expect(CommonPrefixes?.map((found) => found.Prefix)).toEqual(["a b/+ü/"]);
  });
  probe("sigv4-s3-presigned", "S3 by presigned URL, and refused once altered", async () => {
    await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: "shared", Body: "hello" }));
    const url = await getSignedUrl(s3, new GetObjectCommand({ Bucket: BUCKET, Key: "shared" }), { expiresIn: 60 });
    const found = await fetch(url);
    expect([found.status, await found.text()]).toEqual([200, "hello"]);
    const altered = [
      url.replace("/shared", "/empty"),
      url.replace("Expires=60", "Expires=600"),
      url.replace(/Signature=./, "Signature=g"),
    ];
    const statuses = await Promise.all(altered.map(async (other) => (await fetch(other)).status));
    expect(statuses).toEqual([403, 403, 400]);
  });
  probe("sigv4-s3-presigned-put", "S3 upload by presigned URL", async () => {
    // By default the SDK would sign the checksum of an empty body into the URL.
    const giver = keep(
      new S3Client({ ...clientOptions(place), forcePathStyle: true, requestChecksumCalculation: "WHEN_REQUIRED" }),
    );
    const url = await getSignedUrl(giver, new PutObjectCommand({ Bucket: BUCKET, Key: "given" }), { expiresIn: 60 });
    expect((await fetch(url, { method: "PUT", body: "brought" })).status).toBe(200);
    const found = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: "given" }));
    expect(await found.Body?.transformToString()).toBe("brought");
  });
});

describe.skipIf(hasOneService)("SigV4: what nobody signed is refused", () => {
  const kmsWith = (credentials: Target["credentials"]): KMSClient =>
    keep(new KMSClient(clientOptions(place, credentials)));

  probe("sigv4-wrong-secret", "a wrong secret", async () => {
    const credentials = { ...place.credentials, secretAccessKey: "nope" };
    expect(await refusal(random(kmsWith(credentials)))).toBe("InvalidSignatureException 400");
    const sts = keep(new STSClient(clientOptions(place, credentials)));
    expect(await refusal(sts.send(new GetCallerIdentityCommand({})))).toBe("SignatureDoesNotMatch 403");
    const other = keep(new S3Client({ ...clientOptions(place, credentials), forcePathStyle: true }));
    expect(await refusal(other.send(new ListObjectsV2Command({ Bucket: BUCKET })))).toBe("SignatureDoesNotMatch 403");
  });
  probe("sigv4-unknown-key", "an unknown key", async () => {
    const credentials = { accessKeyId: "AKIANOBODYNOBODYNOBO", secretAccessKey: "x" };
    expect(await refusal(random(kmsWith(credentials)))).toBe("UnrecognizedClientException 400");
    const other = keep(new S3Client({ ...clientOptions(place, credentials), forcePathStyle: true }));
    expect(await refusal(other.send(new ListObjectsV2Command({ Bucket: BUCKET })))).toBe("InvalidAccessKeyId 403");
  });
  probe("sigv4-skew", "a clock that is ten minutes off", async () => {
    const slow = () => keep(new KMSClient({ ...clientOptions(place), systemClockOffset: -600_000 }));
    expect(await refusal(random(slow()))).toBe("InvalidSignatureException 400");
    const other = keep(new S3Client({ ...clientOptions(place), forcePathStyle: true, systemClockOffset: 600_000 }));
    expect(await refusal(other.send(new ListObjectsV2Command({ Bucket: BUCKET })))).toBe("RequestTimeTooSkewed 403");
  });
  probe("sigv4-tampered-body", "a changed body", async () => {
    const kms = tampering((request) => {
      request.body = '{"NumberOfBytes":33}';
    });
    expect(await refusal(random(kms))).toBe("InvalidSignatureException 400");
  });
  probe("sigv4-tampered-header", "another operation than was signed", async () => {
    const kms = tampering((request) => {
      request.headers["x-amz-target"] = "TrentService.ListKeys";
    });
    expect(await refusal(random(kms))).toBe("InvalidSignatureException 400");
  });
  probe("sigv4-unsigned-header", "an x-amz header that was not signed", async () => {
    const kms = tampering((request) => {
      request.headers["x-amz-security-token"] = "another";
    });
    expect(await refusal(random(kms))).not.toBe("none");
  });
});

describe.skipIf(isPeer)("SigV4 with temporary credentials", () => {
  probe("sigv4-missing-token", "are accepted with their token, refused without it and with another", async () => {
    place.cloud?.iam.roles.put({
      name: "conformance",
      trust: {
        Version: "2012-10-17",
        Statement: [
          { Effect: "Allow", Principal: { AWS: `arn:aws:iam::${place.accountId}:root` }, Action: "sts:AssumeRole" },
        ],
      },
      policies: { all: { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] } },
    });
    const { Credentials } = await keep(new STSClient(clientOptions(place))).send(
      new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${place.accountId}:role/conformance`, RoleSessionName: "sigv4" }),
    );
    const pair = { accessKeyId: Credentials?.AccessKeyId ?? "", secretAccessKey: Credentials?.SecretAccessKey ?? "" };
    const ask = (credentials: Target["credentials"]): Promise<string> =>
      refusal(random(keep(new KMSClient(clientOptions(place, credentials)))));
    expect(await ask({ ...pair, sessionToken: Credentials?.SessionToken ?? "" })).toBe("none");
    expect(await ask(pair)).toBe("UnrecognizedClientException 400");
    const session = { ...pair, sessionToken: Credentials?.SessionToken ?? "" };
    const given = keep(new S3Client({ ...clientOptions(place, session), forcePathStyle: true }));
    const url = await getSignedUrl(given, new GetObjectCommand({ Bucket: BUCKET, Key: ODD_KEY }), { expiresIn: 60 });
    expect((await fetch(url)).status).toBe(200);
    expect((await fetch(url.replace(/X-Amz-Security-Token=[^&]*&/, ""))).status).toBe(400);
    expect(await ask({ ...pair, sessionToken: "another" })).toBe("UnrecognizedClientException 400");
    expect(await ask({ ...place.credentials, sessionToken: Credentials?.SessionToken ?? "" })).toBe(
      "UnrecognizedClientException 400",
    );
  });
});
