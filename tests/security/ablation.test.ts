import {
  BatchGetItemCommand,
  DeleteResourcePolicyCommand,
  GetItemCommand,
  QueryCommand,
  ScanCommand,
} from "@aws-sdk/client-dynamodb";
import { DecryptCommand, PutKeyPolicyCommand } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openItem, SealBroken, type SealedRow } from "../../core/crypto/index.ts";
import { parseSearch, validateResource } from "../../core/fhir/index.ts";
import { type PolicyDocument, tableArn, tableName, tenantRoleName } from "../../core/iam/index.ts";
import { RECORD_CLASSES, type RecordClass } from "../../core/kernel/data-class.ts";
import type { TenantId } from "../../core/kernel/ids.ts";
import { invariant } from "../../core/kernel/invariant.ts";
import { parsePartition, type Row } from "../../core/table/index.ts";
import { unmarshalRow } from "../../core/table/marshal.ts";
import {
  type Credentials,
  handsOf,
  type Hands,
  itemsOf,
  outcome,
  putPastIam,
  rootHands,
  text,
  wrappedKey,
} from "./aws.ts";
import { buildLayers, type LayerOptions, type Layers } from "./layers.ts";
import { canaryObservation, canaryPatient, cellKeyArn, type Clinic, SITE, startWorld, type World } from "./world.ts";

/**
 * The three-way ablation: each layer is shown to hold while the others are out of the way, and each stub is shown to be
 * one by a control in which the same steps give clinic B's plaintext.
 * The groups run in order: from the third on, the stage's policies are taken away step by step and do not come back.
 */
let world: World;
let chart: { readonly patientId: string; readonly observationId: string };
const opened: { destroy(): void }[] = [];
const keep = <T extends { destroy(): void }>(thing: T): T => {
  opened.push(thing);
  return thing;
};
const layers = (options: LayerOptions): Layers => keep(buildLayers(world, options));
const every: readonly RecordClass[] = RECORD_CLASSES;
const sessionOf = (tenantId: TenantId): Promise<Credentials> =>
  world.credentials({ tenantId, classes: [...every, "X", "I"] });

async function file(clinic: Clinic, type: string, body: unknown): Promise<string> {
  const answer = await clinic.doc.send("POST", `/fhir/${type}`, { body });
  invariant(answer.status === 201, `a ${type} is filed`);
  return String(answer.body["id"]);
}

beforeAll(async () => {
  world = await startWorld();
  await file(world.a, "Patient", canaryPatient(world.a));
  const patientId = await file(world.b, "Patient", canaryPatient(world.b));
  chart = { patientId, observationId: await file(world.b, "Observation", canaryObservation(world.b, patientId)) };
});
afterAll(async () => {
  for (const each of opened) each.destroy();
  await world.close();
});

/** Every way of the record layer to B's chart, as text: what came back, or the kind of the failure. */
function attempts({ records, grant }: Layers): Readonly<Record<string, () => Promise<string>>> {
  const { patientId, observationId } = chart;
  const show = async (answer: Promise<{ ok: boolean; value?: unknown; error?: { kind: string } }>): Promise<string> => {
    const result = await answer;
    return result.ok ? JSON.stringify(result.value) : `failed: ${String(result.error?.kind)}`;
  };
  const valid = (more: object) => {
    const checked = validateResource({ ...canaryObservation(world.a, patientId), ...more });
    invariant(checked.ok, "the observation is valid");
    return checked.value;
  };
  const query = parseSearch("Observation", `patient=${patientId}`);
  const directory = parseSearch("Patient", "gender=female");
  invariant(query.ok && directory.ok, "the searches are valid");
  return {
    read: () => show(records.read(grant, "Patient", patientId)),
    "read of a record in a compartment": () => show(records.read(grant, "Observation", observationId)),
    vread: () => show(records.vread(grant, "Observation", observationId, 1)),
    history: () => show(records.history(grant, "Observation", observationId)),
    search: () => show(records.search(grant, query.value)),
    "search of the directory": () => show(records.search(grant, directory.value)),
    everything: () => show(records.everything(grant, patientId)),
    create: () => show(records.create(grant, valid({}))),
    update: () => show(records.update(grant, valid({ id: observationId }), { ifMatch: 1 })),
    delete: () => show(records.delete(grant, "Observation", observationId)),
  };
}

