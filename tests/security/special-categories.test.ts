import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tableName } from "../../core/iam/names.ts";
import { createDynamoTable } from "../../core/table/dynamodb.ts";
import { createMeter } from "../../core/table/index.ts";
import { homePartition, type RecordId } from "../../core/table/index.ts";
import { systemClock } from "../../core/kernel/clock.ts";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  INLINE_LABEL,
  labels,
  observation,
  ofClass,
  ofLabel,
  openScene,
  pathsTo,
  type Scene,
} from "./consent/scene.ts";
import { type Caller, SITE } from "./world.ts";

const CANARY = "CANARYspecial";
const NOTICE = "42 CFR part 2 prohibits unauthorized use or disclosure of these records.";

let scene: Scene;
let doc: Caller;
beforeAll(async () => {
  scene = await openScene();
  doc = scene.clinic.doc;
});
afterAll(() => scene.close());

const permitOf = (...codes: string[]) => ({ type: "permit", securityLabel: codes.map(ofLabel) });

describe("POL-7 POL-8 special categories", () => {
  it.each(["SUD", "42CFRPart2", "PSY", "PSYTHPN", "HIV", "SDV", "R"])(
    "a note labelled %s reaches nobody without a consent to it, by any path",
    async (code) => {
      const patientId = await scene.patient();
      const system = code === "R" ? "http://terminology.hl7.org/CodeSystem/v3-Confidentiality" : undefined;
      const meta = system === undefined ? labels(code) : { meta: { security: [{ system, code }] } };
      const note = await scene.file(observation(patientId, CANARY, meta));
      for (const who of [doc, scene.clinic.desk, scene.clinic.bill, scene.clinic.importer])
        for (const path of pathsTo(patientId, note)) expect((await who.send("GET", path)).text).not.toContain(CANARY);
      const found = await doc.send("GET", `/fhir/Observation?patient=${patientId}`);
      expect([found.status, found.body["total"]]).toEqual([200, 0]);
    },
  );

  it("a permit for one category opens that one, and the notice goes with 42 CFR Part 2", async () => {
    const patientId = await scene.patient();
    const sud = await scene.file(observation(patientId, `${CANARY}-sud`, labels("SUD")));
    const hiv = await scene.file(observation(patientId, `${CANARY}-hiv`, labels("HIV")));
    const plain = await scene.file(observation(patientId, "plain"));
    await scene.consent(patientId, permitOf("SUD"));
    const read = await doc.send("GET", `/fhir/Observation/${sud.id}`);
    expect([read.status, read.headers.get("x-redisclosure-notice")]).toEqual([200, NOTICE]);
    expect((await doc.send("GET", `/fhir/Observation/${hiv.id}`)).status).toBe(404);
    expect((await doc.send("GET", `/fhir/Observation/${plain.id}`)).headers.get("x-redisclosure-notice")).toBeNull();
    const paths = [
      `/fhir/Observation?patient=${patientId}`,
      `/fhir/Observation?_id=${sud.id}&patient=${patientId}`,
      `/fhir/Patient/${patientId}/$everything`,
    ];
    for (const path of paths) {
      const answer = await doc.send("GET", path);
      expect([path, answer.text.includes(`${CANARY}-sud`)]).toEqual([path, true]);
      expect([path, answer.text.includes(`${CANARY}-hiv`)]).toEqual([path, false]);
      expect([path, answer.headers.get("x-redisclosure-notice")]).toEqual([path, NOTICE]);
      const entries = JSON.parse(answer.text) as { entry: { search?: { mode: string }; resource: object }[] };
      const outcomes = entries.entry.filter(({ search }) => search?.mode === "outcome");
      expect([path, JSON.stringify(outcomes).includes(NOTICE)]).toEqual([path, true]);
    }
    const history = await doc.send("GET", `/fhir/Observation/${sud.id}/_history`);
    expect(history.headers.get("x-redisclosure-notice")).toBe(NOTICE);
    const batch = await doc.send("POST", "/fhir", {
      body: {
        resourceType: "Bundle",
        type: "batch",
        entry: [{ request: { method: "GET", url: `Observation/${sud.id}` } }],
      },
    });
    expect(batch.headers.get("x-redisclosure-notice")).toBe(NOTICE);
    const count = await doc.send("GET", `/fhir/Observation?patient=${patientId}&_summary=count`);
    expect([count.body["total"], count.headers.get("x-redisclosure-notice")]).toEqual([2, null]);
  });

  it("a psychotherapy note opens to no general permit and to no other label", async () => {
    const patientId = await scene.patient();
    const note = await scene.file(observation(patientId, CANARY, labels("PSYTHPN")));
    await scene.consent(patientId, { type: "permit", class: [ofClass("S")] });
    await scene.consent(patientId, permitOf("PSY", "MH", "BH"));
    for (const path of pathsTo(patientId, note)) expect((await doc.send("GET", path)).text).not.toContain(CANARY);
    await scene.consent(patientId, permitOf("PSYTHPN"));
    expect((await doc.send("GET", `/fhir/Observation/${note.id}`)).text).toContain(CANARY);
  });

  it("POL-8: a field under quarantine is masked, a document and a workflow are quarantined by one label", async () => {
    const patientId = await scene.patient();
    const extension = [{ url: INLINE_LABEL, valueCoding: { system: ofLabel("HIV").system, code: "HIV" } }];
    const field = await scene.file(
      observation(patientId, "the rest", { note: [{ text: `${CANARY}-field`, extension }] }),
    );
    const visit = await scene.file({
      resourceType: "Encounter",
      status: "finished",
      class: { code: "AMB" },
      subject: { reference: `Patient/${patientId}` },
    });
    const inside = await scene.file(
      observation(patientId, `${CANARY}-inside`, { encounter: { reference: `Encounter/${visit.id}` } }),
    );
    await scene.consent(patientId, permitOf("PSY"));
    const masked = await doc.send("GET", `/fhir/Observation/${field.id}`);
    expect([masked.status, masked.text.includes("the rest"), masked.text.includes(CANARY)]).toEqual([200, true, false]);
    expect((await doc.send("GET", `/fhir/Observation/${inside.id}`)).status).toBe(200);
    const current = await doc.send("GET", `/fhir/Encounter/${visit.id}`);
    const labelled = await doc.send("PUT", `/fhir/Encounter/${visit.id}`, {
      body: { ...(JSON.parse(current.text) as object), ...labels("SUD") },
      headers: { "if-match": 'W/"1"' },
    });
    expect(labelled.status).toBe(200);
    for (const hidden of [visit, inside])
      expect((await doc.send("GET", `/fhir/${hidden.type}/${hidden.id}`)).status).toBe(404);
    const later = { encounter: { reference: `Encounter/${visit.id}` } };
    const refused = await doc.send("POST", "/fhir/Observation", { body: observation(patientId, "later", later) });
    expect(refused.status).toBe(422);
    await scene.consent(patientId, permitOf("SUD"));
    const seen = await doc.send("GET", `/fhir/Observation/${inside.id}`);
    expect([seen.status, seen.text.includes('"SUD"'), seen.headers.get("x-redisclosure-notice")]).toEqual([
      200,
      true,
      NOTICE,
    ]);
  });

  it("a record that is given a label takes its past along", async () => {
    const patientId = await scene.patient();
    const note = await scene.file(observation(patientId, `${CANARY}-1`));
    await doc.send("PUT", `/fhir/Observation/${note.id}`, {
      body: { ...observation(patientId, `${CANARY}-2`), id: note.id },
      headers: { "if-match": 'W/"1"' },
    });
    const labelled = await doc.send("PUT", `/fhir/Observation/${note.id}`, {
      body: { ...observation(patientId, `${CANARY}-3`, labels("PSY")), id: note.id },
      headers: { "if-match": 'W/"2"' },
    });
    expect(labelled.status).toBe(200);
    for (const version of ["", "/_history/1", "/_history/2", "/_history/3", "/_history"])
      expect((await doc.send("GET", `/fhir/Observation/${note.id}${version}`)).status).toBe(404);
    await scene.consent(patientId, permitOf("PSY"));
    const history = await doc.send("GET", `/fhir/Observation/${note.id}/_history`);
    expect(history.body["total"]).toBe(3);
  });
});

