import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { validateResource } from "../../../core/fhir/index.ts";
import { openScene, type Scene } from "../../security/clinic/scene.ts";
import type { Answer, Caller, Json } from "../../security/world.ts";

/** CLIN-4, CLIN-5 and CLIN-7 over HTTP: what is written into a chart's lists and vitals, and what its screens get. */
type Member = Pick<Caller, "send">;
let scene: Scene;
let doc: Member;
let nurse: Member;
let desk: Member;
let bill: Member;
let foreign: Member;
const FAMILY = "Brightwater-Canary";

const working = (caller: Caller, purpose: string): Member => ({
  send: (method, path, { headers, ...rest } = {}) =>
    caller.send(method, path, { ...rest, headers: { "x-purpose-of-use": purpose, ...headers } }),
});

beforeAll(async () => {
  scene = await openScene();
  const { a, b } = scene.world;
  doc = working(a.doc, "TREAT");
  desk = working(a.desk, "HOPERAT");
  bill = working(a.bill, "HPAYMT");
  foreign = working(b.doc, "TREAT");
  nurse = await scene.signIn(await scene.hire(a, ["nurse"]), "TREAT");
});
afterAll(() => scene.close());

const must = (answer: Answer, status = 200): Json => {
  expect([answer.status, answer.text.slice(0, 400)]).toEqual([status, expect.any(String)]);
  return answer.body;
};
const SOMETHING = expect.any(String) as unknown;
const rules = (answer: Answer): readonly (readonly string[])[] =>
  ((answer.body["fields"] ?? []) as unknown as readonly Json[]).map((each) => [
    String(each["path"]),
    String(each["rule"]),
  ]);

async function newPatient(): Promise<string> {
  const body = {
    resourceType: "Patient",
    identifier: [{ type: { coding: [{ code: "MR" }] }, system: "urn:test:mrn", value: "MRN-00042" }],
    name: [{ family: FAMILY, given: ["Ada"] }],
    gender: "female",
    birthDate: "1980-02-29",
  };
  return String(must(await doc.send("POST", "/fhir/Patient", { body }), 201)["id"]);
}

const at = (patient: string, path: string): string => `/clinic/patients/${patient}/${path}`;
const post = (by: Member, patient: string, path: string, body: unknown, headers = {}): Promise<Answer> =>
  by.send("POST", at(patient, path), { body, headers });
const match = (version: number) => ({ "if-match": `W/"${String(version)}"` });
const listsOf = async (by: Member, patient: string): Promise<Json> => must(await by.send("GET", at(patient, "lists")));
const items = (card?: Json): readonly Json[] => (card?.["items"]?.["value"] ?? []) as unknown as readonly Json[];
const idOf = (answer: Answer): string => String(must(answer, 201)["written"]?.[0]?.["id"]);

const PENICILLIN = { substance: { text: "Penicillin G", code: "7980" }, category: "medication", criticality: "high" };

