import { expect } from "vitest";
import type { ResourceType } from "../../../core/fhir/index.ts";
import { fileEveryType, type StoredRecord } from "../http/charts.ts";
import { essence } from "../http/answers.ts";
import { eventsAbout, rowsOf } from "../http/state.ts";
import {
  type Answer,
  canaryObservation,
  canaryPatient,
  type Clinic,
  newTestId,
  startWorld,
  type World,
} from "../world.ts";

export interface Charts {
  readonly clinic: Clinic;
  readonly records: ReadonlyMap<ResourceType, StoredRecord>;
  readonly patientId: string;
  /** The number of one more patient, which no other clinic has. */
  readonly mrn: string;
  /** An observation whose id the clinic chose itself: the same grammar and length in both clinics. */
  readonly chosenId: string;
  readonly record: (type: ResourceType) => StoredRecord;
}

/** Two clinics, each with a record of every type. Everything in B has B's canary in it. */
export interface Scene {
  readonly world: World;
  readonly a: Charts;
  readonly b: Charts;
  readonly close: () => Promise<void>;
}

export type Use = () => Scene;

export async function openScene(): Promise<Scene> {
  const world = await startWorld({ throttle: { ratePerSecond: 10_000, burst: 5_000 } });
  const chartsOf = async (clinic: Clinic): Promise<Charts> => {
    const records = await fileEveryType(clinic.importer, clinic.canary);
    const record = (type: ResourceType): StoredRecord => {
      const found = records.get(type);
      if (found === undefined) throw new Error(`no ${type}`);
      return found;
    };
    const known = await clinic.doc.send("POST", "/fhir/Patient", { body: canaryPatient(clinic) });
    if (known.status !== 201) throw new Error(`the patient was refused: ${known.status} ${known.text}`);
    const patientId = record("Patient").id;
    const chosenId = `chosen-${newTestId()}`;
    const chosen = await clinic.doc.send("PUT", `/fhir/Observation/${chosenId}`, {
      body: { ...canaryObservation(clinic, patientId), id: chosenId },
      headers: { "if-none-match": "*" },
    });
    if (chosen.status !== 201) throw new Error(`the observation was refused: ${chosen.status} ${chosen.text}`);
    return { clinic, records, record, patientId, mrn: `${clinic.canary}-mrn`, chosenId };
  };
  return { world, a: await chartsOf(world.a), b: await chartsOf(world.b), close: () => world.close() };
}

/** Nothing that is done here may change, add or take a row of B's: records, keys, events. */
export async function whileBStays({ world, b }: Scene, work: () => Promise<void>): Promise<void> {
  const before = rowsOf(world, b.clinic.tenantId);
  expect(before.length).toBeGreaterThan(40);
  await work();
  expect(rowsOf(world, b.clinic.tenantId)).toEqual(before);
}

/** The answer about B's record and the answer about one that never was: not a byte between them, and nothing of B. */
export function expectSame(
  scene: Scene,
  foreign: readonly [Answer, ...named: string[]],
  unknown: readonly [Answer, ...named: string[]],
): void {
  const told = essence(...foreign);
  expect(told).toEqual(essence(...unknown));
  // A search says again what was searched for, in its link to itself: that is taken out by now.
  expect(told.text).not.toContain(scene.b.clinic.canary);
}

/** 404U: the uniform not-found, which names nothing, and of which A's trail has one denied event and B's has none. */
export function expectUniform(
  scene: Scene,
  foreign: readonly [Answer, ...named: string[]],
  unknown: readonly [Answer, ...named: string[]],
): void {
  expectSame(scene, foreign, unknown);
  for (const [answer, ...named] of [foreign, unknown]) {
    expect(answer.status).toBe(404);
    for (const id of named) expect(answer.text).not.toContain(id);
  }
  expectEvents(scene, [foreign[0], unknown[0]], "denied");
}

/** Exactly one event with A for each of the answers, and none with B. */
export function expectEvents({ world, a, b }: Scene, answers: readonly Answer[], outcome: string): void {
  for (const answer of answers) {
    const events = eventsAbout(world, a.clinic.tenantId, answer);
    expect(events.map((event) => event.outcome)).toEqual([outcome]);
    expect(eventsAbout(world, b.clinic.tenantId, answer)).toEqual([]);
  }
}
