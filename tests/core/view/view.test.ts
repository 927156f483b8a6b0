import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import type { FhirResource } from "../../../core/fhir/index.ts";
import { RECORD_CLASSES, type RecordClass } from "../../../core/kernel/data-class.ts";
import { CONSUMERS, type Consumer, consumerOf } from "../../../core/view/consumer.ts";
import { FIELD_STATES, type Field } from "../../../core/view/field-state.ts";
import { SECTION_NAMES, type SectionName, SECTIONS } from "../../../core/view/model.ts";
import { misplaced, type Placements, PLACEMENTS } from "../../../core/view/placements.ts";
import { type Fields, renderView, STALE_AFTER_MS, type View, type ViewInput } from "../../../core/view/render.ts";
import { ViewDocument } from "../../../core/view/schema.ts";
import { bareChart, canary, PATIENT_ID, richChart } from "./chart.ts";

const NOW = Date.UTC(2026, 10, 22, 8);
const none = { C: "none", S: "none", B: "none", D: "none" } as const;
const everyLabel = (): boolean => true;
const noPsychotherapy = ({ labels }: { readonly labels: readonly string[] }): boolean => !labels.includes("PSYTHPN");

/** What each consumer's grant reaches, as policy gives it where consent says the most that it can. */
const REACH: Readonly<Record<Consumer, string>> = {
  clinician: "CSBD",
  nurse: "CSD",
  "front-desk": "D",
  billing: "BD",
  auditor: "D",
  patient: "CSBD",
  integration: "CBD",
  "referral-partner": "CD",
};

const reading = (letters: string, asOfMs = NOW): ViewInput["readings"] =>
  Object.fromEntries(letters.split("").map((letter) => [letter, { state: "read", asOfMs }]));

const inputFor = (consumer: Consumer, more: Partial<ViewInput> = {}): ViewInput => ({
  consumer,
  patientId: PATIENT_ID,
  readings: reading(REACH[consumer]),
  ruling: {
    byClass: { ...none, S: "permit" },
    permits: consumer === "clinician" ? everyLabel : noPsychotherapy,
  },
  records: richChart(),
  nowMs: NOW,
  ...more,
});
const viewFor = (consumer: Consumer, more: Partial<ViewInput> = {}): View => renderView(inputFor(consumer, more));
const section = (view: View, name: SectionName) => view.sections[name] as Field<readonly Fields[]>;
const isField = (value: Fields | Field<readonly Fields[]>): value is Field<readonly Fields[]> =>
  "state" in value && typeof value.state === "string";

/** Every field of a view by the path that names it in the model, rows of a list together. */
function fieldsOf(view: View): Map<string, Field[]> {
  const found = new Map<string, Field[]>();
  for (const [name, content] of Object.entries(view.sections)) {
    const rows = !isField(content) ? [content] : content.state === "value" ? content.value : [];
    for (const row of rows)
      for (const [field, state] of Object.entries(row))
        found.set(`${name}.${field}`, [...(found.get(`${name}.${field}`) ?? []), state]);
  }
  return found;
}

/** The field names of the canaries in a text. */
const canariesIn = (text: string): string[] =>
  [
    ...new Set([...text.matchAll(/CANARY-([A-Za-z]+)\.([A-Za-z]+)/g)].map(([, name, field]) => `${name}.${field}`)),
  ].toSorted();

const shownTo = (consumer: Consumer): Set<string> =>
  new Set(
    SECTION_NAMES.flatMap((name) =>
      Object.entries(PLACEMENTS[name]).flatMap(([field, placed]) =>
        placed[consumer] === "V" || placed[consumer] === "M" ? [`${name}.${field}`] : [],
      ),
    ),
  );