describe("CLIN-4 lists", () => {
  it("CLIN-4 a problem is added, changed, resolved and reactivated, and each version says who, when and why", async () => {
    const patient = await newPatient();
    const id = idOf(await post(nurse, patient, "lists/problems", { problem: { text: "Hypertension", code: "I10" } }));
    const [item] = items((await listsOf(nurse, patient))["problems"]);
    expect(item).toMatchObject({ id, version: 1, state: "active", recorded: { by: SOMETHING } });
    expect(item?.["moves"]).toEqual(expect.arrayContaining(["resolve", "enter-in-error"]));

    const change = (version: number) =>
      doc.send("PUT", at(patient, `lists/items/${id}`), {
        body: {
          list: "problems",
          content: { problem: { text: "Hypertension" }, severity: "moderate", note: "Home readings." },
          reason: "Seen again",
        },
        headers: match(version),
      });
    expect((await change(7)).status).toBe(412);
    must(await change(1));
    const record = must(await doc.send("GET", `/fhir/Condition/${id}`));
    expect(record).toMatchObject({ code: { coding: [{ code: "I10" }] }, meta: { versionId: "2" } });
    expect(validateResource(record).ok).toBe(true);

    const move = (name: string, version: number, more: object = {}) =>
      post(doc, patient, `lists/problems/${id}/moves`, { move: name, ...more }, match(version));
    expect((await post(doc, patient, `lists/problems/${id}/moves`, { move: "resolve" })).status).toBe(428);
    expect((await move("resume", 2)).body["rule"]).toBe("move-not-allowed");
    must(await move("resolve", 2, { on: "2026-01" }));
    must(await move("reactivate", 3, { reason: "Came back" }));
    expect(rules(await move("enter-in-error", 4))).toEqual([["reason", "reason-needed"]]);
    const history = must(await nurse.send("GET", at(patient, `lists/problems/${id}/history`)));
    const versions = history["versions"] as unknown as readonly Json[];
    expect(versions.map((each) => [each["version"], each["state"], each["reason"]])).toEqual([
      [4, "active", "Came back"],
      [3, "resolved", undefined],
      [2, "active", "Seen again"],
      [1, "active", undefined],
    ]);
  });

  it("CLIN-4 no known allergies is a statement, and contradicts an active allergy both ways", async () => {
    const patient = await newPatient();
    const banner = async () => must(await nurse.send("GET", at(patient, "banner")))["allergies"];
    expect(await banner()).toMatchObject({ state: "value", value: { kind: "not-recorded" } });
    expect((await listsOf(nurse, patient))["allergies"]).toMatchObject({ items: { state: "absent" }, noneKnown: [] });

    const stated = idOf(await post(nurse, patient, "lists/allergies/none-known", {}));
    expect(await banner()).toMatchObject({
      value: { kind: "none-known", stated: { by: SOMETHING, at: SOMETHING } },
    });
    // Said again: the same statement, with who and when of now.
    must(await post(doc, patient, "lists/allergies/none-known", {}), 201);
    const refused = await post(doc, patient, "lists/allergies", PENICILLIN);
    expect([refused.status, refused.body["rule"]]).toEqual([422, "none-known-stated"]);
    const stale = await post(doc, patient, "lists/allergies", {
      ...PENICILLIN,
      endsNoneKnown: { id: stated, version: 1 },
    });
    expect(stale.status).toBe(412);
    const added = await post(doc, patient, "lists/allergies", {
      ...PENICILLIN,
      reactions: [{ manifestation: { text: "Hives", code: "247472004" }, severity: "moderate" }],
      endsNoneKnown: { id: stated, version: 2 },
    });
    const allergy = idOf(added);
    expect(await banner()).toMatchObject({
      value: { kind: "recorded", items: [{ text: "Penicillin G", criticality: "high", reactions: ["Hives"] }] },
    });
    const again = await post(doc, patient, "lists/allergies/none-known", {});
    expect(again.body["rule"]).toBe("allergy-recorded");
    // Nor by way of the old statement.
    const back = await post(doc, patient, `lists/allergies/${stated}/moves`, { move: "reactivate" }, match(3));
    expect(back.body["rule"]).toBe("allergy-recorded");
    expect((await listsOf(doc, patient))["allergies"]).toMatchObject({ noneKnown: [], isContradicted: false });
    const read = must(await doc.send("GET", `/fhir/AllergyIntolerance/${allergy}`));
    expect(read["meta"]?.["profile"]?.[0]).toContain("us-core-allergyintolerance");
  });

  it("CLIN-4 a contradiction that came from elsewhere is told, and never hides the allergy", async () => {
    const patient = await newPatient();
    idOf(await post(nurse, patient, "lists/allergies/none-known", {}));
    const body = {
      resourceType: "AllergyIntolerance",
      clinicalStatus: {
        coding: [{ system: "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", code: "active" }],
      },
      code: { text: "Peanut" },
      patient: { reference: `Patient/${patient}` },
    };
    must(await doc.send("POST", "/fhir/AllergyIntolerance", { body }), 201);
    const banner = must(await nurse.send("GET", at(patient, "banner")));
    expect(banner["alerts"]).toEqual([{ kind: "allergies-contradicted" }]);
    expect(banner["allergies"]).toMatchObject({ value: { kind: "recorded", items: [{ text: "Peanut" }] } });
  });

  it("CLIN-4 medications are reconciled as one transaction that says who, when and by whose word", async () => {
    const patient = await newPatient();
    const medication = (text: string, kind = "prescribed") =>
      post(doc, patient, "lists/medications", { kind, medication: { text }, dosage: "1 daily" });
    const [kept, stopped, changed] = [
      idOf(await medication("Lisinopril")),
      idOf(await medication("Metformin")),
      idOf(await medication("Fish oil", "reported")),
    ];
    expect((await medication("lisinopril ")).body["rule"]).toBe("already-listed");
    const decisions = [
      { id: kept, version: 1, decision: "keep" },
      { id: stopped, version: 1, decision: "stop", reason: "No longer takes it" },
      { id: changed, version: 1, decision: "change", dosage: "2 daily", reason: "Says two" },
    ];
    const ask = (more: object) =>
      post(nurse, patient, "reconciliations", {
        list: "medications",
        source: { kind: "patient" },
        decisions,
        medications: [{ kind: "reported", medication: { text: "Melatonin" } }],
        ...more,
      });
    expect(rules(await ask({ decisions: decisions.slice(1) }))).toEqual([["decisions", "reconcile-missing"]]);
    const behind = [{ ...decisions[0], version: 9 }, ...decisions.slice(1)];
    expect(rules(await ask({ decisions: behind }))).toEqual([["decisions.0", "reconcile-changed"]]);
    must(await ask({}));
    const { medications } = (await listsOf(nurse, patient)) as unknown as Record<string, Json>;
    expect(medications?.["reconciled"]).toMatchObject({ source: "patient", by: SOMETHING });
    const states = items(medications).map((item) => [
      item["medication"]?.["text"],
      item["state"],
      item["dosage"],
      item["version"],
    ]);
    expect(states).toEqual(
      expect.arrayContaining([
        ["Lisinopril", "active", "1 daily", 1],
        ["Metformin", "stopped", "1 daily", 2],
        ["Fish oil", "active", "2 daily", 2],
        ["Melatonin", "active", undefined, 1],
      ]),
    );
  });

  it("AT-31 a request that is sent twice is done once, although its own rules would refuse it now", async () => {
    const patient = await newPatient();
    const headers = { "idempotency-key": "chart-twice-00001" };
    const first = await post(nurse, patient, "lists/problems", { problem: { text: "Asthma" } }, headers);
    const second = await post(nurse, patient, "lists/problems", { problem: { text: "Asthma" } }, headers);
    expect(second.headers.get("idempotency-replayed")).toBe("true");
    expect(must(second, 201)).toEqual(must(first, 201));
    expect(items((await listsOf(nurse, patient))["problems"])).toHaveLength(1);
    const other = await post(nurse, patient, "lists/problems", { problem: { text: "Other" } }, headers);
    expect(other.status).toBe(422);
  });
});

