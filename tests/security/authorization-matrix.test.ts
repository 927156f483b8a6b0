import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RouteName, routeNames, routes } from "../../core/contract/index.ts";
import { functionName } from "../../core/iam/index.ts";
import { openScene, ROLES, type Scene } from "./authorization-matrix/scene.ts";
import { type Row, ROWS } from "./authorization-matrix/rows.ts";
import { essence, unknownLike } from "./http/answers.ts";
import { eventsOf } from "./http/state.ts";
import { type Answer, SITE } from "./world.ts";

/**
 * AT-23: every route of the contract with every role. A route or a role without a row fails; a role that may not, gets
 * 403 inside of its own clinic, and each refusal by policy is an event in the clinic's trail.
 */
let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
  // A checkpoint is answered once there is one.
  const { stack } = scene.world;
  await stack.drain();
  await stack.lambda.invoke(functionName(SITE, "seal"), {});
  // Four thousand requests follow, and none of them asks for what the streams make of the last.
  await stack.eventSources.pause();
});
afterAll(() => scene.close());

const title = ({ route, on }: Row): string => `${route}, ${on}`;
const missing = (rows: readonly Row[]): RouteName[] =>
  routeNames.filter((name) => !rows.some(({ route }) => route === name));

it("AT-23 a route of another clinic's record: 404 for whom a role would let, 403 for whom it would not", async () => {
  const { world, own, callers } = scene;
  const foreign = unknownLike(own);
  const made = await world.b.importer.send("PUT", `/fhir/Patient/${foreign}`, {
    body: { resourceType: "Patient", id: foreign },
    headers: { "if-none-match": "*" },
  });
  expect(made.status).toBe(201);
  for (const role of ["physician", "auditor", "integration"] as const) {
    const by = callers.get(role);
    const [one, other] = [
      await by?.send("GET", `/fhir/Patient/${foreign}`),
      await by?.send("GET", `/fhir/Patient/${unknownLike(own)}`),
    ];
    if (one === undefined || other === undefined) throw new Error("the matrix has a caller for every role");
    expect([role, one.status]).toEqual([role, role === "auditor" ? 403 : 404]);
    expect(essence(one)).toEqual(essence(other));
  }
});

describe("AT-23 every route with every role", () => {
  it("AT-23 the matrix has a row for every route and a caller for every role", () => {
    expect(missing(ROWS)).toEqual([]);
    expect([...scene.callers.keys()].toSorted()).toEqual([...ROLES].toSorted());
  });
  it("AT-23 a route without a row is found", () => {
    expect(missing(ROWS.filter(({ route }) => route !== "fhirVread"))).toEqual(["fhirVread"]);
  });

  it.each(ROWS.map((row) => [title(row), row] as const))("AT-23 %s", async (_title, row) => {
    const { route, status, roles, refused = 403, unlike = {}, ask } = row;
    const expected: Record<string, number> = {};
    const got: Record<string, number> = {};
    const answers: Answer[] = [];
    for (const [role, by] of scene.callers) {
      const answer = await ask(scene, by);
      expected[role] = roles.includes(role) ? status : (unlike[role] ?? refused);
      got[role] = answer.status;
      if (answer.status === 403 && role !== "platform-operator") answers.push(answer);
      if (answer.status === 403) expect(answer.text).not.toContain(scene.world.a.canary);
    }
    expect(got).toEqual(expected);
    if (routes[route].zone !== "fhir" && routes[route].zone !== "clinic") return;
    const events = eventsOf(scene.world, scene.world.a.tenantId);
    for (const answer of answers) {
      const own = events.filter(({ event }) => event.request === answer.headers.get("x-request-id"));
      expect(own.map(({ event }) => event.outcome)).toEqual(["denied"]);
    }
  });
});
