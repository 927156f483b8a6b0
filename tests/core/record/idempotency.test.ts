import { beforeEach, describe, expect, it } from "vitest";
import { requestFingerprint } from "../../../core/record/index.ts";
import type { Records, StoredVersion } from "../../../core/record/index.ts";
import { errorOf, TENANT_B, USER_B, valueOf } from "../crypto/fixtures.ts";
import type { World } from "./world.ts";
import { bundle, createWorld, grantOf, observation, patient, query, withId } from "./world.ts";

let world: World;
let records: Records;
let ada: StoredVersion;
const grant = grantOf();
const effect = { key: "k1", fingerprint: requestFingerprint("POST", "/fhir/Observation", "body") };
const other = { key: "k1", fingerprint: requestFingerprint("POST", "/fhir/Observation", "another body") };

const countOf = async (): Promise<number> =>
  valueOf(await records.search(grant, query("Observation", `patient=${ada.id}`))).total;

beforeEach(async () => {
  world = await createWorld();
  records = world.for(grant);
  ada = valueOf(await records.create(grant, patient("Lovelace"))).version;
});

describe("an idempotency key", () => {
  it("AT-29: gives one effect for fifty sendings at once, and the same answer to all of them", async () => {
    const send = () => records.create(grant, observation(ada.id, "x"), { effect });
    const answers = (await Promise.all(Array.from({ length: 50 }, send))).map(valueOf);
    expect(answers.filter(({ isReplay }) => !isReplay)).toHaveLength(1);
    expect(
      new Set(answers.map(({ version }) => JSON.stringify([version.id, version.version, version.text]))).size,
    ).toBe(1);
    expect(await countOf()).toBe(1);
    const written = world.events.filter(
      (event) => event.interaction === "create" && event.fate === "stored" && event.entities[0]?.type === "Observation",
    );
    expect(written.filter((event) => event.replay !== true)).toHaveLength(1);
    expect(written.filter((event) => event.replay === true)).toHaveLength(49);
  });

  it("AT-29: after a commit whose answer was lost, the second sending is told what the first one wrote", async () => {
    const first = valueOf(await records.create(grant, observation(ada.id, "x"), { effect }));
    world.clock.nowMs += 3_600_000;
    const again = valueOf(await records.create(grant, observation(ada.id, "x"), { effect }));
    expect(again.isReplay).toBe(true);
    expect(again.version).toMatchObject({ id: first.version.id, text: first.version.text, version: 1 });
  });

  it("AT-29: holds for update and delete, whose version has moved on meanwhile", async () => {
    const written = valueOf(await records.create(grant, observation(ada.id, "x"))).version;
    const next = withId(observation(ada.id, "y"), written.id);
    for (let sending = 0; sending < 3; sending += 1) {
      expect(valueOf(await records.update(grant, next, { ifMatch: 1, effect })).version.version).toBe(2);
    }
    const gone = { ...effect, key: "k2" };
    for (let sending = 0; sending < 3; sending += 1) {
      expect(
        valueOf(await records.delete(grant, "Observation", written.id, { ifMatch: 2, effect: gone })).version.version,
      ).toBe(3);
    }
    expect(valueOf(await records.history(grant, "Observation", written.id)).total).toBe(3);
  });

  it("AT-30: with another body, method or path is a conflict, without effect", async () => {
    valueOf(await records.create(grant, observation(ada.id, "x"), { effect }));
    const conflict = { kind: "conflict", reason: "idempotency" };
    expect(errorOf(await records.create(grant, observation(ada.id, "y"), { effect: other }))).toEqual(conflict);
    expect(errorOf(await records.create(grant, patient("Byron"), { effect: other }))).toEqual(conflict);
    expect(errorOf(await records.transaction(grant, bundle([]), { effect: other }))).toEqual(conflict);
    expect(await countOf()).toBe(1);
    const prints: [string, string, string][] = [
      ["POST", "/a", "b"],
      ["PUT", "/a", "b"],
      ["POST", "/ab", ""],
      ["POST", "/a", "c"],
    ];
    expect(new Set(prints.map((parts) => requestFingerprint(...parts))).size).toBe(4);
  });

  it("AT-31: of another user or tenant is another key", async () => {
    valueOf(await records.create(grant, observation(ada.id, "x"), { effect }));
    const colleague = grantOf({ userId: USER_B });
    const theirs = valueOf(await world.for(colleague).create(colleague, observation(ada.id, "y"), { effect: other }));
    expect(theirs.isReplay).toBe(false);
    const foreign = grantOf({ tenantId: TENANT_B });
    expect(valueOf(await world.for(foreign).create(foreign, patient("B"), { effect: other })).isReplay).toBe(false);
    expect(await countOf()).toBe(2);
  });

  it("AT-31: does not answer with a record that its owner may no longer see", async () => {
    const written = valueOf(await records.create(grant, observation(ada.id, "x"), { effect })).version;
    valueOf(await records.update(grant, withId(observation(ada.id, "y", "S"), written.id), { ifMatch: 1 }));
    const clinical = grantOf({ classes: ["C", "D"] });
    expect(errorOf(await world.for(clinical).create(clinical, observation(ada.id, "x"), { effect }))).toEqual({
      kind: "not-found",
    });
  });

  it("a request that was refused has used nothing up", async () => {
    const ghost = "01jd8x3k9m2n4p5q6r7s8t9v0w";
    expect((await records.create(grant, observation(ghost, "x"), { effect })).ok).toBe(false);
    expect(valueOf(await records.create(grant, observation(ada.id, "x"), { effect })).isReplay).toBe(false);
  });

  it("leaves a row that tells neither user nor key nor content", async () => {
    valueOf(await records.create(grant, observation(ada.id, "x"), { effect }));
    const row = [...world.memory.store.rows.get("data")!.values()].find(({ pk }) => pk.includes("#I#K#"))!;
    expect(row.pk).toMatch(/^T#[0-9a-z]{26}#I#K#[0-9a-f]{64}$/);
    expect(JSON.stringify(row)).not.toContain("k1");
    expect(Object.keys(row).toSorted()).toEqual(["at", "fp", "out", "pk", "sk"]);
  });
});