describe("CLIN-5 vitals", () => {
  const column = [
    { measure: "blood-pressure", systolic: "128", diastolic: "82" },
    { measure: "temperature", value: "98.60", unit: "[degF]" },
    { measure: "height", value: "70", unit: "[in_i]" },
    { measure: "weight", value: "154.5", unit: "[lb_av]" },
  ];
  const sheetOf = async (by: Member, patient: string) =>
    (must(await by.send("GET", at(patient, "vitals")))["columns"]?.["value"] ?? []) as unknown as readonly Json[];
  const cell = (sheet: Json, measure: string) =>
    (sheet["cells"] as unknown as readonly Json[]).find((each) => each["measure"] === measure);

  it("CLIN-5 one column is one transaction, with a body mass index that the server computes", async () => {
    const patient = await newPatient();
    const bad = [
      ...column,
      { measure: "weight", value: "70", unit: "kg" },
      { measure: "pain", value: "12", unit: "{score}" },
    ];
    expect(rules(await post(nurse, patient, "vitals", { entries: bad }))).toEqual([
      ["entries.4", "vital-twice"],
      ["entries.5.value", "vital-impossible"],
    ]);
    expect(await sheetOf(nurse, patient)).toEqual([]);
    must(await post(nurse, patient, "vitals", { at: { day: "2026-05-20", time: "09:30" }, entries: column }), 201);
    const [newest] = (await sheetOf(nurse, patient)) as readonly [Json];
    expect(cell(newest, "temperature")).toMatchObject({
      shown: { us: { value: "98.60", label: "°F" }, metric: { value: "37.0", label: "°C" } },
      flag: "normal",
    });
    expect(cell(newest, "blood-pressure")).toMatchObject({ flag: "high", finding: "hypertension-1" });
    expect(cell(newest, "bmi")).toMatchObject({
      shown: { metric: { value: "22.2" } },
      flag: "normal",
      mayCorrect: false,
    });
    const again = await post(nurse, patient, "vitals", { at: { day: "2026-05-20", time: "09:30" }, entries: column });
    expect(rules(again)[0]).toEqual(["entries.0", "vital-exists"]);
  });

  it("CLIN-5 an unlikely value is taken once somebody has said that it is right, an impossible one never", async () => {
    const patient = await newPatient();
    const entries = [{ measure: "weight", value: "20", unit: "kg" }];
    expect(rules(await post(nurse, patient, "vitals", { entries }))).toEqual([["entries.0.value", "vital-unlikely"]]);
    must(await post(nurse, patient, "vitals", { entries, confirmed: ["weight"] }), 201);
    const heavy = [{ measure: "weight", value: "900", unit: "kg" }];
    const earlier = { day: "2026-05-20", time: "09:30" };
    const refused = await post(nurse, patient, "vitals", { at: earlier, entries: heavy, confirmed: ["weight"] });
    expect(rules(refused)).toEqual([["entries.0.value", "vital-impossible"]]);
    const ahead = await post(nurse, patient, "vitals", { at: { day: "2999-01-01", time: "09:00" }, entries });
    expect(rules(ahead)).toEqual([["at.time", "date-future"]]);
  });

  it("CLIN-5 a correction is a new version with its reason, and takes what was computed along", async () => {
    const patient = await newPatient();
    must(await post(nurse, patient, "vitals", { at: { day: "2026-05-20", time: "09:30" }, entries: column }), 201);
    const weight = String(cell((await sheetOf(nurse, patient))[0] as Json, "weight")?.["id"]);
    const correct = (body: object, version: number) =>
      post(doc, patient, `vitals/${weight}/corrections`, body, match(version));
    const other = { entry: { measure: "height", value: "170", unit: "cm" }, reason: "Wrong row" };
    expect(rules(await correct(other, 1))).toEqual([["entry.measure", "vital-measure"]]);
    must(
      await correct({ entry: { measure: "weight", value: "80", unit: "kg" }, reason: "Read from the wrong scale" }, 1),
    );
    const [corrected] = (await sheetOf(nurse, patient)) as readonly [Json];
    expect(cell(corrected, "weight")).toMatchObject({
      version: 2,
      state: "corrected",
      shown: { metric: { value: "80" } },
      changed: { reason: "Read from the wrong scale" },
    });
    expect(cell(corrected, "bmi")).toMatchObject({ state: "corrected", shown: { metric: { value: "25.3" } } });
    const before = must(await doc.send("GET", `/fhir/Observation/${weight}/_history/1`));
    expect(before["valueQuantity"]).toMatchObject({ value: 154.5, code: "[lb_av]" });
    expect((await correct({ reason: "Another patient" }, 1)).status).toBe(412);
    must(await correct({ reason: "Another patient" }, 2));
    const [gone] = (await sheetOf(nurse, patient)) as readonly [Json];
    expect([cell(gone, "weight")?.["state"], cell(gone, "bmi")?.["state"]]).toEqual([
      "entered-in-error",
      "entered-in-error",
    ]);
    expect((await correct({ reason: "Once more" }, 3)).body["rule"]).toBe("not-editable");
  });
});

