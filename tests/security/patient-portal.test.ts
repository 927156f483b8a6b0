import { randomBytes } from "node:crypto";
import { QueryCommand } from "@aws-sdk/client-dynamodb";
import { AssumeRoleCommand } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RouteName, routeNames, routes } from "../../core/contract/index.ts";
import { sessionPolicy, tableName, tenantRoleArn } from "../../core/iam/index.ts";
import { functionCredentials, handsOf, outcome, text } from "./aws.ts";
import { openScene, type Person, type Scene, type Session } from "./clinic/scene.ts";
import { essence, unknownLike } from "./http/answers.ts";
import { eventsAbout } from "./http/state.ts";
import { ownDocuments } from "./patient-portal/documents.ts";
import { ownRecords } from "./patient-portal/record.ts";
import { file, secret } from "./patient-portal/scene.ts";
import { memberToken } from "../../scripts/cli/sign-in.ts";
import { type Answer, type Caller, canaryPatient, cellKeyArn, newTestId, SITE } from "./world.ts";

/**
 * CLIN-11, UIX-1, POL-7: the patient's own portal is one patient's. No id of a request leads to another's record, nobody
 * else of the clinic does anything in it, and what is not released leaves no trace.
 */
let scene: Scene;
let ada: Session;
let bob: Session;
let doc: Session;
let app: Caller;
let adaId: string;
let bobId: string;
let foreignId: string;
let provider: string;
let visitType: string;
beforeAll(async () => {
  scene = await openScene();
  const { a, b } = scene.world;
  adaId = await file(a, canaryPatient(a));
  bobId = await file(a, { ...canaryPatient(a), name: [{ family: secret("bob"), given: ["Bob"] }] });
  foreignId = await file(b, canaryPatient(b));
  provider = await file(a, {
    resourceType: "Practitioner",
    active: true,
    name: [{ family: "Okafor", given: ["Maya"] }],
  });
  visitType = await file(a, {
    resourceType: "HealthcareService",
    active: true,
    name: "Check-up",
    extension: [{ url: "urn:keyward:visit-minutes", valuePositiveInt: 20 }],
  });
  const hire = (roles: readonly string[], patientId?: string): Promise<Person> => scene.hire(a, roles, patientId);
  // First, while the stage's clock is still the machine's: a token is asked for by the latter.
  app = scene.world.caller(await memberToken(scene.world.stack.endpoint, (await hire(["patient"], adaId)).member));
  ada = await scene.signIn(await hire(["patient"], adaId), "PATRQT");
  bob = await scene.signIn(await hire(["patient"], bobId), "PATRQT");
  doc = await scene.signIn(await hire(["physician"]), "TREAT");
});
afterAll(() => scene.close());

interface Time {
  readonly day: string;
  readonly start: { readonly time: string };
}

const timesFrom = async (by: Session, from?: string): Promise<readonly Time[]> => {
  const query = `visitType=${visitType}&provider=${provider}${from === undefined ? "" : `&from=${from}`}`;
  const answer = await by.send("GET", `/patient/free-times?${query}`);
  expect([answer.status, answer.text.slice(0, 200)]).toEqual([200, expect.any(String)]);
  return answer.body["times"] as unknown as readonly Time[];
};
const booking = ({ day, start }: Time) => ({ visitType, provider, day, time: start.time });
const dayAhead = (days: number): string => new Date(scene.clock.now() + days * 86_400_000).toISOString().slice(0, 10);

