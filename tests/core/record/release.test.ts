import { describe, expect, it } from "vitest";
import type { FhirResource } from "../../../core/fhir/index.ts";
import { withoutReferences } from "../../../core/record/index.ts";
import { valueOf } from "../crypto/fixtures.ts";
import { createWorld, grantOf, patient, query, resource, type World } from "./world.ts";

/** CLIN-11, POL-6: a request of the patient's own sees what is released to her, by whichever door it comes. */
const ISSUED = "2026-11-20T08:00:00Z";
const LAB = [{ coding: [{ code: "laboratory" }] }];

interface Scene {
  readonly world: World;
  readonly adaId: string;
  readonly file: (value: Record<string, unknown>) => Promise<string>;
}

async function openScene(): Promise<Scene> {
  const world = await createWorld();
  const staff = grantOf();
  const create = async (value: FhirResource): Promise<string> =>
    String(valueOf(await world.for(staff).create(staff, value)).version.id);
  const adaId = await create(patient("Lovelace"));
  return {
    world,
    adaId,
    file: (value) => create(resource({ ...value, subject: { reference: `Patient/${adaId}` } })),
  };
}

const lab = (status: string, more: object = {}) => ({
  resourceType: "Observation",
  status,
  category: LAB,
  code: { text: "Ferritin" },
  issued: ISSUED,
  valueQuantity: { value: 5.5 },
  ...more,
});

