import { DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import { DynamoDBClient, GetItemCommand, QueryCommand, TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AuditEvent } from "../../core/audit/event.ts";
import {
  attachmentBucketName,
  exportFolder,
  exportSessionPolicy,
  QUEUE_JOB,
  tableName,
  tenantExportRoleArn,
  tenantRoleArn,
} from "../../core/iam/index.ts";
import type { DataClass } from "../../core/kernel/data-class.ts";
import { createDynamoTable } from "../../core/table/dynamodb.ts";
import { createMeter } from "../../core/table/index.ts";
import { createRegistryStore } from "../../core/table/registry-store.ts";
import { membershipKey } from "../../core/tenant/index.ts";
import { assumeRole, functionCredentials, handsOf, type Hands, outcome, text } from "./aws.ts";
import { openScene, type Person, type Scene, type Session } from "./clinic/scene.ts";
import { essence } from "./http/answers.ts";
import { dataRowsOf, eventsAbout, eventsOf } from "./http/state.ts";
import { type Answer, canaryObservation, canaryPatient, cellKeyArn, type Json, newTestId, SITE } from "./world.ts";

/**
 * AT-35, AT-12, POL-14: an export takes a step-up, a second person and a reason, reaches no further than its requester,
 * stops when a consent or her standing goes, and leaves an event at each stage.
 */
const MINUTE_MS = 60_000;
const BUCKET = attachmentBucketName(SITE);
const REASON = { code: "migration", text: "moving to another system" };

let scene: Scene;
let people: Readonly<Record<"admin" | "chief" | "leaver" | "doc" | "desk" | "bill" | "stranger", Person>>;
let patients: string[];

const admin = () => scene.signInSteppedUp(people.admin, "HOPERAT");
const chief = () => scene.signInSteppedUp(people.chief, "HOPERAT");
const start = (by: Session, more: Record<string, unknown> = {}, purpose = "HOPERAT", headers = {}): Promise<Answer> =>
  by.send("POST", "/clinic/exports", { purpose, body: { purpose, reason: REASON, ...more }, headers });
const act = (by: Session, method: string, path: string, purpose = "HOPERAT"): Promise<Answer> =>
  by.send(method, `/clinic/exports/${path}`, { purpose });
const idOf = (answer: Answer): string => String(answer.body["id"]);
const told = (answer: Answer): string[] =>
  eventsAbout(scene.world, scene.world.a.tenantId, answer).map(
    ({ interaction, outcome: how, stage }) => `${interaction} ${how}${stage === undefined ? "" : ` ${stage}`}`,
  );
const stagesOf = (jobId: string): AuditEvent[] =>
  eventsOf(scene.world, scene.world.a.tenantId)
    .map(({ event }) => event)
    .filter(({ entities, stage }) => stage !== undefined && entities.some(({ id }) => id === jobId));

/** Lets the worker come round: a minute of the stage's time. */
async function aMinute(): Promise<void> {
  await scene.clock.advance(MINUTE_MS);
  await scene.world.stack.drain();
}

async function stateOf(by: Session, jobId: string): Promise<string> {
  return String((await act(by, "GET", jobId)).body["state"]);
}

/** Asks, approves, and waits until the export is what it becomes. */
async function finished(by: Session, more: Record<string, unknown> = {}): Promise<string> {
  const asked = await start(by, more);
  if (asked.status !== 202) throw new Error(`the export was refused: ${asked.status} ${asked.text}`);
  const approved = await act(await chief(), "POST", `${idOf(asked)}/approve`);
  if (approved.status !== 200) throw new Error(`the approval was refused: ${approved.status} ${approved.text}`);
  for (let round = 0; round < 6 && (await stateOf(by, idOf(asked))) !== "finished"; round += 1) await aMinute();
  return idOf(asked);
}

/** The registry with root's rights, signed in the stage's time: no route of this issue takes a role from a member. */
async function setRoles({ userId }: Person, roles: readonly string[]): Promise<void> {
  const client = new DynamoDBClient({
    region: SITE.region,
    endpoint: scene.world.stack.endpoint,
    credentials: scene.world.stack.cloud.rootCredentials,
    systemClockOffset: scene.clock.now() - Date.now(),
  });
  const names = { registry: tableName(SITE, "registry") };
  const store = createRegistryStore(createDynamoTable({ client, names, clock: scene.clock, meter: createMeter() }));
  const row = await store.get(membershipKey(userId, scene.world.a.tenantId));
  if (row === undefined) throw new Error("a member has a membership");
  await store.write([{ kind: "replace", row: { ...row, roles, rev: row.rev + 1 }, rev: row.rev }]);
  client.destroy();
}

const filesOf = async (by: Session, jobId: string): Promise<readonly Json[]> =>
  ((await act(by, "GET", jobId)).body["files"] ?? []) as unknown as readonly Json[];

const objects = (): string[] => [...scene.world.stack.cloud.s3.dumpObjects(BUCKET)].map(({ key }) => key);

beforeAll(async () => {
  scene = await openScene({ runs: ["Export"] });
  const { a, b } = scene.world;
  people = {
    admin: await scene.hire(a, ["clinic-administrator"]),
    chief: await scene.hire(a, ["clinic-administrator"]),
    leaver: await scene.hire(a, ["clinic-administrator"]),
    stranger: await scene.hire(b, ["clinic-administrator"]),
    doc: await scene.hire(a, ["physician"]),
    desk: await scene.hire(a, ["front-desk"]),
    bill: await scene.hire(a, ["billing"]),
  };
  const headers = { "x-purpose-of-use": "TREAT" };
  patients = [];
  for (let count = 0; count < 3; count += 1) {
    const { body } = await a.doc.send("POST", "/fhir/Patient", { body: canaryPatient(a), headers });
    patients.push(String(body["id"]));
    await a.doc.send("POST", "/fhir/Observation", { body: canaryObservation(a, String(body["id"])), headers });
  }
  await a.doc.send("POST", "/fhir/Practitioner", {
    body: { resourceType: "Practitioner", name: [{ family: a.canary }] },
    headers,
  });
}, 240_000);
afterAll(() => scene.close());

// First, while the stage's time is still this machine's: the SDK signs with the latter.
describe("AT-35 the credentials of a job", () => {
  let hands: Hands;
  let queue: Hands;
  const job = newTestId();
  const other = newTestId();
  const assume = (
    tenantId: string,
    jobId: string,
    more: { tags?: object; policy?: boolean; classes?: DataClass[] } = {},
  ) => {
    const keys = { cell: cellKeyArn(scene.world.stack) };
    const scope = {
      tenantId: tenantId as never,
      jobId,
      purpose: "HOPERAT" as const,
      classes: more.classes ?? ["C", "D", "I"],
    };
    const tags = { tenant: tenantId, purpose: "HOPERAT", role: "export", job: jobId, ...more.tags };
    return {
      RoleArn: tenantExportRoleArn(SITE),
      RoleSessionName: "test",
      SourceIdentity: `u-${newTestId()}`,
      DurationSeconds: 900,
      Tags: Object.entries(tags).flatMap(([Key, Value]) =>
        Value === undefined ? [] : [{ Key, Value: String(Value) }],
      ),
      ...(more.policy === false ? {} : { Policy: JSON.stringify(exportSessionPolicy(SITE, keys, scope)) }),
    };
  };
  const worker = () => handsOf(scene.world, functionCredentials(scene.world, "export"));
  const put = (by: Hands, key: string) =>
    outcome(by.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: "x", IfNoneMatch: "*" })));
  const get = (by: Hands, key: string) => outcome(by.s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: key })));

  beforeAll(async () => {
    const { tenantId } = scene.world.a;
    const own = worker();
    hands = handsOf(scene.world, await assumeRole(own.sts, assume(tenantId, job)));
    queue = handsOf(scene.world, await assumeRole(own.sts, assume(tenantId, QUEUE_JOB, { classes: [] })));
    own.destroy();
  });
  afterAll(() => {
    hands.destroy();
    queue.destroy();
  });

  it("AT-35 write and destroy in the job's own folder, and nowhere else", async () => {
    const [a, b] = [scene.world.a.tenantId, scene.world.b.tenantId];
    expect(await put(hands, `${exportFolder(a, job)}one`)).toBe("allowed");
    expect(await get(hands, `${exportFolder(a, job)}one`)).toBe("allowed");
    for (const key of [
      `${exportFolder(a, other)}one`,
      `${exportFolder(b, job)}one`,
      `t/${a}/C/one`,
      `t/${a}/X/one`,
      `t/${a}/X/${job}`,
      `t/${a}/X/${job}x/one`,
    ]) {
      expect([key, await put(hands, key)]).toEqual([key, "AccessDenied"]);
      const removal = new DeleteObjectCommand({ Bucket: BUCKET, Key: key });
      expect([key, await outcome(hands.s3.send(removal))]).toEqual([key, "AccessDenied"]);
    }
    expect(await get(hands, `${exportFolder(a, other)}one`)).toBe("AccessDenied");
    const all = new ListObjectsV2Command({ Bucket: BUCKET, Prefix: `t/${a}/X/` });
    expect(await outcome(hands.s3.send(all))).toBe("AccessDenied");
    const overwrite = new PutObjectCommand({ Bucket: BUCKET, Key: `${exportFolder(a, job)}two`, Body: "x" });
    expect(await outcome(hands.s3.send(overwrite))).toBe("AccessDenied");
  });

  it("AT-35 change no record, read no other clinic and no class that the job does not hold", async () => {
    const [a, b] = [scene.world.a.tenantId, scene.world.b.tenantId];
    const TableName = tableName(SITE, "data");
    const read = (pk: string) =>
      outcome(hands.dynamodb.send(new GetItemCommand({ TableName, Key: { pk: text(pk), sk: text("x") } })));
    expect(await read(`T#${a}#C#P#x`)).toBe("allowed");
    for (const pk of [`T#${a}#S#P#x`, `T#${a}#B#P#x`, `T#${b}#C#P#x`, `T#${b}#D#JOB`]) {
      expect([pk, await read(pk)]).toEqual([pk, "AccessDeniedException"]);
    }
    const write = (pk: string) => {
      const Item = { pk: text(pk), sk: text("x") };
      return outcome(
        hands.dynamodb.send(new TransactWriteItemsCommand({ TransactItems: [{ Put: { TableName, Item } }] })),
      );
    };
    const before = dataRowsOf(scene.world, a);
    for (const pk of [`T#${a}#C#P#x`, `T#${a}#D#P#x`, `T#${a}#D#PRV`, `T#${a}#D#APR`, `T#${b}#D#JOB`]) {
      expect([pk, await write(pk)]).toEqual([pk, "AccessDeniedException"]);
    }
    expect(dataRowsOf(scene.world, a)).toEqual(before);
  });

  it("AT-35 who looks for work sees the list of it and nothing else", async () => {
    const { tenantId } = scene.world.a;
    const TableName = tableName(SITE, "data");
    const read = (pk: string, sk: string) =>
      outcome(queue.dynamodb.send(new GetItemCommand({ TableName, Key: { pk: text(pk), sk: text(sk) } })));
    expect(await read(`T#${tenantId}#D#JOB`, "OPEN")).toBe("allowed");
    expect(await read(`T#${tenantId}#D#PRV`, "x")).toBe("AccessDeniedException");
    expect(await read(`T#${tenantId}#C#P#x`, "x")).toBe("AccessDeniedException");
    const keys = new QueryCommand({
      TableName: tableName(SITE, "keys"),
      KeyConditionExpression: "pk = :pk",
      ExpressionAttributeValues: { ":pk": text(`T#${tenantId}#D#K`) },
    });
    expect(await outcome(queue.dynamodb.send(keys))).toBe("AccessDeniedException");
    expect(await put(queue, `${exportFolder(tenantId, QUEUE_JOB)}one`)).toBe("AccessDenied");
  });

  it("AT-35 AW-11 are given to nobody without a job, and to no other function", async () => {
    const { tenantId } = scene.world.a;
    const own = worker();
    const clinic = handsOf(scene.world, functionCredentials(scene.world, "clinic"));
    const asked = (by: Hands, input: ReturnType<typeof assume>) => outcome(assumeRole(by.sts, input));
    expect(await asked(own, assume(tenantId, job, { tags: { job: undefined } }))).toBe("AccessDenied");
    expect(await asked(own, assume(tenantId, job, { tags: { job: "any" } }))).toBe("AccessDenied");
    expect(await asked(own, assume(tenantId, job, { tags: { more: "x" } }))).toBe("AccessDenied");
    expect(await asked(clinic, assume(tenantId, job))).toBe("AccessDenied");
    expect(await asked(own, { ...assume(tenantId, job), RoleArn: tenantRoleArn(SITE) })).toBe("AccessDenied");
    // Forgotten or mismatched, the session policy leaves the tag's own bounds.
    const bare = handsOf(scene.world, await assumeRole(own.sts, assume(tenantId, job, { policy: false })));
    expect(await put(bare, `${exportFolder(tenantId, other)}one`)).toBe("AccessDenied");
    const crossed = handsOf(scene.world, await assumeRole(own.sts, assume(tenantId, job, { tags: { job: other } })));
    expect(await put(crossed, `${exportFolder(tenantId, job)}three`)).toBe("AccessDenied");
    for (const each of [own, clinic, bare, crossed]) each.destroy();
  });
});