describe("POL-6 the model and its placements", () => {
  it("POL-6 every field of the model is placed for every consumer", () => {
    expect(misplaced()).toEqual([]);
  });

  it("POL-6 finds a planted field that nobody has placed, one that is placed and gone, and a mask that is not there", () => {
    const banner = { columns: SECTIONS.banner.columns };
    const planted = { columns: { ...banner.columns, religion: SECTIONS.banner.columns.sex } };
    const { banner: placed } = PLACEMENTS;
    expect(misplaced({ banner: planted }, { banner: placed })).toEqual(
      CONSUMERS.map((consumer) => `banner.religion is not placed for ${consumer}`),
    );
    expect(misplaced({ banner: { columns: { sex: banner.columns.sex } } }, { banner: placed })).toContain(
      "banner.name is placed and not in the model",
    );
    const masked = { ...placed, sex: { ...placed.sex, billing: "M" as const } };
    expect(misplaced({ banner }, { banner: masked })).toEqual(["banner.sex is masked for billing and has no mask"]);
  });

  it("POL-6 a field without a placement does not compile", () => {
    const { name: _name, ...rest } = PLACEMENTS.banner;
    // @ts-expect-error a field of the model that is not placed is an error of the type checker
    const lacking: Placements = { ...PLACEMENTS, banner: rest };
    const { nurse: _nurse, ...others } = PLACEMENTS.banner.name;
    // @ts-expect-error and so is one that is not placed for one of the consumers
    const partial: Placements = { ...PLACEMENTS, banner: { ...PLACEMENTS.banner, name: others } };
    expect([misplaced(SECTIONS, lacking), misplaced(SECTIONS, partial)]).toEqual([
      CONSUMERS.map((consumer) => `banner.name is not placed for ${consumer}`),
      ["banner.name is not placed for nurse"],
    ]);
  });
});

describe("POL-6 golden views", () => {
  it("POL-6 the chart has something for every field of the model", () => {
    const shown = new Set(
      (["clinician", "billing", "patient"] as const).flatMap((consumer) =>
        [...fieldsOf(viewFor(consumer))].flatMap(([name, states]) =>
          states.some(({ state }) => state === "value" || state === "masked") ? [name] : [],
        ),
      ),
    );
    const all = SECTION_NAMES.flatMap((name) => Object.keys(SECTIONS[name].columns).map((field) => `${name}.${field}`));
    expect(all.filter((name) => !shown.has(name))).toEqual([]);
  });

  it.each(CONSUMERS)("POL-6 %s", (consumer) => {
    const file = path.join(import.meta.dirname, "golden", `${consumer}.json`);
    const text = `${JSON.stringify(viewFor(consumer), null, 2)}\n`;
    if (process.env["UPDATE_GOLDEN"] === "1" || !existsSync(file)) writeFileSync(file, text);
    expect(text).toBe(readFileSync(file, "utf8"));
  });

  it.each(CONSUMERS)("PROOF-15 every field of the view of %s is one of the six states, by the schema", (consumer) => {
    const view = viewFor(consumer);
    expect(ViewDocument.parse(JSON.parse(JSON.stringify(view)))).toEqual(view);
    const states = [...fieldsOf(view).values()].flat().map(({ state }) => state);
    expect(states.every((state) => FIELD_STATES.includes(state))).toBe(true);
  });

  it("PROOF-15 a restricted field that carries content, or a state that is none of the six, is not a view", () => {
    const view = viewFor("billing");
    const plant = (notes: unknown) =>
      ViewDocument.safeParse({ ...view, sections: { ...view.sections, notes } }).success;
    expect(plant(section(view, "notes"))).toBe(true);
    expect(plant({ ...section(view, "notes"), value: "content" })).toBe(false);
    expect(plant({ state: "blurred" })).toBe(false);
    expect(plant({ state: "value", value: [{ text: "content" }] })).toBe(false);
  });
});

