import { decodeJwt } from "jose";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { PLATFORM, partOfResource } from "../../core/cost/meters.ts";
import { parseFact, type UsageRecord } from "../../core/cost/usage.ts";
import { routes } from "../../core/contract/index.ts";
import { FUNCTION_NAMES } from "../../core/iam/names.ts";
import { addConsumed, type createMeter } from "../../core/table/index.ts";
import { billedLogBytes } from "../../functions/runtime/meter-output.ts";
import type { Prepared } from "../../scripts/local/service.ts";
import { valueOf } from "../core/crypto/fixtures.ts";
import { itemsOf } from "../security/aws.ts";
import { MINUTE_MS, type Scene, startScene } from "../security/silent-reads/scene.ts";
import { canaryObservation, canaryPatient, type Clinic } from "../security/world.ts";

type Units = Pick<ReturnType<typeof createMeter>, "reads" | "writes">;

let scene: Scene;
/** What DynamoDB itself answered to the functions' calls. */
const answered: Units = { reads: {}, writes: {} };
const untapped = new Set<string>();
const nameOf = ({ fn, id, at }: UsageRecord): string => `${fn}/${id}@${at}`;
const patients = new Map<Clinic, string>();
/** The operators' own tenant has a trail as every other, and is no clinic. */
const operations = (): string => String(decodeJwt(scene.world.operator.token)["tenant"]);

/** Counts on the server's side: what was asked with the credentials of a function or of a role that one assumed. */
function tap(): void {
  const { dynamodb } = scene.world.stack.cloud;
  const prepare = dynamodb.prepare.bind(dynamodb);
  vi.spyOn(dynamodb, "prepare").mockImplementation(async (request, call): Promise<Prepared> => {
    const prepared = await prepare(request, call);
    const isFunction = JSON.stringify(call.caller).includes("assumed-role");
    const run = async () => {
      const response = await prepared.run();
      const { ConsumedCapacity: consumed } = JSON.parse(response.body.toString()) as { ConsumedCapacity?: object };
      if (isFunction && consumed !== undefined)
        addConsumed(answered, prepared.operation, [consumed].flat(), partOfResource);
      return response;
    };
    return { ...prepared, run };
  });
}

const linesOf = (name: string): readonly string[] => scene.world.stack.logs().get(`keyward-dev-${name}`) ?? [];
const isPlatformLine = (line: string): boolean => /^(START|END|REPORT|INIT_START) |"type":"platform\./.test(line);

/** Every usage line of a function; one that does not parse fails the test. */
function recordsOf(name: string): UsageRecord[] {
  const lines = linesOf(name).filter((line) => line.includes('"kind":"usage.v1"'));
  return lines.map((line) => valueOf(parseFact(line)) as UsageRecord);
}
const allRecords = (): UsageRecord[] => FUNCTION_NAMES.flatMap(recordsOf);

/** The one record that a function wrote for what was done here. */
async function recordOf(name: string, work: () => Promise<unknown>): Promise<UsageRecord> {
  const before = recordsOf(name).length;
  await work();
  const made = recordsOf(name).slice(before);
  expect(made).toHaveLength(1);
  return made[0] as UsageRecord;
}
const tenantsOf = ({ uses }: UsageRecord): string[] => uses.map(({ tenant }) => tenant).toSorted();

async function seeOnePatient(clinic: Clinic): Promise<void> {
  const made = await clinic.doc.send("POST", "/fhir/Patient", { body: canaryPatient(clinic) });
  const id = String(made.body["id"]);
  patients.set(clinic, id);
  await clinic.doc.send("POST", "/fhir/Observation", { body: canaryObservation(clinic, id) });
  await clinic.doc.send("GET", `/fhir/Patient/${id}/$everything`);
}

beforeAll(async () => {
  scene = await startScene();
  const { a, b, stack } = scene.world;
  await stack.drain();
  for (const record of allRecords()) untapped.add(nameOf(record));
  tap();
  await Promise.all([seeOnePatient(a), seeOnePatient(b)]);
  await scene.pass(2 * MINUTE_MS);
});
afterAll(() => scene.close());