describe("AT-35 asking for what one may not", () => {
  it("AT-35 without a step-up: 403 with the way out, and an event", async () => {
    const session = await scene.signIn(people.admin, "HOPERAT");
    const answer = await start(session);
    expect([answer.status, answer.body["rule"], told(answer)]).toEqual([403, "step-up", ["export.start denied"]]);
  });

  it.each<[string, "doc" | "desk" | "bill", string, boolean]>([
    ["a physician, all of the clinic", "doc", "TREAT", false],
    ["the front desk, one patient", "desk", "HOPERAT", true],
    ["billing, one patient", "bill", "HPAYMT", true],
    ["a physician, for research that the patient has not agreed to", "doc", "HRESCH", true],
    ["a physician, to train a model", "doc", "MLTRAINING", true],
  ])("AT-35 %s: 403, and an event", async (_title, who, purpose, isOne) => {
    const session = await scene.signInSteppedUp(people[who], purpose);
    const answer = await start(session, isOne ? { patients: [patients[0]] } : {}, purpose);
    expect([answer.status, told(answer)]).toEqual([403, ["export.start denied"]]);
  });

  it("AT-35 a scope that is wider than the role, a purpose that is another, and patients that are not there", async () => {
    const session = await admin();
    const wider = await start(session, { types: ["Patient", "Nothing"] });
    expect([wider.status, wider.body["rule"]]).toEqual([403, "export-scope"]);
    const other = await session.send("POST", "/clinic/exports", {
      purpose: "HOPERAT",
      body: { purpose: "TREAT", reason: REASON },
    });
    expect([other.status, other.body["rule"]]).toEqual([400, "purpose"]);
    const unknown = await start(session, { patients: [patients[0], newTestId()] });
    const foreign = await start(session, { patients: [scene.world.b.tenantId] });
    expect([unknown.status, foreign.status]).toEqual([404, 404]);
    expect([told(wider), told(other), told(unknown)]).toEqual([
      ["export.start denied start"],
      ["export.start failure start"],
      ["export.start denied start"],
    ]);
    const noReason = await session.send("POST", "/clinic/exports", {
      purpose: "HOPERAT",
      body: { purpose: "HOPERAT" },
    });
    expect(noReason.status).toBe(400);
  });

  it("AT-35 a disclosure to another organization takes every patient's consent", async () => {
    const session = await admin();
    const answer = await start(session, { patients: [patients[0]], recipient: newTestId() });
    expect([answer.status, told(answer)]).toEqual([403, ["export.start denied"]]);
  });
});

