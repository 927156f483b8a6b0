import * as z from "zod";
import type { FhirResource, JsonObject } from "../fhir/index.ts";
import { labelsOf } from "../fhir/index.ts";
import { type Chart, partOf, PSYCHOTHERAPY_LABEL, type Source, sourceOf } from "./chart.ts";
import { type AnySection, columnsOf, many, one } from "./columns.ts";
import {
  Address,
  addressOf,
  Coded,
  codedList,
  codedOf,
  codeOf,
  inlineText,
  lastFour,
  listOf,
  measuredOf,
  Money,
  moneyOf,
  namedBy,
  nameOf,
  notesOf,
  Period,
  periodOf,
  Quantity,
  referenceOf,
  someOf,
  Telecom,
  telecomOf,
  textOf,
} from "./elements.ts";

/** The version of the view model. What reads it must know this number; a field that changes its meaning raises it. */
export const VIEW_VERSION = 1;

const D = columnsOf("D");
const C = columnsOf("C");
const B = columnsOf("B");
const S = columnsOf("S");
/** What a visit was is told by the chart, and as far as payment goes by the claim for it. */
const CB = columnsOf("C", "B");

const texts = z.array(z.string());
const sourcesOf = (records: readonly FhirResource[]): Source[] => records.map(sourceOf);

/** `Type/id`: what opens the record itself. */
const ref = ({ record }: Source): string | undefined => {
  const [type, id] = [textOf(record["resourceType"]), textOf(record["id"])];
  return type === undefined || id === undefined ? undefined : `${type}/${id}`;
};
const code = ({ record }: Source) => codedOf(record["code"]);
const status = ({ record }: Source) => textOf(record["status"]);
const note = ({ record }: Source) => notesOf(record["note"]);
const inCategory = (record: FhirResource, ...codes: readonly string[]): boolean =>
  listOf(record["category"]).some((category) =>
    listOf(category["coding"]).some((coding) => codes.includes(textOf(coding["code"]) ?? "")),
  );

const Identifier = z.strictObject({ system: z.string().optional(), value: z.string() });
type Identifier = z.infer<typeof Identifier>;
const identifiersOf = ({ record }: Source): Identifier[] | undefined =>
  someOf(
    listOf(record["identifier"]).map(({ system, value }) => {
      const text = textOf(value);
      const where = textOf(system);
      return text === undefined ? undefined : { value: text, ...(where !== undefined && { system: where }) };
    }),
  );

/** Whether there is any allergy: `none-known` is a statement that somebody made, `not-recorded` that nobody asked. */
const AllergyFlag = z.enum(["recorded", "none-known", "not-recorded"]);
/** SNOMED CT 716186003 and its children of "no known allergy". */
const NO_KNOWN_ALLERGY = ["716186003", "409137002", "429625007", "428607008"];
const isActive = (allergy: FhirResource): boolean =>
  codeOf(allergy["verificationStatus"]) !== "entered-in-error" && codeOf(allergy["clinicalStatus"]) !== "resolved";

function allergyFlag(allergies: readonly FhirResource[]): z.infer<typeof AllergyFlag> {
  const active = allergies.filter(isActive);
  if (active.length === 0) return "not-recorded";
  const isNone = (allergy: FhirResource) => NO_KNOWN_ALLERGY.includes(codeOf(allergy["code"]) ?? "");
  return active.every(isNone) ? "none-known" : "recorded";
}

/** HL7 extension individual-pronouns: the newest that is said. Its value stood on it before 5.1, and in a part of it since. */
const PRONOUNS = "http://hl7.org/fhir/StructureDefinition/individual-pronouns";
function pronounsOf(patient: JsonObject): string | undefined {
  const said = listOf(patient["extension"]).findLast(({ url }) => url === PRONOUNS);
  const value = listOf(said?.["extension"]).find(({ url }) => url === "value");
  return codedOf(value?.["valueCodeableConcept"] ?? said?.["valueCodeableConcept"])?.text;
}

/** The patient, with what her records say in one word. */
const patientSources = (chart: Chart): Source[] => {
  const { patient } = chart;
  if (patient === undefined) return [];
  const { record, isRedacted } = sourceOf(patient);
  return [{ record: { ...record, allergyFlag: allergyFlag(chart.of("AllergyIntolerance")) }, isRedacted }];
};

const contactSources = (chart: Chart): Source[] => [
  ...(chart.patient === undefined
    ? []
    : listOf(chart.patient["contact"]).map((contact) => partOf(contact, sourceOf(chart.patient as FhirResource)))),
  ...sourcesOf(chart.of("RelatedPerson")),
];

