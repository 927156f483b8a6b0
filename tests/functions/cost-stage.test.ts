import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lockedKey } from "../../core/cost/store/close-books.ts";
import type { CostFiles } from "../../core/cost/store/files.ts";
import { bookKey, factsKey, manifestKey, statementKey } from "../../core/cost/store/keys.ts";
import { readWholeBook } from "../../core/cost/store/whole-book.ts";
import { formatFact } from "../../core/cost/usage.ts";
import {
  archiveBucketName,
  costBucketName,
  type FunctionName,
  functionName,
  logGroupName,
} from "../../core/iam/index.ts";
import { createCostFiles } from "../../functions/runtime/cost-files.ts";
import { createVirtualClock } from "../../scripts/local/front/index.ts";
import { startStack, type Stack } from "../../scripts/local/stack.ts";
import { usage, use } from "../core/cost/usage-facts.ts";
import { functionCredentials, outcome } from "../security/aws.ts";
import { newTestId, SITE } from "../security/world.ts";

const tenantId = newTestId();

/** A stage whose clock stands where the test puts it: nothing runs but what is started here. */
describe("COST-2 the meter on a stage", () => {
  const clock = createVirtualClock({ startMs: Date.UTC(2026, 10, 22, 9, 5) });
  const clients: S3Client[] = [];
  let stack: Stack;
  const s3As = (name: FunctionName): S3Client => {
    const credentials = functionCredentials({ stack }, name);
    const options = { region: SITE.region, endpoint: stack.endpoint, forcePathStyle: true, maxAttempts: 2 };
    const client = new S3Client({ ...options, credentials });
    clients.push(client);
    return client;
  };
  const filesAs = (name: FunctionName): CostFiles => createCostFiles(s3As(name), costBucketName(SITE));
  const put = (name: FunctionName, Bucket: string, Key: string, more: { IfNoneMatch?: string } = {}) =>
    outcome(s3As(name).send(new PutObjectCommand({ Bucket, Key, Body: "{}", ...more })));
  const get = (name: FunctionName, Bucket: string, Key: string) =>
    outcome(s3As(name).send(new GetObjectCommand({ Bucket, Key })));
  const invoke = async (name: FunctionName): Promise<void> => {
    const { error } = (await stack.lambda.invoke(functionName(SITE, name), {})) as { readonly error?: unknown };
    expect(error).toBeUndefined();
  };

  beforeAll(async () => {
    stack = await startStack({ clock });
    await stack.schedules.close();
    for (const delivery of stack.trailDeliveries) delivery.stop();
    const at = clock.now() - 60_000;
    const line = usage("r-1", { at, uses: [use(tenantId, { api: 3, reads: { data: 9 } })] });
    stack.cloud.logs.append(logGroupName(SITE, "clinic"), "s", formatFact(line));
  });
  afterAll(async () => {
    for (const client of clients) client.destroy();
    await stack.close();
  });

  it("COST-2 reads every function's log, its own among them, and keeps the books with its own role", async () => {
    await invoke("meter");
    await invoke("meter");
    const book = await readWholeBook(filesAs("meter"), "2026-11");
    const requests = book?.usage.find(({ sku, tenant }) => sku === "http-api-requests" && tenant === tenantId);
    expect(requests?.units).toBe(3n);
    const own = book?.usage.find(({ sku, part }) => sku === "lambda-requests" && part === "meter");
    expect(own).toMatchObject({ tenant: "_platform", units: 1n });
    // Of the two invocations that Lambda reported, the first is known with what was billed for it.
    expect(book?.metering.unclaimed).toBe(0);
  });

  it("COST-2 conditional writes hold: what stands is replaced by who has seen it, and created once", async () => {
    const files = filesAs("meter");
    const key = bookKey("2026-01");
    expect(await files.replace(key, Buffer.from("a"), null)).toBe("replaced");
    expect(await files.replace(key, Buffer.from("b"), null)).toBe("conflict");
    const seen = await files.read(key);
    expect(await files.replace(key, Buffer.from("c"), seen?.tag ?? "")).toBe("replaced");
    expect(await files.replace(key, Buffer.from("d"), seen?.tag ?? "")).toBe("conflict");
    expect(await files.replace(bookKey("2026-02"), Buffer.from("d"), "none")).toBe("conflict");
    const facts = factsKey("2026-01-01T00", "clinic", "0".repeat(64));
    expect([await files.create(facts, Buffer.from("a")), await files.create(facts, Buffer.from("b"))]).toEqual([
      "created",
      "exists",
    ]);
    expect(await files.read(bookKey("2026-03"))).toBeUndefined();
  });

  it.each([
    [
      "the meter does not put in what finance does",
      "meter",
      costBucketName(SITE),
      "v1/inputs/budgets/all/b/000001.json",
    ],
    ["the meter closes nothing", "meter", costBucketName(SITE), manifestKey("2026-11")],
    ["the meter locks no manifest", "meter", archiveBucketName(SITE), lockedKey("2026-11")],
    ["the close makes no facts", "close", costBucketName(SITE), factsKey("2026-01-01T00", "clinic", "1".repeat(64))],
    ["the close writes no events", "close", archiveBucketName(SITE), "v1/events/t/e"],
    ["the archive's writer locks no manifest", "archive", archiveBucketName(SITE), lockedKey("2026-11")],
    ["the sealer locks no manifest", "seal", archiveBucketName(SITE), lockedKey("2026-11")],
    ["finance's function has no bucket of its own", "finance", costBucketName(SITE), "v1/bills/2026-11/b.csv"],
  ] as const)("COST-7 %s", async (_title, name, bucket, key) => {
    expect(await put(name, bucket, key, { IfNoneMatch: "*" })).toBe("AccessDenied");
  });

  it("COST-7 what is closed stays: no second manifest, under no condition and without one, here and under the lock", async () => {
    const [cost, archive] = [costBucketName(SITE), archiveBucketName(SITE)];
    for (const [bucket, key] of [
      [cost, manifestKey("2026-01")],
      [archive, lockedKey("2026-01")],
    ] as const) {
      expect(await put("close", bucket, key)).toBe("AccessDenied");
      expect(await put("close", bucket, key, { IfNoneMatch: "*" })).toBe("allowed");
      expect(await put("close", bucket, key, { IfNoneMatch: "*" })).toBe("PreconditionFailed");
      expect(await put("close", bucket, key)).toBe("AccessDenied");
    }
    expect(await get("close", archive, lockedKey("2026-01"))).toBe("AccessDenied");
  });

  it("COST-7 who works with charts reads no books, and who makes books reads no archive and no document", async () => {
    const cost = costBucketName(SITE);
    for (const name of ["clinic", "fhir", "admin", "finance", "archive", "reconcile"] as const)
      expect(await get(name, cost, bookKey("2026-11")), name).toBe("AccessDenied");
    expect(await get("meter", archiveBucketName(SITE), lockedKey("2026-01"))).toBe("AccessDenied");
    expect(await get("meter", `keyward-dev-c01-att-${SITE.accountId}`, `t/${tenantId}/C/x`)).toBe("AccessDenied");
    expect(await get("meter", cost, statementKey(tenantId, "2030-01"))).toBe("NoSuchKey");
  });

  it("COST-7 the close runs with its own role, and leaves a month without its bill open", async () => {
    await clock.advance(13 * 86_400_000);
    await invoke("close");
    expect(await filesAs("close").list("v1/closed/2026-11/")).toEqual([]);
  });
});