describe("CLIN-11 visits", () => {
  it("CLIN-11 books a free time once for two who want it, confirms it and cancels it in time", async () => {
    const [time] = await timesFrom(ada, dayAhead(7));
    if (time === undefined) throw new Error("the clinic has a free time");
    const both = await Promise.all([ada, bob].map((by) => by.send("POST", "/patient/visits", { body: booking(time) })));
    expect(both.map(({ status }) => status).toSorted((left, right) => left - right)).toEqual([201, 422]);
    const [by, made] = both[0]?.status === 201 ? [ada, both[0]] : [bob, both[1] as Answer];
    const id = String(made?.body["id"]);
    expect(made?.body).toMatchObject({
      stage: "booked",
      visitType: "Check-up",
      provider: "Maya Okafor",
      isConfirmed: false,
    });
    const yes = await by.send("POST", `/patient/visits/${id}/confirm`, { body: { version: 1 } });
    expect([yes.status, yes.body["isConfirmed"], yes.body["mayConfirm"]]).toEqual([200, true, false]);
    const stale = await by.send("POST", `/patient/visits/${id}/cancel`, { body: { version: 1 } });
    expect(stale.status).toBe(412);
    const headers = { "idempotency-key": "cancel-once" };
    const body = { version: 2, note: "away" };
    const gone = await by.send("POST", `/patient/visits/${id}/cancel`, { body, headers });
    expect([gone.status, gone.body["stage"]]).toEqual([200, "cancelled"]);
    const again = await by.send("POST", `/patient/visits/${id}/cancel`, { body, headers });
    expect([again.status, again.body["stage"]]).toEqual([200, "cancelled"]);
    // The time is free again.
    expect(await timesFrom(ada, time.day)).toContainEqual(
      expect.objectContaining({ day: time.day, start: time.start }),
    );
  });

  it("CLIN-11 what is too near is not cancelled, and what is not offered is not booked", async () => {
    const times = await timesFrom(ada);
    const near = times.find(
      ({ start }) => Date.parse(String((start as { at?: string }).at)) < scene.clock.now() + 23 * 3_600_000,
    );
    if (near !== undefined) {
      const made = await ada.send("POST", "/patient/visits", { body: booking(near) });
      expect(made.status).toBe(201);
      expect(made.body["mayCancel"]).toMatchObject({ state: "too-late" });
      const cancel = await ada.send("POST", `/patient/visits/${String(made.body["id"])}/cancel`, {
        body: { version: 1 },
      });
      expect([cancel.status, cancel.text]).toEqual([422, expect.stringContaining("notice-passed")]);
    }
    const night = { visitType, provider, day: dayAhead(3), time: "03:00" };
    const wrong = [
      [night, "booking-time"],
      [{ ...night, visitType: unknownLike(visitType) }, "booking-closed"],
      [{ ...night, provider: unknownLike(provider) }, "booking-closed"],
      [{ ...night, day: dayAhead(60) }, "booking-time"],
      [{ ...night, day: "2020-01-01" }, "booking-time"],
    ] as const;
    for (const [body, rule] of wrong) {
      const answer = await ada.send("POST", "/patient/visits", { body });
      expect([answer.status, answer.text]).toEqual([422, expect.stringContaining(rule)]);
    }
  });
});

describe("CLIN-2 CLIN-11 a provider's hours", () => {
  it("CLIN-2 CLIN-11 rule what a patient is offered and books; the desk is asked for a word, and who settles them is told of others", async () => {
    const { a, b } = scene.world;
    const reyes = await file(a, { resourceType: "Practitioner", active: true, name: [{ family: "Reyes" }] });
    const foreign = await file(b, { resourceType: "Practitioner", active: true, name: [{ family: "Reyes" }] });
    const office = await scene.signIn(await scene.hire(a, ["clinic-administrator"]), "HOPERAT");
    const settle = (id: string, body: object, seen: number): Promise<Answer> =>
      office.send("PUT", `/clinic/schedule/providers/${id}/hours`, { body, headers: { "if-match": `W/"${seen}"` } });
    const version = async (): Promise<number> =>
      ((await office.send("GET", "/clinic/schedule")).body["hours"] as unknown as { version: number }).version;
    const mornings = [{ opens: "08:00", closes: "10:00" }];
    const week = { tuesday: mornings, wednesday: [], thursday: mornings, saturday: [], sunday: [] };
    const hours = { availableTime: { monday: [], friday: [], ...week }, notAvailable: [] };
    const seen = await version();
    const done = await settle(reyes, hours, seen);
    expect([done.status, done.body["version"]]).toEqual([200, seen + 1]);
    const told = eventsAbout(scene.world, a.tenantId, done).map(({ interaction }) => interaction);
    expect(told).toContain("schedule.change");
    // Who saw less than what stands changes nothing; nor does anybody's id of another clinic, nor words of one's own.
    expect((await settle(reyes, { ...hours, availableTime: null }, seen)).status).toBe(412);
    expect((await settle(foreign, hours, seen + 1)).status).toBe(404);
    expect((await settle(unknownLike(reyes), hours, seen + 1)).status).toBe(404);
    const during = { start: "2099-01-01", end: "2099-01-02" };
    const noted = { ...hours, notAvailable: [{ reason: "time-off", during, availableTime: [], note: "surgery" }] };
    expect((await settle(reyes, noted, seen + 1)).status).toBe(400);
    expect(await version()).toBe(seen + 1);

    const query = `visitType=${visitType}&provider=${reyes}&from=${dayAhead(1)}`;
    const { times } = (await ada.send("GET", `/patient/free-times?${query}`)).body as unknown as {
      readonly times: readonly Time[];
    };
    expect(times.length).toBeGreaterThan(0);
    const weekdayOf = ({ day }: Time): number => new Date(day).getUTCDay();
    expect(times.filter((time) => ![2, 4].includes(weekdayOf(time)) || time.start.time > "09:40")).toEqual([]);
    const [first] = times;
    const outside = { visitType, provider: reyes, day: first?.day, time: "11:00" };
    const refused = await ada.send("POST", "/patient/visits", { body: outside });
    expect([refused.status, refused.text]).toEqual([422, expect.stringContaining("booking-time")]);

    const wanted = { patient: adaId, provider: reyes, day: first?.day, time: "11:00", minutes: 20 };
    const send = (body: object): Promise<Answer> =>
      a.desk.send("POST", "/clinic/appointments", { body, headers: { "x-purpose-of-use": "TREAT" } });
    const asked = await send(wanted);
    expect([asked.status, asked.text]).toEqual([422, expect.stringContaining("provider-away")]);
    const made = await send({ ...wanted, accept: ["provider-away"] });
    expect(made.status).toBe(201);
    const { id } = made.body["row"] as unknown as { readonly id: string };
    const path = `/clinic/appointments/${id}/moves/${String(first?.day)}?by=provider&lane=${reyes}&lane=${provider}`;
    const moves = await a.desk.send("GET", path, { headers: { "x-purpose-of-use": "TREAT" } });
    const lanes = moves.body["lanes"] as unknown as readonly { obstacles: readonly { rules: readonly string[] }[] }[];
    const rulesOf = (lane: number): string => JSON.stringify(lanes[lane]?.obstacles.map(({ rules }) => rules));
    expect([moves.status, rulesOf(0).includes("provider-away"), rulesOf(1).includes("provider-away")]).toEqual([
      200,
      true,
      false,
    ]);
  });
});