async function tryAll(under: Layers): Promise<Record<string, string>> {
  const got: Record<string, string> = {};
  for (const [name, attempt] of Object.entries(attempts(under))) got[name] = await attempt();
  return got;
}

const READS = [
  "read",
  "read of a record in a compartment",
  "vread",
  "history",
  "search",
  "search of the directory",
  "everything",
];
const pick = (got: Record<string, string>, names: readonly string[]) => names.map((name) => got[name] ?? "");
const holdsB = (answer: string): boolean => answer.includes(world.b.canary);
const storedOfB = () => itemsOf(world, "data").filter((item) => item["pk"]?.S?.startsWith(`T#${world.b.tenantId}#`));

describe("IAM alone: the application believes that it may reach B, with the credentials of A", () => {
  it("ISO-3 refuses every operation of the record layer, and somebody hears of it", async () => {
    const before = storedOfB();
    const misled = layers({ grantOf: world.b.tenantId, credentials: await sessionOf(world.a.tenantId) });
    const got = await tryAll(misled);
    expect([...new Set(Object.values(got))]).toEqual(["failed: unavailable"]);
    expect(Object.values(got).some(holdsB)).toBe(false);
    expect(misled.alarms.map(({ kind }) => kind)).toContain("denied");
    expect(storedOfB()).toEqual(before);
  });
  it("ISO-3 refuses every call of the table layer", async () => {
    const { table } = layers({ grantOf: world.b.tenantId, credentials: await sessionOf(world.a.tenantId) });
    const b = world.b.tenantId;
    const rows = itemsOf(world, "data")
      .map((item) => unmarshalRow(item))
      .filter(({ pk }) => pk.startsWith(`T#${b}#`));
    expect(rows.length).toBeGreaterThan(3);
    for (const row of rows) {
      const answers = [
        await table.get("data", row),
        await table.getMany("data", [row, { ...row, sk: "x" }]),
        await table.query("data", { pk: row.pk }),
        await table.queryAll("data", { pk: row.pk, index: "gsi1" }),
        await table.transactWrite([{ kind: "put", table: "data", row }]),
        await table.transactWrite([{ kind: "check", table: "data", key: row, condition: { kind: "present" } }]),
        await table.put("outbox", { ...row, pk: `T#${b}#A#2026-11-22` }),
        await table.queryAll("keys", { pk: `T#${b}#C#K` }),
      ];
      expect(answers).toEqual(answers.map(() => ({ ok: false, error: { kind: "denied" } })));
    }
  });
  it("ISO-3 refuses A's keyring the keys of B", async () => {
    const { keyring, keyScope } = layers({ grantOf: world.b.tenantId, credentials: await sessionOf(world.a.tenantId) });
    for (const dataClass of ["C", "D", "X"] as const) {
      expect(await keyring.sealingKey(keyScope, dataClass)).toEqual({ ok: false, error: { kind: "forbidden" } });
    }
    expect(await keyring.auditKey(keyScope)).toEqual({ ok: false, error: { kind: "forbidden" } });
  });
  it("control: the application's check is really out of the way: with B's credentials the same steps give B's chart", async () => {
    const led = layers({ grantOf: world.b.tenantId, credentials: await sessionOf(world.b.tenantId) });
    const got = await tryAll(led);
    expect(pick(got, READS).map(holdsB)).toEqual(READS.map(() => true));
    expect(Object.values(got).filter((answer) => answer.startsWith("failed"))).toEqual([]);
    expect(led.alarms).toEqual([]);
  });
});

