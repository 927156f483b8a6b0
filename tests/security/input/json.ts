import { describe, expect, it } from "vitest";
import { expectRefused, FHIR_JSON, type Scene, sendAsDoc, type Use, whileNothingChanges } from "./scene.ts";
import { rulesOf } from "../http/answers.ts";
import { canaryPatient } from "../world.ts";

const DEEP = 10_000;
const patient = (members: string): string => `{"resourceType":"Patient",${members}}`;

/** Texts that are no JSON, or JSON that two readers would read as two things. `CANARY` is replaced. */
const TEXTS: readonly (readonly [title: string, text: string | Uint8Array, rule: string])[] = [
  ["nothing", "", "json-syntax"],
  ["spaces", "   ", "json-syntax"],
  ["an open brace", '{"CANARY"', "json-syntax"],
  ["a comma too many", patient('"active":true,'), "json-syntax"],
  ["single quotes", "{'resourceType':'CANARY'}", "json-syntax"],
  ["a comment", patient('/* CANARY */"active":true'), "json-syntax"],
  ["more behind it", `${patient('"active":true')}CANARY`, "json-syntax"],
  ["two documents", `${patient('"active":true')}${patient('"active":true')}`, "json-syntax"],
  ["NaN", patient('"multipleBirthInteger":NaN'), "json-syntax"],
  ["hexadecimal", patient('"multipleBirthInteger":0x10'), "json-syntax"],
  ["a leading zero", patient('"multipleBirthInteger":01'), "json-syntax"],
  ["a line break in a text", patient('"name":[{"family":"CANARY\n"}]'), "json-syntax"],
  ["a zero byte", patient('"name":[{"family":"CANARY\u0000"}]'), "json-syntax"],
  ["a bad escape", patient('"name":[{"family":"CANARY\\x41"}]'), "json-syntax"],
  ["a byte order mark", `\ufeff${patient('"language":"CANARY"')}`, "json-bom"],
  ["half a surrogate pair", patient('"name":[{"family":"CANARY\\ud800"}]'), "json-surrogate"],
  ["a key twice", patient('"active":true,"active":false'), "json-duplicate-key"],
  ["a key twice, once escaped", patient('"active":true,"\\u0061ctive":false'), "json-duplicate-key"],
  ["the type twice", '{"resourceType":"Observation","resourceType":"Patient"}', "json-duplicate-key"],
  ["AT-26 __proto__", patient('"__proto__":{"polluted":"CANARY"}'), "json-forbidden-key"],
  ["AT-26 __proto__ escaped", patient('"\\u005f_proto__":{"polluted":true}'), "json-forbidden-key"],
  ["AT-26 __proto__ in a name", patient('"name":[{"__proto__":{"family":"CANARY"}}]'), "json-forbidden-key"],
  ["AT-26 constructor", patient('"constructor":{"prototype":{"polluted":"CANARY"}}'), "json-forbidden-key"],
  ["AT-26 prototype", patient('"prototype":{"polluted":true}'), "json-forbidden-key"],
  ["AT-26 toString", patient('"toString":"CANARY"'), "json-forbidden-key"],
  ["AT-52 1e400", patient('"multipleBirthInteger":1e400'), "json-number"],
  ["AT-52 -1e400", patient('"multipleBirthInteger":-1e400'), "json-number"],
  ["AT-52 1e-400", patient('"multipleBirthInteger":1e-400'), "json-number"],
  ["AT-52 fifty digits", patient(`"multipleBirthInteger":${"9".repeat(50)}`), "json-number"],
  ["AT-52 ten thousand arrays deep", "[".repeat(DEEP), "json-depth"],
  ["AT-52 ten thousand objects deep", `${'{"contained":'.repeat(DEEP)}1${"}".repeat(DEEP)}`, "json-depth"],
  [
    "AT-52 two thousand keys",
    `{${Array.from({ length: 2_000 }, (_, n) => `"CANARY${n}":1`).join(",")}}`,
    "json-values",
  ],
];

