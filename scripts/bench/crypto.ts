import { createCipheriv, generateKeyPairSync, randomBytes } from "node:crypto";
import type { TenantId, UserId } from "../../core/kernel/ids.ts";
import { invariant } from "../../core/kernel/invariant.ts";
import {
  DataKey,
  makeKid,
  openCursor,
  openItem,
  sealAuditDetail,
  sealCursor,
  sealItem,
  searchToken,
} from "../../core/crypto/index.ts";
import { cpuMsSince, type Figure, median } from "./figures.ts";

const tenantId = "01hxzzabcd0123456789abcdef" as TenantId;
const userId = "01hxzzuser0123456789abcdef" as UserId;
const keyOf = (letter: "C" | "D" | "X"): DataKey => new DataKey(tenantId, letter, 1, randomBytes(32));

const record = JSON.stringify({
  resourceType: "Observation",
  id: "01jd8x3k9m2n4p5q6r7s8t9v0w.01jd8x3k9m2n4p5q6r7s8t9v0x",
  meta: { versionId: "1", lastUpdated: "2026-11-22T08:00:00.000Z" },
  status: "final",
  category: [
    { coding: [{ system: "http://terminology.hl7.org/CodeSystem/observation-category", code: "vital-signs" }] },
  ],
  code: { coding: [{ system: "http://loinc.org", code: "8302-2", display: "Body Height" }], text: "Body Height" },
  subject: { reference: "Patient/01jd8x3k9m2n4p5q6r7s8t9v0w" },
  effectiveDateTime: "2012-04-05T10:11:12-04:00",
  valueQuantity: { value: 171.1, unit: "cm", system: "http://unitsofmeasure.org", code: "cm" },
});
const binding = {
  tenantId,
  table: "data",
  dataClass: "C" as const,
  pk: `T#${tenantId}#C#P#p`,
  sk: "R#Observation#o",
  version: 1,
};
const routing = { _t: "Observation", _upd: 1_764_000_000_000, _aud: "01jd8x3k9m2n4p5q6r7s8t9v0w" };
const legend = { phi: "encrypt", _t: "sign", _upd: "sign", _aud: "sign" } as const;
const nine = Object.fromEntries(
  Array.from({ length: 9 }, (_, part) => [`phi${part}`, record.slice(part * 85, part * 85 + 85)]),
);
const nineLegend = { ...legend, ...Object.fromEntries(Object.keys(nine).map((name) => [name, "encrypt" as const])) };

const BASE = "AES-256-GCM of 735 B";
const ROUNDS = 9;
const TIMES = 400;

function cryptoWorks(): Record<string, () => unknown> {
  const [c, d, x] = [keyOf("C"), keyOf("D"), keyOf("X")];
  const seal = () => {
    const row = sealItem({ phi: record, ...routing }, binding, legend, c);
    invariant(row.ok, "the record fits");
    return row.value;
  };
  const row = seal();
  const pair = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ format: "der", type: "spki" });
  const recipient = { tenantId, kid: makeKid("A", 1), publicKey: pair };
  const place = { tenantId, userId, route: "GET /fhir/Observation", filterDigest: "0".repeat(64) };
  const cursor = sealCursor("position", 2 ** 40, place, d);
  const key = randomBytes(32);
  return {
    [BASE]: () => {
      const cipher = createCipheriv("aes-256-gcm", key, randomBytes(12));
      return Buffer.concat([cipher.update(record, "utf8"), cipher.final(), cipher.getAuthTag()]);
    },
    "seal a record": seal,
    "open a record": () => openItem(row, binding, c),
    "seal a record, nine attributes": () => sealItem({ ...nine, ...routing }, binding, nineLegend, c),
    "search token": () => searchToken(x, "Patient.identifier", "urn:mrn|A-17"),
    "seal a cursor": () => sealCursor("position", 2 ** 40, place, d),
    "open a cursor": () => openCursor(cursor, 1, place, d),
    "seal audit detail": () => sealAuditDetail("reason", { tenantId, eventId: "e" }, recipient),
  };
}

/** CPU time of sealing, as ratios to one AES-256-GCM encryption of the same record. */
export function benchCrypto(): Figure[] {
  const works = cryptoWorks();
  const micros = new Map<string, number[]>(Object.keys(works).map((name) => [name, []]));
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [name, work] of Object.entries(works)) {
      const start = process.cpuUsage();
      for (let time = 0; time < TIMES; time += 1) work();
      if (round > 0) micros.get(name)?.push((cpuMsSince(start) * 1000) / TIMES);
    }
  }
  const base = median(micros.get(BASE) ?? []);
  return [...micros].map(([name, list]) => {
    const value = median(list);
    return { section: "crypto", name, value, unit: "us CPU", ratio: value / base, base: BASE };
  });
}
