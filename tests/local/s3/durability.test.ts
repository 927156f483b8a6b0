import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { s3Bench } from "./bench.ts";

const WRITER = new URL("durable-writer.ts", import.meta.url).pathname;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "s3-durable-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs a process that writes without end, kills it with SIGKILL in the middle, and gives what it had acknowledged. */
async function killedWriter(afterAcknowledged: number): Promise<readonly string[]> {
  const child = spawn(process.execPath, [WRITER, folder], { stdio: ["ignore", "pipe", "inherit"] });
  const acknowledged: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged.push(line);
    if (acknowledged.length === afterAcknowledged) child.kill("SIGKILL");
  }
  return acknowledged;
}

describe("durability", () => {
  it("SIGKILL loses nothing that was acknowledged, and what is there is whole", async () => {
    const acknowledged = await killedWriter(25);
    expect(acknowledged.length).toBeGreaterThanOrEqual(25);
    const bench = await s3Bench({ folder });
    const s3 = bench.client();
    for (const line of acknowledged) {
      const [Key, VersionId] = line.split(" ");
      const got = await s3.send(new GetObjectCommand({ Bucket: "durable", Key, VersionId }));
      expect(await got.Body?.transformToString()).toBe(`content of ${Key ?? ""} `.repeat(100));
      expect(got.ObjectLockMode).toBe("COMPLIANCE");
    }
    // What was written but not acknowledged may be there, and then it is whole too.
    for (const object of bench.s3.dumpObjects("durable")) {
      expect(object.bytes?.toString()).toBe(`content of ${object.key} `.repeat(100));
    }
    await bench.close();
  });

  it("keeps everything over a restart: versions, locks, settings, unfinished bytes swept", async () => {
    const first = await s3Bench({ folder });
    first.s3.putBucket({
      name: "kept",
      objectLock: { defaultRetention: { mode: "COMPLIANCE", days: 1 } },
      tags: { app: "keyward" },
    });
    const put = await first
      .client()
      .send(new PutObjectCommand({ Bucket: "kept", Key: "k", Body: "bytes", Metadata: { a: "1" } }));
    await first.close();
    const blobs = join(folder, "blobs");
    mkdirSync(join(blobs, "00"), { recursive: true });
    writeFileSync(join(blobs, "00", `${"0".repeat(64)}.part`), "half");
    writeFileSync(join(blobs, "00", "0".repeat(64)), "nobody was told of these");

    const second = await s3Bench({ folder });
    const head = await second.client().send(new HeadObjectCommand({ Bucket: "kept", Key: "k" }));
    expect([head.VersionId, head.Metadata, head.ObjectLockMode, head.ETag]).toEqual([
      put.VersionId,
      { a: "1" },
      "COMPLIANCE",
      put.ETag,
    ]);
    expect(readdirSync(join(blobs, "00"))).toEqual([]);
    await second.close();
  });
});