const MARKER = "plain text of B";
const markerKey = (): { readonly pk: string; readonly sk: string } => ({
  pk: `T#${world.b.tenantId}#C#P#marker`,
  sk: "R#Observation#marker",
});
const keyOf = ({ pk, sk }: { readonly pk: string; readonly sk: string }) => ({ pk: text(pk), sk: text(sk) });
const getRow = ({ dynamodb }: Hands, key: { readonly pk: string; readonly sk: string }) =>
  dynamodb.send(new GetItemCommand({ TableName: tableName(SITE, "data"), Key: keyOf(key) }));

describe("IAM alone: a row that nobody sealed, in B's partition", () => {
  beforeAll(() => putPastIam(world, "data", { ...keyOf(markerKey()), note: text(MARKER) }));

  it("ISO-3 is refused to A in every way", async () => {
    const hands = keep(handsOf(world, await sessionOf(world.a.tenantId)));
    const TableName = tableName(SITE, "data");
    const { pk } = markerKey();
    const query = { TableName, KeyConditionExpression: "pk = :p", ExpressionAttributeValues: { ":p": text(pk) } };
    const calls = [
      getRow(hands, markerKey()),
      hands.dynamodb.send(new QueryCommand(query)),
      hands.dynamodb.send(new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: [keyOf(markerKey())] } } })),
      hands.dynamodb.send(new ScanCommand({ TableName })),
    ];
    for (const call of calls) expect(await outcome(call)).toBe("AccessDeniedException");
  });
  it("control: sealing is really out of the way: B's own session reads the text", async () => {
    const hands = keep(handsOf(world, await sessionOf(world.b.tenantId)));
    expect((await getRow(hands, markerKey())).Item?.["note"]).toEqual(text(MARKER));
  });
});

const EVERYTHING: PolicyDocument = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
};

/** Whoever signs with these may do everything that no resource forbids. */
function everybody(): Credentials {
  const { users } = world.stack.cloud.iam;
  users.put({ name: "everybody", policies: { everything: EVERYTHING } });
  return users.createAccessKey("everybody");
}

/** IAM lets everything pass, short of the key's own policy: roles that allow all, tables that refuse nothing. */
async function openIam(): Promise<void> {
  const { roles } = world.stack.cloud.iam;
  const name = tenantRoleName(SITE);
  for (const policy of Object.keys(roles.get(name)?.policies ?? {})) roles.deletePolicy(name, policy);
  roles.putPolicy(name, "everything", EVERYTHING);
  const { dynamodb } = keep(rootHands(world));
  for (const table of ["data", "outbox", "keys"] as const) {
    await dynamodb.send(new DeleteResourcePolicyCommand({ ResourceArn: tableArn(SITE, table) }));
  }
}

/** The last of it: the cell's key does what anybody asks. */
async function openKeyPolicy(): Promise<void> {
  const { kms } = keep(rootHands(world));
  const Policy: PolicyDocument = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: "*", Action: "kms:*", Resource: "*" }],
  };
  await kms.send(new PutKeyPolicyCommand({ KeyId: cellKeyArn(world.stack), Policy: JSON.stringify(Policy) }));
}

const unwrap = ({ kms }: Hands, enc: Uint8Array, context: Readonly<Record<string, string>>) =>
  kms.send(new DecryptCommand({ CiphertextBlob: enc, EncryptionContext: { ...context } }));