/** JSON that is no resource, or not one that we take, with the place and rule that must be told. */
const RESOURCES: readonly (readonly [
  title: string,
  value: (canary: string) => unknown,
  expression: string,
  rule: string,
])[] = [
  ["an array", (canary) => [canary], "Resource", "resource-shape"],
  ["a text", (canary) => canary, "Resource", "resource-shape"],
  ["null", () => null, "Resource", "resource-shape"],
  ["no type", (canary) => ({ name: [{ family: canary }] }), "Resource", "resource-type"],
  ["an unknown type", (canary) => ({ resourceType: canary }), "Resource", "resource-type"],
  ["an inherited name as type", () => ({ resourceType: "constructor" }), "Resource", "resource-type"],
  ["a type that is no text", (canary) => ({ resourceType: { a: canary } }), "Resource", "resource-type"],
  ["an unknown member", (canary) => ({ resourceType: "Patient", [canary]: 1 }), "Patient", "unknown-property"],
  [
    "an unknown member inside",
    (canary) => ({ resourceType: "Patient", name: [{ [canary]: 1 }] }),
    "Patient.name[0]",
    "unknown-property",
  ],
  ["a code that is none", (canary) => ({ resourceType: "Patient", gender: canary }), "Patient.gender", "binding"],
  ["a date that is none", (canary) => ({ resourceType: "Patient", birthDate: canary }), "Patient.birthDate", "format"],
  ["a day that is none", () => ({ resourceType: "Patient", birthDate: "2025-02-30" }), "Patient.birthDate", "format"],
  ["one for many", (canary) => ({ resourceType: "Patient", name: { family: canary } }), "Patient.name", "array"],
  [
    "a number for a text",
    () => ({ resourceType: "Patient", name: [{ family: 7 }] }),
    "Patient.name[0].family",
    "json-type",
  ],
  ["an empty text", () => ({ resourceType: "Patient", name: [{ family: "" }] }), "Patient.name[0].family", "ele-1"],
  [
    "a script as a url",
    (canary) => ({ resourceType: "Patient", photo: [{ url: `javascript:${canary}` }] }),
    "Patient.photo[0].url",
    "uri-scheme",
  ],
  ["an id that is none", (canary) => ({ resourceType: "Patient", id: `${canary}/../x` }), "Patient.id", "format"],
  [
    "a reference that is none",
    (canary) => ({ resourceType: "Patient", managingOrganization: { reference: `${canary} x` } }),
    "Patient.managingOrganization",
    "reference-format",
  ],
];

const TYPES = [
  "text/plain",
  "text/html",
  "application/xml",
  "application/fhir+xml",
  "application/x-www-form-urlencoded",
  "application/json-patch+json",
  "application/json; charset=utf-16",
  "application/json, application/json",
  "multipart/form-data; boundary=CANARY",
  "CANARY",
];

const post = (scene: Scene, path: string, body: string | Uint8Array, headers: readonly string[] = FHIR_JSON) =>
  sendAsDoc(scene, {
    method: "POST",
    path,
    headers,
    body: typeof body === "string" ? body.replaceAll("CANARY", scene.canary) : body,
  });
const parsed = (answer: { readonly text: string }) => ({ body: JSON.parse(answer.text) as never });

