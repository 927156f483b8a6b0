import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openScene, type Scene, type Session } from "./clinic/scene.ts";
import { type Answer, canaryObservation, type Json } from "./world.ts";

/** CLIN-1 over HTTP: finding, registering and merging patients, each as the roles may. */
let scene: Scene;
let desk: Session;
let doc: Session;
let nurse: Session;
let foreign: Session;

beforeAll(async () => {
  scene = await openScene();
  const { a, b } = scene.world;
  desk = await scene.signIn(await scene.hire(a, ["front-desk"]), "HOPERAT");
  doc = await scene.signInSteppedUp(await scene.hire(a, ["physician"]), "TREAT");
  nurse = await scene.signIn(await scene.hire(a, ["nurse"]), "TREAT");
  foreign = await scene.signIn(await scene.hire(b, ["physician"]), "TREAT");
});
afterAll(() => scene.close());

const must = (answer: Answer, status = 200): Json => {
  expect([answer.status, answer.text.slice(0, 400)]).toEqual([status, expect.any(String)]);
  return answer.body;
};
let made = 0;
const form = (more: object = {}) => ({
  family: `Quintanilla${String((made += 1))}`,
  given: "Ramona",
  birthDate: "1961-07-09",
  sex: "female",
  phones: [],
  ...more,
});
const register = async (demographics: object, more: object = {}, by = desk): Promise<Json> =>
  must(await by.send("POST", "/clinic/patients", { body: { demographics, ...more } }), 201);
const find = async (by: Session, text: string): Promise<string[]> =>
  (must(await by.send("POST", "/clinic/patients/search", { body: { text } }))["patients"] as unknown as Json[]).map(
    (row) => String(row["id"]),
  );

describe("CLIN-1 registration", () => {
  it("CLIN-1 gives each patient a number of her own, also where many register at once", async () => {
    const all = await Promise.all(
      Array.from({ length: 5 }, (_one, index) =>
        register(form({ birthDate: `1990-01-1${index}`, given: ["Ana", "Bo", "Cy", "Dee", "Eva"][index] })),
      ),
    );
    const numbers = all.map(({ patient }) => String(patient?.["recordNumber"]));
    expect(new Set(numbers).size).toBe(5);
    for (const number of numbers) expect(number).toMatch(/^\d{6}$/);
    const [first] = all;
    expect(await find(desk, numbers[0] ?? "")).toEqual([String(first?.["patient"]?.["id"])]);
  });

  it("CLIN-1 says who she may be already and writes nothing, until somebody says why she is another", async () => {
    const twin = form({ family: "Zárate", phones: [{ number: "617 555 0144", use: "mobile" }] });
    const first = await register(twin);
    const id = String(first["patient"]?.["id"]);
    const body = { demographics: { ...twin, family: "ZARATE" } };
    const asked = must(await desk.send("POST", "/clinic/patients", { body }));
    expect(asked).toMatchObject({
      outcome: "possible-duplicates",
      duplicates: [
        { patient: { id }, rules: ["name-birth-date", "birth-date-phone", "similar-name-birth-date", "name-phone"] },
      ],
    });
    expect(await find(desk, "zarate")).toEqual([id]);
    const nameless = { ...body, despite: { patients: [id], reason: "" } };
    expect((await desk.send("POST", "/clinic/patients", { body: nameless })).status).toBe(400);
    const despite = { patients: [id], reason: "Twin sister, both were here" };
    const second = must(await desk.send("POST", "/clinic/patients", { body: { ...body, despite } }), 201);
    expect(await find(desk, "zarate")).toEqual(expect.arrayContaining([id, String(second["patient"]?.["id"])]));
    // A third one is not covered by what was said of the first.
    const again = must(await desk.send("POST", "/clinic/patients", { body: { ...body, despite } }));
    expect(again["outcome"]).toBe("possible-duplicates");
  });

  it("one request has one effect, and a form that cannot be is refused with its fields", async () => {
    const headers = { "idempotency-key": "a".repeat(32) };
    const body = { demographics: form() };
    const first = must(await desk.send("POST", "/clinic/patients", { body, headers }), 201);
    const again = must(await desk.send("POST", "/clinic/patients", { body, headers }), 201);
    expect(again["patient"]).toEqual(first["patient"]);
    const wrong = await desk.send("POST", "/clinic/patients", {
      body: { demographics: form({ birthDate: "1961-02-30" }) },
    });
    expect(wrong.status).toBe(400);
    expect(wrong.text).toContain("birthDate");
    expect(wrong.text).not.toContain("Quintanilla");
  });

  it("editing changes what the form knows, over the version that was looked at", async () => {
    const before = form({ given: "Ulises", email: "r@example.org" });
    const id = String((await register(before))["patient"]?.["id"]);
    const seen = must(await nurse.send("GET", `/clinic/patients/${id}`));
    expect(seen).toMatchObject({ version: 1, demographics: before, mayMerge: false });
    const body = { demographics: { ...before, given: "Mona", pronouns: "they" } };
    const put = (version: number) =>
      desk.send("PUT", `/clinic/patients/${id}`, { body, headers: { "if-match": `W/"${version}"` } });
    expect((await desk.send("PUT", `/clinic/patients/${id}`, { body })).status).toBe(428);
    expect(must(await put(1))).toMatchObject({ version: 2, demographics: body.demographics });
    expect((await put(1)).status).toBe(412);
  });
});

