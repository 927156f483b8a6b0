import { HISTORY_TAG } from "../../core/record/inbox-guard.ts";
import { type ClinicPlan, clinicStaff, coding, dateOf, DAY_MS, instantOf, type Resource, TEST_META } from "./clinic.ts";
import { Random, seededId } from "./random.ts";
import {
  ALLERGENS,
  FAMILY_NAMES,
  GIVEN_NAMES,
  ILLNESSES,
  type Illness,
  LABS,
  type LabTest,
  STREETS,
  SYSTEMS,
  TOWNS,
  VACCINES,
} from "./vocabulary.ts";

const YEAR_MS = 365.25 * DAY_MS;
const CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category";
const round = (value: number, decimals: number): number => Number(value.toFixed(decimals));

/** The same day in the hours in which a clinic of the Americas is open; one moment of a day gives one time. */
function officeHours(ms: number): number {
  const intoDay = ms % DAY_MS;
  const slot = Math.floor((intoDay / DAY_MS) * 36);
  return ms - intoDay + 14 * 3_600_000 + slot * 600_000;
}

/** Writes one patient's history forwards in time, so that every record refers to what came before. */
class Chart {
  readonly resources: Resource[] = [];
  readonly patientId: string;
  readonly #plan: ClinicPlan;
  readonly #random: Random;
  #count = 0;

  constructor(plan: ClinicPlan, index: number, random: Random) {
    this.#plan = plan;
    this.#random = random;
    this.patientId = seededId(plan.seed, "patient", String(index));
  }

  get subject() {
    return { reference: `Patient/${this.patientId}` };
  }

  add(resourceType: string, members: Readonly<Record<string, unknown>>): Resource {
    this.#count += 1;
    const resource = {
      resourceType,
      id: `${this.patientId}.${seededId(this.#plan.seed, this.patientId, String(this.#count))}`,
      meta: TEST_META,
      ...members,
    };
    this.resources.push(resource);
    return resource;
  }