describe("CLIN-11 what waits is not there for the patient", () => {
  it("CLIN-11 by no read, version, history, search, count, include or chart; staff sees it, and she does once it is released", async () => {
    const { world, adaId, file } = await openScene();
    const value = await file(lab("preliminary"));
    const shown = await file(lab("final"));
    const report = await file({
      resourceType: "DiagnosticReport",
      status: "final",
      code: { text: "Panel" },
      issued: ISSUED,
      result: [{ reference: `Observation/${value}` }, { reference: `Observation/${shown}` }],
      text: { status: "generated", div: '<div xmlns="http://www.w3.org/1999/xhtml">Ferritin low</div>' },
    });
    const origin = await file({ ...lab("final"), derivedFrom: [{ reference: `Observation/${value}` }] });
    const staff = grantOf();
    const signature = valueOf(
      await world.for(staff).create(
        staff,
        resource({
          resourceType: "Provenance",
          target: [{ reference: `Observation/${value}` }],
          recorded: ISSUED,
          agent: [{ who: { display: "Laboratory" } }],
        }),
      ),
    ).version.id;
    const hers = grantOf({ onlyPatientId: adaId });
    const own = world.for(hers);
    const gone = [
      await own.read(hers, "Observation", value),
      await own.vread(hers, "Observation", value, 1),
      await own.history(hers, "Observation", value),
      await own.read(hers, "Provenance", signature),
    ];
    expect(gone).toEqual(gone.map(() => ({ ok: false, error: { kind: "not-found" } })));
    const found = async (text: string) => valueOf(await own.search(hers, query("Observation", text)));
    expect(await found("_summary=count")).toMatchObject({ total: 2 });
    expect(await found(`_id=${value},${shown}`)).toMatchObject({ total: 1 });
    const panel = valueOf(await own.search(hers, query("DiagnosticReport", "_include=DiagnosticReport:result")));
    expect(panel.included.map(({ id }) => id)).toEqual([shown]);
    const back = valueOf(await own.search(hers, query("Observation", `_id=${shown}&_revinclude=Provenance:target`)));
    expect(back.included).toEqual([]);
    const chart = valueOf(await own.everything(hers, adaId));
    expect(chart.total).toBe(4);
    const text = JSON.stringify([panel, chart]);
    for (const hidden of [value, signature, "Ferritin low", "SUBSETTED"]) expect(text).not.toContain(hidden);
    expect(text).toContain(origin);
    expect(valueOf(await world.for(staff).everything(staff, adaId)).total).toBe(6);

    const final = resource({ ...lab("final"), id: value, subject: { reference: `Patient/${adaId}` } });
    valueOf(await world.for(staff).update(staff, final, { ifMatch: 1 }));
    expect(valueOf(await own.read(hers, "Observation", value)).version).toBe(2);
    expect((await own.vread(hers, "Observation", value, 1)).ok).toBe(false);
    expect(valueOf(await own.history(hers, "Observation", value)).total).toBe(1);
    expect(valueOf(await own.everything(hers, adaId)).total).toBe(6);
    expect(JSON.stringify(valueOf(await own.read(hers, "DiagnosticReport", report)))).toContain("Ferritin low");

    valueOf(await world.for(staff).delete(staff, "Observation", origin));
    expect(await own.read(hers, "Observation", origin)).toEqual({ ok: false, error: { kind: "not-found" } });
  });

  it("CLIN-11 the clinic's days count for every door, and what waits costs what is not there costs", async () => {
    const { world, adaId, file } = await openScene();
    const value = await file(lab("final"));
    const hers = grantOf({ onlyPatientId: adaId });
    const own = world.for(hers);
    world.rules.release = { notes: { when: "at-once" }, results: { when: "after-days", days: 5 } };
    const callsOf = async (id: string): Promise<object> => {
      const before = { ...world.meter.calls };
      expect((await own.read(hers, "Observation", id)).ok).toBe(false);
      return Object.entries(world.meter.calls).map(([name, count]) => [name, count - (before[name as never] ?? 0)]);
    };
    const waits = await callsOf(value);
    expect(waits).toEqual(await callsOf(value.replace(/.$/, (last) => (last === "0" ? "1" : "0"))));
    expect(JSON.stringify(waits)).toContain('["Query",');
    world.clock.nowMs = Date.parse("2026-11-25T08:00:00Z");
    expect((await own.read(hers, "Observation", value)).ok).toBe(true);
  });

  it("CLIN-11 she moves a visit that names a result she does not see, and takes nothing out of it", async () => {
    const { world, adaId, file } = await openScene();
    const value = await file(lab("preliminary"));
    const staff = grantOf();
    const visit = {
      resourceType: "Appointment",
      status: "booked",
      start: "2026-12-01T09:00:00Z",
      end: "2026-12-01T09:20:00Z",
      supportingInformation: [{ reference: `Observation/${value}` }],
      participant: [{ actor: { reference: `Patient/${adaId}` }, status: "accepted" }],
    };
    const { id } = valueOf(await world.for(staff).create(staff, resource(visit))).version;
    const hers = grantOf({ onlyPatientId: adaId });
    const own = world.for(hers);
    const seen = JSON.parse(valueOf(await own.read(hers, "Appointment", id)).text ?? "") as Record<string, unknown>;
    expect(seen["supportingInformation"]).toBeUndefined();
    const other = { ...seen, supportingInformation: [{ display: "mine" }] };
    expect(await own.update(hers, resource(other), { ifMatch: 1 })).toMatchObject({ error: { rule: "redacted" } });
    const written = valueOf(await own.update(hers, resource({ ...seen, status: "cancelled" }), { ifMatch: 1 }));
    expect(written.version.text).not.toContain(value);
    expect(valueOf(await world.for(staff).read(staff, "Appointment", id)).text).toContain(value);
  });

  it("CLIN-11 where nobody can say what is released, she sees nothing, and staff goes on", async () => {
    const { world, adaId } = await openScene();
    const hers = grantOf({ onlyPatientId: adaId });
    world.rules.release = undefined;
    const own = await world.for(hers).read(hers, "Patient", adaId);
    expect(own).toEqual({ ok: false, error: { kind: "unavailable" } });
    expect((await world.for(grantOf()).read(grantOf(), "Patient", adaId)).ok).toBe(true);
  });

  it("CLIN-11 a planted reference is found at any depth, goes with what stands there for it alone, and others stay", () => {
    const out = (name: string): boolean => name === "Observation/b";
    const value = {
      deep: [{ code: "x", evidence: { reference: "Observation/b" } }, { evidence: { reference: "Observation/a" } }],
      list: [{ reference: "Observation/b" }],
      one: { reference: "Observation/b/_history/2" },
      kept: { numbers: [1, 2] },
    };
    const stripped = withoutReferences(value, out);
    expect(stripped).toEqual({ deep: [{ evidence: { reference: "Observation/a" } }], kept: { numbers: [1, 2] } });
    expect(stripped?.["kept"]).toBe(value.kept);
    expect(withoutReferences(value, () => false)).toBe(value);
  });
});
