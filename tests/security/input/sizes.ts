import { describe, expect, it } from "vitest";
import { RESOURCE_TYPES } from "../../../core/fhir/index.ts";
import { expectRefused, FHIR_JSON, type Scene, sendAsDoc, type Use, whileNothingChanges } from "./scene.ts";

const MIB = 1024 * 1024;
const post = (scene: Scene, body: string | Uint8Array, path = "/fhir/Patient") =>
  sendAsDoc(scene, { method: "POST", path, headers: FHIR_JSON, body });
/** A valid Patient with a photo that makes it `bytes` long. */
function sized(bytes: number): string {
  const [head, tail] = ['{"resourceType":"Patient","photo":[{"contentType":"image/png","data":"', '"}]}'];
  return `${head}${"A".repeat(Math.floor((bytes - head.length - tail.length) / 4) * 4)}${tail}`;
}
const bundle = (count: number, type = "transaction"): string => {
  const entry = { resource: { resourceType: "Patient" }, request: { method: "POST", url: "Patient" } };
  return JSON.stringify({ resourceType: "Bundle", type, entry: Array.from({ length: count }, () => entry) });
};

export function sizes(use: Use): void {
  describe("AT-52 huge and deep", () => {
    it.each([
      ["50 MB", 50 * MIB],
      ["10 MB and one byte", 10 * MIB + 1],
      ["9 MB, which a function never sees", 9 * MIB],
      ["5 MB and a little, more than the route takes", 5 * MIB + 8],
    ])("AT-52 a body of %s", async (_title, bytes) => {
      const scene = use();
      const body = sized(bytes).padEnd(bytes, " ");
      await whileNothingChanges(scene, async () => {
        expectRefused(scene, await post(scene, body), 413);
        expectRefused(scene, await post(scene, body, "/session/sign-out"), 413);
      });
    });
    it("AT-52 a body that is said to be huge and never comes", async () => {
      const scene = use();
      const headers = [...FHIR_JSON, "expect", "100-continue", "x-length", "99999999999"];
      const answer = await sendAsDoc(scene, { method: "POST", path: "/fhir/Patient", headers, body: "{" });
      expectRefused(scene, answer, 400, 417);
    });
    it("AT-52 ten thousand entries, of a transaction and of a batch", async () => {
      const scene = use();
      await whileNothingChanges(scene, async () => {
        for (const type of ["transaction", "batch"])
          expectRefused(scene, await post(scene, bundle(10_000, type), "/fhir"), 422);
      });
    });
    it("AT-52 half a million values, in the smallest space", async () => {
      const scene = use();
      await whileNothingChanges(scene, async () => {
        expectRefused(scene, await post(scene, `[${"0,".repeat(600_000)}0]`), 400);
        expectRefused(scene, await post(scene, `[${"{},".repeat(400_000)}{}]`), 400, 422);
        expectRefused(scene, await post(scene, `{"resourceType":"Patient","name":[${"{},".repeat(100_000)}{}]}`), 422);
      });
    });
    it("AT-52 contained in contained, and extensions in extensions", async () => {
      const scene = use();
      const nest = (depth: number, open: string, inner: string, close: string): string =>
        open.repeat(depth) + inner + close.repeat(depth);
      const extension = (depth: number): string =>
        `{"resourceType":"Patient","extension":[${nest(depth, '{"url":"u:x","extension":[', '{"url":"u:x","valueString":"x"}', "]}")}]}`;
      const contained = nest(20, '{"resourceType":"Patient","contained":[', '{"resourceType":"Patient"}', "]}");
      const item = `{"resourceType":"Questionnaire","status":"draft","item":[${nest(200, '{"linkId":"1","type":"group","item":[', '{"linkId":"2","type":"string"}', "]}")}]}`;
      await whileNothingChanges(scene, async () => {
        expectRefused(scene, await post(scene, extension(2_000)), 400, 422);
        expectRefused(scene, await post(scene, contained), 422);
        expectRefused(scene, await post(scene, item, "/fhir/Questionnaire"), 400, 422);
      });
      expect((await post(scene, extension(3))).status).toBe(201);
    });
    it("AT-52 queries and forms of too many parameters", async () => {
      const scene = use();
      const many = (count: number): string => Array.from({ length: count }, (_, n) => `name=x${n}`).join("&");
      const form = (count: number) =>
        sendAsDoc(scene, {
          method: "POST",
          path: "/fhir/Patient/_search",
          headers: ["content-type", "application/x-www-form-urlencoded"],
          body: many(count),
        });
      expectRefused(scene, await sendAsDoc(scene, { path: `/fhir/Patient?${many(41)}` }), 400);
      expectRefused(scene, await sendAsDoc(scene, { path: `/fhir/Patient?${many(1_000)}` }), 413, 431);
      expectRefused(scene, await sendAsDoc(scene, { path: `/fhir/Patient?${many(100_000)}` }), 413, 431);
      expectRefused(scene, await form(41), 400);
      expectRefused(scene, await form(1_000), 400);
      expectRefused(scene, await form(1_000_000), 413);
      const values = Array.from({ length: 101 }, (_, n) => `v${n}`).join(",");
      expectRefused(scene, await sendAsDoc(scene, { path: `/fhir/Patient?name=${values}` }), 400);
    });
    it("AT-52 a route that takes no body takes none, of any size", async () => {
      const scene = use();
      for (const type of RESOURCE_TYPES.slice(0, 3)) {
        const answer = await sendAsDoc(scene, { path: `/fhir/${type}/x`, body: "x".repeat(MIB) });
        expectRefused(scene, answer, 400, 413);
      }
    });
    it("AT-52 control: a large record and a bundle of fifty are taken", async () => {
      const scene = use();
      expect((await post(scene, sized(200_000))).status).toBe(201);
      expect((await post(scene, bundle(50), "/fhir")).status).toBe(200);
    });
  });
}