describe("POL-7 no byte of what is withheld", () => {
  it.each(CONSUMERS)(
    "POL-7 PROOF-15 %s receives the canaries of the fields that are hers, and of no other",
    (consumer) => {
      const shown = shownTo(consumer);
      // A visit's note is the note itself, and a claim's service the visit's, where both are the consumer's.
      const kin = new Set([...shown].flatMap((name) => (name === "encounters.service" ? ["billing.service"] : [name])));
      if (shown.has("encounters.note")) kin.add("notes.text").add("notes.title");
      if (shown.has("substanceUse.summary")) kin.add("substanceUse.type").add("substanceUse.title");
      if (shown.has("otherSegmented.summary")) kin.add("otherSegmented.title");
      const foreign = canariesIn(JSON.stringify(viewFor(consumer))).filter(
        (name) => !shown.has(name) && !kin.has(name),
      );
      expect(foreign).toEqual([]);
    },
  );

  it("POL-7 the scan finds a planted canary", () => {
    const view = viewFor("billing");
    const leaking = { ...view, sections: { ...view.sections, extra: canary("notes.text") } };
    expect(canariesIn(JSON.stringify(leaking))).toContain("notes.text");
    expect(canariesIn(JSON.stringify(view))).not.toContain("notes.text");
  });

  it("POL-7 psychotherapy notes reach nobody but a clinician whom the ruling lets", () => {
    for (const consumer of CONSUMERS) {
      const isLet = consumer === "clinician";
      expect(JSON.stringify(viewFor(consumer)).includes("CANARY-psychotherapyNotes")).toBe(isLet);
    }
    const denied = viewFor("clinician", {
      ruling: { byClass: { ...none, S: "permit" }, permits: noPsychotherapy },
    });
    expect(section(denied, "psychotherapyNotes")).toMatchObject({ state: "restricted", reason: "consent" });
    expect(JSON.stringify(denied)).not.toContain("CANARY-psychotherapyNotes");
  });

  it("POL-7 masking leaves the last four characters", () => {
    const { identifiers, birthDate } = viewFor("auditor").sections.banner as Fields;
    expect(identifiers).toEqual({ state: "masked", value: ["••••7788"] });
    expect(birthDate).toEqual({ state: "masked", value: "1980" });
    expect(JSON.stringify(viewFor("auditor"))).not.toContain(canary("banner.identifiers"));
  });
});

describe("existence", () => {
  const bytes = (consumer: Consumer, records: readonly FhirResource[], name: SectionName) =>
    JSON.stringify(section(viewFor(consumer, { records }), name));
  const constant = (consumer: Consumer): SectionName[] =>
    SECTION_NAMES.filter((name) => {
      const content = viewFor(consumer, { records: bareChart() }).sections[name];
      return (
        content !== undefined &&
        isField(content) &&
        !Object.values(PLACEMENTS[name]).some(({ [consumer]: letter }) => letter === "V" || letter === "M")
      );
    });

  it.each(CONSUMERS)("POL-7 what %s may not see has the same bytes whether or not there is something", (consumer) => {
    const names = constant(consumer);
    for (const name of names) {
      expect([name, bytes(consumer, richChart(), name)]).toEqual([name, bytes(consumer, bareChart(), name)]);
    }
    if (consumer !== "clinician" && consumer !== "patient") expect(names).toContain("psychotherapyNotes");
  });

  it("POL-7 hidden renders as absent, restricted says so", () => {
    const desk = viewFor("front-desk");
    expect(section(desk, "psychotherapyNotes")).toEqual({ state: "absent" });
    expect(section(desk, "problems")).toMatchObject({ state: "restricted", reason: "minimum-necessary" });
  });

  it("POL-8 without consent a segmented list is restricted and not empty, with records and without", () => {
    const ruling = { byClass: none, permits: ({ dataClass }: { dataClass: RecordClass }) => dataClass !== "S" };
    for (const records of [richChart(), bareChart()]) {
      const view = viewFor("clinician", { readings: reading("CBD"), ruling, records });
      for (const name of ["substanceUse", "psychotherapyNotes", "otherSegmented"] as const) {
        expect(section(view, name)).toEqual({ state: "restricted", reason: "consent", howToAsk: "ask-the-patient" });
      }
      expect(JSON.stringify(view)).not.toMatch(/CANARY-(substanceUse|psychotherapyNotes|otherSegmented)/);
    }
  });
});