describe("keys alone: roles and tables let everything pass", () => {
  beforeAll(openIam);

  it("control: IAM is really out of the way: A's session and anybody else read B's rows, and what was not sealed", async () => {
    const forA = await world.credentials({ tenantId: world.a.tenantId, policy: null });
    for (const credentials of [forA, everybody()]) {
      const hands = keep(handsOf(world, credentials));
      expect((await getRow(hands, markerKey())).Item?.["note"]).toEqual(text(MARKER));
      const { Items } = await hands.dynamodb.send(new ScanCommand({ TableName: tableName(SITE, "data") }));
      const ofB = (Items ?? []).filter((item) => item["phi"]?.B && item["pk"]?.S?.includes(world.b.tenantId));
      expect(ofB.length).toBeGreaterThan(2);
      // Raw rows, and no word of the chart in them.
      expect(JSON.stringify(ofB)).not.toContain(world.b.canary);
    }
  });
  it("KEY-12 the key's policy unwraps B's keys for nobody but B's session, under any context", async () => {
    const { enc, context } = wrappedKey(world, world.b.tenantId, "C");
    const own = wrappedKey(world, world.a.tenantId, "C").context;
    const forA = keep(handsOf(world, await world.credentials({ tenantId: world.a.tenantId, policy: null })));
    expect(await outcome(unwrap(forA, enc, context))).toBe("AccessDeniedException");
    expect(await outcome(unwrap(forA, enc, own))).toBe("InvalidCiphertextException");
    const anybody = keep(handsOf(world, everybody()));
    expect(await outcome(unwrap(anybody, enc, context))).toBe("AccessDeniedException");
    expect(await outcome(unwrap(anybody, enc, own))).toBe("AccessDeniedException");
    const forB = keep(handsOf(world, await world.credentials({ tenantId: world.b.tenantId, policy: null })));
    expect((await unwrap(forB, enc, context)).Plaintext).toHaveLength(32);
  });
  it("KEY-12 with rows and wrapped keys of B in hand, A's session gives no plaintext", async () => {
    const credentials = await world.credentials({ tenantId: world.a.tenantId, policy: null });
    const misled = layers({ grantOf: world.b.tenantId, credentials });
    const got = await tryAll(misled);
    expect(Object.values(got).some(holdsB)).toBe(false);
    expect(pick(got, READS).every((answer) => answer.startsWith("failed: "))).toBe(true);
    expect(misled.alarms).toContainEqual({ kind: "denied", from: "keys" });
  });
});

/** The rows of B that hold sealed content, as the table hands them out. */
async function sealedRowsOfB(hands: Hands): Promise<Row[]> {
  const { Items } = await hands.dynamodb.send(new ScanCommand({ TableName: tableName(SITE, "data") }));
  return (Items ?? [])
    .filter((item) => item["phi"]?.B && item["_h"]?.B)
    .map((item) => unmarshalRow(item))
    .filter(({ pk }) => pk.startsWith(`T#${world.b.tenantId}#`));
}

