import type { BannerAlert, BannerAllergies, BannerVisit, ChartBanner, ConsentBadge, Shown } from "../contract/chart.ts";
import type { FhirResource } from "../fhir/index.ts";
import { toInstant } from "../kernel/clock.ts";
import { ABSENT, type Field, type Fields, type SectionName } from "../view/index.ts";
import { activeAllergies, allergyItem, isContradicted } from "./allergies.ts";
import { ageOn } from "./age.ts";
import { listOf, textOf } from "./elements.ts";
import { factsOf } from "./lists.ts";
import { CHART_ROLES } from "./chart-roles.ts";
import { type ChartLook, listField, oneField, recordsIn } from "./view-input.ts";

export const BANNER_SECTIONS = [
  "banner",
  "demographics",
  "appointments",
  "consents",
] as const satisfies readonly SectionName[];

/** What is so between the caller and the patient beside the records: of core/privacy and of the ruling. */
export interface BannerStanding {
  readonly hold: "none" | "frozen" | "restricted";
  readonly emergencyEndsAtMs?: number;
  /** A consent withholds a class that the caller's role would otherwise read. */
  readonly isWithheld: boolean;
}

const mapped = <T>(field: Field, value: (value: unknown) => T | undefined): Shown<T> => {
  if (field.state === "value") {
    const made = value(field.value);
    return made === undefined ? ABSENT : { state: "value", value: made };
  }
  return field as Shown<T>;
};

const asText = (field: Field): Shown<string> =>
  mapped(field, (value) => (typeof value === "string" ? value : undefined));

/** HL7 v2 table 0203: MR is the medical record number. */
function recordNumber(look: ChartLook): Shown<string> {
  const field = oneField(look, "banner", "identifiers");
  // The view masks each of them; which one is the clinic's own, a mask no longer says.
  if (field.state === "masked" && Array.isArray(field.value)) return { state: "masked", value: field.value.join(", ") };
  return mapped(field, () => {
    const { patient } = recordsIn(look);
    const all = listOf(patient?.["identifier"]);
    const isOfRecord = (identifier: FhirResource | (typeof all)[number]): boolean =>
      listOf((identifier["type"] as { coding?: unknown } | undefined)?.coding).some(({ code }) => code === "MR");
    const found = all.find(isOfRecord) ?? all[0];
    return textOf(found?.["value"]);
  });
}

/** Allergies always in sight: which, how grave, or that none are known or recorded; in the state of the view's field. */
function allergies(look: ChartLook): Shown<BannerAllergies> {
  return mapped(oneField(look, "banner", "allergies"), (): BannerAllergies | undefined => {
    if (!CHART_ROLES.has(look.input.consumer)) return undefined;
    const seen = activeAllergies(recordsIn(look).of("AllergyIntolerance"));
    const facts = (record: FhirResource) => factsOf("allergies", record, { change: false, isPartial: false });
    const items = (seen.allergies as readonly FhirResource[])
      .map((record) => allergyItem(record, facts(record)))
      .map(({ id, substance, criticality, reactions }) => ({
        id,
        text: substance.text,
        ...(criticality !== undefined && { criticality }),
        reactions: reactions.map(({ manifestation }) => manifestation.text),
      }))
      .toSorted((left, right) => Number(right.criticality === "high") - Number(left.criticality === "high"));
    if (items.length > 0) return { kind: "recorded", items };
    const [statement] = seen.statements as readonly FhirResource[];
    if (statement === undefined) return { kind: "not-recorded", items };
    const { recorded, changed } = facts(statement);
    return { kind: "none-known", items, stated: changed ?? recorded };
  });
}

const textIn = (fields: Fields, name: string): string | undefined => {
  const field = fields[name];
  return field?.state === "value" && typeof field.value === "string" ? field.value : undefined;
};
const wordsIn = (fields: Fields, name: string): string | undefined => {
  const field = fields[name];
  if (field?.state !== "value" || !Array.isArray(field.value)) return undefined;
  const texts = (field.value as readonly unknown[]).flatMap((each) =>
    typeof each === "string" ? each : (textOf((each as { text?: unknown }).text) ?? []),
  );
  return texts.length === 0 ? undefined : texts.join(", ");
};

/** FHIR R4 valueset-appointmentstatus.html: to come, and been. */
const COMING = new Set(["proposed", "pending", "booked", "arrived", "checked-in", "waitlist"]);
const BEEN = new Set(["fulfilled", "arrived", "checked-in"]);

