import { GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventsPrefix } from "../../core/audit/layout.ts";
import { readHead } from "../../core/audit/event.ts";
import { currentSort, homePartition, parseRecordId } from "../../core/table/index.ts";
import { nameTouch, type Signal, touchOf } from "../../core/watch/index.ts";
import { functionCredentials } from "./aws.ts";
import { MINUTE_MS, type Scene, startScene } from "./silent-reads/scene.ts";
import { type Answer, canaryObservation, canaryPatient, type Clinic, SITE } from "./world.ts";

/**
 * What can happen between a chart, the outbox and the archive, done on purpose: each ends in the archive exactly once, or
 * in an incident within five minutes.
 */

/** The archive writer with one line more: it loses what a vread leaves, and says nothing of it. */
const LOSES_VREADS = [
  {
    file: "functions/streams/archive.ts",
    from: `    if (isExpiry(record)) continue;`,
    to: `    if (isExpiry(record)) continue;\n    if ((imageText(record.dynamodb?.NewImage) ?? "").includes('"interaction":"vread"')) continue;`,
  },
];
const DATA = "keyward-dev-c01-data";
const OUTBOX = "keyward-dev-c01-outbox";

let scene: Scene;
let clinic: Clinic;
const eventOf = (answer: Answer): string => (answer.headers.get("x-audit-receipt") ?? "").split(".")[0] ?? "";

/** How often each event lies in the clinic's archive, over all its objects. */
async function archived(): Promise<Map<string, number>> {
  const s3 = new S3Client({
    region: SITE.region,
    endpoint: scene.world.stack.endpoint,
    credentials: functionCredentials(scene.world, "seal"),
    forcePathStyle: true,
    maxAttempts: 3,
  });
  const Bucket = `keyward-dev-c01-archive-${SITE.accountId}`;
  const counts = new Map<string, number>();
  const listed = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: eventsPrefix(clinic.tenantId) }));
  for (const { Key = "" } of listed.Contents ?? []) {
    if (!Key.endsWith(".ndjson")) continue;
    const body = (await (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString()) ?? "";
    for (const line of body.split("\n")) {
      const id = readHead(line)?.id;
      if (id !== undefined) counts.set(id, (counts.get(id) ?? 0) + 1);
    }
  }
  s3.destroy();
  return counts;
}

const signalOf = (signals: readonly Signal[], kind: Signal["kind"], evidence: string): Signal | undefined =>
  signals.find((signal) => signal.kind === kind && signal.evidence.includes(evidence));
const logOf = (name: string): string => (scene.world.stack.logs().get(`keyward-dev-${name}`) ?? []).join("\n");

interface Made {
  readonly patient: string;
  readonly lost: string;
  readonly unstreamed: string;
  readonly kept: readonly string[];
  readonly rolledBack: string;
  readonly planted: string;
  readonly afterRollback: number;
  readonly atMs: number;
}

let made: Made;
/** Five minutes after, and once CloudTrail's own files have come too. */
let early: Signal[] = [];
let signals: Signal[] = [];
let counts = new Map<string, number>();

async function makeMischief(): Promise<Made> {
  const { doc, tenantId } = clinic;
  const atMs = scene.clock.now();
  const patient = String((await doc.send("POST", "/fhir/Patient", { body: canaryPatient(clinic) })).body["id"]);
  const observation = await doc.send("POST", "/fhir/Observation", { body: canaryObservation(clinic, patient) });
  const id = String(observation.body["id"]);
  const pk = homePartition(tenantId, "C", { patientId: parseRecordId(patient) as never });
  const sk = currentSort("Observation", parseRecordId(id) as never);
  const own = await scene.session(tenantId, tenantId);

  // A stream record that is dropped, between two that are not.
  const first = await doc.send("GET", `/fhir/Patient/${patient}`);
  const lost = await doc.send("GET", `/fhir/Observation/${id}/_history/1`);
  const second = await doc.send("GET", `/fhir/Patient/${patient}`);

  // A poisoned row: what a request's own credentials may append, and what is no event.
  const day = new Date(atMs).toISOString().slice(0, 10);
  await scene.dynamo(own).send(
    new PutItemCommand({
      TableName: OUTBOX,
      Item: {
        pk: { S: `T#${tenantId}#A#${day}` },
        sk: { S: eventOf(first).replace(/.$/, (last) => (last === "0" ? "1" : "0")) },
        event: { S: "poison" },
      },
    }),
  );
  await scene.world.stack.drain();

  // The stream is switched off and on again: what was written meanwhile is in no stream.
  await scene.world.stack.setStream(OUTBOX, false);
  const unstreamed = await doc.send("GET", `/fhir/Patient/${patient}`);
  await scene.world.stack.setStream(OUTBOX, true);
  const third = await doc.send("GET", `/fhir/Patient/${patient}`);
  await scene.world.stack.drain();

  // An administrator past the table's policy puts a genuine older row back, and one of nobody's.
  scene.liftTablePolicy();
  const root = scene.dynamo(scene.root);
  const older = await root.send(new GetItemCommand({ TableName: DATA, Key: { pk: { S: pk }, sk: { S: sk } } }));
  const changed = { ...canaryObservation(clinic, patient), id, status: "amended" };
  await doc.send("PUT", `/fhir/Observation/${id}`, { body: changed, headers: { "if-match": 'W/"1"' } });
  await root.send(new PutItemCommand({ TableName: DATA, Item: older.Item }));
  const again = await doc.send("PUT", `/fhir/Observation/${id}`, { body: changed, headers: { "if-match": 'W/"1"' } });
  const planted = { pk, sk: currentSort("Condition", parseRecordId(id) as never) };
  await root.send(
    new PutItemCommand({
      TableName: DATA,
      Item: { ...older.Item, pk: { S: planted.pk }, sk: { S: planted.sk }, _aud: { S: "none" } },
    }),
  );
  return {
    patient,
    lost: eventOf(lost),
    unstreamed: eventOf(unstreamed),
    kept: [first, second, third].map(eventOf),
    rolledBack: nameTouch(touchOf(pk, sk)).name,
    planted: nameTouch(touchOf(planted.pk, planted.sk)).name,
    afterRollback: again.status,
    atMs,
  };
}