describe("AT-35 the second person", () => {
  it("AT-35 nothing is written before she approves; who asked, who may not and who did not step up do not approve", async () => {
    const session = await admin();
    const before = objects().length;
    const asked = await start(session);
    expect([asked.status, asked.body["state"], told(asked)]).toEqual([
      202,
      "requested",
      ["export.start success start"],
    ]);
    const id = idOf(asked);
    await aMinute();
    expect([await stateOf(session, id), objects().length]).toEqual(["requested", before]);
    const own = await act(session, "POST", `${id}/approve`);
    expect([own.status, own.body["rule"], told(own)]).toEqual([
      403,
      "second-person",
      ["export.approve denied approve"],
    ]);
    const weak = await act(await scene.signIn(people.chief, "HOPERAT"), "POST", `${id}/approve`);
    expect([weak.status, weak.body["rule"]]).toEqual([403, "step-up"]);
    const doctor = await act(await scene.signInSteppedUp(people.doc, "TREAT"), "POST", `${id}/approve`, "TREAT");
    expect(doctor.status).toBe(403);
    expect(await stateOf(session, id)).toBe("requested");
    const cancelled = await act(session, "DELETE", id);
    expect([cancelled.status, cancelled.body["state"]]).toEqual([200, "cancelled"]);
    const late = await act(await chief(), "POST", `${id}/approve`);
    expect([late.status, late.body["rule"]]).toEqual([422, "approval-expired"]);
    await aMinute();
  });

  it("AT-29 the same request again is one export, and the same approval one approval", async () => {
    const session = await admin();
    const headers = { "idempotency-key": `again-${newTestId()}` };
    const [first, second] = [
      await start(session, {}, "HOPERAT", headers),
      await start(session, {}, "HOPERAT", headers),
    ];
    expect([first.status, second.status, idOf(second)]).toEqual([202, 202, idOf(first)]);
    expect(second.headers.get("idempotency-replayed")).toBe("true");
    const other = await start(session, { types: ["Patient"] }, "HOPERAT", headers);
    expect(other.status).toBe(422);
    await act(session, "DELETE", idOf(first));
    await aMinute();
  });

  it("AT-35 a hundred at once: a member has two open, and the rest are told to come back", async () => {
    const session = await admin();
    const answers: Answer[] = [];
    for (let round = 0; round < 10; round += 1) {
      answers.push(...(await Promise.all(Array.from({ length: 10 }, () => start(session)))));
    }
    const taken = answers.filter(({ status }) => status === 202);
    expect(taken).toHaveLength(2);
    const others = new Set(answers.filter(({ status }) => status !== 202).map(({ status }) => status));
    expect([...others].every((status) => status === 429 || status === 409)).toBe(true);
    expect(others.has(429)).toBe(true);
    for (const answer of taken) await act(session, "DELETE", idOf(answer));
    await aMinute();
    const again = await start(session);
    expect(again.status).toBe(202);
    await act(session, "DELETE", idOf(again));
    await aMinute();
  });
});

