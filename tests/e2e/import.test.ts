import {
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
  existsSync,
  readFileSync,
  truncateSync,
  copyFileSync,
} from "node:fs";
import path from "node:path";
import { create, extract } from "tar";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TenantView } from "../../core/contract/index.ts";
import type { ImportReport } from "../../scripts/cli/import/run.ts";
import { type Stack, startStack } from "../../scripts/local/stack.ts";
import { prepareProfile } from "../../scripts/start/profile.ts";
import { cleanUp, cli, type CliAnswer, PATIENCE_MS, sharedFolder, temporaryFolder } from "./harness.ts";

const life = { timeout: PATIENCE_MS } as const;
const folder = temporaryFolder();
const sources = path.join(folder, "sources");
let stack: Stack;

/** The CLI is a process of its own; the stage runs here, where its tables can be looked into. */
beforeAll(async () => {
  stack = await startStack({ throttle: { ratePerSecond: 2_000, burst: 4_000 } });
  await prepareProfile(stack, folder);
}, PATIENCE_MS);
afterAll(async () => {
  await stack.close();
  cleanUp();
});

const keyward = (...args: readonly string[]): Promise<CliAnswer> => cli(folder, ...args);

async function newTenant(name: string): Promise<string> {
  const created = await keyward("--json", "tenant", "create", name);
  expect(created.code).toBe(0);
  return created.json<TenantView>().id;
}

/** The text of every row of a tenant in the data table, by its key. */
function rowsOf(tenantId: string): Map<string, string> {
  const own = stack.cloud.dynamodb
    .dumpItems("keyward-dev-c01-data")
    .map((item) => [JSON.stringify([item["pk"], item["sk"]]), JSON.stringify(item)] as const)
    .filter(([key]) => key.includes(`T#${tenantId}#`));
  return new Map(own);
}

const recordsIn = (rows: ReadonlyMap<string, string>): number =>
  [...rows.keys()].filter((key) => key.includes('{"S":"R#')).length;

const journalOf = (tenantId: string): string => path.join(folder, "imports", `${tenantId}.journal`);

interface Bundle {
  readonly entry: readonly { readonly resource: { readonly resourceType: string; readonly id: string } }[];
}
const filesIn = (below: string): string[] => readdirSync(below).map((name) => path.join(below, name));
const read = (file: string): Bundle => JSON.parse(readFileSync(file, "utf8")) as Bundle;

const archive = path.join(sharedFolder, "data/synthea-20.tgz");
const PATIENTS = 3;