describe("COST-2 what a stage's functions use", () => {
  it("COST-2 every invocation of every function has exactly one line, under the id that Lambda gave it", async () => {
    await scene.world.stack.drain();
    const invoked = scene.world.stack.lambda.usage();
    const ran = new Set(invoked.map(({ functionName }) => functionName));
    for (const name of [
      "session",
      "fhir",
      "platform",
      "archive",
      "index",
      "cross-check",
      "seal",
      "reconcile",
      "export",
    ])
      expect(ran).toContain(`keyward-dev-${name}`);
    for (const name of FUNCTION_NAMES) {
      const ids = invoked.flatMap((one) => (one.functionName === `keyward-dev-${name}` ? [one.requestId] : []));
      const records = recordsOf(name);
      expect(records.map(({ id }) => id).toSorted(), name).toEqual(ids.toSorted());
      expect(records.every(({ fn, stage, cell }) => fn === name && stage === "dev" && cell === "c01")).toBe(true);
    }
  });

  it("COST-2 no line holds anything of a record, a path or a person: ids in it are tenants'", () => {
    const { a, b } = scene.world;
    const templates = new Set(Object.values(routes).map(({ method, path }) => `${method} ${path}`));
    const named = allRecords().flatMap(({ route }) => route ?? []);
    expect(new Set(named).size).toBeGreaterThan(4);
    for (const route of named) expect(templates).toContain(route);
    const text = JSON.stringify(allRecords());
    expect(text).not.toContain(a.canary);
    for (const [id] of text.matchAll(/\b[0-7][0-9a-hjkmnp-tv-z]{25}\b/g))
      expect([a.tenantId, b.tenantId, operations()]).toContain(id);
  });

  it("COST-2 half-units by table and index are those that DynamoDB answered with", () => {
    const metered: Units = { reads: {}, writes: {} };
    const add = (to: Record<string, number>, counts: Readonly<Record<string, number>>): void => {
      for (const [part, count] of Object.entries(counts)) to[part] = (to[part] ?? 0) + count;
    };
    for (const { uses } of allRecords().filter((record) => !untapped.has(nameOf(record))))
      for (const { reads, writes } of uses) {
        add(metered.reads, reads);
        add(metered.writes, writes);
      }
    expect(Object.keys(answered.reads)).toEqual(expect.arrayContaining(["data", "keys", "outbox", "registry/gsi1"]));
    expect(Object.keys(answered.writes)).toEqual(expect.arrayContaining(["data", "outbox", "trail"]));
    expect(metered).toEqual(answered);
  });

  it("COST-2 KMS and STS are as often in CloudTrail as in the lines", () => {
    const records = scene.world.stack.cloud.trail.records({}, 100_000);
    const calls = records.filter(
      ({ userIdentity, eventSource }) => userIdentity["type"] === "AssumedRole" && /^(kms|sts)\./.test(eventSource),
    );
    const sum = (name: "kms" | "kmsAsymmetric" | "kmsPairs" | "sts"): number =>
      allRecords().reduce((total, { uses }) => uses.reduce((part, use) => part + use[name], total), 0);
    const asymmetric = calls.filter(({ eventName }) => /^(Sign|GetPublicKey)/.test(eventName));
    expect(sum("sts")).toBe(calls.filter(({ eventSource }) => eventSource.startsWith("sts")).length);
    expect(sum("kmsAsymmetric")).toBe(asymmetric.length);
    expect(sum("kmsPairs")).toBe(calls.filter(({ eventName }) => eventName.startsWith("GenerateDataKeyPair")).length);
    expect(sum("kms") + sum("kmsAsymmetric") + sum("kmsPairs")).toBe(
      calls.filter(({ eventSource }) => eventSource.startsWith("kms")).length,
    );
  });

  it("COST-2 log bytes are those of every line that a function wrote", () => {
    for (const name of FUNCTION_NAMES) {
      const written = linesOf(name).filter((line) => !isPlatformLine(line));
      const bytes = written.reduce((sum, line) => sum + billedLogBytes(`${line}\n`), 0);
      const counted = recordsOf(name).reduce(
        (total, { uses }) => uses.reduce((sum, { logBytes }) => sum + logBytes, total),
        0,
      );
      expect(counted, name).toBe(bytes);
    }
  });

  it("COST-2 a request is its clinic's: what it read, wrote, was answered and refused", async () => {
    const { a } = scene.world;
    const id = patients.get(a) ?? "";
    let bytes = 0;
    const read = await recordOf("fhir", async () => {
      const { text } = await a.doc.send("GET", `/fhir/Patient/${id}`);
      bytes = Buffer.byteLength(text);
    });
    expect(read.uses).toMatchObject([{ tenant: a.tenantId, api: 1, bytesOut: bytes }]);
    expect(read.route).toBe("GET /fhir/{type}/{id}");
    expect(read.uses[0]?.reads["data"]).toBeGreaterThan(0);
    expect(read.uses[0]?.writes["outbox"]).toBeGreaterThan(0);
    const refused = await recordOf("fhir", async () => {
      expect((await a.bill.send("GET", `/fhir/Observation?patient=${id}`)).status).toBe(403);
    });
    expect(refused.uses).toMatchObject([{ tenant: a.tenantId, api: 1 }]);
  });

  it("COST-2 asking for another clinic's record costs whoever asks, and a token that is none costs nobody", async () => {
    const { a, b } = scene.world;
    const path = `/fhir/Patient/${patients.get(b)}`;
    const foreign = await recordOf("fhir", async () => {
      expect((await a.doc.send("GET", path)).status).toBe(404);
    });
    expect(tenantsOf(foreign)).toEqual([a.tenantId]);
    const [header, claims, signature = ""] = b.doc.token.split(".");
    const other = signature.startsWith("A") ? "B" : "A";
    const forged = scene.world.caller([header, claims, other + signature.slice(1)].join("."));
    const unknown = await recordOf("fhir", async () => {
      expect((await forged.send("GET", path)).status).toBe(401);
    });
    expect(unknown.uses).toMatchObject([{ tenant: PLATFORM, api: 1 }]);
    expect(unknown.route).toBe("GET /fhir/{type}/{id}");
  });

  it("COST-2 operators and sign-ins that came to nothing are the platform's, a sign-in is its clinic's", async () => {
    const { a, operator, stack } = scene.world;
    expect(tenantsOf(await recordOf("platform", () => operator.send("GET", "/platform/tenants")))).toEqual([PLATFORM]);
    const wrong = await recordOf("session", () =>
      fetch(`${stack.endpoint}/oauth2/token`, {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: "grant_type=client_credentials&client_id=x",
      }),
    );
    expect([tenantsOf(wrong), wrong.route]).toEqual([[PLATFORM], "POST /oauth2/token"]);
    const signedIn = recordsOf("session").filter((record) => tenantsOf(record).includes(a.tenantId));
    expect(signedIn.length).toBeGreaterThan(0);
  });

  it("COST-2 a batch with two clinics in it is each clinic's own part of it", async () => {
    const { a, b, stack } = scene.world;
    const Records = itemsOf(scene.world, "data").flatMap((item, index) => {
      const [pk, sk] = [item["pk"], item["sk"]];
      return /#R#Patient#|^R#Patient#/.test(sk?.S ?? "")
        ? [{ eventName: "MODIFY", dynamodb: { Keys: { pk, sk }, SequenceNumber: String(index) } }]
        : [];
    });
    expect(Records.length).toBeGreaterThan(1);
    const record = await recordOf("cross-check", () => stack.lambda.invoke("keyward-dev-cross-check", { Records }));
    expect(tenantsOf(record)).toEqual([a.tenantId, b.tenantId, PLATFORM].toSorted());
    for (const use of record.uses) {
      const hasReads = (use.reads["data"] ?? 0) > 0 && (use.reads["outbox"] ?? 0) > 0;
      expect([use.tenant, hasReads, use.us > 0]).toEqual([use.tenant, use.tenant !== PLATFORM, true]);
    }
  });

  it("COST-2 a handler that throws has its line, and Lambda its error", async () => {
    const record = await recordOf("archive", async () => {
      const answer = await scene.world.stack.lambda.invoke("keyward-dev-archive", {});
      expect(answer.functionError).toBeDefined();
    });
    expect(tenantsOf(record)).toEqual([PLATFORM]);
  });

  it("COST-2 each clinic's background work is its own: archive, index, seal, reconcile and export", () => {
    const { a, b } = scene.world;
    for (const name of ["archive", "index", "seal", "reconcile", "export"]) {
      const tenants = new Set(recordsOf(name).flatMap(tenantsOf));
      tenants.delete(operations());
      expect([name, ...tenants].toSorted()).toEqual([name, a.tenantId, b.tenantId, PLATFORM].toSorted());
    }
    const archived = recordsOf("archive").flatMap(({ uses }) => uses);
    expect(archived.some(({ tenant, s3Put }) => tenant === a.tenantId && (s3Put["archive"] ?? 0) > 0)).toBe(true);
  });
});