describe("stream mischief", () => {
  beforeAll(async () => {
    scene = await startScene({ patches: { archive: LOSES_VREADS } });
    clinic = scene.world.a;
    made = await makeMischief();
    await scene.pass(5 * MINUTE_MS);
    early = await scene.signals(clinic.tenantId);
    await scene.pass(2 * MINUTE_MS);
    signals = await scene.signals(clinic.tenantId);
    counts = await archived();
  }, 300_000);
  afterAll(() => scene.close());

  it("AUD-12 an event whose stream record was dropped is an incident within five minutes, and its neighbours are archived once", () => {
    expect(counts.get(made.lost)).toBeUndefined();
    expect(signalOf(early, "not-archived", made.lost)).toMatchObject({ severity: "incident", handler: "fhir" });
    expect(made.kept.map((id) => counts.get(id))).toEqual([1, 1, 1]);
  });

  it("AW-18 what a stream never gave, because it was switched off and on again, is reported", () => {
    expect(counts.get(made.unstreamed)).toBeUndefined();
    expect(signalOf(early, "not-archived", made.unstreamed)).toMatchObject({ severity: "incident" });
  });

  it("AW-18 a poisoned row stops nothing, is kept as evidence and raises alarms", () => {
    expect(logOf("archive")).toContain("outbox-tampering");
    expect(logOf("reconcile")).toContain("outbox-strange-row");
  });

  it("AW-19 a write past the API is an incident that names the record", () => {
    expect(logOf("cross-check")).toContain("UNAUDITED_WRITE");
    expect(early.some(({ kind, record }) => kind === "unaudited-write" && record === made.planted)).toBe(true);
    const found = signals.filter(({ kind, record }) => kind === "unaudited-write" && record === made.planted);
    expect(new Set(found.map(({ handler }) => handler))).toEqual(new Set(["data-stream", "root"]));
    for (const { at } of found) expect(Math.abs(at - made.atMs)).toBeLessThan(2 * MINUTE_MS);
  });

  it("AW-15 a genuine older row that was put back is an incident, and the next change of it is refused", () => {
    expect(early.filter(({ kind }) => kind === "rolled-back")).toMatchObject([
      { record: made.rolledBack, severity: "incident" },
    ]);
    expect(made.afterRollback).toBeGreaterThanOrEqual(400);
  });

  it("PROOF-4 each incident is told once, and nothing that was honest is one", () => {
    const expected = new Set(["not-archived", "unaudited-write", "rolled-back", "unexplained-read", "expired-early"]);
    expect(signals.filter(({ kind }) => !expected.has(kind))).toEqual([]);
    // The administrator's own look at the row before it was put back.
    expect(signals.filter(({ kind, handler }) => kind === "unexplained-read" && handler !== "root")).toEqual([]);
    expect(new Set(signals.map(({ kind, record }) => `${kind} ${record ?? ""}`)).size).toBeLessThanOrEqual(
      signals.length,
    );
  });

  it("AW-18 ten hours without the archive: one incident at once, and every event in it exactly once afterwards", async () => {
    const { cloud, schedules } = scene.world.stack;
    const answers = [];
    cloud.faults.setPlan({
      seed: 7,
      rules: [{ kind: "throttle", service: "s3", operations: ["PutObject"], probability: 1 }],
    });
    for (let index = 0; index < 5; index += 1)
      answers.push(await clinic.doc.send("GET", `/fhir/Patient/${made.patient}`));
    const outage = answers.map(eventOf);
    const known = new Set(signals.map(({ id }) => id));
    for (let minute = 0; minute < 6; minute += 1) {
      await scene.clock.advance(MINUTE_MS);
      await scene.world.stack.lambda.idle();
    }
    const during = (await scene.signals(clinic.tenantId)).filter(({ id }) => !known.has(id));
    expect(during).toMatchObject([{ kind: "not-archived", evidence: [outage[0]] }]);
    // The hours that are left go by without the minute's work, which would only say the same again.
    await schedules.close();
    await scene.clock.advance(9 * 60 * MINUTE_MS);
    cloud.faults.setPlan();
    await scene.world.stack.drain();
    const after = await archived();
    const lost = outage.filter((id) => after.get(id) === undefined);
    // Six hours are what a stream tries: what is older then lies with the dead letters, and in the incident above.
    expect(lost.length === 0 || during.length > 0).toBe(true);
    for (const id of outage) expect(after.get(id) ?? 0).toBeLessThanOrEqual(1);
  }, 200_000);
});