describe("states", () => {
  it("PROOF-15 a class that could not be read is unavailable, and what was read is shown", () => {
    const view = viewFor("clinician", { readings: { ...reading("D"), C: { state: "failed" } } });
    const banner = view.sections.banner as Fields;
    expect(banner["name"]?.state).toBe("value");
    expect(banner["allergies"]).toEqual({ state: "unavailable", reason: "not-read" });
    expect(section(view, "medications")).toEqual({ state: "unavailable", reason: "not-read" });
    expect(section(view, "appointments").state).toBe("value");
    expect(section(view, "substanceUse").state).toBe("restricted");
  });

  it("PROOF-15 a copy that is older than it should be is stale, with its time; masks stay masks", () => {
    const asOfMs = NOW - STALE_AFTER_MS - 1;
    const view = viewFor("clinician", { readings: reading("CSBD", asOfMs) });
    const asOf = new Date(asOfMs).toISOString();
    expect(section(view, "problems")).toMatchObject({ state: "stale", asOf });
    expect((view.sections.banner as Fields)["name"]).toMatchObject({ state: "stale", asOf });
    const auditor = viewFor("auditor", { readings: reading("D", asOfMs) });
    expect((auditor.sections.banner as Fields)["identifiers"]).toEqual({ state: "stale", value: ["••••7788"], asOf });
    expect(ViewDocument.safeParse(JSON.parse(JSON.stringify(view))).success).toBe(true);
  });

  it("PROOF-15 an empty list is absent, and a part that was taken out is restricted", () => {
    const bare = viewFor("clinician", { records: bareChart() });
    expect(section(bare, "problems")).toEqual({ state: "absent" });
    expect((bare.sections.banner as Fields)["allergies"]).toEqual({ state: "value", value: "not-recorded" });
    const records = richChart().map((record) =>
      record.id === "con1"
        ? ({
            ...record,
            note: undefined,
            meta: {
              security: [{ system: "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", code: "REDACTED" }],
            },
          } as unknown as FhirResource)
        : record,
    );
    const [problem] = (section(viewFor("clinician", { records }), "problems") as { value: Fields[] }).value;
    expect(problem?.["note"]).toMatchObject({ state: "restricted", reason: "consent" });
  });

  it("POL-6 what a grant does not reach is restricted, however it is placed", () => {
    const view = viewFor("clinician", { readings: reading("D") });
    expect(section(view, "problems")).toMatchObject({ state: "restricted", reason: "minimum-necessary" });
    const denied = viewFor("clinician", {
      readings: reading("D"),
      ruling: { byClass: { ...none, C: "deny" }, permits: everyLabel },
    });
    expect(section(denied, "problems")).toMatchObject({ state: "restricted", reason: "consent" });
  });

  it("POL-5 a record that the ruling does not permit is left out, whoever handed it in", () => {
    const ruling = {
      byClass: { ...none, S: "permit" as const },
      permits: ({ id }: { id: string }) => id !== "con1",
    };
    expect(section(viewFor("clinician", { ruling }), "problems")).toEqual({ state: "absent" });
    // And one of a class that the grant does not reach: a fault above would not be a leak here.
    expect(JSON.stringify(viewFor("billing", { readings: reading("BD") }))).not.toContain("CANARY-problems");
  });

  it("AT-24 billing sees of a visit what its claim says, and that the note is withheld", () => {
    const [visit] = (section(viewFor("billing"), "encounters") as { value: Fields[] }).value;
    expect(visit).toMatchObject({
      ref: { state: "value", value: "Encounter/enc1" },
      period: { state: "value", value: { start: "2026-03-01", end: "2026-03-01" } },
      service: { state: "value", value: [{ text: canary("billing.service") }] },
      reason: { state: "restricted" },
      note: { state: "restricted", reason: "minimum-necessary" },
    });
  });

  it("POL-6 only the sections that were asked for are made", () => {
    expect(Object.keys(renderView(inputFor("clinician"), ["banner", "problems"]).sections)).toEqual([
      "banner",
      "problems",
    ]);
  });
});

describe("POL-6 whose view it is", () => {
  it.each([
    [["physician"], "TREAT", "clinician"],
    [["physician"], "ETREAT", "clinician"],
    [["physician"], "HRESCH", undefined],
    [["nurse"], "TREAT", "nurse"],
    [["front-desk"], "HOPERAT", "front-desk"],
    [["billing"], "HPAYMT", "billing"],
    [["billing"], "TREAT", undefined],
    [["auditor"], "HOPERAT", "auditor"],
    [["patient"], "PATRQT", "patient"],
    [["integration"], "TREAT", "integration"],
    [["referral-partner"], "TREAT", "referral-partner"],
    [["billing", "physician"], "HPAYMT", "billing"],
    [["billing", "physician"], "TREAT", "clinician"],
    [["clinic-administrator"], "HOPERAT", undefined],
    [[], "TREAT", undefined],
  ] as const)("POL-6 %j for %s: %s", (roles, purpose, consumer) => {
    expect(consumerOf(roles, purpose)).toBe(consumer);
  });

  it("POL-6 the classes of the model are those that records have", () => {
    const used = new Set(
      SECTION_NAMES.flatMap((name) => Object.values(SECTIONS[name].columns).flatMap(({ classes }) => classes)),
    );
    expect([...used].toSorted()).toEqual([...RECORD_CLASSES].toSorted());
  });
});
