import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WRITER_FILE } from "./durability-writer.ts";
import { tableInput } from "./fixtures.ts";
import { openService } from "./server.ts";

const clock = { now: () => Date.now() };
const both = { StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" } } as const;

/** Starts the writer and kills it with SIGKILL after so many acknowledged writes. Gives the last that it told. */
async function writeUntilKilled(folder: string, writes: number): Promise<number> {
  const child = spawn(process.execPath, [WRITER_FILE, folder], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let told = "";
  let failure = "";
  child.stderr.on("data", (chunk: Buffer) => (failure += chunk.toString()));
  child.stdout.on("data", (chunk: Buffer) => {
    told += chunk.toString();
    if (told.split("\n").length > writes) child.kill("SIGKILL");
  });
  const signal = await new Promise((resolve) => child.on("close", (_code, name) => resolve(name)));
  if (signal !== "SIGKILL") throw new Error(`the writer ended by itself: ${failure}`);
  // A line that the kill cut in two was acknowledged, but its number is not known.
  return Number(told.slice(0, told.lastIndexOf("\n")).split("\n").at(-1));
}

describe("durability", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "keyward-dynamodb-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("a SIGKILL loses nothing acknowledged, halves no transaction, and the stream tells the same", async () => {
    const setUp = openService(clock, folder);
    setUp.createTable({ ...tableInput("data"), ...both });
    setUp.createTable({ ...tableInput("outbox"), ...both });
    setUp.setPointInTimeRecovery("data", true);
    setUp.close();

    const last = await writeUntilKilled(folder, 150);
    const service = openService(clock, folder);
    try {
      const names = (table: string, part: string): string[] =>
        service
          .dumpItems(table)
          .map((item) => (item["sk"] as { S: string }).S)
          .filter((sk) => sk.endsWith(part))
          .map((sk) => sk.slice(0, -1))
          .toSorted();
      const written = names("data", "a");
      expect(written.length).toBeGreaterThan(last);
      expect(written).toEqual(written.map((_, n) => String(n).padStart(8, "0")));
      expect(names("outbox", "b")).toEqual(written);
      const counter = service.dumpItems("data").find((item) => (item["pk"] as { S: string }).S === "counter");
      expect(counter?.["n"]).toEqual({ N: String(written.length) });
      const journal = service.dumpJournal().map((row) => JSON.parse(row) as { event: string; keys: string });
      expect(journal).toHaveLength(written.length * 3);
      const { Count } = await service.invoke("DynamoDB_20120810.Query", {
        TableName: "data",
        IndexName: "gsi1",
        KeyConditionExpression: "gpk = :g",
        ExpressionAttributeValues: { ":g": { S: "g" } },
        Select: "COUNT",
      });
      expect(Count).toBe(written.length);

      // A retry of the last acknowledged write by its token writes nothing: the token came through as well.
      const counted = journal.length;
      await service
        .invoke("DynamoDB_20120810.TransactWriteItems", {
          ClientRequestToken: `token-${String(last)}`,
          TransactItems: [{ Delete: { TableName: "data", Key: { pk: { S: "x" }, sk: { S: "y" } } } }],
        })
        .then(
          () => expect.unreachable("the token was forgotten"),
          (error: unknown) => expect(error).toMatchObject({ code: "IdempotentParameterMismatchException" }),
        );
      expect(service.dumpJournal()).toHaveLength(counted);
    } finally {
      service.close();
    }
  });

  it("a table, its settings and its items are there after a restart, in files that only the owner reads", async () => {
    const first = openService(clock, folder);
    const { streamArn } = first.createTable({ ...tableInput("data"), ...both, DeletionProtectionEnabled: true });
    first.setTimeToLive("data", "ttl");
    first.setPointInTimeRecovery("data", true);
    first.putResourcePolicy("data", {
      Version: "2012-10-17",
      Statement: [{ Effect: "Deny", Principal: "*", Action: "dynamodb:Scan", Resource: "*" }],
    });
    await first.invoke("DynamoDB_20120810.PutItem", {
      TableName: "data",
      Item: { pk: { S: "a" }, sk: { S: "1" }, __proto__x: { S: "é\u0000😀" } },
    });
    const description = await first.invoke("DynamoDB_20120810.DescribeTable", { TableName: "data" });
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    first.close();

    const second = openService(clock, folder);
    try {
      expect(second.findTable("data")?.streamArn).toBe(streamArn);
      expect(await second.invoke("DynamoDB_20120810.DescribeTable", { TableName: "data" })).toEqual(description);
      expect(second.dumpItems("data")).toEqual([{ pk: { S: "a" }, sk: { S: "1" }, __proto__x: { S: "é\u0000😀" } }]);
      expect(await second.invoke("DynamoDB_20120810.DescribeTimeToLive", { TableName: "data" })).toMatchObject({
        TimeToLiveDescription: { AttributeName: "ttl" },
      });
      expect(() => second.createTable(tableInput("data") as unknown as Record<string, unknown>)).toThrow(
        "Table already exists: data",
      );
    } finally {
      second.close();
    }
  });
});