describe("sealing alone: roles, tables and the key's policy let everything pass", () => {
  let anybody: Credentials;
  beforeAll(async () => {
    await openKeyPolicy();
    anybody = everybody();
  });

  it("control: nothing of IAM is left: anybody unwraps B's key, and with B's keyring reads B's chart", async () => {
    const { enc, context } = wrappedKey(world, world.b.tenantId, "C");
    expect((await unwrap(keep(handsOf(world, anybody)), enc, context)).Plaintext).toHaveLength(32);
    const led = layers({ grantOf: world.b.tenantId, credentials: anybody });
    const got = await tryAll(led);
    expect(got["read"]).toContain(world.b.canary);
    expect(got["search of the directory"]).toContain(world.b.canary);
  });
  it("AW-13 KEY-4 B's rows, handed over as if they were A's, do not open with A's keyring", async () => {
    const misled = layers({ grantOf: world.a.tenantId, credentials: anybody, rowsOf: world.b.tenantId });
    const got = await tryAll(misled);
    expect(misled.handedOver()).toBeGreaterThan(5);
    expect(pick(got, READS)).toEqual(READS.map(() => "failed: integrity"));
    expect(Object.values(got).some(holdsB)).toBe(false);
    expect(misled.alarms.every(({ kind }) => kind === "integrity")).toBe(true);
    expect(misled.alarms.length).toBeGreaterThanOrEqual(READS.length);
  });
  it("AW-09 KEY-4 with B's wrapped keys handed over as well, KMS unwraps none of them under A's context", async () => {
    const both = { rowsOf: world.b.tenantId, keysOf: world.b.tenantId };
    const misled = layers({ grantOf: world.a.tenantId, credentials: anybody, ...both });
    const got = await tryAll(misled);
    expect(Object.values(got).some(holdsB)).toBe(false);
    expect(pick(got, READS).every((answer) => answer.startsWith("failed: "))).toBe(true);
    expect(misled.alarms).toContainEqual({ kind: "integrity", fault: "key" });
    for (const dataClass of ["C", "D"] as const) {
      await expect(misled.keyring.sealingKey(misled.keyScope, dataClass)).rejects.toThrow(SealBroken);
    }
  });
  it("KEY-12 with a dump of B's rows and every data key of A, nothing opens; with B's keys, everything does", async () => {
    const rows = await sealedRowsOfB(keep(handsOf(world, anybody)));
    expect(rows.length).toBeGreaterThan(2);
    const opensWith = async (tenantId: TenantId): Promise<string[]> => {
      const { keyring, keyScope } = layers({ grantOf: tenantId, credentials: anybody });
      const got: string[] = [];
      for (const row of rows) {
        const dataClass = every.find((each) => each === parsePartition(row.pk)?.dataClass);
        invariant(dataClass !== undefined, "a sealed row has a record class");
        for (const keyClass of every) {
          const key = await keyring.sealingKey({ ...keyScope, classes: every }, keyClass);
          invariant(key.ok, "anybody has the key");
          // In B's place, and moved to A's.
          for (const pk of new Set([row.pk, row.pk.replace(world.b.tenantId, tenantId)])) {
            const place = { tenantId, table: "data", dataClass: keyClass, pk, sk: row.sk };
            try {
              openItem({ ...row, pk } as Row & SealedRow, place, key.value);
              got.push("opened");
            } catch (error) {
              if (!(error instanceof SealBroken)) throw error;
              got.push(keyClass === dataClass ? "broken" : "other class");
            }
          }
        }
      }
      return got;
    };
    const withA = await opensWith(world.a.tenantId);
    expect(withA.filter((result) => result === "opened")).toEqual([]);
    expect(withA.filter((result) => result === "broken")).toHaveLength(2 * rows.length);
    const withB = await opensWith(world.b.tenantId);
    expect(withB.filter((result) => result === "opened")).toHaveLength(rows.length);
    expect(withB.filter((result) => result === "broken")).toEqual([]);
  });
});

describe("the application alone: IAM and keys let everything pass", () => {
  it("ISO-13 with A's grant, B's ids are unknown ids, and no key of B is asked for", async () => {
    const credentials = everybody();
    const own = layers({ grantOf: world.a.tenantId, credentials });
    const got = await tryAll(own);
    expect(Object.values(got).some(holdsB)).toBe(false);
    expect(pick(got, ["read", "read of a record in a compartment", "vread", "history", "everything"])).toEqual(
      Array.from({ length: 5 }, () => "failed: not-found"),
    );
    expect(pick(got, ["update", "delete"])).toEqual(["failed: not-found", "failed: not-found"]);
    expect(got["search of the directory"]).toContain(world.a.canary);
    const filter = { accessKeyId: credentials.accessKeyId };
    const asked = JSON.stringify(
      world.stack.cloud.trail.records(filter).map(({ requestParameters }) => requestParameters),
    );
    expect(asked).toContain(`T#${world.a.tenantId}#`);
    expect(asked).not.toContain(world.b.tenantId);
  });
  it("control: the same grant with B's tenant gives B's chart, so that nothing else refused", async () => {
    const led = layers({ grantOf: world.b.tenantId, credentials: everybody() });
    expect((await tryAll(led))["read"]).toContain(world.b.canary);
  });
  it("ISO-13 over HTTP, A's physician still meets unknown ids", async () => {
    for (const path of [`/fhir/Patient/${chart.patientId}`, `/fhir/Observation/${chart.observationId}`]) {
      const answer = await world.a.doc.send("GET", path);
      expect([answer.status, answer.text.includes(world.b.canary)]).toEqual([404, false]);
    }
    expect((await world.a.doc.send("GET", "/fhir/Patient?gender=female")).status).toBe(200);
  });
});
