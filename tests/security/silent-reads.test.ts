import {
  BatchGetItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  ScanCommand,
  TransactGetItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { DecryptCommand, KMSClient } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { currentSort, historySort, homePartition, keyPartition, parseRecordId } from "../../core/table/index.ts";
import { nameTouch, type Signal, touchOf, userAgentToken } from "../../core/watch/index.ts";
import { type Caller, canaryObservation, canaryPatient, type Clinic, SITE } from "./world.ts";
import { MINUTE_MS, type Scene, startScene } from "./silent-reads/scene.ts";
import type { Theft } from "./silent-reads/thief.ts";

/**
 * PROOF-4: code that reads without saying so, in every way that we could think of: inside handlers that were patched,
 * and outside of them with credentials that were vended, stolen or the administrator's. Every one is named, and honest
 * traffic around it is not.
 */

const READ = "functions/fhir/read.ts";
const PATCHES = {
  fhir: [
    {
      file: READ,
      from: `import { toInstant } from "../../core/kernel/clock.ts";`,
      to: `import { toInstant } from "../../core/kernel/clock.ts";\nimport { thieve } from "../../tests/security/silent-reads/thief.ts";`,
    },
    {
      file: READ,
      from: `  const open = sessionFor(exchange, "read", type, id);`,
      to: `  const stolen = await thieve(exchange);\n  if (stolen !== undefined) return stolen;\n  const open = sessionFor(exchange, "read", type, id);`,
    },
  ],
} as const;
const TABLE = "keyward-dev-c01-data";

interface Chart {
  readonly patient: string;
  readonly observations: readonly string[];
  readonly coverage: string;
}
interface Key {
  readonly pk: string;
  readonly sk: string;
}

type Reading = BatchGetItemCommand | GetItemCommand | QueryCommand | ScanCommand | TransactGetItemsCommand;

interface Seeded {
  readonly what: string;
  /** The request under whose name it was done, or none. */
  readonly request?: string;
  readonly records: readonly string[];
  readonly handler: RegExp;
  readonly atMs: number;
  readonly kinds: readonly Signal["kind"][];
}

let scene: Scene;
let clinic: Clinic;
let charts: Chart[] = [];
const seeded: Seeded[] = [];

const must = async (answer: ReturnType<Caller["send"]>, status = 200) => {
  const { status: got, body, text, headers } = await answer;
  if (got !== status) throw new Error(`expected ${status}, got ${got}: ${text.slice(0, 200)}`);
  return { body, headers };
};

async function makeChart(doc: Caller): Promise<Chart> {
  const { body } = await must(doc.send("POST", "/fhir/Patient", { body: canaryPatient(clinic) }), 201);
  const patient = String(body["id"]);
  const observations: string[] = [];
  for (let index = 0; index < 2; index += 1) {
    const made = await must(doc.send("POST", "/fhir/Observation", { body: canaryObservation(clinic, patient) }), 201);
    observations.push(String(made.body["id"]));
  }
  const coverage = await must(
    clinic.bill.send("POST", "/fhir/Coverage", {
      body: {
        resourceType: "Coverage",
        status: "active",
        beneficiary: { reference: `Patient/${patient}` },
        payor: [{ reference: `Patient/${patient}` }],
      },
    }),
    201,
  );
  return { patient, observations, coverage: String(coverage.body["id"]) };
}

const recordId = (text: string) => parseRecordId(text) ?? ("" as never);
const observationKey = ({ patient, observations }: Chart, index = 0): Key => ({
  pk: homePartition(clinic.tenantId, "C", { patientId: recordId(patient) }),
  sk: currentSort("Observation", recordId(observations[index] ?? "")),
});
const patientKey = ({ patient }: Chart): Key => ({
  pk: homePartition(clinic.tenantId, "D", { patientId: recordId(patient) }),
  sk: currentSort("Patient", recordId(patient)),
});
const nameOf = ({ pk, sk }: Key): string => nameTouch(touchOf(pk, sk)).name;

/** Everything that a clinic does in an hour, without a word that is not in its trail. */
async function honestTraffic(): Promise<void> {
  const { doc, desk, bill, importer } = clinic;
  const [one, two] = charts as [Chart, Chart];
  await must(doc.send("GET", `/fhir/Patient/${one.patient}`));
  await must(doc.send("GET", `/fhir/Observation/${one.observations[0]}`));
  await must(doc.send("GET", `/fhir/Observation?subject=Patient/${one.patient}&_include=Observation:subject`));
  await must(doc.send("GET", `/fhir/Observation?subject=Patient/${one.patient},Patient/${two.patient}`));
  await must(doc.send("GET", `/fhir/Patient?family=${clinic.canary}-family`));
  await must(doc.send("GET", `/fhir/Patient?_id=${one.patient},${two.patient}&_revinclude=Observation:subject`));
  await must(doc.send("GET", `/fhir/Patient/${one.patient}/$everything`));
  await must(desk.send("GET", `/fhir/Patient?birthdate=1980-02-29`));
  await must(bill.send("GET", `/fhir/Coverage/${one.coverage}`));
  await must(importer.send("GET", `/fhir/Patient/${two.patient}`));
  const read = await must(doc.send("GET", `/fhir/Observation/${one.observations[1]}`));
  const changed = { ...canaryObservation(clinic, one.patient), id: one.observations[1], status: "amended" };
  const etag = read.headers.get("etag") ?? "";
  await must(
    doc.send("PUT", `/fhir/Observation/${one.observations[1]}`, { body: changed, headers: { "if-match": etag } }),
  );
  await must(doc.send("GET", `/fhir/Observation/${one.observations[1]}/_history`));
  await must(doc.send("GET", `/fhir/Observation/${one.observations[1]}/_history/1`));
  const bundle = {
    resourceType: "Bundle",
    type: "transaction",
    entry: [
      { resource: canaryObservation(clinic, two.patient), request: { method: "POST", url: "Observation" } },
      { resource: canaryObservation(clinic, one.patient), request: { method: "POST", url: "Observation" } },
    ],
  };
  await must(doc.send("POST", "/fhir", { body: bundle }));
  const batch = {
    resourceType: "Bundle",
    type: "batch",
    entry: [`Patient/${one.patient}`, `Observation?subject=Patient/${two.patient}`, "Patient/none"].map((url) => ({
      request: { method: "GET", url },
    })),
  };
  await must(doc.send("POST", "/fhir", { body: batch }));
  await must(doc.send("GET", `/clinic/patients/${one.patient}/view`));
  await must(doc.send("GET", "/clinic/audit/events"), 403);
  // A caller's own id, a refusal, an unknown id, another clinic's, a deletion, and what was deleted.
  const own = { ...canaryObservation(clinic, two.patient), id: "lab-7" };
  await must(doc.send("PUT", "/fhir/Observation/lab-7", { body: own, headers: { "if-none-match": "*" } }), 201);
  await must(doc.send("GET", "/fhir/Observation/lab-7"));
  await must(desk.send("GET", `/fhir/Observation/${one.observations[0]}`), 403);
  await must(doc.send("GET", "/fhir/Observation/nobody-knows"), 404);
  await must(scene.world.b.doc.send("GET", `/fhir/Patient/${one.patient}`), 404);
  const gone = await must(doc.send("POST", "/fhir/Observation", { body: canaryObservation(clinic, one.patient) }), 201);
  const goneId = String(gone.body["id"]);
  await must(
    doc.send("DELETE", `/fhir/Observation/${goneId}`, { headers: { "if-match": gone.headers.get("etag") ?? "" } }),
    204,
  );
  await must(doc.send("GET", `/fhir/Observation/${goneId}`), 410);
}

/** What somebody steals through a handler of ours while she asks for an honest record. */
async function stealInside(what: string, theft: Theft, seen: Partial<Seeded> = {}): Promise<void> {
  const [one] = charts as [Chart];
  const atMs = scene.clock.now();
  const answer = await clinic.doc.send("GET", `/fhir/Observation/${one.observations[0]}`, {
    headers: { "x-theft": JSON.stringify(theft) },
  });
  expect(answer.status, what).toBe(200);
  const isOutside = theft.how === "outside-of-the-request";
  seeded.push({
    what,
    ...(!isOutside && { request: userAgentToken(answer.headers.get("x-request-id") ?? "") }),
    records: theft.keys.map(nameOf),
    handler: /fhir|tenant-request/,
    atMs,
    kinds: theft.how === "ciphertext" || theft.how === "own-crypto" ? ["unexplained-read"] : ["silent-read"],
    ...seen,
  });
}

/** What somebody reads with credentials, past all our code. */
async function stealOutside(
  what: string,
  client: DynamoDBClient,
  command: Reading,
  keys: readonly Key[],
  more: Partial<Seeded> = {},
): Promise<void> {
  const atMs = scene.clock.now();
  await client.send(command as GetItemCommand);
  seeded.push({
    what,
    records: keys.map(nameOf),
    handler: /tenant-request|root|tenant-export/,
    atMs,
    kinds: ["unexplained-read"],
    ...more,
  });
}

const get = ({ pk, sk }: Key) => new GetItemCommand({ TableName: TABLE, Key: { pk: { S: pk }, sk: { S: sk } } });

async function stealThroughHandlers(): Promise<void> {
  const [one, two, three] = charts as [Chart, Chart, Chart];
  const past: Key = {
    pk: observationKey(one).pk,
    sk: historySort("Observation", recordId(one.observations[1] ?? ""), 1),
  };
  const bill: Key = {
    pk: homePartition(clinic.tenantId, "B", { patientId: recordId(two.patient) }),
    sk: currentSort("Coverage", recordId(two.coverage)),
  };
  const directory: Key = { pk: `T#${clinic.tenantId}#D#DIR`, sk: two.patient };
  await stealInside("another patient's record, by id", { how: "get", keys: [observationKey(two)] });
  await stealInside("another record of the same patient", { how: "get", keys: [observationKey(one, 1)] });
  await stealInside("another patient's demographics", { how: "get", keys: [patientKey(two)] });
  await stealInside("another patient's whole chart, by query", { how: "query", keys: [observationKey(three)] });
  await stealInside("three charts in one batch", {
    how: "batch",
    keys: [observationKey(one, 1), observationKey(two), observationKey(three)],
  });
  await stealInside("a past version", { how: "get", keys: [past] });
  await stealInside("another patient's entry in the directory", { how: "get", keys: [directory] });
  await stealInside("a bill", { how: "get", keys: [bill] }, { kinds: ["silent-read"] });
  await stealInside("the record itself, without an event", { how: "get", keys: [observationKey(one)], instead: true });
  await stealInside("a whole chart, without an event", { how: "query", keys: [observationKey(two)], instead: true });
  await stealInside("ciphertext alone", { how: "ciphertext", keys: [observationKey(three)] });
  await stealInside("with a decryption of its own", { how: "own-crypto", keys: [observationKey(two, 1)] });
  await stealInside("after the answer", { how: "after-the-answer", keys: [observationKey(three, 1)] });
  await stealInside("out of the request's context", { how: "outside-of-the-request", keys: [observationKey(two)] });
}

async function stealWithCredentials(): Promise<void> {
  const [one, two, three] = charts as [Chart, Chart, Chart];
  const { tenantId } = clinic;
  const asked = await clinic.doc.send("GET", `/fhir/Observation/${one.observations[0]}`);
  const request = userAgentToken(asked.headers.get("x-request-id") ?? "");
  const doctor = await userOf(request);
  const own = await scene.session(tenantId, doctor);
  const other = await scene.session(tenantId, tenantId);
  const named = { request };
  await stealOutside("vended credentials, no request", scene.dynamo(own), get(observationKey(two)), [
    observationKey(two),
  ]);
  await stealOutside(
    "a reused request, another patient",
    scene.dynamo(own, request),
    get(observationKey(two)),
    [observationKey(two)],
    named,
  );
  await stealOutside(
    "a reused request of somebody else",
    scene.dynamo(other, request),
    get(observationKey(one)),
    [observationKey(one)],
    named,
  );
  await stealOutside(
    "an invented request",
    scene.dynamo(own, "invented-1"),
    get(observationKey(one)),
    [observationKey(one)],
    { request: "invented-1" },
  );
  const { pk } = observationKey(three);
  const values = { ":pk": { S: pk } };
  await stealOutside(
    "a query under a reused request",
    scene.dynamo(own, request),
    new QueryCommand({ TableName: TABLE, KeyConditionExpression: "pk = :pk", ExpressionAttributeValues: values }),
    [],
    { ...named, records: [nameTouch(touchOf(pk)).name] },
  );
  const keys = [observationKey(one), observationKey(three)].map((key) => ({ pk: { S: key.pk }, sk: { S: key.sk } }));
  await stealOutside(
    "one key too many in a batch",
    scene.dynamo(own, request),
    new BatchGetItemCommand({ RequestItems: { [TABLE]: { Keys: keys } } }),
    [observationKey(three)],
    named,
  );
  const exporter = scene.dynamo(await scene.exportSession(tenantId, doctor));
  await stealOutside("the role of exports, for no job", exporter, get(observationKey(three)), [observationKey(three)]);
  scene.liftTablePolicy();
  const root = scene.dynamo(scene.root);
  await stealOutside("the administrator, by id", root, get(observationKey(two)), [observationKey(two)]);
  await stealOutside(
    "the administrator, a past version",
    root,
    get({ pk: observationKey(one).pk, sk: historySort("Observation", recordId(one.observations[1] ?? ""), 1) }),
    [{ pk: observationKey(one).pk, sk: historySort("Observation", recordId(one.observations[1] ?? ""), 1) }],
  );
  await stealOutside(
    "the administrator, in a transaction",
    root,
    new TransactGetItemsCommand({ TransactItems: keys.slice(0, 1).map((Key) => ({ Get: { TableName: TABLE, Key } })) }),
    [observationKey(one)],
  );
  await stealOutside("the administrator, the whole table", root, new ScanCommand({ TableName: TABLE, Limit: 5 }), [], {
    records: ["?/strange"],
    kinds: [],
  });
  await stealKey(own);
  // Long after the request ended, under its own user's session, its own record: nothing but the time tells.
  await scene.clock.advance(MINUTE_MS / 2);
  await stealOutside(
    "a reused request, long after",
    scene.dynamo(own, request),
    get(observationKey(one)),
    [observationKey(one)],
    named,
  );
}

/** A tenant's clinical key, unwrapped for no request. */
async function stealKey(credentials: Awaited<ReturnType<Scene["session"]>>): Promise<void> {
  const { tenantId } = clinic;
  const row = await scene.dynamo(credentials).send(
    new GetItemCommand({
      TableName: "keyward-dev-c01-keys",
      Key: { pk: { S: keyPartition(tenantId, "C") }, sk: { S: "v#000001" } },
    }),
  );
  const kms = new KMSClient({ region: SITE.region, endpoint: scene.world.stack.endpoint, credentials, maxAttempts: 3 });
  const atMs = scene.clock.now();
  await kms.send(
    new DecryptCommand({
      CiphertextBlob: row.Item?.["enc"]?.B ?? new Uint8Array(),
      EncryptionContext: { tenant: tenantId, cell: SITE.cell, class: "C", kver: "1" },
    }),
  );
  kms.destroy();
  seeded.push({ what: "a key", records: ["C/key"], handler: /tenant-request/, atMs, kinds: ["unexplained-key-use"] });
}

/** The user behind a request, as its event names her. */
async function userOf(request: string): Promise<string> {
  const lines = scene.world.stack.logs().get("keyward-dev-fhir") ?? [];
  const line = lines.find((text) => text.includes(`"requestId":"${request}"`) && text.includes('"message":"request"'));
  return String((JSON.parse(line ?? "{}") as { userId?: string }).userId);
}

/** By the request under whose name it was done; else by time and record. */
const isOf = (signal: Signal, theft: Seeded): boolean => {
  if (Math.abs(signal.at - theft.atMs) > 5_000) return false;
  const named = signal.request === undefined || signal.request === "none" ? undefined : userAgentToken(signal.request);
  return theft.request === undefined
    ? named === undefined && (signal.record === undefined || isRecordOf(signal.record, theft))
    : named === theft.request;
};

const isRecordOf = (record: string, { records }: Seeded): boolean => records.includes(record);

/** One write, as five records tell it. */
async function joinOne() {
  const [one] = charts as [Chart];
  const { body, headers } = await must(
    clinic.doc.send("POST", "/fhir/Observation", { body: canaryObservation(clinic, one.patient) }),
    201,
  );
  const request = userAgentToken(headers.get("x-request-id") ?? "");
  const eventId = (headers.get("x-audit-receipt") ?? "").split(".")[0] ?? "";
  const lines = (scene.world.stack.logs().get("keyward-dev-fhir") ?? []).filter((line) => line.includes(request));
  const calls = scene.world.stack.cloud.trail
    .records({ fromMs: scene.clock.now() - MINUTE_MS, eventSource: "dynamodb.amazonaws.com" }, 400)
    .filter(({ userAgent }) => userAgent.includes(`kw/${request}`));
  const event = scene.events(clinic.tenantId, eventId);
  return { request, user: await userOf(request), event, calls, lines, changed: String(body["id"]) };
}

let joined: Awaited<ReturnType<typeof joinOne>>;
let before: Signal[] = [];
let found: Signal[] = [];

describe("silent reads", () => {
  beforeAll(async () => {
    scene = await startScene({ patches: PATCHES });
    clinic = scene.world.a;
    charts = [await makeChart(clinic.doc), await makeChart(clinic.doc), await makeChart(clinic.doc)];
    await honestTraffic();
    joined = await joinOne();
    await scene.pass(2 * MINUTE_MS);
    before = await scene.signals(clinic.tenantId);
    await stealThroughHandlers();
    await stealWithCredentials();
    await scene.pass(7 * MINUTE_MS);
    found = await scene.signals(clinic.tenantId);
  }, 300_000);
  afterAll(() => scene.close());

  it("PROOF-4 honest traffic of every kind raises nothing, while the watch looks at it", () => {
    const runs = (scene.world.stack.logs().get("keyward-dev-reconcile") ?? []).filter((line) =>
      /reconciled|Error/.test(line),
    );
    expect(runs.length).toBeGreaterThanOrEqual(8);
    expect(runs.filter((line) => line.includes("Error"))).toEqual([]);
    expect(before).toEqual([]);
  });

  it("PROOF-4 every one of at least 20 seeded silent reads is named with handler, record and time", () => {
    const read = seeded.filter(({ kinds }) => kinds.length > 0);
    expect(read.length).toBeGreaterThanOrEqual(20);
    for (const theft of read) {
      for (const record of theft.records) {
        const named = found.filter(
          (signal) => isOf(signal, theft) && theft.kinds.includes(signal.kind) && signal.record === record,
        );
        const handlers = named.map(({ handler = "" }) => handler);
        expect(
          handlers.some((handler) => theft.handler.test(handler)),
          `${theft.what}: ${record}`,
        ).toBe(true);
        expect(named[0]?.severity).toBe("incident");
      }
    }
  });

  it("PROOF-4 nothing else is told: each incident is of a seeded read, and each once", () => {
    const strange = found.filter((signal) => !seeded.some((theft) => isOf(signal, theft)));
    expect(strange).toEqual([]);
    expect(new Set(found.map(({ id }) => id)).size).toBe(found.length);
  });

  it("PROOF-4 a read of the whole table, which is of no one clinic, is an alarm", () => {
    const alarms = (scene.world.stack.logs().get("keyward-dev-reconcile") ?? []).filter((line) =>
      line.includes('"alarm"'),
    );
    expect(alarms.some((line) => line.includes("?/strange") && line.includes("unexplained-read"))).toBe(true);
  });

  it("PROOF-4 a log line comes with each incident, and neither holds a word of a record", () => {
    const lines = (scene.world.stack.logs().get("keyward-dev-reconcile") ?? []).join("\n");
    for (const { id } of found) expect(lines).toContain(id);
    expect(lines + JSON.stringify(found)).not.toContain(clinic.canary);
    expect(lines).not.toContain("lab-7");
  });

  it("AUD-2 one request is one name in its event, its log lines, its rows and AWS's own record, and one person in all", () => {
    const { request, user, event, calls, lines, changed } = joined;
    expect(event).toMatchObject({ request, actor: { user }, entities: [{ type: "Observation", id: changed }] });
    expect(lines.filter((line) => line.includes('"request"') && line.includes(user))).toHaveLength(1);
    expect(calls.some(({ eventName }) => eventName === "TransactWriteItems")).toBe(true);
    const writers = calls.filter(({ eventName }) => eventName === "TransactWriteItems");
    for (const { userIdentity, requestParameters } of writers) {
      expect(userIdentity["sessionContext"]).toMatchObject({ sourceIdentity: `u-${user}` });
      expect(JSON.stringify(requestParameters)).toContain(changed);
      expect(JSON.stringify(requestParameters)).toContain(event?.id);
    }
  });
});