describe("AT-35 an export that everybody agreed to", () => {
  let session: Session;
  let id: string;
  beforeAll(async () => {
    session = await admin();
    id = await finished(session);
  }, 240_000);

  it("AT-35 holds every record once, each file with its SHA-256, and the notice", async () => {
    const { body } = await act(session, "GET", id);
    expect([body["state"], body["notice"], body["format"]]).toEqual([
      "finished",
      "42 CFR part 2 prohibits unauthorized use or disclosure of these records.",
      "application/fhir+ndjson",
    ]);
    expect(body["progress"]).toMatchObject({ leftOut: 0 });
    const seen = new Map<string, string>();
    for (const file of body["files"] as unknown as readonly Json[]) {
      const answer = await act(session, "GET", `${id}/files/${String(file["name"])}`);
      expect([answer.status, answer.headers.get("content-type")]).toEqual([
        200,
        "application/fhir+ndjson; charset=utf-8",
      ]);
      expect(createHash("sha256").update(answer.text).digest("hex")).toBe(file["sha256"]);
      expect(told(answer)).toEqual(["export.read success"]);
      for (const line of answer.text.split("\n")) {
        const record = JSON.parse(line) as { resourceType: string; id: string };
        expect(seen.has(`${record.resourceType}/${record.id}`)).toBe(false);
        seen.set(`${record.resourceType}/${record.id}`, line);
      }
    }
    for (const patientId of patients) expect(seen.has(`Patient/${patientId}`)).toBe(true);
    expect([...seen.keys()].filter((name) => name.startsWith("Observation/"))).toHaveLength(3);
    expect([...seen.keys()].some((name) => name.startsWith("Practitioner/"))).toBe(true);
    expect(JSON.stringify([...seen.values()])).not.toContain(scene.world.b.canary);
  });

  it("AT-35 each stage has its event, with who asked, who approved and why", () => {
    const stages = stagesOf(id);
    expect(stages.map(({ interaction, stage, outcome: how }) => `${interaction} ${stage} ${how}`)).toEqual([
      "export.start start success",
      "export.approve approve success",
      "export finish success",
    ]);
    const [asked, approved, ended] = stages;
    expect([asked?.actor.user, approved?.actor.user, ended?.actor.user]).toEqual([
      people.admin.userId,
      people.chief.userId,
      people.admin.userId,
    ]);
    expect([approved?.approver, ended?.approver]).toEqual([people.chief.userId, people.chief.userId]);
    expect(stages.every(({ reason }) => reason?.code === "migration")).toBe(true);
    expect([ended?.service, asked?.service]).toEqual(["export", "clinic"]);
    // And everyone who was in it can see that she was.
    const touched = eventsOf(scene.world, scene.world.a.tenantId)
      .map(({ event }) => event)
      .filter(({ interaction, entities }) => interaction === "export" && entities.some((entity) => entity.id === id));
    expect(new Set(touched.flatMap(({ patient }) => patient ?? []))).toEqual(new Set(patients));
    expect(JSON.stringify(stages)).not.toContain(REASON.text);
  });

  it("AT-35 the files lie sealed, under the tenant's keys and the job's folder", () => {
    const { tenantId, canary } = scene.world.a;
    const own = objects().filter((key) => key.startsWith(exportFolder(tenantId, id)));
    expect(own.length).toBeGreaterThan(3);
    expect(own.join()).not.toContain(canary);
    for (const patientId of patients) expect(own.join()).not.toContain(patientId);
  });

  it("AT-12 to a colleague, to the approver, to another clinic and by guessing there is no such export or file", async () => {
    const [file] = await filesOf(session, id);
    const name = String(file?.["name"]);
    const doc = await scene.signInSteppedUp(people.doc, "TREAT");
    const stranger = await scene.signInSteppedUp(people.stranger, "HOPERAT");
    const random = newTestId();
    for (const [by, purpose] of [
      [stranger, "HOPERAT"],
      [doc, "TREAT"],
    ] as const) {
      for (const [method, path] of [
        ["GET", ""],
        ["DELETE", ""],
        ["GET", `/files/${name}`],
      ] as const) {
        const answer = await act(by, method, id + path, purpose);
        const unknown = await act(by, method, random + path, purpose);
        expect([method, path, answer.status]).toEqual([method, path, 404]);
        expect(essence(answer, id, name)).toEqual(essence(unknown, random, name));
      }
    }
    // The approver sees how far it is, and holds none of it.
    const other = await chief();
    expect((await act(other, "GET", id)).status).toBe(200);
    expect((await act(other, "GET", `${id}/files/${name}`)).status).toBe(404);
    for (const guess of ["00000.manifest", name.replace(/^\d+/, "00009"), `${name}.manifest`, "..", "OPEN"]) {
      expect([guess, (await act(session, "GET", `${id}/files/${encodeURIComponent(guess)}`)).status]).toEqual([
        guess,
        404,
      ]);
    }
    const manifest =
      objects()
        .find((key) => key.endsWith(".manifest"))
        ?.split("/")
        .at(-1) ?? "";
    expect((await act(session, "GET", `${id}/files/${manifest}`)).status).toBe(404);
    expect(await stateOf(session, id)).toBe("finished");
  });

  it("AT-12 no file has an address of its own: a presigned one is worth nothing", async () => {
    const key = objects().find((one) => one.startsWith(exportFolder(scene.world.a.tenantId, id))) ?? "";
    const anybody = handsOf(scene.world, functionCredentials(scene.world, "clinic"));
    const url = await getSignedUrl(anybody.s3, new GetObjectCommand({ Bucket: BUCKET, Key: key }), {
      signingDate: new Date(scene.clock.now()),
    });
    expect((await fetch(url)).status).toBe(403);
    anybody.destroy();
  });

  it("AT-35 cancelled, it is dead at once, and its files are gone when the worker comes round", async () => {
    const [file] = await filesOf(session, id);
    const path = `${id}/files/${String(file?.["name"])}`;
    expect((await act(session, "GET", path)).status).toBe(200);
    expect((await act(session, "DELETE", id)).status).toBe(200);
    expect((await act(session, "GET", path)).status).toBe(404);
    await aMinute();
    expect(objects().filter((key) => key.startsWith(exportFolder(scene.world.a.tenantId, id)))).toEqual([]);
  });
});

