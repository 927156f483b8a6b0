import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openStage, type BenchClinic, type BenchStage } from "../../scripts/bench/stage.ts";
import { createVirtualClock } from "../../scripts/local/front/index.ts";
import { generateClinic, type Resource } from "../../scripts/seed/index.ts";
import { tapCalls, type CountedCall } from "./tap.ts";

/**
 * What one request costs at AWS, as exact numbers. Time stands still, so that no cache ends in the middle; one
 * environment, so that warm is warm. A change here is a change of the bill: read the difference of counters.md, and
 * accept it with `npm test -- tests/golden -u`.
 */
const clock = createVirtualClock();
const REQUEST = /^(fn-fhir|tenant-request|registry-read)$/;
const BEHIND = /^(fn-archive|fn-cross-check)$/;
const TEST_TIMEOUT_MS = 300_000;

let stage: BenchStage;
let clinic: BenchClinic;
let tap: ReturnType<typeof tapCalls>;
let fixed: readonly Resource[] = [];

const catchUp = async (): Promise<void> => {
  const behindMs = Date.now() - clock.now();
  if (behindMs > 0) await clock.advance(behindMs);
};

interface Answer {
  readonly status: number;
  readonly id: string;
  readonly text: string;
}

async function send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const answer = await clinic.physician.call({
    method,
    path,
    headers,
    ...(body === undefined ? {} : { body }),
  });
  const id = answer.text === "" ? "" : String((JSON.parse(answer.text) as { id?: string }).id);
  const made: Answer = { status: answer.status, id, text: answer.text };
  expect(made.status).toBeLessThan(300);
  return made;
}

const PATIENT = {
  resourceType: "Patient",
  identifier: [{ system: "urn:example:mrn", value: "A-17" }],
  name: [{ family: "Sample", given: ["Sarah", "Jane"] }],
  telecom: [{ system: "phone", value: "555-0117", use: "home" }],
  address: [{ line: ["17 Example Street"], city: "Springfield", state: "MA", postalCode: "01101", country: "US" }],
  gender: "female",
  birthDate: "1980-02-29",
};
const observation = (patientId: string, value = 71.5) => ({
  resourceType: "Observation",
  status: "final",
  category: [
    { coding: [{ system: "http://terminology.hl7.org/CodeSystem/observation-category", code: "vital-signs" }] },
  ],
  code: { coding: [{ system: "http://loinc.org", code: "29463-7", display: "Body weight" }] },
  subject: { reference: `Patient/${patientId}` },
  effectiveDateTime: "2026-11-01T08:00:00Z",
  valueQuantity: { value, unit: "kg", system: "http://unitsofmeasure.org", code: "kg" },
});

const patientOf = (resources: readonly Resource[]): string =>
  resources.find(({ resourceType }) => resourceType === "Patient")?.id ?? "";

/** The chart that is read: one synthetic patient with what the records refer to, written in transactions. */
async function writeFixedChart(): Promise<void> {
  const [shared = [], chart = []] = [...generateClinic({ seed: "golden", today: "2026-11-20" }, 1)];
  const needed = shared.filter(({ resourceType }) =>
    ["Practitioner", "Organization", "Location"].includes(resourceType),
  );
  fixed = chart;
  for (const group of [needed, ...chunks(chart, 33)]) {
    const entry = group.map((resource) => ({
      resource,
      request: { method: "PUT", url: `${resource.resourceType}/${resource.id}`, ifNoneMatch: "*" },
    }));
    const body = { resourceType: "Bundle", type: "transaction", entry };
    const answer = await clinic.importer.call({ method: "POST", path: "/fhir", body });
    expect(answer.status).toBe(200);
  }
}

const chunks = <T>(list: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, index) => list.slice(index * size, (index + 1) * size));

interface Operation {
  readonly name: string;
  /** Gives the request that is counted, after what it needs has been made. */
  readonly prepare: () => Promise<() => Promise<Answer>>;
}

const newPatient = () => send("POST", "/fhir/Patient", PATIENT);
const newObservation = async () => send("POST", "/fhir/Observation", observation((await newPatient()).id));
const bundleOf = (patientId: string, count: number) => ({
  resourceType: "Bundle",
  type: "transaction",
  entry: Array.from({ length: count }, (_, index) => ({
    resource: observation(patientId, 60 + index),
    request: { method: "POST", url: "Observation" },
  })),
});

const operations: readonly Operation[] = [
  { name: "create Patient", prepare: () => Promise.resolve(newPatient) },
  {
    name: "create Observation",
    prepare: async () => {
      const { id } = await newPatient();
      return () => send("POST", "/fhir/Observation", observation(id));
    },
  },
  {
    name: "read Observation",
    prepare: async () => {
      const { id } = await newObservation();
      return () => send("GET", `/fhir/Observation/${id}`);
    },
  },
  {
    name: "update Observation",
    prepare: async () => {
      const { id } = await newObservation();
      const [patientId = ""] = id.split(".");
      return () =>
        send("PUT", `/fhir/Observation/${id}`, { ...observation(patientId, 72), id }, { "if-match": 'W/"1"' });
    },
  },
  {
    name: "search Observation by patient and code (20 of 40 found)",
    prepare: async () => {
      const { id } = await newPatient();
      const other = { coding: [{ system: "http://loinc.org", code: "8302-2", display: "Body height" }] };
      const bundle = bundleOf(id, 20);
      await send("POST", "/fhir", bundle);
      const entry = bundle.entry.map((one) => ({ ...one, resource: { ...one.resource, code: other } }));
      await send("POST", "/fhir", { ...bundle, entry });
      return () => send("GET", `/fhir/Observation?patient=${id}&code=http://loinc.org|29463-7`);
    },
  },
  {
    name: "chart",
    prepare: () => Promise.resolve(() => send("GET", `/fhir/Patient/${patientOf(fixed)}/$everything`)),
  },
  {
    name: "transaction of 33 Observations",
    prepare: async () => {
      const { id } = await newPatient();
      return () => send("POST", "/fhir", bundleOf(id, 33));
    },
  },
];