/** Encounters; for one who reads no chart, the visits that claims were made for. */
const encounterSources = (chart: Chart, classes: ReadonlySet<string>): Source[] => {
  if (classes.has("C")) return sourcesOf(chart.of("Encounter")).map((source) => withNotes(chart, source));
  return chart.of("Claim", "ExplanationOfBenefit").flatMap((claim) =>
    listOf(claim["item"]).flatMap((item) => {
      const [visit] = listOf(item["encounter"]);
      return visit === undefined ? [] : [partOf({ visit, item }, sourceOf(claim))];
    }),
  );
};

/** The notes that were written at the visit. Psychotherapy notes are segmented, and so never among them. */
const withNotes = (chart: Chart, { record, isRedacted }: Source): Source => {
  const own = `Encounter/${textOf(record["id"]) ?? ""}`;
  const written = chart
    .of("DocumentReference")
    .filter(({ context }) =>
      listOf(context).some((around) => listOf(around["encounter"]).some((visit) => referenceOf(visit) === own)),
    );
  return { record: { ...record, written }, isRedacted };
};

const CLINICAL_NOTE = "clinical-note";
const noteText = ({ record }: Source): string | undefined =>
  someOf(listOf(record["content"]).map(({ attachment }) => inlineText(attachment)))?.join("\n");
const titleOf = ({ record }: Source): string | undefined =>
  textOf(listOf(record["content"]).map(({ attachment }) => listOf(attachment)[0]?.["title"])[0]) ??
  textOf(record["description"]) ??
  codedOf(record["type"])?.text;

/** What a segmented record of any type says in one line. */
const summaryOf = (source: Source): string | undefined =>
  code(source)?.text ??
  codedOf(source.record["medicationCodeableConcept"])?.text ??
  codedOf(source.record["vaccineCode"])?.text ??
  titleOf(source);
const dateOf = ({ record }: Source): string | undefined =>
  [
    "date",
    "effectiveDateTime",
    "authoredOn",
    "recordedDate",
    "onsetDateTime",
    "occurrenceDateTime",
    "created",
    "dateAsserted",
  ]
    .map((name) => textOf(record[name]))
    .find((text) => text !== undefined) ?? periodOf(record["period"])?.start;

const segmented = {
  ref: S.text(ref),
  type: S.text(({ record }) => textOf(record["resourceType"])),
  summary: S.text(summaryOf),
  date: S.text(dateOf),
  text: S.text(noteText),
  labels: S.value(texts, ({ record }) => someOf(labelsOf(record as FhirResource))),
};