function visit(look: ChartLook, which: "next" | "last"): Shown<BannerVisit> {
  const now = toInstant(look.input.nowMs);
  return mapped(listField(look, "appointments"), (rows) => {
    const visits = (rows as readonly Fields[]).flatMap((fields): (BannerVisit & { status: string })[] => {
      const start = textIn(fields, "start");
      const [ref, service, by] = [textIn(fields, "ref"), wordsIn(fields, "service"), wordsIn(fields, "with")];
      if (start === undefined) return [];
      return [
        {
          start,
          status: textIn(fields, "status") ?? "",
          ...(ref !== undefined && { ref }),
          ...(service !== undefined && { service }),
          ...(by !== undefined && { with: by }),
        },
      ];
    });
    const isAhead = ({ start }: BannerVisit): boolean => Date.parse(start) >= Date.parse(now);
    const found =
      which === "next"
        ? visits.filter((each) => isAhead(each) && COMING.has(each.status))
        : visits.filter((each) => !isAhead(each) && BEEN.has(each.status));
    const sorted = found.toSorted((left, right) => Date.parse(left.start) - Date.parse(right.start));
    const chosen = which === "next" ? sorted[0] : sorted.at(-1);
    if (chosen === undefined) return undefined;
    const { status: _status, ...shown } = chosen;
    return shown;
  });
}

const consentBadge = (look: ChartLook): Shown<ConsentBadge> =>
  mapped(listField(look, "consents"), (rows) => {
    const active = (rows as readonly Fields[]).filter((fields) => textIn(fields, "status") === "active");
    return { active: active.length, denying: active.filter((fields) => textIn(fields, "decision") === "deny").length };
  });

/** FHIR R4 patient.html#links: the record that is used instead of this one. */
const mergedInto = (patient: FhirResource | undefined): string | undefined =>
  listOf(patient?.["link"])
    .filter(({ type }) => type === "replaced-by")
    .flatMap(({ other }) => textOf(listOf(other)[0]?.["reference"])?.replace(/^Patient\//, "") ?? [])[0];

function alerts(look: ChartLook, { hold, emergencyEndsAtMs, isWithheld }: BannerStanding): readonly BannerAlert[] {
  const chart = recordsIn(look);
  const { patient } = chart;
  const into = mergedInto(patient);
  const deceased = oneField(look, "demographics", "deceased");
  const isStaff = look.input.consumer !== "patient";
  const on = deceased.state === "value" && deceased.value !== "yes" ? textOf(deceased.value) : undefined;
  const reads = oneField(look, "banner", "allergies").state === "value" && CHART_ROLES.has(look.input.consumer);
  const found: (BannerAlert | undefined)[] = [
    emergencyEndsAtMs === undefined ? undefined : { kind: "break-glass", expiresAt: toInstant(emergencyEndsAtMs) },
    hold === "none" || !isStaff ? undefined : { kind: "hold", mode: hold },
    into === undefined ? undefined : { kind: "merged-into", patient: into },
    patient?.["active"] === false && into === undefined ? { kind: "inactive" } : undefined,
    deceased.state === "value" ? { kind: "deceased", ...(on !== undefined && { on }) } : undefined,
    isWithheld ? { kind: "consent" } : undefined,
    reads && isContradicted(activeAllergies(chart.of("AllergyIntolerance")))
      ? { kind: "allergies-contradicted" }
      : undefined,
  ];
  return found.flatMap((alert) => alert ?? []);
}

/** The header of a chart, for whoever looks: every field in a state, none of them decided by a browser. */
export function chartBanner(look: ChartLook, standing: BannerStanding): ChartBanner {
  const birthDate = asText(oneField(look, "banner", "birthDate"));
  return {
    patient: look.input.patientId,
    at: toInstant(look.input.nowMs),
    name: asText(oneField(look, "banner", "name")),
    pronouns: asText(oneField(look, "banner", "pronouns")),
    birthDate,
    age: mapped(birthDate as Field, (date) => ageOn(String(date), look.today)),
    sex: asText(oneField(look, "banner", "sex")),
    recordNumber: recordNumber(look),
    allergies: allergies(look),
    nextVisit: visit(look, "next"),
    lastVisit: visit(look, "last"),
    consent: consentBadge(look),
    alerts: alerts(look, standing),
    mayRecordVitals: look.may.record,
  };
}