/** The calls of a request: sorted, because some are made side by side. */
function listOf(calls: readonly CountedCall[]): string {
  const counts = new Map<string, number>();
  for (const { role, action } of calls) counts.set(`${role} ${action}`, (counts.get(`${role} ${action}`) ?? 0) + 1);
  const sorted = [...counts].toSorted(([left], [right]) => (left < right ? -1 : 1));
  return sorted.map(([call, count]) => (count === 1 ? call : `${count} x ${call}`)).join(", ");
}

function rowOf(name: string, calls: readonly CountedCall[]): string {
  const sum = (unit: "readUnits" | "writeUnits"): number => calls.reduce((total, call) => total + call[unit], 0);
  return `| ${name} | ${calls.length} | ${sum("readUnits")} | ${sum("writeUnits")} | ${listOf(calls)} |`;
}

const HEAD = "| request | calls | read units | write units | which |\n| --- | ---: | ---: | ---: | --- |";
const sections: string[] = [];
const section = (title: string, explanation: string, rows: readonly string[]): void =>
  void sections.push(`## ${title}\n\n${explanation}\n\n${HEAD}\n${rows.join("\n")}\n`);

beforeAll(async () => {
  stage = await openStage(1, { clock, maxEnvironments: 1, beforeSignIn: catchUp });
  clinic = stage.clinics[0] as BenchClinic;
  await writeFixedChart();
  tap = tapCalls(stage.stack);
}, TEST_TIMEOUT_MS);
afterAll(async () => {
  tap.stop();
  await stage.close();
  await clock.close();
});

async function count(operation: Operation, isCold: boolean): Promise<string> {
  const request = await operation.prepare();
  if (isCold) await stage.stack.lambda.retireAll();
  tap.take(REQUEST);
  await request();
  return rowOf(operation.name, tap.take(REQUEST));
}

describe("COST-1 what a request costs at AWS, as exact numbers", { timeout: TEST_TIMEOUT_MS }, () => {
  it("warm: the same three times in a row", async () => {
    const rows: string[] = [];
    for (const operation of operations) {
      await (
        await operation.prepare()
      )();
      const times = [await count(operation, false), await count(operation, false), await count(operation, false)];
      expect(new Set(times).size, times.join("\n")).toBe(1);
      rows.push(times[0] ?? "");
    }
    const explanation =
      "A request of a physician with an `Idempotency-Key` where it writes, in an environment that has served the same " +
      "before and less than five seconds ago: keys, credentials and the member's standing are at hand.";
    section("Warm", explanation, rows);
  });

  it("when the member's standing is older than five seconds: one call more, and it is seen", async () => {
    const [, , read] = operations as [Operation, Operation, Operation];
    await (
      await read.prepare()
    )();
    const request = await read.prepare();
    tap.take(REQUEST);
    await request();
    const warm = tap.take(REQUEST);
    await clock.advance(6_000);
    await request();
    const asked = tap.take(REQUEST);
    expect(asked.map(({ action }) => action).toSorted()).toEqual(
      ["dynamodb:BatchGetItem", ...warm.map(({ action }) => action)].toSorted(),
    );
    section("Standing asked again", "Every five seconds for each member.", [rowOf(read.name, asked)]);
  });

  it("cold: a new environment for each request", async () => {
    const rows: string[] = [];
    for (const operation of operations) {
      const times = [await count(operation, true), await count(operation, true)];
      expect(new Set(times).size, times.join("\n")).toBe(1);
      rows.push(times[0] ?? "");
    }
    const explanation = "The first request of a new environment: it assumes its roles and unwraps its keys.";
    section("Cold", explanation, rows);
  });

  it("behind the answer: archive and cross-check of one request that comes alone", async () => {
    const rows: string[] = [];
    for (const operation of operations) {
      const request = await operation.prepare();
      await stage.stack.drain(TEST_TIMEOUT_MS);
      tap.take(BEHIND);
      await request();
      await stage.stack.drain(TEST_TIMEOUT_MS);
      const calls = tap
        .take(BEHIND)
        .filter(({ action }) => !/:(GetRecords|GetShardIterator|DescribeStream)$/.test(action));
      rows.push(rowOf(operation.name, calls));
    }
    const explanation =
      "Polling a stream costs nothing on Lambda and is left out. A batch of up to 500 events shares one `PutObject`. The " +
      "cross-check reads each written row and its event.";
    section("Behind the answer", explanation, rows);
  });

  it("is what the committed table says", async () => {
    const title = "# What a request costs at AWS\n\nWritten and compared by `counters.test.ts`. ";
    const chart = `The chart holds ${fixed.length} records and the practitioners that they name.`;
    const about = `Calls are CloudTrail's, capacity is that of DynamoDB's own answers. ${chart}\n\n`;
    await expect(title + about + sections.join("\n")).toMatchFileSnapshot("counters.md");
  });
});
