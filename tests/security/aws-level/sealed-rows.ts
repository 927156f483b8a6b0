import { createHmac, hkdfSync, randomBytes } from "node:crypto";
import { DecryptCommand } from "@aws-sdk/client-kms";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "vitest";
import { lengthPrefixed } from "../../../core/crypto/bytes.ts";
import { invariant } from "../../../core/kernel/invariant.ts";
import type { TenantId } from "../../../core/kernel/ids.ts";
import { forgeForBoth, keyStream } from "../../core/crypto/forge-gcm.ts";
import { type Hands, type Item, itemsOf, putPastIam, text, wrappedKey } from "../aws.ts";
import type { Clinic } from "../world.ts";
import type { Scene, Use } from "./scene.ts";

/** The current row of a record, as it is stored. */
function rowOf({ world }: Scene, tenantId: TenantId, type: string, id: string): Item {
  const [patientId = ""] = id.split(".");
  const pk = `T#${tenantId}#${type === "Patient" ? "D" : "C"}#P#${patientId}`;
  const row = itemsOf(world, "data").find((item) => item["pk"]?.S === pk && item["sk"]?.S === `R#${type}#${id}`);
  invariant(row !== undefined, "a record that was filed has its row");
  return row;
}

const at = ({ pk, sk }: Item, row: Item): Item => ({ ...row, ...(pk && { pk }), ...(sk && { sk }) });
const mixed = (row: Item, other: Item, ...names: string[]): Item => ({
  ...row,
  ...Object.fromEntries(names.flatMap((name) => (other[name] ? [[name, other[name]]] : []))),
});
const without = (row: Item, name: string): Item =>
  Object.fromEntries(Object.entries(row).filter(([attribute]) => attribute !== name));

