import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parseJson, readBundle } from "../../../core/fhir/index.ts";
import { Api, type ApiAnswer, type ApiRequest } from "../../../scripts/cli/api.ts";
import { ImportJournal } from "../../../scripts/cli/import/journal.ts";
import { runImport } from "../../../scripts/cli/import/run.ts";
import { generateClinic, type Resource } from "../../../scripts/seed/index.ts";
import { dayResources, daysAround, visitTypeResources } from "../../../scripts/seed/week.ts";
import { errorOf, TENANT_A, valueOf } from "../../core/crypto/fixtures.ts";
import { createWorld, grantOf, type World } from "../../core/record/world.ts";

/** Noon in London on a Wednesday. */
const NOW_MS = Date.parse("2026-11-25T12:00:00Z");
const PATIENTS = 16;
const folder = mkdtempSync(path.join(tmpdir(), "keyward-zones-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The API's writes as `npm start` sends them, done by the records themselves. */
class Direct extends Api {
  readonly refused: unknown[] = [];
  readonly #world: World;
  constructor(world: World) {
    super("http://nowhere.invalid", () => Promise.resolve(""));
    this.#world = world;
  }
  override async call({ method, path: address, body }: ApiRequest): Promise<ApiAnswer> {
    const sent = valueOf(parseJson(String(body)));
    const alone = { resource: sent, request: { method, url: address.slice("/fhir/".length), ifNoneMatch: "*" } };
    const bundle = address === "/fhir" ? sent : { resourceType: "Bundle", type: "transaction", entry: [alone] };
    const grant = grantOf();
    const done = await this.#world.for(grant).transaction(grant, valueOf(readBundle(bundle)));
    if (!done.ok) this.refused.push(errorOf(done));
    const status = done.ok ? (address === "/fhir" ? 200 : 201) : 409;
    return { status, headers: new Headers(), text: "{}" };
  }
}

async function* pieces(all: readonly (readonly Resource[])[]) {
  for (const [index, resources] of all.entries()) {
    const bundle = { resourceType: "Bundle", type: "collection", entry: resources.map((resource) => ({ resource })) };
    yield await Promise.resolve({ name: String(index), text: JSON.stringify(bundle) });
  }
}

describe("CLIN-19 the days of a synthetic clinic are stored side by side", () => {
  it.each([
    // Midnight of UTC, whose days calendars have, comes as they close; in the middle of their hours; never.
    ["America/Los_Angeles", "perhaps"],
    ["Pacific/Honolulu", "surely"],
    ["Pacific/Auckland", "surely"],
    ["Asia/Kolkata", "never"],
  ])("CLIN-19 in %s, where two days %s want one row", async (timeZone, meeting) => {
    const world = await createWorld();
    world.clock.nowMs = NOW_MS;
    let contended = 0;
    const transactWrite = world.memory.transactWrite.bind(world.memory);
    world.memory.transactWrite = async (writes, ...rest) => {
      // As far away as a table is: meanwhile the other day goes on.
      await new Promise((resolve) => setTimeout(resolve, 2));
      const written = await transactWrite(writes, ...rest);
      if (!written.ok && writes.some((write) => "row" in write && write.row.pk.includes("#CAL#"))) contended += 1;
      return written;
    };
    const journal = new ImportJournal(folder, timeZone.replace("/", "-"));
    const api = new Direct(world);
    const store = (all: readonly (readonly Resource[])[]) =>
      runImport(pieces(all), { api, tenantId: TENANT_A, journal, concurrency: 2 });
    const plan = { seed: "lakeside", today: "2026-11-25", timeZone, nowMs: NOW_MS, patients: PATIENTS };
    const isAsked = ({ resourceType }: Resource): boolean =>
      ["Patient", "Practitioner", "PractitionerRole", "Location", "Organization"].includes(resourceType);
    const people = [...generateClinic(plan, PATIENTS)].map((chart) => chart.filter(isAsked));
    expect((await store([[...people.flat(), ...visitTypeResources(plan)]])).refusals).toEqual([]);

    const days = daysAround(timeZone, NOW_MS).map((day) => dayResources(plan, day));
    const report = await store(days);
    journal.close();
    expect(api.refused).toEqual([]);
    expect(report).toMatchObject({ refusals: [], stored: days.flat().length });
    if (meeting !== "perhaps") expect(contended > 0).toBe(meeting === "surely");
  });
});