/** Every section and field that there is. Who sees which stands in placements.ts, and nowhere else. */
export const SECTIONS = {
  banner: one(patientSources, {
    name: D.text(({ record }) => nameOf(record["name"])),
    birthDate: D.maskable(
      z.string(),
      ({ record }) => textOf(record["birthDate"]),
      z.string(),
      // 45 CFR 164.514(b)(2)(i)(C): the year alone.
      (date) => date.slice(0, 4),
    ),
    sex: D.text(({ record }) => textOf(record["gender"])),
    pronouns: D.text(({ record }) => pronounsOf(record)),
    identifiers: D.maskable(z.array(Identifier), identifiersOf, texts, (all) =>
      all.map(({ value }) => lastFour(value)),
    ),
    allergies: C.value(AllergyFlag, ({ record }) => AllergyFlag.safeParse(record["allergyFlag"]).data),
  }),
  demographics: one(patientSources, {
    address: D.maskable(
      Address,
      ({ record }) => addressOf(record["address"]),
      z.strictObject({ city: z.string().optional(), state: z.string().optional() }),
      ({ city, state }) => ({ ...(city !== undefined && { city }), ...(state !== undefined && { state }) }),
    ),
    telecom: D.maskable(
      z.array(Telecom),
      ({ record }) => telecomOf(record["telecom"]),
      texts,
      (all) => all.map(({ value }) => lastFour(value)),
    ),
    language: D.text(({ record }) => codedOf(listOf(record["communication"])[0]?.["language"])?.text),
    maritalStatus: D.text(({ record }) => codedOf(record["maritalStatus"])?.text),
    deceased: D.text(
      ({ record }) => textOf(record["deceasedDateTime"]) ?? (record["deceasedBoolean"] === true ? "yes" : undefined),
    ),
    generalPractitioner: D.value(texts, ({ record }) => someOf(listOf(record["generalPractitioner"]).map(namedBy))),
  }),
  contacts: many(contactSources, {
    name: D.text(({ record }) => nameOf(record["name"])),
    relationship: D.value(z.array(Coded), ({ record }) => codedList(record["relationship"])),
    telecom: D.maskable(
      z.array(Telecom),
      ({ record }) => telecomOf(record["telecom"]),
      texts,
      (all) => all.map(({ value }) => lastFour(value)),
    ),
  }),
  coverage: many((chart) => sourcesOf(chart.of("Coverage")), {
    ref: B.text(ref),
    payor: B.value(texts, ({ record }) => someOf(listOf(record["payor"]).map(namedBy))),
    memberId: B.maskable(z.string(), ({ record }) => textOf(record["subscriberId"]), z.string(), lastFour),
    plan: B.text(({ record }) => codedOf(record["type"])?.text),
    period: B.value(Period, ({ record }) => periodOf(record["period"])),
    status: B.text(status),
  }),
  problems: many((chart) => sourcesOf(chart.of("Condition")), {
    ref: C.text(ref),
    code: C.value(Coded, code),
    status: C.text(({ record }) => codeOf(record["clinicalStatus"])),
    verification: C.text(({ record }) => codeOf(record["verificationStatus"])),
    onset: C.text(({ record }) => textOf(record["onsetDateTime"]) ?? textOf(record["onsetString"])),
    note: C.value(texts, note),
  }),
  allergies: many((chart) => sourcesOf(chart.of("AllergyIntolerance")), {
    ref: C.text(ref),
    code: C.value(Coded, code),
    status: C.text(({ record }) => codeOf(record["clinicalStatus"])),
    criticality: C.text(({ record }) => textOf(record["criticality"])),
    reactions: C.value(z.array(Coded), ({ record }) =>
      someOf(listOf(record["reaction"]).flatMap(({ manifestation }) => codedList(manifestation) ?? [])),
    ),
    note: C.value(texts, note),
  }),
  medications: many((chart) => sourcesOf(chart.of("MedicationRequest", "MedicationStatement")), {
    ref: C.text(ref),
    medication: C.value(
      Coded,
      ({ record }) =>
        codedOf(record["medicationCodeableConcept"]) ??
        (namedBy(record["medicationReference"]) === undefined
          ? undefined
          : { text: namedBy(record["medicationReference"]) ?? "" }),
    ),
    status: C.text(status),
    dosage: C.value(texts, ({ record }) =>
      someOf([...listOf(record["dosageInstruction"]), ...listOf(record["dosage"])].map(({ text }) => textOf(text))),
    ),
    date: C.text(dateOf),
    note: C.value(texts, note),
  }),
  immunizations: many((chart) => sourcesOf(chart.of("Immunization")), {
    ref: C.text(ref),
    vaccine: C.value(Coded, ({ record }) => codedOf(record["vaccineCode"])),
    status: C.text(status),
    date: C.text(dateOf),
  }),
  vitals: many((chart) => sourcesOf(chart.of("Observation").filter((record) => inCategory(record, "vital-signs"))), {
    ref: C.text(ref),
    code: C.value(Coded, code),
    value: C.value(Quantity, ({ record }) => measuredOf(record)),
    date: C.text(dateOf),
  }),
  results: many(
    (chart) => [
      ...sourcesOf(chart.of("Observation").filter((record) => !inCategory(record, "vital-signs"))),
      ...sourcesOf(chart.of("DiagnosticReport")),
    ],
    {
      ref: C.text(ref),
      code: C.value(Coded, code),
      value: C.value(Quantity, ({ record }) => {
        const conclusion = textOf(record["conclusion"]);
        return measuredOf(record) ?? (conclusion === undefined ? undefined : { text: conclusion });
      }),
      interpretation: C.value(z.array(Coded), ({ record }) => codedList(record["interpretation"])),
      date: C.text(dateOf),
      note: C.value(texts, note),
    },
  ),
  encounters: many(encounterSources, {
    ref: CB.text((source) => ref(source) ?? referenceOf(source.record["visit"])),
    period: CB.value(Period, ({ record }) => {
      const [item] = listOf(record["item"]);
      const day = textOf(item?.["servicedDate"]);
      return (
        periodOf(record["period"]) ??
        periodOf(item?.["servicedPeriod"]) ??
        (day === undefined ? undefined : { start: day, end: day })
      );
    }),
    service: CB.value(z.array(Coded), ({ record }) => {
      const [item] = listOf(record["item"]);
      return item === undefined ? codedList(record["type"]) : someOf([codedOf(item["productOrService"])]);
    }),
    status: C.text(status),
    reason: C.value(z.array(Coded), ({ record }) => codedList(record["reasonCode"])),
    note: C.value(texts, ({ record }) =>
      someOf(listOf(record["written"]).map((written) => noteText({ record: written, isRedacted: false }))),
    ),
  }),
  appointments: many((chart) => sourcesOf(chart.of("Appointment")), {
    ref: D.text(ref),
    start: D.text(({ record }) => textOf(record["start"])),
    end: D.text(({ record }) => textOf(record["end"])),
    status: D.text(status),
    service: D.value(z.array(Coded), ({ record }) => codedList(record["serviceType"])),
    with: D.value(texts, ({ record }) =>
      someOf(
        listOf(record["participant"])
          .filter(({ actor }) => !(referenceOf(actor) ?? "").startsWith("Patient/"))
          .map(({ actor }) => namedBy(actor)),
      ),
    ),
    reason: D.value(texts, ({ record }) =>
      someOf([
        ...(codedList(record["reasonCode"]) ?? []).map(({ text }) => text),
        textOf(record["description"]),
        textOf(record["comment"]),
      ]),
    ),
  }),
  documents: many(
    (chart) => sourcesOf(chart.of("DocumentReference").filter((record) => !inCategory(record, CLINICAL_NOTE))),
    {
      ref: C.text(ref),
      type: C.value(Coded, ({ record }) => codedOf(record["type"])),
      title: C.text(titleOf),
      date: C.text(dateOf),
      status: C.text(status),
    },
  ),
  notes: many(
    (chart) => sourcesOf(chart.of("DocumentReference").filter((record) => inCategory(record, CLINICAL_NOTE))),
    {
      ref: C.text(ref),
      type: C.value(Coded, ({ record }) => codedOf(record["type"])),
      title: C.text(titleOf),
      date: C.text(dateOf),
      author: C.value(texts, ({ record }) => someOf(listOf(record["author"]).map(namedBy))),
      text: C.text(noteText),
    },
  ),
  psychotherapyNotes: many(
    (chart) => sourcesOf(chart.psychotherapyNotes),
    {
      ref: S.text(ref),
      title: S.text(titleOf),
      date: S.text(dateOf),
      author: S.value(texts, ({ record }) => someOf(listOf(record["author"]).map(namedBy))),
      text: S.text(noteText),
    },
    PSYCHOTHERAPY_LABEL,
  ),
  substanceUse: many((chart) => sourcesOf(chart.substanceUse), segmented, "42CFRPart2"),
  otherSegmented: many((chart) => sourcesOf(chart.otherSegmented), segmented, "R"),
  billing: many((chart) => sourcesOf(chart.of("Claim", "ClaimResponse", "ExplanationOfBenefit", "Invoice")), {
    ref: B.text(ref),
    type: B.text(({ record }) => textOf(record["resourceType"])),
    status: B.text(status),
    date: B.text(dateOf),
    diagnosis: B.value(z.array(Coded), ({ record }) =>
      someOf(listOf(record["diagnosis"]).map(({ diagnosisCodeableConcept }) => codedOf(diagnosisCodeableConcept))),
    ),
    service: B.value(z.array(Coded), ({ record }) =>
      someOf(listOf(record["item"]).map(({ productOrService }) => codedOf(productOrService))),
    ),
    total: B.value(Money, ({ record }) => {
      const [total] = listOf(record["total"]);
      return moneyOf(total) ?? moneyOf(total?.["amount"]) ?? moneyOf(record["totalGross"]);
    }),
    outcome: B.text(({ record }) => textOf(record["outcome"])),
  }),
  careTeam: many(
    (chart) =>
      chart
        .of("CareTeam")
        .flatMap((team) => listOf(team["participant"]).map((member) => partOf(member, sourceOf(team)))),
    {
      member: C.text(({ record }) => namedBy(record["member"])),
      role: C.value(z.array(Coded), ({ record }) => codedList(record["role"])),
      period: C.value(Period, ({ record }) => periodOf(record["period"])),
    },
  ),
  consents: many((chart) => sourcesOf(chart.of("Consent")), {
    ref: D.text(ref),
    status: D.text(status),
    scope: D.text(({ record }) => codeOf(record["scope"])),
    decision: D.text(({ record }) => textOf(listOf(record["provision"])[0]?.["type"])),
    period: D.value(Period, ({ record }) => periodOf(listOf(record["provision"])[0]?.["period"])),
    /** Whom and what it names can tell of a treatment by itself. */
    labels: D.value(texts, ({ record }) =>
      someOf(
        listOf(record["provision"])
          .flatMap((provision) => [provision, ...listOf(provision["provision"])])
          .flatMap(({ securityLabel }) => listOf(securityLabel).map(({ code: label }) => textOf(label))),
      ),
    ),
  }),
} as const satisfies Readonly<Record<string, AnySection>>;

export type SectionName = keyof typeof SECTIONS;
export const SECTION_NAMES = Object.keys(SECTIONS) as SectionName[];
export type ColumnName<S extends SectionName> = keyof (typeof SECTIONS)[S]["columns"] & string;