/** How many alarms of a broken seal the FHIR function has raised. */
const alarms = ({ world }: Scene): number =>
  (world.stack.logs().get("keyward-dev-fhir") ?? []).filter((line) => /"failure":"integrity-/.test(line)).length;

interface Meeting {
  readonly status: number;
  readonly codes: readonly unknown[];
  readonly isLeaking: boolean;
  readonly alarms: number;
}

/** What a reader meets while `row` stands where it does; the genuine row is put back afterwards. */
async function reading(scene: Scene, clinic: Clinic, path: string, row: Item, genuine: Item): Promise<Meeting> {
  const before = alarms(scene);
  await putPastIam(scene.world, "data", row);
  try {
    const { status, text: body, body: outcome } = await clinic.doc.send("GET", path);
    const issues = outcome?.["issue"] as readonly { readonly code?: unknown }[] | undefined;
    return {
      status,
      codes: (issues ?? []).map(({ code }) => code),
      isLeaking: /CANARY/i.test(body),
      alarms: alarms(scene) - before,
    };
  } finally {
    await putPastIam(scene.world, "data", genuine);
  }
}

/** A generic failure with nothing in it, and one alarm for somebody to look at. */
const BROKEN: Meeting = { status: 500, codes: ["exception"], isLeaking: false, alarms: 1 };

export function ciphertextSwaps(use: Use): void {
  const swaps: readonly (readonly [title: string, row: (own: Item, scene: Scene) => Item])[] = [
    ["B's row", (own, scene) => at(own, rowOf(scene, scene.b, "Observation", scene.charts.b.observationId))],
    [
      "B's ciphertext alone",
      (own, scene) => mixed(own, rowOf(scene, scene.b, "Observation", scene.charts.b.observationId), "phi"),
    ],
    [
      "B's ciphertext with B's header and MAC",
      (own, scene) => mixed(own, rowOf(scene, scene.b, "Observation", scene.charts.b.observationId), "phi", "_h", "_m"),
    ],
    ["another patient's row", (own, scene) => at(own, rowOf(scene, scene.a, "Observation", scene.charts.a.strangerId))],
    [
      "another record's row of the same patient",
      (own, scene) => at(own, rowOf(scene, scene.a, "Observation", scene.charts.a.siblingId)),
    ],
    [
      "another record's ciphertext",
      (own, scene) => mixed(own, rowOf(scene, scene.a, "Observation", scene.charts.a.siblingId), "phi"),
    ],
    [
      "the patient's own row, of another class",
      (own, scene) => at(own, rowOf(scene, scene.a, "Patient", scene.charts.a.patientId)),
    ],
    [
      "another record's header",
      (own, scene) => mixed(own, rowOf(scene, scene.a, "Observation", scene.charts.a.siblingId), "_h"),
    ],
    ["the ciphertext in the place of the header", (own) => ({ ...own, ...(own["phi"] && { _h: own["phi"] }) })],
    ["the header in the place of the ciphertext", (own) => ({ ...own, ...(own["_h"] && { phi: own["_h"] }) })],
  ];
  const genuineRow = (scene: Scene): Item => rowOf(scene, scene.a, "Observation", scene.charts.a.observationId);
  const path = ({ charts }: Scene): string => `/fhir/Observation/${charts.a.observationId}`;

  describe("AW-13 ciphertext that was moved", () => {
    it.each(swaps)("AW-13 %s under A's key: a generic failure, an alarm and no plaintext", async (_title, swap) => {
      const scene = use();
      const genuine = genuineRow(scene);
      expect(await reading(scene, scene.world.a, path(scene), swap(genuine, scene), genuine)).toEqual(BROKEN);
    });
    it("AW-13 A's row under B's key does not open for B either", async () => {
      const scene = use();
      const genuine = rowOf(scene, scene.b, "Observation", scene.charts.b.observationId);
      const moved = at(genuine, genuineRow(scene));
      const place = `/fhir/Observation/${scene.charts.b.observationId}`;
      expect(await reading(scene, scene.world.b, place, moved, genuine)).toEqual(BROKEN);
    });
    it("AW-13 a chart and a search that meet the row fail as a whole: a missing record is worse than an error", async () => {
      const scene = use();
      const genuine = genuineRow(scene);
      const foreign = at(genuine, rowOf(scene, scene.b, "Observation", scene.charts.b.observationId));
      const { patientId } = scene.charts.a;
      for (const each of [`/fhir/Observation?patient=${patientId}`, `/fhir/Patient/${patientId}/$everything`]) {
        expect(await reading(scene, scene.world.a, each, foreign, genuine)).toEqual(BROKEN);
      }
    });
    it("AW-13 a line of the patient directory that was moved fails the search that meets it", async () => {
      const scene = use();
      const lines = itemsOf(scene.world, "data").filter((item) => item["pk"]?.S === `T#${scene.a}#D#DIR`);
      const [line, other] = lines;
      invariant(line !== undefined && other !== undefined, "A's directory has two lines");
      expect(await reading(scene, scene.world.a, "/fhir/Patient?gender=female", at(line, other), line)).toEqual(BROKEN);
    });
    it("AW-13 control: with the genuine row back, the record is read", async () => {
      const scene = use();
      const genuine = genuineRow(scene);
      const { status, isLeaking, alarms: raised } = await reading(scene, scene.world.a, path(scene), genuine, genuine);
      // The canary is A's own, in A's own answer.
      expect({ status, isLeaking, raised }).toEqual({ status: 200, isLeaking: true, raised: 0 });
    });
  });
}

export function attributeFlips(use: Use): void {
  const bit = (value: AttributeValue | undefined, index: number): AttributeValue => {
    const bytes = Uint8Array.from(value?.B ?? []);
    bytes[index] = (bytes[index] ?? 0) ^ 1;
    return { B: bytes };
  };
  const legendAt = (row: Item, name: string): number => Buffer.from(row["_h"]?.B ?? []).lastIndexOf(name);
  const flips: readonly (readonly [title: string, flip: (row: Item) => Item])[] = [
    ["_ver raised", (row) => ({ ...row, _ver: { N: "2" } })],
    ["_ver as text", (row) => ({ ...row, _ver: text("1") })],
    ["_t changed", (row) => ({ ...row, _t: text("Condition") })],
    ["_upd changed", (row) => ({ ...row, _upd: { N: "1" } })],
    ["_aud changed to another event", (row) => ({ ...row, _aud: text("0".repeat(26)) })],
    ["_aud dropped", (row) => without(row, "_aud")],
    ["a deletion claimed", (row) => ({ ...row, _del: { BOOL: true } })],
    ["a move claimed", (row) => ({ ...row, _mv: { BOOL: true } })],
    ["a staged transaction claimed", (row) => ({ ...row, _tx: text("0".repeat(26)) })],
    ["an attribute more", (row) => ({ ...row, label: text("R") })],
    ["the ciphertext dropped", (row) => without(row, "phi")],
    ["one bit of the ciphertext", (row) => ({ ...row, phi: bit(row["phi"], 40) })],
    ["one bit of its tag", (row) => ({ ...row, phi: bit(row["phi"], (row["phi"]?.B?.length ?? 1) - 1) })],
    ["one bit of the message id", (row) => ({ ...row, _h: bit(row["_h"], 20) })],
    ["one bit of the commitment", (row) => ({ ...row, _h: bit(row["_h"], 60) })],
    ["the suite", (row) => ({ ...row, _h: bit(row["_h"], 4) })],
    ["the key version in the header", (row) => ({ ...row, _h: bit(row["_h"], 12) })],
    ["the class in the header", (row) => ({ ...row, _h: { B: Buffer.from(row["_h"]?.B ?? []).fill("D", 5, 6) } })],
    [
      "the legend, so that _aud would not be covered",
      (row) => ({
        ...row,
        _h: { B: Buffer.from(row["_h"]?.B ?? []).fill("N", legendAt(row, "_aud") - 2, legendAt(row, "_aud") - 1) },
      }),
    ],
    ["one bit of the MAC", (row) => ({ ...row, _m: bit(row["_m"], 0) })],
    ["the MAC dropped", (row) => without(row, "_m")],
    ["the header dropped", (row) => without(row, "_h")],
    ["the ciphertext as text", (row) => ({ ...row, phi: text("x") })],
    ["plaintext in the place of the ciphertext", (row) => ({ ...row, phi: text('{"resourceType":"Observation"}') })],
  ];
  describe("AW-14 an attribute that was flipped", () => {
    it.each(flips)("AW-14 %s: a generic failure, an alarm and no plaintext", async (_title, flip) => {
      const scene = use();
      const genuine = rowOf(scene, scene.a, "Observation", scene.charts.a.observationId);
      const path = `/fhir/Observation/${scene.charts.a.observationId}`;
      expect(await reading(scene, scene.world.a, path, flip(genuine), genuine)).toEqual(BROKEN);
    });
    it("AW-14 a value of a type that no row of ours has is no answer either", async () => {
      const scene = use();
      const genuine = rowOf(scene, scene.a, "Observation", scene.charts.a.observationId);
      const path = `/fhir/Observation/${scene.charts.a.observationId}`;
      for (const _t of [{ SS: ["Observation"] }, { N: "1e40" }]) {
        const met = await reading(scene, scene.world.a, path, { ...genuine, _t }, genuine);
        expect(met.status).toBeGreaterThanOrEqual(500);
        expect(met.isLeaking).toBe(false);
      }
    });
    it("AW-14 control: the row as it was is read", async () => {
      const scene = use();
      const answer = await scene.world.a.doc.send("GET", `/fhir/Observation/${scene.charts.a.observationId}`);
      expect(answer.status).toBe(200);
    });
  });
}

/** What a row of this place is sealed with, derived as core/crypto/README.md says, from the data key itself. */
function sideOf(tenantId: TenantId, row: Item, dataKey: Uint8Array, head: Buffer) {
  const [pk = "", sk = ""] = [row["pk"]?.S, row["sk"]?.S];
  const material = Buffer.from(
    hkdfSync("sha256", dataKey, head.subarray(13, 45), Buffer.concat([head.subarray(0, 13), head.subarray(77)]), 108),
  );
  const place = (...parts: (string | Uint8Array)[]) =>
    lengthPrefixed([
      tenantId,
      "data",
      pk,
      sk,
      ...parts.map((part) => (typeof part === "string" ? part : Buffer.from(part))),
    ]);
  return {
    commitment: material.subarray(0, 32),
    key: material.subarray(64, 96),
    nonce: material.subarray(96, 108),
    aad: Buffer.concat([Buffer.from("KWR1"), place("phi", "C", "1", "C.000001")]),
    /** The row with this ciphertext and header, and a MAC that is right for them. */
    rowWith(phi: Uint8Array, header: Uint8Array): Item {
      const covered = [
        ["_aud", `S${row["_aud"]?.S ?? ""}`],
        ["_t", `S${row["_t"]?.S ?? ""}`],
        ["_upd", `N${row["_upd"]?.N ?? ""}`],
      ].map(([name = "", value = ""]) => lengthPrefixed([name, Buffer.from(value)]));
      const mac = createHmac("sha256", material.subarray(32, 64)).update("KWM1");
      mac.update(place("C", "1", "C.000001", header));
      mac.update(Buffer.of(0, 0, 0, 4));
      for (const part of covered) mac.update(part);
      mac.update(lengthPrefixed(["phi", Buffer.concat([Buffer.from("B"), phi])]));
      return { ...row, phi: { B: phi }, _h: { B: header }, _m: { B: new Uint8Array(mac.digest()) } };
    },
  };
}

async function dataKeyOf({ world }: Scene, hands: Hands, tenantId: TenantId): Promise<Uint8Array> {
  const { enc, context } = wrappedKey(world, tenantId, "C");
  const command = new DecryptCommand({ CiphertextBlob: enc, EncryptionContext: { ...context } });
  const { Plaintext } = await hands.kms.send(command);
  invariant(Plaintext !== undefined, "a clinic's own session unwraps its key");
  return Plaintext;
}

export function forgedCiphertext(use: Use): void {
  describe("AW-16 a ciphertext that is valid under the keys of both clinics", () => {
    it("AW-16 is refused by the commitment, under both keys, although tag and MAC are right under both", async () => {
      const scene = use();
      const { a, b, world, charts } = scene;
      // The forger holds both data keys: one row that would read differently in two clinics.
      const keyA = await dataKeyOf(scene, scene.own, a);
      const keyB = await dataKeyOf(scene, await scene.vended({ tenantId: b }), b);
      const rowA = rowOf(scene, a, "Observation", charts.a.observationId);
      const rowB = rowOf(scene, b, "Observation", charts.b.observationId);
      const head = Buffer.from(rowA["_h"]?.B ?? []);
      randomBytes(32).copy(head, 45);
      const [sideA, sideB] = [sideOf(a, rowA, keyA, head), sideOf(b, rowB, keyB, head)];
      const phi = new Uint8Array(forgeForBoth(sideA, sideB, keyStream(sideA, 96), 4));

      const pathOf = (id: string): string => `/fhir/Observation/${id}`;
      const atA = pathOf(charts.a.observationId);
      const atB = pathOf(charts.b.observationId);
      expect(await reading(scene, world.a, atA, sideA.rowWith(phi, head), rowA)).toEqual(BROKEN);
      expect(await reading(scene, world.b, atB, sideB.rowWith(phi, head), rowB)).toEqual(BROKEN);

      // With the commitment to A's key in the header, it is B's that does not open.
      sideA.commitment.copy(head, 45);
      expect(await reading(scene, world.b, atB, sideB.rowWith(phi, head), rowB)).toEqual(BROKEN);
      const faults = (world.stack.logs().get("keyward-dev-fhir") ?? []).flatMap(
        (line) => /"failure":"integrity-(\w+)"/.exec(line)?.[1] ?? [],
      );
      expect(faults.slice(-3)).toEqual(["commitment", "commitment", "commitment"]);
    });
    it("AW-16 control: sealed by the same steps under the right commitment, a row opens", async () => {
      const scene = use();
      const { a, charts } = scene;
      const row = rowOf(scene, a, "Observation", charts.a.observationId);
      const head = Buffer.from(row["_h"]?.B ?? []);
      const side = sideOf(a, row, await dataKeyOf(scene, scene.own, a), head);
      expect(side.commitment.equals(head.subarray(45, 77))).toBe(true);
      expect(side.rowWith(row["phi"]?.B ?? new Uint8Array(), head)).toEqual({ ...row, _h: { B: head } });
    });
  });
}