describe.skipIf(!existsSync(archive))("TEN-11 an import of Synthea bundles (needs ../shared/data)", life, () => {
  const synthea = path.join(sources, "synthea");
  const tgz = path.join(sources, "synthea.tgz");
  let tenantId = "";
  let resources = 0;
  let first: ImportReport;
  let rows: Map<string, string>;

  it("accounts for every resource: stored, there already, or refused with its rule", async () => {
    mkdirSync(sources, { recursive: true });
    await extract({ file: archive, cwd: sources });
    const bySize = filesIn(synthea).toSorted((left, right) => statSync(left).size - statSync(right).size);
    const hospitals = bySize.filter((file) => file.includes("hospital"));
    const kept = new Set([...hospitals, ...bySize.filter((file) => !hospitals.includes(file)).slice(0, PATIENTS)]);
    for (const file of bySize) if (!kept.has(file)) rmSync(file);
    await create({ gzip: true, file: tgz, cwd: sources }, ["synthea"]);
    resources = [...kept].reduce((total, file) => total + read(file).entry.length, 0);
    tenantId = await newTenant("Synthea");

    const imported = await keyward("import", tgz, "--tenant", tenantId, "--json");
    first = imported.json<ImportReport>();
    expect(first).toMatchObject({ pieces: kept.size, patients: PATIENTS });
    expect(first.stored + first.present + first.refused).toBe(resources);
    const listed = first.refusals.reduce((total, { count }) => total + count, 0);
    expect(listed).toBe(first.refused);
    // Synthea writes some hospitals twice, with and without their statistics: the second is not passed over in silence.
    const rules = new Set(first.refusals.map(({ rule }) => rule));
    expect([...rules].filter((rule) => rule !== "exists-with-other-content")).toEqual([]);
    expect(imported.code).toBe(first.refused === 0 ? 0 : 1);
    rows = rowsOf(tenantId);
    expect(recordsIn(rows)).toBe(first.stored);
    expect(first.perSecond).toBeGreaterThan(0);
  });

  it("the same command again changes nothing", async () => {
    const again = await keyward("import", tgz, "--tenant", tenantId, "--json");
    const report = again.json<ImportReport>();
    expect(report).toMatchObject({ stored: 0, present: resources - first.refused, refused: first.refused });
    expect(report.refusals.map(({ rule, count }) => ({ rule, count }))).toEqual(
      first.refusals.map(({ rule, count }) => ({ rule, count })),
    );
    expect(rowsOf(tenantId)).toEqual(rows);
  });

  it("nor without the journal, from the directory instead of the archive", async () => {
    rmSync(journalOf(tenantId));
    const again = await keyward("import", synthea, "--tenant", tenantId, "--json");
    const report = again.json<ImportReport>();
    expect(report).toMatchObject({ stored: 0, present: resources - first.refused, refused: first.refused });
    expect(rowsOf(tenantId)).toEqual(rows);
  });

  it("prints counts, what was refused and the resources per second", async () => {
    const { stdout } = await keyward("import", synthea, "--tenant", tenantId);
    const [counts, history, speed] = stdout.split("\n");
    expect(counts).toBe(
      `${first.pieces} pieces, ${PATIENTS} patients, ${resources} resources: 0 stored, ${resources - first.refused} there already, ${first.refused} refused`,
    );
    expect(first.history).toBeGreaterThan(0);
    expect(history).toBe(`${first.history} final results are history: they wait for nobody's signature here`);
    expect(speed).toMatch(/^[\d.]+ s, \d+ resources\/s$/);
  });

  it("an archive that breaks off is said so, and what it held is imported by the whole one", async () => {
    const other = await newTenant("Broken archive");
    const broken = path.join(sources, "broken.tgz");
    copyFileSync(tgz, broken);
    truncateSync(broken, Math.floor(statSync(tgz).size * 0.8));
    const answer = await keyward("import", broken, "--tenant", other);
    expect(answer).toMatchObject({ code: 2, stdout: "", stderr: "keyward: broken.tgz is not a whole tar archive\n" });
    const whole = (await keyward("import", tgz, "--tenant", other, "--json")).json<ImportReport>();
    expect(whole.stored + whole.present + whole.refused).toBe(resources);
    expect(recordsIn(rowsOf(other))).toBe(recordsIn(rows));
  });
});

