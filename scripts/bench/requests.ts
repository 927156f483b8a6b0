import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { randomBytes } from "node:crypto";
import { generateClinic, type Resource } from "../seed/index.ts";
import { cpuMsSince, type Figure, median } from "./figures.ts";
import type { BenchClinic, BenchStage } from "./stage.ts";

const ROUNDS = 3;
const CLIENTS = [1, 8] as const;
const FLOOR = "one GetItem by the AWS SDK";

interface Work {
  readonly name: string;
  readonly run: () => Promise<unknown>;
}

const weight = (patientId: string, value: number) => ({
  resourceType: "Observation",
  status: "final",
  code: { coding: [{ system: "http://loinc.org", code: "29463-7", display: "Body weight" }] },
  subject: { reference: `Patient/${patientId}` },
  effectiveDateTime: "2026-11-01T08:00:00Z",
  valueQuantity: { value, unit: "kg", system: "http://unitsofmeasure.org", code: "kg" },
});

/** One synthetic patient's chart, written in transactions of 33. */
async function writeChart({ importer }: BenchClinic): Promise<{ patientId: string; observations: readonly string[] }> {
  const [shared = [], chart = []] = [...generateClinic({ seed: "bench", today: "2026-11-20" }, 1)];
  const isNeeded = ({ resourceType }: Resource) => ["Practitioner", "Organization", "Location"].includes(resourceType);
  const groups = [shared.filter(isNeeded)];
  for (let at = 0; at < chart.length; at += 33) groups.push(chart.slice(at, at + 33));
  for (const group of groups) {
    const entry = group.map((resource) => ({
      resource,
      request: { method: "PUT", url: `${resource.resourceType}/${resource.id}`, ifNoneMatch: "*" },
    }));
    await importer.json({
      method: "POST",
      path: "/fhir",
      body: { resourceType: "Bundle", type: "transaction", entry },
    });
  }
  const idsOf = (type: string): string[] => chart.filter((one) => one.resourceType === type).map(({ id }) => id);
  return { patientId: idsOf("Patient")[0] ?? "", observations: idsOf("Observation") };
}

/** The least that any request could cost here: one signed call that finds nothing. */
function floorWork({ stack }: BenchStage): Work & { close(): void } {
  const { accessKeyId, secretAccessKey } = stack.cloud.rootCredentials;
  const client = new DynamoDBClient({
    region: stack.cloud.region,
    endpoint: stack.endpoint,
    credentials: { accessKeyId, secretAccessKey },
  });
  const run = () =>
    client.send(
      new GetItemCommand({
        TableName: "keyward-dev-registry",
        Key: { pk: { S: randomBytes(8).toString("hex") }, sk: { S: "none" } },
      }),
    );
  return { name: FLOOR, run, close: () => client.destroy() };
}

async function requestWorks(clinic: BenchClinic): Promise<Work[]> {
  const { patientId, observations } = await writeChart(clinic);
  const { physician } = clinic;
  // Of their own patient, so that what is created does not make the chart and the search larger.
  const patient = { resourceType: "Patient", name: [{ family: "Bench" }], gender: "female", birthDate: "1980-02-29" };
  const { id: weighedId } = await physician.json<{ id: string }>({
    method: "POST",
    path: "/fhir/Patient",
    body: patient,
  });
  let count = 0;
  const next = (): number => (count += 1);
  return [
    {
      name: "create Observation",
      run: () => physician.json({ method: "POST", path: "/fhir/Observation", body: weight(weighedId, next()) }),
    },
    {
      name: "read Observation",
      run: () =>
        physician.json({
          method: "GET",
          path: `/fhir/Observation/${observations[next() % observations.length] ?? ""}`,
        }),
    },
    {
      name: "search Observation by patient and code",
      run: () =>
        physician.json({ method: "GET", path: `/fhir/Observation?patient=${patientId}&code=http://loinc.org|8302-2` }),
    },
    { name: "chart", run: () => physician.json({ method: "GET", path: `/fhir/Patient/${patientId}/$everything` }) },
  ];
}

/** Requests in a second of wall time and CPU milliseconds for each, with so many clients at a time. */
async function measure({ run }: Work, clients: number, seconds: number) {
  const start = process.cpuUsage();
  const startedMs = performance.now();
  let count = 0;
  const client = async (): Promise<void> => {
    while (performance.now() - startedMs < seconds * 1000) {
      await run();
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return { perSecond: (count * 1000) / (performance.now() - startedMs), cpuMs: cpuMsSince(start) / count };
}

/**
 * Records through the whole stack. The CPU is that of everything that a request needs, since all of it is one process:
 * client, HTTP API, function, embedded AWS. Rounds go through all works in turn, so that a busy moment meets all.
 */
export async function benchRequests(stage: BenchStage, seconds: number): Promise<Figure[]> {
  const [clinic] = stage.clinics;
  if (clinic === undefined) throw new Error("the bench has a clinic");
  const floor = floorWork(stage);
  const works: Work[] = [floor, ...(await requestWorks(clinic))];
  for (const work of works) await measure(work, 8, seconds / 2);
  const figures: Figure[] = [];
  for (const clients of CLIENTS) {
    const results = new Map<string, { perSecond: number; cpuMs: number }[]>(works.map(({ name }) => [name, []]));
    for (let round = 0; round < ROUNDS; round += 1) {
      const order = round % 2 === 0 ? works : works.toReversed();
      for (const work of order) results.get(work.name)?.push(await measure(work, clients, seconds / ROUNDS));
    }
    const section = `requests, ${clients} client${clients === 1 ? "" : "s"}`;
    const cpuOf = (name: string): number => median((results.get(name) ?? []).map(({ cpuMs }) => cpuMs));
    for (const { name } of works) {
      const perSecond = median((results.get(name) ?? []).map((result) => result.perSecond));
      const cpuMs = cpuOf(name);
      figures.push({ section, name, value: perSecond, unit: "requests/s" });
      figures.push({
        section,
        name: `${name}, CPU`,
        value: cpuMs,
        unit: "ms",
        ratio: cpuMs / cpuOf(FLOOR),
        base: FLOOR,
      });
    }
    // Records and events that pile up make later rounds no cheaper: streams are emptied between.
    await stage.stack.drain(120_000);
  }
  floor.close();
  return figures;
}