describe("POL-5 AT-33 the data layer, past the API", () => {
  it("credentials for class C reach no row of class S and unwrap no key of it, nor the past of what was moved", async () => {
    const { world, clinic } = scene;
    const patientId = await scene.patient();
    const note = await scene.file(observation(patientId, `${CANARY}-1`));
    await doc.send("PUT", `/fhir/Observation/${note.id}`, {
      body: { ...observation(patientId, `${CANARY}-2`), id: note.id },
      headers: { "if-match": 'W/"1"' },
    });
    await doc.send("PUT", `/fhir/Observation/${note.id}`, {
      body: { ...observation(patientId, `${CANARY}-3`, labels("SUD")), id: note.id },
      headers: { "if-match": 'W/"2"' },
    });
    const credentials = await world.credentials({ tenantId: clinic.tenantId, classes: ["C", "D", "X", "I"] });
    const client = new DynamoDBClient({
      region: "us-east-1",
      endpoint: world.stack.endpoint,
      credentials,
      maxAttempts: 1,
    });
    const table = createDynamoTable({
      client,
      names: { data: tableName(SITE, "data"), keys: tableName(SITE, "keys") },
      clock: systemClock,
      meter: createMeter(),
    });
    const home = { patientId: patientId as RecordId };
    const inS = await table.query("data", { pk: homePartition(clinic.tenantId, "S", home), isConsistent: true });
    expect(inS).toMatchObject({ ok: false, error: { kind: "denied" } });
    const inC = await table.query("data", { pk: homePartition(clinic.tenantId, "C", home), isConsistent: true });
    expect(inC.ok).toBe(true);
    const rows = inC.ok ? inC.value.rows.filter(({ sk }) => sk.includes(note.id)) : [];
    expect(rows).toHaveLength(2);
    for (const row of rows) expect([row["_mv"], row["phi"]]).toEqual([true, undefined]);
    const keys = await table.query("keys", { pk: `T#${clinic.tenantId}#S#K`, isConsistent: true });
    expect(keys).toMatchObject({ ok: false, error: { kind: "denied" } });
    client.destroy();
  });
});