  visit(at: number, reason: { readonly code: string; readonly display: string }): { readonly reference: string } {
    const staff = clinicStaff(this.#plan);
    const physician = this.#random.pick(staff.practitioners.filter(({ role }) => role === "physician"));
    const encounter = this.add("Encounter", {
      status: "finished",
      class: { system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: "AMB", display: "ambulatory" },
      type: [coding(SYSTEMS.snomed, { code: "185349003", display: "Encounter for check up" })],
      subject: this.subject,
      participant: [{ individual: { reference: `Practitioner/${physician.id}` } }],
      period: { start: instantOf(at), end: instantOf(at + 1_500_000) },
      reasonCode: [coding(SYSTEMS.snomed, reason)],
      serviceProvider: { reference: `Organization/${staff.organizationId}` },
    });
    this.vitals(at, { reference: `Encounter/${encounter.id}` });
    return { reference: `Encounter/${encounter.id}` };
  }

  vitals(at: number, encounter: { readonly reference: string }): void {
    const base = {
      status: "final",
      category: [coding(CATEGORY, { code: "vital-signs", display: "Vital Signs" })],
      subject: this.subject,
      encounter,
      effectiveDateTime: instantOf(at + 300_000),
    };
    const pressure = (code: string, display: string, value: number) => ({
      code: coding(SYSTEMS.loinc, { code, display }),
      valueQuantity: { value: Math.round(value), unit: "mmHg", system: SYSTEMS.ucum, code: "mm[Hg]" },
    });
    this.add("Observation", {
      ...base,
      code: coding(SYSTEMS.loinc, { code: "85354-9", display: "Blood pressure panel with all children optional" }),
      component: [
        pressure("8480-6", "Systolic blood pressure", this.#random.around(126, 12)),
        pressure("8462-4", "Diastolic blood pressure", this.#random.around(79, 8)),
      ],
    });
    this.add("Observation", {
      ...base,
      code: coding(SYSTEMS.loinc, { code: "29463-7", display: "Body weight" }),
      valueQuantity: { value: round(this.#random.around(74, 13), 1), unit: "kg", system: SYSTEMS.ucum, code: "kg" },
    });
  }

  lab(at: number, encounter: { readonly reference: string }, test: LabTest, shift: number): Resource {
    const value = round(Math.max(0.1, test.mean + this.#random.around(shift, 1) * test.deviation), test.decimals);
    const flag = value > test.high ? ["H", "High"] : value < test.low ? ["L", "Low"] : ["N", "Normal"];
    return this.add("Observation", {
      status: "final",
      category: [coding(CATEGORY, { code: "laboratory", display: "Laboratory" })],
      code: coding(SYSTEMS.loinc, test),
      subject: this.subject,
      encounter,
      effectiveDateTime: instantOf(at + 600_000),
      valueQuantity: { value, unit: test.unit, system: SYSTEMS.ucum, code: test.unit },
      interpretation: [
        coding("http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", {
          code: flag[0] ?? "",
          display: flag[1] ?? "",
        }),
      ],
      referenceRange: [{ low: { value: test.low, unit: test.unit }, high: { value: test.high, unit: test.unit } }],
    });
  }

  illness(at: number, illness: Illness, until: number): void {
    const encounter = this.visit(at, illness);
    const clinical = illness.isChronic ? "active" : "resolved";
    const condition = this.add("Condition", {
      clinicalStatus: coding("http://terminology.hl7.org/CodeSystem/condition-clinical", {
        code: clinical,
        display: clinical,
      }),
      verificationStatus: coding("http://terminology.hl7.org/CodeSystem/condition-ver-status", {
        code: "confirmed",
        display: "Confirmed",
      }),
      category: [
        coding("http://terminology.hl7.org/CodeSystem/condition-category", {
          code: "problem-list-item",
          display: "Problem List Item",
        }),
      ],
      code: {
        coding: [
          { system: SYSTEMS.snomed, code: illness.code, display: illness.display },
          { system: SYSTEMS.icd10, code: illness.icd10 },
        ],
        text: illness.display,
      },
      subject: this.subject,
      encounter,
      onsetDateTime: dateOf(at),
      recordedDate: dateOf(at),
      ...(illness.isChronic ? {} : { abatementDateTime: dateOf(Math.min(at + 14 * DAY_MS, until)) }),
    });
    if (illness.medication !== undefined) {
      this.add("MedicationRequest", {
        status: illness.isChronic ? "active" : "completed",
        intent: "order",
        medicationCodeableConcept: coding(SYSTEMS.rxnorm, illness.medication),
        subject: this.subject,
        encounter,
        authoredOn: dateOf(at),
        reasonReference: [{ reference: `Condition/${condition.id}` }],
        dosageInstruction: [{ text: illness.medication.dose }],
      });
    }
    for (let when = at; when < until && illness.labs.length > 0; when = officeHours(when + YEAR_MS)) {
      const follow = when === at ? encounter : this.visit(when, illness);
      const results = illness.labs.map((name) => this.lab(when, follow, LABS[name], illness.shift));
      this.add("DiagnosticReport", {
        meta: { tag: [...TEST_META.tag, { system: HISTORY_TAG, code: "imported" }] },
        status: "final",
        category: [coding("http://terminology.hl7.org/CodeSystem/v2-0074", { code: "LAB", display: "Laboratory" })],
        code: coding(SYSTEMS.loinc, { code: "11502-2", display: "Laboratory report" }),
        subject: this.subject,
        encounter: follow,
        effectiveDateTime: instantOf(when + 600_000),
        issued: instantOf(when + 86_400_000),
        result: results.map(({ id }) => ({ reference: `Observation/${id}` })),
      });
    }
  }
}

/** One patient with a believable history. The first patient of a seed always has a long one: it is the demo's chart. */
export function patientResources(plan: ClinicPlan, index: number): Resource[] {
  const random = new Random(`${plan.seed}/patient/${index}`);
  const chart = new Chart(plan, index, random);
  const today = Date.parse(`${plan.today}T12:00:00Z`);
  const ageYears = index === 0 ? 63 : Math.floor(Math.min(95, Math.abs(random.around(38, 24)))) + 1;
  const birth = today - ageYears * YEAR_MS - random.integer(0, 364) * DAY_MS;
  const gender = random.chance(0.52) ? "female" : "male";
  const town = random.pick(TOWNS);
  const staff = clinicStaff(plan);
  chart.resources.push({
    resourceType: "Patient",
    id: chart.patientId,
    meta: TEST_META,
    identifier: [
      {
        type: coding("http://terminology.hl7.org/CodeSystem/v2-0203", { code: "MR", display: "Medical Record Number" }),
        system: "urn:keyward:synthetic:mrn",
        value: `M${String(100_000 + index)}`,
      },
    ],
    active: true,
    name: [{ use: "official", family: random.pick(FAMILY_NAMES), given: [random.pick(GIVEN_NAMES[gender])] }],
    telecom: [{ system: "phone", value: `555-01${String(random.integer(0, 99)).padStart(2, "0")}`, use: "mobile" }],
    gender,
    birthDate: dateOf(birth),
    address: [{ line: [`${random.integer(1, 240)} ${random.pick(STREETS)}`], ...town, country: "US" }],
    generalPractitioner: [{ reference: `Practitioner/${staff.practitioners[0]?.id ?? ""}` }],
  });
  if (random.chance(0.22)) addAllergy(chart, random, birth);
  const since = Math.max(birth, today - 8 * YEAR_MS);
  for (const illness of ILLNESSES) {
    const isForced = index === 0 && illness.isChronic && illness.from > 30;
    if (!isForced && (ageYears < illness.from || !random.chance(illness.chance))) continue;
    const begin = Math.max(since, birth + illness.from * YEAR_MS);
    const end = Math.min(today - 30 * DAY_MS, birth + illness.until * YEAR_MS);
    if (end <= begin) continue;
    chart.illness(officeHours(begin + random.next() * (end - begin)), illness, today);
  }
  for (const vaccine of VACCINES) {
    if (ageYears >= vaccine.fromAge) addImmunizations(chart, random, vaccine, since, today);
  }
  if (random.chance(0.35)) addAppointment(chart, random, plan, today);
  return chart.resources;
}

function addAllergy(chart: Chart, random: Random, birth: number): void {
  const { reaction, ...allergen } = random.pick(ALLERGENS);
  chart.add("AllergyIntolerance", {
    clinicalStatus: coding("http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", {
      code: "active",
      display: "Active",
    }),
    verificationStatus: coding("http://terminology.hl7.org/CodeSystem/allergyintolerance-verification", {
      code: "confirmed",
      display: "Confirmed",
    }),
    code: coding(SYSTEMS.snomed, allergen),
    patient: chart.subject,
    recordedDate: dateOf(birth + YEAR_MS),
    reaction: [{ manifestation: [coding(SYSTEMS.snomed, reaction)] }],
  });
}

function addImmunizations(
  chart: Chart,
  random: Random,
  vaccine: (typeof VACCINES)[number],
  since: number,
  today: number,
): void {
  for (let at = since + random.next() * YEAR_MS; at < today; at += vaccine.everyYears * YEAR_MS) {
    if (!random.chance(0.7)) continue;
    chart.add("Immunization", {
      status: "completed",
      vaccineCode: coding(SYSTEMS.cvx, vaccine),
      patient: chart.subject,
      occurrenceDateTime: dateOf(at),
      primarySource: true,
      lotNumber: `L${random.integer(1000, 9999)}`,
    });
  }
}

function addAppointment(chart: Chart, random: Random, plan: ClinicPlan, today: number): void {
  const staff = clinicStaff(plan);
  const start = today + random.integer(1, 13) * DAY_MS + random.integer(2, 9) * 1_800_000;
  chart.add("Appointment", {
    status: "booked",
    description: "Follow-up visit",
    start: instantOf(start),
    end: instantOf(start + 1_800_000),
    participant: [
      { actor: chart.subject, status: "accepted" },
      { actor: { reference: `Practitioner/${random.pick(staff.practitioners).id}` }, status: "accepted" },
    ],
  });
}