export function json(use: Use): void {
  describe("bodies that are no JSON", () => {
    it.each(TEXTS)("AT-57 %s", async (_title, text, rule) => {
      const scene = use();
      await whileNothingChanges(scene, async () => {
        for (const path of ["/fhir/Patient", "/fhir"]) {
          const answer = await post(scene, path, text);
          expectRefused(scene, answer, 400);
          expect(rulesOf(parsed(answer))).toEqual([rule]);
        }
        // A request of our own is never longer than four kilobytes.
        const ours = await post(scene, "/session/sign-out", text, ["content-type", "application/json"]);
        expectRefused(scene, ours, text.length > 4096 ? 413 : 400);
        if (ours.status === 400) expect(ours.text).toContain(`"rule":"${rule}"`);
      });
    });
    it("AT-57 bytes that are no UTF-8", async () => {
      const scene = use();
      const bad = [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf8, 0x88, 0x80, 0x80, 0x80], [0x80]];
      await whileNothingChanges(scene, async () => {
        for (const bytes of bad) {
          const text = Buffer.concat([Buffer.from('{"resourceType":"Patient","language":"'), Buffer.from(bytes)]);
          const body = Buffer.concat([text, Buffer.from(`${scene.canary}"}`)]);
          expectRefused(scene, await post(scene, "/fhir/Patient", body), 400);
        }
      });
    });
    it("AT-57 control: the same bodies without their fault are taken", async () => {
      const scene = use();
      for (const text of [patient('"active":true'), ` ${patient('"name":[{"family":"\\u00e9\\ud83d\\ude00"}]')}\n`])
        expect((await post(scene, "/fhir/Patient", text)).status).toBe(201);
    });
  });

  describe("bodies that are no resource", () => {
    it.each(RESOURCES)("AT-57 %s", async (_title, value, expression, rule) => {
      const scene = use();
      await whileNothingChanges(scene, async () => {
        const answer = await post(scene, "/fhir/Patient", JSON.stringify(value(scene.canary)));
        expectRefused(scene, answer, 422);
        const { issue } = JSON.parse(answer.text) as { issue: { expression?: string[] }[] };
        expect([issue[0]?.expression, rulesOf(parsed(answer))[0]]).toEqual([[expression], rule]);
      });
    });
    it.each([
      ["another type than the address", "POST", "/fhir/Observation", "type-mismatch"],
      ["another id than the address", "PUT", "/fhir/Patient/another", "id-mismatch"],
    ])("AT-57 %s", async (_title, method, path, rule) => {
      const scene = use();
      const body = JSON.stringify({ ...canaryPatient(scene.world.a), id: scene.canary });
      await whileNothingChanges(scene, async () => {
        const headers = [...FHIR_JSON, "if-match", 'W/"1"'];
        const answer = await sendAsDoc(scene, { method, path, headers, body });
        expectRefused(scene, answer, 422);
        expect(rulesOf(parsed(answer))).toEqual([rule]);
      });
    });
    it("AT-57 every issue is told, at most fifty", async () => {
      const scene = use();
      const name = Array.from({ length: 200 }, () => ({ family: 7, use: scene.canary }));
      const answer = await post(scene, "/fhir/Patient", JSON.stringify({ resourceType: "Patient", name }));
      expectRefused(scene, answer, 422);
      expect((JSON.parse(answer.text) as { issue: unknown[] }).issue.length).toBe(50);
    });
  });

  describe("content types", () => {
    it.each(TYPES)("AT-57 a body called %s", async (type) => {
      const scene = use();
      const headers = ["content-type", type.replace("CANARY", scene.canary)];
      await whileNothingChanges(scene, async () => {
        for (const path of ["/fhir/Patient", "/fhir", "/session/sign-out", "/session/sign-in"])
          expectRefused(scene, await post(scene, path, patient('"active":true'), headers), 415);
      });
    });
    it("AT-57 a body without a type, a compressed body, a body where none belongs, two types", async () => {
      const scene = use();
      const body = patient('"active":true');
      await whileNothingChanges(scene, async () => {
        expectRefused(scene, await post(scene, "/fhir/Patient", body, []), 415);
        const packed = [...FHIR_JSON, "content-encoding", "gzip"];
        expectRefused(scene, await post(scene, "/fhir/Patient", new Uint8Array([0x1f, 0x8b, 8, 0]), packed), 400);
        expectRefused(
          scene,
          await sendAsDoc(scene, { method: "DELETE", path: scene.path, headers: FHIR_JSON, body }),
          413,
        );
        expectRefused(scene, await sendAsDoc(scene, { path: scene.path, headers: FHIR_JSON, body }), 413);
        expectRefused(
          scene,
          await post(scene, "/fhir/Patient", body, [...FHIR_JSON, "Content-Type", "text/plain"]),
          400,
        );
      });
    });
    it("AT-57 an answer in another form than JSON", async () => {
      const scene = use();
      for (const accept of ["text/html", "application/fhir+xml", scene.canary]) {
        const answer = await sendAsDoc(scene, { path: scene.path, headers: ["accept", accept] });
        expectRefused(scene, answer, 406);
      }
      expect((await sendAsDoc(scene, { path: scene.path, headers: ["accept", "text/html, */*;q=0.1"] })).status).toBe(
        200,
      );
    });
  });
}