describe("CLIN-1 finding", () => {
  it("CLIN-1 by parts of the name without accents, birth date, phone and number, and remembers whom one opened", async () => {
    const patient = await register(
      form({
        family: "Ibáñez",
        given: "Óscar",
        birthDate: "1973-11-02",
        phones: [{ number: "(617) 555-0188", use: "home" }],
      }),
    );
    const id = String(patient["patient"]?.["id"]);
    for (const text of ["ibanez", "osc iba", "11/2/1973 ibanez", "2/11/1973 ibanez", "5550188", "0188 óscar"]) {
      expect([text, await find(desk, text)]).toEqual([text, [id]]);
    }
    expect(await find(foreign, "ibanez")).toEqual([]);
    const recent = must(await nurse.send("POST", "/clinic/patients/recent", { body: { patient: id } }));
    expect(recent["patients"]).toMatchObject([{ state: "value", id }]);
    expect((await foreign.send("POST", "/clinic/patients/recent", { body: { patient: id } })).status).toBe(404);
    expect(must(await desk.send("GET", "/clinic/patients/recent"))["patients"]).toEqual([]);
  });

  it("UIX-4 one whom she opened and may not see any more is restricted and nothing else; on a search she is absent", async () => {
    const id = String((await register(form({ family: "Velado" })))["patient"]?.["id"]);
    must(await nurse.send("POST", "/clinic/patients/recent", { body: { patient: id } }));
    const denial = {
      resourceType: "Consent",
      status: "active",
      scope: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/consentscope", code: "patient-privacy" }] },
      category: [{ coding: [{ system: "http://loinc.org", code: "59284-0" }] }],
      patient: { reference: `Patient/${id}` },
      dateTime: "2020-01-01T00:00:00Z",
      policyRule: {
        coding: [{ system: "http://terminology.hl7.org/CodeSystem/consentpolicycodes", code: "hipaa-auth" }],
      },
      provision: { type: "deny" },
    };
    expect((await scene.world.a.importer.send("POST", "/fhir/Consent", { body: denial })).status).toBe(201);
    const recent = must(await nurse.send("GET", "/clinic/patients/recent"));
    expect(recent["patients"]).toContainEqual({ state: "restricted", id });
    expect(JSON.stringify(recent)).not.toContain("Velado");
    expect(await find(nurse, "velado")).toEqual([]);
  });

  it("SEC a text that was searched for stands in no URL of ours and in no event", async () => {
    const answer = await desk.send("POST", "/clinic/patients/search", { body: { text: "Canaryperson" } });
    expect(must(answer)).toEqual({ patients: [], total: 0 });
    expect((await desk.send("POST", "/clinic/patients/search", { body: { text: "a", extra: 1 } })).status).toBe(400);
  });
});

describe("CLIN-1 merging", () => {
  it("CLIN-1 Merge two charts, everything is on one, undo restores both", async () => {
    const survivor = String((await register(form({ family: "Marqués" })))["patient"]?.["id"]);
    const duplicate = String((await register(form({ family: "Marquez", birthDate: "1961-09-07" })))["patient"]?.["id"]);
    const { a } = scene.world;
    const observed = must(await doc.send("POST", "/fhir/Observation", { body: canaryObservation(a, duplicate) }), 201);
    const review = must(await doc.send("POST", `/clinic/patients/${survivor}/merge/review`, { body: { duplicate } }));
    expect(review).toMatchObject({
      moves: [{ type: "Observation", count: 1 }],
      survivor: { version: 1, mayMerge: true },
    });
    const body = { duplicate, versions: { survivor: 1, duplicate: 1 }, reason: "Same passport" };
    const path = `/clinic/patients/${survivor}/merge`;
    for (const by of [desk, nurse]) expect((await by.send("POST", path, { body })).status).toBe(403);
    expect(must(await doc.send("POST", path, { body }))).toMatchObject({ survivor: { id: survivor }, version: 2 });
    const observations = async (): Promise<string> =>
      (await doc.send("GET", `/fhir/Observation?patient=${survivor}`)).text;
    expect(await observations()).toContain(String(observed["id"]));
    expect(must(await desk.send("GET", `/clinic/patients/${duplicate}`))).toMatchObject({
      merge: { replacedBy: { id: survivor } },
    });
    expect((await doc.send("POST", path, { body })).status).toBe(412);
    expect(
      must(await doc.send("POST", `/clinic/patients/${duplicate}/unmerge`, { body: { reason: "Two people" } })),
    ).toMatchObject({
      survivor: { id: survivor },
      version: 3,
    });
    expect(await observations()).not.toContain(String(observed["id"]));
  });

  it("asks for both factors again, for a reason, and for two charts of this clinic", async () => {
    const plain = await scene.signIn(await scene.hire(scene.world.a, ["physician"]), "TREAT");
    const [one, other] = [
      String((await register(form()))["patient"]?.["id"]),
      String((await register(form({ given: "Zoe" })))["patient"]?.["id"]),
    ];
    const body = { duplicate: other, versions: { survivor: 1, duplicate: 1 }, reason: "Same person" };
    expect((await plain.send("POST", `/clinic/patients/${one}/merge`, { body })).status).toBe(403);
    expect((await doc.send("POST", `/clinic/patients/${one}/merge`, { body: { ...body, reason: " " } })).status).toBe(
      400,
    );
    expect(
      (await doc.send("POST", `/clinic/patients/${one}/merge`, { body: { ...body, duplicate: one } })).status,
    ).toBe(422);
    const theirs = await foreign.send("POST", `/clinic/patients/${one}/merge/review`, { body: { duplicate: other } });
    expect(theirs.status).toBe(404);
  });
});