/** Routes of the zone that take an id in their path. */
const KNOWN_PATHS: readonly (readonly [string, string, unknown])[] = [
  ["POST", "/patient/visits/{id}/cancel", { version: 1 }],
  ["POST", "/patient/visits/{id}/confirm", { version: 1 }],
  ["POST", "/patient/consents/{id}/revoke", { version: 1 }],
  ["GET", "/patient/threads/{id}", undefined],
  ["POST", "/patient/threads/{id}/receive", undefined],
  ["POST", "/patient/threads/{id}/messages", { text: "Hello" }],
];

describe("CLIN-11 nobody else's record", () => {
  it("CLIN-11 another patient's ids, another clinic's and unknown ones are one answer, in the same bytes", async () => {
    const { a, b } = scene.world;
    const visitOf = (patientId: string) => ({
      resourceType: "Appointment",
      status: "booked",
      start: new Date(scene.clock.now() + 9 * 86_400_000).toISOString(),
      end: new Date(scene.clock.now() + 9 * 86_400_000 + 1_200_000).toISOString(),
      participant: [{ actor: { reference: `Patient/${patientId}` }, status: "accepted" }],
    });
    const thread = await bob.send("POST", "/patient/threads", { body: { topic: "health", text: secret("mail") } });
    expect([thread.status, thread.text.slice(0, 300)]).toEqual([201, expect.any(String)]);
    const refuse = { form: "restrict", recipients: [{ kind: "role", role: "nurse" }], part: "clinical" };
    await bob.stepUp();
    const consent = await bob.send("POST", "/patient/consents", { body: refuse });
    expect(consent.status).toBe(201);
    const own = `own-${randomBytes(6).toString("hex")}`;
    const put = await a.importer.send("PUT", `/fhir/Appointment/${own}`, {
      body: { ...visitOf(bobId), id: own },
      headers: { "if-none-match": "*" },
    });
    expect(put.status).toBe(201);
    const theirs = {
      visits: [await file(a, visitOf(bobId)), await file(b, visitOf(foreignId)), own],
      consents: [String(consent.body["id"])],
      threads: [String(thread.body["thread"])],
    };
    for (const [method, path, body] of KNOWN_PATHS) {
      const kind = path.split("/")[2] as keyof typeof theirs;
      const ask = (id: string): Promise<Answer> =>
        ada.send(method, path.replace("{id}", id), body === undefined ? {} : { body });
      for (const id of theirs[kind]) {
        const other = await ask(id);
        const unknown = await ask(unknownLike(`${adaId}.${adaId}`));
        expect([path, other.status]).toEqual([path, 404]);
        expect(essence(other, id)).toEqual(essence(unknown));
        expect(other.text).not.toContain("SECRET");
      }
    }
  });

  it("CLIN-11 whose record it is, nothing of a request says: not the body, not the query, not a header", async () => {
    const naming = { "x-patient": bobId, "x-on-behalf-of": bobId };
    for (const path of ["/patient/record", "/patient/home", "/patient/contact"]) {
      const answer = await ada.send("GET", `${path}?patient=${bobId}&subject=Patient/${bobId}`, { headers: naming });
      expect([path, answer.status, answer.text.includes(secret("bob"))]).toEqual([path, 200, false]);
    }
    const bodies: readonly (readonly [string, object])[] = [
      ["/patient/visits", { visitType, day: dayAhead(8), time: "09:00", patient: bobId }],
      ["/patient/threads", { topic: "other", text: "Hi", patient: bobId }],
      [
        "/patient/consents",
        { form: "restrict", recipients: [{ kind: "role", role: "nurse" }], part: "clinical", patient: bobId },
      ],
      ["/patient/record/download", { format: "fhir", language: "en", patient: bobId }],
    ];
    for (const [path, body] of bodies) {
      const answer = await ada.send("POST", path, { body });
      expect([path, answer.status, answer.text]).toEqual([path, 400, expect.stringContaining("unrecognized_keys")]);
    }
  });

  it("UIX-1 staff does nothing in the zone, a token is nobody in it, and a patient does nothing in the others", async () => {
    const reads = routeNames.filter(
      (name: RouteName) => routes[name].zone === "patient" && routes[name].method === "GET",
    );
    expect(reads.length).toBeGreaterThan(8);
    for (const name of reads) {
      const path = routes[name].path.replace(/\{\w+\}/, "intake");
      const staff = await doc.send("GET", path);
      expect([path, staff.status]).toEqual([path, 403]);
      expect(eventsAbout(scene.world, scene.world.a.tenantId, staff).map(({ outcome: told }) => told)).toEqual([
        "denied",
      ]);
      expect((await scene.world.a.doc.send("GET", path)).status).toBe(401);
    }
    for (const path of [
      "/clinic/day/today",
      `/clinic/patients/${adaId}/view`,
      "/clinic/audit/own",
      `/fhir/Patient/${adaId}`,
    ]) {
      const answer = await ada.send("GET", path);
      expect([path, answer.status, answer.text.includes(scene.world.a.canary)]).toEqual([path, 403, false]);
    }
    expect((await ada.send("GET", "/platform/tenants")).status).toBe(401);
  });

  it("UIX-5 another site's page, another sign-in's page and no page of ours change nothing", async () => {
    const body = { topic: "other", text: "Hello" };
    for (const site of ["cross-site", "same-site", "none"]) {
      const answer = await ada.send("POST", "/patient/threads", { body, headers: { "sec-fetch-site": site } });
      expect([site, answer.status]).toEqual([site, 403]);
    }
    const tagged = await ada.send("POST", "/patient/threads", { body, headers: { "x-session-tag": "another" } });
    expect([tagged.status, tagged.text]).toEqual([409, expect.stringContaining("session-changed")]);
    expect((await ada.send("GET", "/patient/threads")).body["threads"]).toEqual([]);
  });

  it("CLIN-11 the credentials of her request reach her partitions and nobody else's, and the zone opens no other purpose", async () => {
    const { world } = scene;
    const { tenantId } = world.a;
    const keys = { cell: cellKeyArn(world.stack) };
    const classes = ["C", "S", "B", "D", "X", "I"] as const;
    const policy = sessionPolicy(SITE, keys, { tenantId, classes, purpose: "PATRQT", onlyPatientId: adaId });
    const assume = (purpose: string) =>
      hands.sts.send(
        new AssumeRoleCommand({
          RoleArn: tenantRoleArn(SITE),
          RoleSessionName: "test",
          SourceIdentity: `u-${newTestId()}`,
          Policy: JSON.stringify(policy),
          Tags: Object.entries({ tenant: tenantId, purpose, role: "patient" }).map(([Key, Value]) => ({ Key, Value })),
        }),
      );
    const hands = handsOf(world, functionCredentials(world, "patient"));
    const { Credentials: given } = await assume("PATRQT");
    expect(await outcome(assume("TREAT"))).toBe("AccessDenied");
    const {
      AccessKeyId: accessKeyId = "",
      SecretAccessKey: secretAccessKey = "",
      SessionToken: sessionToken = "",
    } = given ?? {};
    const hers = handsOf(world, { accessKeyId, secretAccessKey, sessionToken });
    const query = (by: typeof hers, pk: string): Promise<string> =>
      outcome(
        by.dynamodb.send(
          new QueryCommand({
            TableName: tableName(SITE, "data"),
            KeyConditionExpression: "pk = :pk",
            ExpressionAttributeValues: { ":pk": text(pk) },
          }),
        ),
      );
    for (const letter of ["C", "S", "B", "D"]) {
      expect(await query(hers, `T#${tenantId}#${letter}#P#${adaId}`)).toBe("allowed");
      expect(await query(hers, `T#${tenantId}#${letter}#P#${bobId}`)).toBe("AccessDeniedException");
    }
    expect(await query(hers, `T#${tenantId}#D#DIR`)).toBe("AccessDeniedException");
    // The function itself reaches nothing at all.
    expect(await query(hands, `T#${tenantId}#C#P#${adaId}`)).toBe("AccessDeniedException");
    hands.destroy();
    hers.destroy();
  });
});

ownDocuments(() => ({ scene, ada, bob, doc, app, adaId, bobId }));
ownRecords(() => ({ scene, ada, bob, doc, app, adaId, bobId }));
