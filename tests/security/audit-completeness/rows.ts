import { randomBytes } from "node:crypto";
import { newTestId } from "../world.ts";
import type { Row, Scene, Told } from "./scene.ts";
import type { RouteName } from "../../../core/contract/index.ts";

type Ask = Row["ask"];

const row = (route: RouteName, title: string, status: number, told: Told, ask: Ask, isReplay?: boolean): Row => ({
  route,
  title,
  status,
  told,
  ask,
  ...(isReplay === undefined ? {} : { isReplay }),
});

const doc = ({ world }: Scene) => world.a.doc;
const get =
  (path: (scene: Scene) => string | Promise<string>, headers: Record<string, string> = {}): Ask =>
  async (scene) =>
    doc(scene).send("GET", await path(scene), { headers });
const getAs =
  (path: (scene: Scene) => string): Ask =>
  (scene) =>
    scene.auditor.send("GET", path(scene));
const observation = async (scene: Scene): Promise<string> => `/fhir/Observation/${await scene.file()}`;
const deleted = async (scene: Scene): Promise<string> => {
  const path = await observation(scene);
  await doc(scene).send("DELETE", path);
  return path;
};
const unknown = (): string => `/fhir/Observation/${newTestId()}.${newTestId()}`;
const key = (): string => randomBytes(12).toString("hex");
const form = { "content-type": "application/x-www-form-urlencoded" };

const READS: readonly Row[] = [
  row("fhirRead", "found", 200, "success", get(observation)),
  row("fhirRead", "not changed since", 304, "success", get(observation, { "if-none-match": 'W/"1"' })),
  row("fhirRead", "unknown", 404, "denied", get(unknown)),
  row(
    "fhirRead",
    "an unknown type",
    404,
    "denied",
    get(() => "/fhir/Nothing/x"),
  ),
  row(
    "fhirRead",
    "an id that is none",
    404,
    "denied",
    get(() => "/fhir/Observation/a%20b"),
  ),
  row("fhirRead", "deleted", 410, "failure", get(deleted)),
  row(
    "fhirRead",
    "not for the role",
    403,
    "denied",
    getAs(({ patientId }) => `/fhir/Patient/${patientId}`),
  ),
  row("fhirRead", "for a purpose that is none", 400, "denied", get(observation, { "x-purpose-of-use": "FUN" })),
  row("fhirRead", "in a form that we do not have", 406, "failure", get(observation, { accept: "text/html" })),
  row(
    "fhirVread",
    "found",
    200,
    "success",
    get(async (s) => `${await observation(s)}/_history/1`),
  ),
  row(
    "fhirVread",
    "no such version",
    404,
    "denied",
    get(async (s) => `${await observation(s)}/_history/9`),
  ),
  row(
    "fhirVread",
    "not for the role",
    403,
    "denied",
    getAs(({ patientId }) => `/fhir/Patient/${patientId}/_history/1`),
  ),
  row(
    "fhirHistory",
    "found",
    200,
    "success",
    get(async (s) => `${await observation(s)}/_history`),
  ),
  row(
    "fhirHistory",
    "unknown",
    404,
    "denied",
    get(() => `${unknown()}/_history`),
  ),
  row(
    "fhirHistory",
    "a count that is none",
    400,
    "failure",
    get(async (s) => `${await observation(s)}/_history?_count=x`),
  ),
  row(
    "fhirHistory",
    "a cursor that is none",
    400,
    "failure",
    get(async (s) => `${await observation(s)}/_history?_cursor=x`),
  ),
  row(
    "fhirHistory",
    "not for the role",
    403,
    "denied",
    getAs(({ patientId }) => `/fhir/Patient/${patientId}/_history`),
  ),
  row(
    "fhirEverything",
    "found",
    200,
    "success",
    get(({ patientId }) => `/fhir/Patient/${patientId}/$everything`),
  ),
  row(
    "fhirEverything",
    "unknown",
    404,
    "denied",
    get(() => `/fhir/Patient/${newTestId()}/$everything`),
  ),
  row(
    "fhirEverything",
    "not for the role",
    403,
    "denied",
    getAs(({ patientId }) => `/fhir/Patient/${patientId}/$everything`),
  ),
  row(
    "fhirEverything",
    "a count that is none",
    400,
    "failure",
    get(({ patientId }) => `/fhir/Patient/${patientId}/$everything?_count=x`),
  ),
  row(
    "fhirSearch",
    "some",
    200,
    "success",
    get(({ patientId }) => `/fhir/Observation?patient=${patientId}`),
  ),
  row(
    "fhirSearch",
    "none",
    200,
    "success",
    get(() => "/fhir/Patient?name=nobody-of-that-name"),
  ),
  row(
    "fhirSearch",
    "a count",
    200,
    "success",
    get(() => "/fhir/Patient?_summary=count"),
  ),
  row(
    "fhirSearch",
    "an unknown parameter",
    400,
    "failure",
    get(() => "/fhir/Patient?nothing=x"),
  ),
  row(
    "fhirSearch",
    "without a patient",
    400,
    "failure",
    get(() => "/fhir/Observation?code=x"),
  ),
  row(
    "fhirSearch",
    "a cursor that is none",
    400,
    "failure",
    get(() => "/fhir/Patient?_cursor=x"),
  ),
  row(
    "fhirSearch",
    "an unknown type",
    404,
    "denied",
    get(() => "/fhir/Nothing?x=y"),
  ),
  row(
    "fhirSearch",
    "not for the role",
    403,
    "denied",
    getAs(() => "/fhir/Patient?_id=a%20%C3%A9%20b"),
  ),
  row("fhirSearchPost", "some", 200, "success", (s) =>
    doc(s).send("POST", "/fhir/Observation/_search", { body: `patient=${s.patientId}`, headers: form }),
  ),
  row("fhirSearchPost", "an unknown parameter", 400, "failure", (s) =>
    doc(s).send("POST", "/fhir/Patient/_search", { body: "nothing=x", headers: form }),
  ),
  row("fhirSearchPost", "in JSON", 415, "failure", (s) => doc(s).send("POST", "/fhir/Patient/_search", { body: {} })),
  row("fhirSearchPost", "not for the role", 403, "denied", (s) =>
    s.auditor.send("POST", "/fhir/Patient/_search", { body: "name=x", headers: form }),
  ),
];