describe("TEN-11 an import of a directory with NDJSON and broken files", life, () => {
  const mixed = path.join(sources, "mixed");
  const patient = { resourceType: "Patient", id: "pat-1", name: [{ family: "Sample" }], gender: "female" };
  const weight = (id: string, more: object = {}) => ({
    resourceType: "Observation",
    id,
    status: "final",
    code: { coding: [{ system: "http://loinc.org", code: "29463-7" }] },
    subject: { reference: "Patient/pat-1" },
    encounter: { reference: "Encounter/enc-1" },
    performer: [{ reference: "Practitioner/prac-1" }],
    ...more,
  });
  const visit = {
    resourceType: "Encounter",
    id: "enc-1",
    status: "finished",
    class: { code: "AMB" },
    subject: { reference: "Patient/pat-1" },
  };
  const practitioner = { resourceType: "Practitioner", id: "prac-1", name: [{ family: "Who" }] };
  const lines = (...values: readonly object[]): string => values.map((value) => JSON.stringify(value)).join("\r\n");
  const bundleOf = (...entry: readonly unknown[]) =>
    JSON.stringify({ resourceType: "Bundle", type: "collection", entry });

  /** Each file, and what becomes of what it holds. */
  const files: Record<string, string | Uint8Array> = {
    "a-observations.ndjson": `${lines(weight("obs-1"), weight("obs-2"))}\n\n`,
    "b-encounters.ndjson": lines(visit),
    "c-patients.ndjson": `${lines(patient)}\n`,
    "d-practitioners.ndjson": `{"resourceType":"Practitioner", oops\n${lines(practitioner)}`,
    "e-no-json.json": "not JSON",
    "f-latin1.json": Buffer.from('{"resourceType":"Patient","name":[{"family":"M\u00fcller"}]}', "latin1"),
    "g-twice.json": '{"resourceType":"Patient","gender":"male","gender":"female"}',
    "h-no-fhir.json": '["a list"]',
    "i-bundle.json": bundleOf(
      { resource: { resourceType: "Patient", id: "pat-2", gender: "unclear" } },
      { resource: { ...visit, id: "enc-2", subject: { reference: "Patient/pat-2" } } },
      { resource: { resourceType: "Spaceship", id: "ship" } },
      { request: { method: "DELETE", url: "Patient/pat-1" } },
      { resource: { ...patient, id: "pat-3" } },
    ),
    "j-lost.ndjson": lines(weight("obs-3", { subject: { reference: "Patient/pat-9" } })),
    "notes.txt": "not for an import",
  };
  const expected = {
    stored: ["obs-1", "obs-2", "enc-1", "pat-1", "prac-1", "pat-3"].length,
    refused: {
      "json-syntax ? d-practitioners.ndjson:1": 2,
      "json-utf8 ? f-latin1.json": 1,
      "json-duplicate-key ? g-twice.json": 1,
      "resource-shape ? h-no-fhir.json": 2,
      "binding Patient i-bundle.json#0": 1,
      "refers-to-refused Encounter i-bundle.json#1": 1,
      "resource-type ? i-bundle.json#2": 1,
      "reference-unresolved Observation j-lost.ndjson:1": 1,
    },
  };
  let tenantId = "";

  const toldOf = ({ refusals }: ImportReport): Record<string, number> =>
    Object.fromEntries(
      refusals.map(({ rule, type, first, count }) => [`${rule} ${type} ${first.replace(/^mixed\//, "")}`, count]),
    );

  beforeAll(async () => {
    mkdirSync(mixed, { recursive: true });
    for (const [name, content] of Object.entries(files)) writeFileSync(path.join(mixed, name), content);
    tenantId = await newTenant("Mixed");
  }, PATIENCE_MS);

  it("stores what is good, also where one line refers to a later file, and names the rule for the rest", async () => {
    const answer = await keyward("import", mixed, "--tenant", tenantId, "--json");
    expect(answer).toMatchObject({ code: 1, stderr: "" });
    const report = answer.json<ImportReport>();
    expect(toldOf(report)).toEqual(expected.refused);
    const refused = Object.values(expected.refused).reduce((total, count) => total + count, 0);
    expect(report).toMatchObject({ patients: 2, stored: expected.stored, present: 0, refused });
    expect(recordsIn(rowsOf(tenantId))).toBe(expected.stored);
  });

  it("the same from an archive: nothing more is stored, and the same is refused", async () => {
    const rows = rowsOf(tenantId);
    const tgz = path.join(sources, "mixed.tgz");
    await create({ gzip: true, file: tgz, cwd: sources }, ["mixed"]);
    const report = (await keyward("import", tgz, "--tenant", tenantId, "--json")).json<ImportReport>();
    expect(toldOf(report)).toEqual(expected.refused);
    expect(report).toMatchObject({ stored: 0, present: expected.stored });
    expect(rowsOf(tenantId)).toEqual(rows);
  });

  it("shows no content of what it refused", async () => {
    const answer = await keyward("import", mixed, "--tenant", tenantId);
    expect(answer.stdout).toContain("refused 1 x Patient Patient.gender binding (first: mixed/i-bundle.json#0)\n");
    expect(answer.stdout + answer.stderr).not.toMatch(/unclear|ller|oops|a list|Spaceship/);
  });

  it("a source that is none is said so", async () => {
    const missing = await keyward("import", path.join(sources, "missing.json"), "--tenant", tenantId);
    expect(missing).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^keyward: .*is the path right\?\n$/) as string,
    });
    const text = await keyward("import", path.join(mixed, "notes.txt"), "--tenant", tenantId);
    expect(text).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("an import takes .json, .ndjson") as string,
    });
  });
});