describe("CLIN-7 immunizations", () => {
  it("CLIN-7 CVX, lot, site and route go round through FHIR", async () => {
    const patient = await newPatient();
    const vaccine = {
      vaccine: { text: "Tdap", code: "115" },
      status: "completed",
      source: "here",
      date: "2026-05-20",
      lot: "U7790AA",
      expires: "2027-01-31",
      manufacturer: "Sanofi Pasteur",
      site: "LD",
      route: "IM",
      doseMl: "0.50",
      doseNumber: 1,
    };
    const unnamed = await post(nurse, patient, "lists/immunizations", { ...vaccine, lot: undefined });
    expect(rules(unnamed)).toEqual([["lot", "lot-required"]]);
    const id = idOf(await post(nurse, patient, "lists/immunizations", vaccine));
    const answer = await doc.send("GET", `/fhir/Immunization/${id}`);
    expect(answer.text).toContain('"value":0.50');
    const record = must(answer);
    expect(record).toMatchObject({
      vaccineCode: { coding: [{ system: "http://hl7.org/fhir/sid/cvx", code: "115" }] },
      lotNumber: "U7790AA",
      expirationDate: "2027-01-31",
      site: { coding: [{ code: "LD" }] },
      route: { coding: [{ code: "IM" }] },
      primarySource: true,
    });
    // What FHIR gives is what FHIR takes, and the list shows it unchanged.
    const headers = match(1);
    must(await doc.send("PUT", `/fhir/Immunization/${id}`, { body: record, headers }));
    const [item] = items((await listsOf(nurse, patient))["immunizations"]);
    expect(item).toMatchObject({
      version: 2,
      lot: "U7790AA",
      site: { code: "LD" },
      route: { code: "IM" },
      doseMl: "0.5",
    });
    const refusal = { vaccine: { text: "HPV9", code: "165" }, status: "not-done", source: "here", date: "2026-05-20" };
    must(await post(nurse, patient, "lists/immunizations", { ...refusal, refusal: "PATOBJ" }), 201);
    const found = items((await listsOf(nurse, patient))["immunizations"]).find((each) => each["state"] === "not-done");
    expect(found).toMatchObject({ refusal: { code: "PATOBJ" }, isActive: false });
  });
});