/** The same request twice: the answer to the second. */
const twice =
  (
    method: string,
    path: (scene: Scene) => Promise<string> | string,
    body?: (scene: Scene, path: string) => unknown,
    more = {},
  ): Ask =>
  async (scene) => {
    const at = await path(scene);
    const sent = {
      headers: { ...more, "idempotency-key": key() },
      ...(body === undefined ? {} : { body: body(scene, at) }),
    };
    await doc(scene).send(method, at, sent);
    return doc(scene).send(method, at, sent);
  };
/** The same key for two requests: the answer to the second. */
const otherBody: Ask = async (scene) => {
  const headers = { "idempotency-key": key() };
  await doc(scene).send("POST", "/fhir/Observation", { body: scene.resource(), headers });
  return doc(scene).send("POST", "/fhir/Observation", { body: { ...scene.resource(), status: "amended" }, headers });
};
const create =
  (body: (scene: Scene) => unknown, headers: Record<string, string> = {}): Ask =>
  (scene) =>
    doc(scene).send("POST", "/fhir/Observation", { body: body(scene), headers });
const idOf = (path: string): string => path.split("/").at(-1) ?? "";
const put =
  (headers: Record<string, string>, path = observation): Ask =>
  async (scene) => {
    const at = await path(scene);
    return doc(scene).send("PUT", at, { body: { ...scene.resource(), id: idOf(at) }, headers });
  };
const remove =
  (headers: Record<string, string>, path: (scene: Scene) => Promise<string> | string = observation): Ask =>
  async (scene) =>
    doc(scene).send("DELETE", await path(scene), { headers });
const match = { "if-match": 'W/"1"' };
const ownId = (): Promise<string> => Promise.resolve(`/fhir/Observation/own-${key()}`);

