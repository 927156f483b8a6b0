import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { originOf } from "../../core/audit/checkpoint.ts";
import { parseCosignerKey } from "../../core/audit/cosignature.ts";
import type { AuditEvent } from "../../core/audit/event.ts";
import { policyKey } from "../../core/audit/layout.ts";
import { parseVerifierKey } from "../../core/audit/note.ts";
import { findEvent, holds, proofOf } from "../../core/audit/proof.ts";
import { parseReceipt, receiptOf } from "../../core/audit/receipt.ts";
import { renderEvent } from "../../core/audit/rendition.ts";
import { type ArchiveReader, verifyArchive } from "../../core/audit/verify.ts";
import { type RouteName, routeNames, routes } from "../../core/contract/index.ts";
import { archiveBucketName, tableName, witnessBucketName } from "../../core/iam/index.ts";
import { policyVersion } from "../../core/policy/version.ts";
import { packLine, unpackLine } from "../../core/audit/row.ts";
import { openScene, type Scene, type Session } from "./clinic/scene.ts";
import { eventsAbout, eventsOf } from "./http/state.ts";
import { type Answer, canaryPatient, SITE } from "./world.ts";

let scene: Scene;
let patientId = "";
/** Nobody whom policy lets near the clinic's own affairs, and somebody whom it does. */
let desk: Session;
let administrator: Session;

beforeAll(async () => {
  scene = await openScene();
  const { a } = scene.world;
  patientId = String((await a.doc.send("POST", "/fhir/Patient", { body: canaryPatient(a) })).body["id"]);
  desk = await scene.signIn(await scene.hire(a, ["front-desk"]), "HOPERAT");
  administrator = await scene.signInSteppedUp(await scene.hire(a, ["clinic-administrator"]), "HOPERAT");
});
afterAll(() => scene.close());

const eventsOfA = (answer: Pick<Answer, "headers">): AuditEvent[] =>
  eventsAbout(scene.world, scene.world.a.tenantId, answer);
const receiptsOf = (answer: Pick<Answer, "headers">): string[] =>
  answer.headers.get("x-audit-receipt")?.split(", ") ?? [];

/** What the receipts of an answer have to be, from the events that it left. */
function expectedReceipts(answer: Pick<Answer, "headers">): string[] {
  const named = new Set(eventsOfA(answer).map(({ id }) => id));
  return eventsOf(scene.world, scene.world.a.tenantId)
    .filter(({ event }) => named.has(event.id))
    .map(({ event, line }) => receiptOf(event.id, line));
}

/** All but the one that a ticket opens: without a good one nobody knows whose trail it would be told in. */
const CLINIC = routeNames.filter((name) => routes[name].zone === "clinic" && routes[name].authentication !== "none");
const placed = (name: RouteName): string =>
  routes[name].path.replaceAll(/\{(\w+)\}/g, (_whole, part: string) =>
    part === "patient" || part === "id" ? patientId : "none",
  );

/** A route that makes several searches tells each. */
const SEARCHES: Partial<Record<RouteName, number>> = {
  readScheduleSetup: 3,
  readInbox: 2,
  countInbox: 2,
  listMessages: 2,
};
const eventsExpected = (name: RouteName, { status }: Answer): number => (status === 200 ? (SEARCHES[name] ?? 1) : 1);

describe("AT-37 the clinic's own routes", () => {
  it("AT-37 there are such routes", () => expect(CLINIC.length).toBeGreaterThan(20));

  it.each(CLINIC)("AT-37 %s leaves exactly one event for who may not, and its receipt", async (name) => {
    const { method, body } = routes[name];
    const answer = await desk.send(method, placed(name), body === null ? {} : { body: {} });
    const events = eventsOfA(answer);
    expect([name, answer.status, events.length]).toEqual([name, answer.status, eventsExpected(name, answer)]);
    if (answer.status >= 400) expect(["denied", "failure"]).toContain(events[0]?.outcome);
    expect(events[0]?.service).toBe("clinic");
    expect(receiptsOf(answer)).toEqual(expectedReceipts(answer));
  });

  it.each(CLINIC.filter((name) => routes[name].method === "GET"))(
    "AT-37 %s leaves exactly one event for who may, or for whom there is nothing",
    async (name) => {
      const answer = await administrator.send("GET", placed(name));
      const expected = [name, answer.status, eventsExpected(name, answer)];
      expect([name, answer.status, eventsOfA(answer).length]).toEqual(expected);
      expect(receiptsOf(answer)).toEqual(expectedReceipts(answer));
    },
  );
});