describe("UIX-2 a chart's screens, by role", () => {
  it("UIX-3 UIX-4 the office gets states and not a byte of the chart, whether or not there is something", async () => {
    const [patient, bare] = [await newPatient(), await newPatient()];
    idOf(await post(doc, patient, "lists/problems", { problem: { text: "SECRETdiagnosis" } }));
    idOf(await post(doc, patient, "lists/allergies", { substance: { text: "SECRETallergen" } }));
    must(
      await post(nurse, patient, "vitals", { entries: [{ measure: "heart-rate", value: "72", unit: "/min" }] }),
      201,
    );
    for (const by of [desk, bill]) {
      for (const path of ["banner", "lists", "vitals", "timeline"]) {
        const [full, empty] = [await by.send("GET", at(patient, path)), await by.send("GET", at(bare, path))];
        expect([path, full.status]).toEqual([path, 200]);
        expect(full.text).not.toContain("SECRET");
        const masked = (answer: Answer, id: string) =>
          answer.text.replaceAll(id, "id").replaceAll(/\d{4}-\d{2}-\d{2}T[\d:.]+Z/g, "time");
        expect(masked(full, patient)).toBe(masked(empty, bare));
      }
    }
    const billed = must(await bill.send("GET", at(patient, "banner")));
    expect(billed["recordNumber"]).toEqual({ state: "masked", value: expect.stringMatching(/^•+\S+$/) as string });
    const banner = must(await desk.send("GET", at(patient, "banner")));
    expect(banner).toMatchObject({
      name: { state: "value" },
      recordNumber: { value: "MRN-00042" },
      allergies: { state: "restricted", howToAsk: "ask-the-clinician" },
      mayRecordVitals: false,
    });
    const lists = must(await bill.send("GET", at(patient, "lists")));
    expect(lists["problems"]).toEqual({
      items: { state: "restricted", reason: "minimum-necessary", howToAsk: "ask-the-clinician" },
      mayAdd: false,
      mayReconcile: false,
    });
  });

  it("UIX-4 a segmented record says that it exists to whom policy tells it, and nothing to anybody else", async () => {
    const patient = await newPatient();
    const ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
    const body = {
      resourceType: "Condition",
      subject: { reference: `Patient/${patient}` },
      code: { text: "SECRETaddiction" },
      meta: { security: [{ system: ACT_CODE, code: "ETHUD" }] },
    };
    must(await doc.send("POST", "/fhir/Condition", { body }), 201);
    const seen = await nurse.send("GET", at(patient, "lists"));
    expect(seen.text).not.toContain("SECRET");
    expect(must(seen)["segmented"]).toEqual(
      expect.arrayContaining([
        { category: "substance-use", items: { state: "restricted", reason: "consent", howToAsk: "ask-the-patient" } },
      ]),
    );
    const office = await desk.send("GET", at(patient, "lists"));
    expect(must(office)["segmented"]).toEqual([]);
  });

  it("UIX-4 a consent that keeps the chart from a role says so to that role, and to none that never had it", async () => {
    const patient = await newPatient();
    const signature = { kind: "in-person", signedOn: "2026-11-01", by: "patient" };
    const recipients = ["physician", "billing"].map((role) => ({ kind: "role", role }));
    const body = { form: "restrict", signature, recipients, part: "clinical" };
    must(await desk.send("POST", at(patient, "consents"), { body }), 201);
    const banner = async (by: Member) => must(await by.send("GET", at(patient, "banner")));
    expect(await banner(doc)).toMatchObject({
      name: { state: "value" },
      allergies: { state: "restricted", reason: "consent" },
      alerts: [{ kind: "consent" }],
      mayRecordVitals: false,
    });
    expect(await banner(bill)).toMatchObject({ allergies: { reason: "minimum-necessary" }, alerts: [] });
  });

  it("AT-1 another clinic's physician finds nobody, and the office writes nothing", async () => {
    const patient = await newPatient();
    for (const path of ["banner", "lists", "vitals", "timeline"])
      expect((await foreign.send("GET", at(patient, path))).status).toBe(404);
    const body = { problem: { text: "x" } };
    expect((await post(foreign, patient, "lists/problems", body)).status).toBe(404);
    for (const by of [desk, bill]) expect((await post(by, patient, "lists/problems", body)).status).toBe(403);
    const other = await newPatient();
    const id = idOf(await post(doc, patient, "lists/problems", { problem: { text: "Gout" } }));
    const crossed = await post(doc, other, `lists/problems/${id}/moves`, { move: "resolve" }, match(1));
    expect(crossed.status).toBe(404);
    expect((await doc.send("GET", at(other, `lists/problems/${id}/history`))).status).toBe(404);
  });

  it("UIX-2 the timeline is filtered by kind, paged, and says which kinds are withheld", async () => {
    const patient = await newPatient();
    idOf(await post(doc, patient, "lists/problems", { problem: { text: "Gout" }, onset: "2020-03" }));
    idOf(await post(doc, patient, "lists/medications", { kind: "prescribed", medication: { text: "Allopurinol" } }));
    must(
      await post(nurse, patient, "vitals", { entries: [{ measure: "heart-rate", value: "72", unit: "/min" }] }),
      201,
    );
    const page = async (query: string) => must(await nurse.send("GET", at(patient, `timeline?${query}`)));
    const first = await page("count=2");
    const rest = await page(`count=2&cursor=${encodeURIComponent(String(first["next"]))}`);
    const kinds = [first, rest].flatMap((each) =>
      (each["entries"] as unknown as readonly Json[]).map((entry) => String(entry["kind"])),
    );
    expect(kinds.toSorted()).toEqual(["medications", "problems", "vitals"]);
    expect(rest["next"]).toBeUndefined();
    expect((await page("kind=problems"))["entries"]).toMatchObject([{ title: "Gout", date: "2020-03" }]);
    expect((await nurse.send("GET", at(patient, "timeline?kind=secrets"))).status).toBe(400);
    expect((await nurse.send("GET", at(patient, "timeline?cursor=1~x"))).status).toBe(400);
    const office = must(await desk.send("GET", at(patient, "timeline?kind=problems")));
    expect(office).toMatchObject({ entries: [], kinds: { problems: { state: "restricted" } } });
  });
});