const WRITES: readonly Row[] = [
  row(
    "fhirCreate",
    "done",
    201,
    "success",
    create((s) => s.resource()),
  ),
  row(
    "fhirCreate",
    "a replay",
    201,
    "success",
    twice(
      "POST",
      () => "/fhir/Observation",
      (s) => s.resource(),
    ),
    true,
  ),
  row("fhirCreate", "a key for another body", 422, "failure", otherBody),
  row(
    "fhirCreate",
    "no JSON",
    400,
    "failure",
    create(() => "{"),
  ),
  row(
    "fhirCreate",
    "no resource",
    422,
    "failure",
    create(() => ({ resourceType: "Observation" })),
  ),
  row(
    "fhirCreate",
    "another type",
    422,
    "failure",
    create(() => ({ resourceType: "Patient" })),
  ),
  row(
    "fhirCreate",
    "about nobody",
    422,
    "failure",
    create((s) => s.resource(newTestId())),
  ),
  row(
    "fhirCreate",
    "a text",
    415,
    "failure",
    create((s) => s.resource(), { "content-type": "text/plain" }),
  ),
  row(
    "fhirCreate",
    "too long",
    413,
    "failure",
    create(() => `{${" ".repeat(5 * 1024 * 1024)}}`, { "content-type": "application/json" }),
  ),
  row(
    "fhirCreate",
    "a key that is none",
    400,
    "failure",
    create((s) => s.resource(), { "idempotency-key": "x" }),
  ),
  row("fhirCreate", "not for the role", 403, "denied", (s) =>
    s.auditor.send("POST", "/fhir/Observation", { body: s.resource() }),
  ),
  row("fhirUpdate", "done", 200, "success", put(match)),
  row("fhirUpdate", "made under an id of the client's own", 201, "success", put({ "if-none-match": "*" }, ownId)),
  row("fhirUpdate", "made again", 412, "failure", put({ "if-none-match": "*" })),
  row("fhirUpdate", "another version", 412, "failure", put({ "if-match": 'W/"7"' })),
  row("fhirUpdate", "no version", 428, "failure", put({})),
  row("fhirUpdate", "a version that is none", 400, "failure", put({ "if-match": "x" })),
  row("fhirUpdate", "unknown", 404, "denied", put(match, ownId)),
  row(
    "fhirUpdate",
    "a replay",
    200,
    "success",
    twice("PUT", observation, (s, at) => ({ ...s.resource(), id: idOf(at) }), match),
    true,
  ),
  row("fhirUpdate", "not for the role", 403, "denied", async (s) => {
    const at = await observation(s);
    return s.auditor.send("PUT", at, { body: { ...s.resource(), id: idOf(at) }, headers: match });
  }),
  row("fhirDelete", "done", 204, "success", remove(match)),
  row("fhirDelete", "another version", 412, "failure", remove({ "if-match": 'W/"7"' })),
  row("fhirDelete", "again", 410, "failure", remove({}, deleted)),
  row("fhirDelete", "unknown", 404, "denied", remove({}, unknown)),
  row("fhirDelete", "a replay", 204, "success", twice("DELETE", observation), true),
  row("fhirDelete", "not for the role", 403, "denied", async (s) => s.auditor.send("DELETE", await observation(s))),
];

const bundle =
  (type: string, entry: (scene: Scene) => readonly unknown[]): Ask =>
  (scene) =>
    doc(scene).send("POST", "/fhir", { body: { resourceType: "Bundle", type, entry: entry(scene) } });
const post = (scene: Scene) => ({ resource: scene.resource(), request: { method: "POST", url: "Observation" } });
const whole = (scene: Scene) => ({ resourceType: "Bundle", type: "transaction", entry: [post(scene)] });

const BUNDLES: readonly Row[] = [
  row(
    "fhirBundle",
    "a transaction",
    200,
    "success",
    bundle("transaction", (s) => [post(s), post(s)]),
  ),
  row(
    "fhirBundle",
    "a replay",
    200,
    "success",
    twice("POST", () => "/fhir", whole),
    true,
  ),
  row(
    "fhirBundle",
    "without entries",
    200,
    "success",
    bundle("transaction", () => []),
  ),
  row(
    "fhirBundle",
    "a batch without entries",
    200,
    "success",
    bundle("batch", () => []),
  ),
  row(
    "fhirBundle",
    "a batch of one",
    200,
    "success",
    bundle("batch", (s) => [post(s)]),
  ),
  row(
    "fhirBundle",
    "a batch of one that cannot be read",
    200,
    "failure",
    bundle("batch", () => [{ request: { method: "x" } }]),
  ),
  row(
    "fhirBundle",
    "a batch of one that finds nothing",
    200,
    "denied",
    bundle("batch", () => [{ request: { method: "GET", url: "Patient/x" } }]),
  ),
  row(
    "fhirBundle",
    "a batch of one that cannot be asked",
    200,
    "failure",
    bundle("batch", () => [{ request: { method: "GET", url: "Patient/x/_history" } }]),
  ),
  row(
    "fhirBundle",
    "a transaction that only reads, and finds nothing",
    404,
    "denied",
    bundle("transaction", () => [{ request: { method: "GET", url: "Patient/x" } }]),
  ),
  row(
    "fhirBundle",
    "one bad entry",
    422,
    "failure",
    bundle("transaction", (s) => [post(s), { request: { method: "POST", url: "x" } }]),
  ),
  row(
    "fhirBundle",
    "one reference to nobody",
    422,
    "failure",
    bundle("transaction", (s) => [{ ...post(s), resource: s.resource(newTestId()) }]),
  ),
  row(
    "fhirBundle",
    "a search beside a write",
    400,
    "failure",
    bundle("transaction", (s) => [post(s), { request: { method: "GET", url: "Patient?name=x" } }]),
  ),
  row("fhirBundle", "no bundle", 400, "failure", (s) => doc(s).send("POST", "/fhir", { body: [] })),
  row("fhirBundle", "not for the role", 403, "denied", (s) => s.auditor.send("POST", "/fhir", { body: whole(s) })),
];

export const ROWS: readonly Row[] = [...READS, ...WRITES, ...BUNDLES];