describe("AUD-2 one request in three layers", () => {
  it("AUD-2 its id is in the answer, in the function's log and in the event", async () => {
    const answer = await scene.world.a.doc.send("GET", `/fhir/Patient/${patientId}`);
    const id = answer.headers.get("x-request-id") ?? "";
    const lines = scene.world.stack.logs().get("keyward-dev-fhir") ?? [];
    expect(lines.some((line) => line.includes(`"requestId":"${id}"`) && line.includes('"message":"request"'))).toBe(
      true,
    );
    expect(eventsOfA(answer)).toMatchObject([{ request: id, service: "fhir", interaction: "read" }]);
  });
});

/** Hostile text in every place that a caller fills, over a socket of our own, because no client library sends it. */
function raw(lines: readonly string[]): Promise<string> {
  const { hostname, port } = new URL(scene.world.stack.endpoint);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () =>
      socket.write(Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1")),
    );
    let text = "";
    socket.setEncoding("utf8").on("data", (part: string) => (text += part));
    socket.on("error", reject).on("close", () => resolve(text));
  });
}

describe("AT-36 log injection", () => {
  const HOSTILE = [
    "two\\nforged",
    '","forged":"yes","x":"',
    "\u001b[31mforged\u001b[0m",
    "\u2028forged",
    "=cmd|'forged'!A0",
    `forged${"x".repeat(7_000)}`,
  ];

  it("AT-36 hostile user agents, ids and queries leave one well-formed event each, and none of their text in it", async () => {
    const { token } = scene.world.a.doc;
    const before = eventsOf(scene.world, scene.world.a.tenantId).length;
    let answered = 0;
    for (const text of HOSTILE) {
      const header = Buffer.from(text, "utf8").toString("latin1");
      const named = encodeURIComponent(text.slice(0, 200));
      const answer = await raw([
        `GET /fhir/Patient?name=${named}&_count=1 HTTP/1.1`,
        "host: localhost",
        `authorization: Bearer ${token}`,
        `user-agent: ${header}`,
        "x-purpose-of-use: TREAT",
        "connection: close",
      ]);
      // A control character in a header or path is refused before any function: there is nothing to tell of.
      if (/^x-request-id:/im.test(answer)) answered += 1;
      else expect(answer).toMatch(/^HTTP\/1\.1 400/);
      const direct = await scene.world.a.doc.send("GET", `/fhir/Patient/${encodeURIComponent(text.slice(0, 12))}`);
      if (direct.headers.get("x-request-id") !== null) answered += 1;
      else expect(direct.status).toBe(400);
    }
    const made = eventsOf(scene.world, scene.world.a.tenantId).slice(before);
    expect(answered).toBeGreaterThanOrEqual(2 * HOSTILE.length - 2);
    expect(made).toHaveLength(answered);
    for (const { line, event } of made) {
      expect(line).toMatch(/^[ -~]+$/);
      expect(unpackLine(packLine(line))).toBe(line);
      expect(line).not.toContain("forged");
      const csv = renderEvent("csv", event, line);
      expect(csv.split("\r\n")).toHaveLength(2);
      expect(csv).not.toMatch(/"[=+\-@]/);
    }
    const logged = (scene.world.stack.logs().get("keyward-dev-fhir") ?? []).join("\n");
    expect(logged).not.toContain("forged");
  });
});

const dumped = (bucket: string) =>
  [...scene.world.stack.cloud.s3.dumpObjects(bucket)].filter(({ bytes }) => bytes !== undefined);

/** Archive and witness as an auditor copies them. */
function copied(): ArchiveReader {
  const objects = new Map(
    [archiveBucketName(SITE), witnessBucketName(SITE)]
      .toReversed()
      .flatMap((bucket) => dumped(bucket).map(({ key, bytes }) => [key, bytes] as const)),
  );
  const keys = [...objects.keys()].toSorted();
  return {
    async *list(prefix) {
      for (const key of keys) if (key.startsWith(prefix)) yield await Promise.resolve(key);
    },
    get: (key) => Promise.resolve(objects.get(key)),
  };
}

const lineIn = (bucket: string): string =>
  dumped(bucket)
    .find(({ key }) => key === "v1/log/verifier-key")
    ?.bytes?.toString("utf8") ?? "";

/** Gives what the witness, which comes last, says of its run. */
async function settle(): Promise<string> {
  const { stack } = scene.world;
  await stack.drain();
  let last = "";
  for (const name of ["seal", "witness"]) {
    const { payload, functionError } = await stack.lambda.invoke(`keyward-dev-${name}`, {});
    expect([name, functionError, payload]).toEqual([name, undefined, expect.not.stringContaining("errorMessage")]);
    last = payload;
  }
  return last;
}

describe("PROOF-3 from the answer to the proof", () => {
  it("PROOF-3 AUD-4 a receipt of an answer is proved offline with two public keys, and the whole trail verifies", async () => {
    const { a } = scene.world;
    const answers = [
      await a.doc.send("GET", `/fhir/Patient/${patientId}`),
      await a.doc.send("GET", "/fhir/Patient/unknown"),
      await desk.send("GET", "/clinic/settings/privacy"),
    ];
    await settle();
    const reader = copied();
    const logKey = parseVerifierKey(lineIn(archiveBucketName(SITE)));
    const witnessKey = parseCosignerKey(lineIn(witnessBucketName(SITE)));
    if (logKey === undefined || witnessKey === undefined) throw new Error("both leave their public keys");
    const { tenantId } = a;
    const origin = originOf(SITE.stage, SITE.cell, tenantId);
    for (const answer of answers) {
      const [given = ""] = receiptsOf(answer);
      const receipt = parseReceipt(given);
      if (receipt === undefined) throw new Error("every answer has its receipt");
      const found = await findEvent(reader, tenantId, receipt);
      if (found === undefined) throw new Error("a receipt's event is in the archive");
      const proof = await proofOf(reader, tenantId, found.line);
      if (proof === undefined) throw new Error("and in the signed log");
      expect(holds(proof, found.line, { origin, logKey, witnessKey })).toBe(true);
    }
    const report = await verifyArchive({ reader, tenantId, origin, logKey, witnessKey });
    expect(report.findings).toEqual([]);
    expect(report.witnessed).toBe(report.events);
    // The rules that decided all of it lie beside it.
    expect(await reader.get(policyKey(policyVersion))).toBeDefined();
  });

  it("PROOF-3 AUD-4 the witness, in its own account, follows a log that has grown since it last looked", async () => {
    await settle();
    for (const id of ["grown", "again"]) {
      await scene.world.a.doc.send("GET", `/fhir/Patient/${id}`);
      expect(JSON.parse(await settle())).toEqual({ cosigned: 1, refused: 0 });
    }
  });

  it("AT-38 after an outage of the outbox nobody's numbers have a hole", async () => {
    const { stack, a } = scene.world;
    stack.cloud.faults.setPlan({
      seed: 3,
      rules: [
        { kind: "server-error", service: "dynamodb", operations: ["PutItem"], probability: 0.5 },
        { kind: "server-error-after", service: "dynamodb", operations: ["PutItem"], probability: 0.2 },
      ],
    });
    const statuses: number[] = [];
    try {
      for (let ask = 0; ask < 12; ask += 1)
        statuses.push((await a.doc.send("GET", `/fhir/Patient/${patientId}`)).status);
    } finally {
      stack.cloud.faults.setPlan();
    }
    expect(statuses.every((status) => status === 200 || status === 503)).toBe(true);
    expect((await a.doc.send("GET", `/fhir/Patient/${patientId}`)).status).toBe(200);
    await settle();
    const logKey = parseVerifierKey(lineIn(archiveBucketName(SITE)));
    if (logKey === undefined) throw new Error("the sealer left its key");
    const { tenantId } = a;
    const origin = originOf(SITE.stage, SITE.cell, tenantId);
    expect((await verifyArchive({ reader: copied(), tenantId, origin, logKey })).findings).toEqual([]);
  });
});

describe("AUD-1 what an ordinary event costs", () => {
  it("AUD-1 an ordinary read leaves a row of less than one write unit", async () => {
    const answer = await scene.world.a.doc.send("GET", `/fhir/Patient/${patientId}`);
    const [event] = eventsOfA(answer);
    const row = scene.world.stack.cloud.dynamodb
      .dumpItems(tableName(SITE, "outbox"))
      .find((item) => JSON.stringify(item["sk"]) === JSON.stringify({ S: event?.id }));
    const size = Object.entries(row ?? {}).reduce((sum, [name, value]) => {
      const [[kind, text] = ["", ""]] = Object.entries(value) as [string, string][];
      return sum + name.length + (kind === "B" ? Buffer.byteLength(text, "base64") : text.length);
    }, 0);
    expect(size).toBeGreaterThan(300);
    expect(size).toBeLessThan(1024);
  });
});
