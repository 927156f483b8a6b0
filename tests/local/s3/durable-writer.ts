/** A process that puts objects until it is killed, and prints each only after S3 has acknowledged it. */
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { s3Bench } from "./bench.ts";

const bench = await s3Bench({ folder: process.argv[2] ?? "" });
bench.s3.putBucket({ name: "durable", objectLock: { defaultRetention: { mode: "COMPLIANCE", days: 1 } } });
const s3 = bench.client();

async function write(writer: number): Promise<never> {
  for (let index = 0; ; index += 1) {
    const Key = `w${writer}/${index}`;
    const Body = `content of ${Key} `.repeat(100);
    const put = await s3.send(new PutObjectCommand({ Bucket: "durable", Key, Body, IfNoneMatch: "*" }));
    process.stdout.write(`${Key} ${put.VersionId}\n`);
  }
}
await Promise.all([1, 2, 3].map(write));