describe("POL-14 what stops an export", () => {
  const consent = (patientId: string, type: "permit" | "deny") => ({
    resourceType: "Consent",
    status: "active",
    scope: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/consentscope", code: "patient-privacy" }] },
    category: [{ coding: [{ system: "http://loinc.org", code: "59284-0" }] }],
    patient: { reference: `Patient/${patientId}` },
    dateTime: "2026-01-01T00:00:00Z",
    policyRule: {
      coding: [{ system: "http://terminology.hl7.org/CodeSystem/consentpolicycodes", code: "hipaa-auth" }],
    },
    provision: { type },
  });
  const folder = (id: string): string[] =>
    objects().filter((key) => key.startsWith(exportFolder(scene.world.a.tenantId, id)));

  it("POL-14 a consent that is taken back: dead at once, destroyed within a minute, with its event", async () => {
    const desk = await scene.signIn(people.desk, "HOPERAT");
    const [patientId = ""] = patients;
    const given = await desk.send("POST", "/fhir/Consent", { body: consent(patientId, "permit"), purpose: "HOPERAT" });
    expect(given.status).toBe(201);
    const session = await admin();
    const id = await finished(session, { patients: [patientId] });
    const [file] = await filesOf(session, id);
    const path = `${id}/files/${String(file?.["name"])}`;
    expect((await act(session, "GET", path)).status).toBe(200);
    const consentId = String(given.body["id"]);
    const revoked = await desk.send("PUT", `/fhir/Consent/${consentId}`, {
      body: { ...consent(patientId, "permit"), id: consentId, status: "inactive" },
      purpose: "HOPERAT",
      headers: { "if-match": 'W/"1"' },
    });
    expect(revoked.status).toBe(200);
    expect((await act(session, "GET", path)).status).toBe(404);
    await aMinute();
    expect([await stateOf(session, id), folder(id)]).toEqual(["destroyed-consent", []]);
    expect(stagesOf(id).at(-1)).toMatchObject({ interaction: "export", outcome: "denied", stage: "finish" });
  });

  it("POL-14 a requester who loses the role: what ran is destroyed, and nothing of it can be fetched", async () => {
    const other = people.leaver;
    const session = await scene.signInSteppedUp(other, "HOPERAT");
    const id = await finished(session);
    expect(folder(id).length).toBeGreaterThan(0);
    await setRoles(other, ["front-desk"]);
    await aMinute();
    expect(folder(id)).toEqual([]);
    expect(await stateOf(await admin(), id)).toBe("destroyed-standing");
  });

  it("AT-35 a bucket that fails now and then delays an export and changes nothing of it", async () => {
    const session = await admin();
    const asked = await start(session, { types: ["Patient", "Observation"] });
    await act(await chief(), "POST", `${idOf(asked)}/approve`);
    scene.world.stack.cloud.faults.setPlan({
      seed: 7,
      rules: [
        { kind: "server-error", service: "s3", operations: ["PutObject", "GetObject"], probability: 0.5 },
        { kind: "server-error-after", service: "dynamodb", operations: ["TransactWriteItems"], probability: 0.2 },
      ],
    });
    for (let round = 0; round < 4; round += 1) await aMinute();
    scene.world.stack.cloud.faults.setPlan();
    for (let round = 0; round < 4 && (await stateOf(session, idOf(asked))) !== "finished"; round += 1) await aMinute();
    const files = await filesOf(session, idOf(asked));
    const total = files.reduce((sum, file) => sum + Number(file["count"]), 0);
    expect(total).toBe(6);
    await act(session, "DELETE", idOf(asked));
    await aMinute();
  });
});
