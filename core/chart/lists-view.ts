import type {
  AllergyCard,
  ChartLists,
  ItemFacts,
  ListCard,
  ListName,
  SegmentedCard,
  SegmentedItem,
} from "../contract/chart.ts";
import type { FhirResource, JsonObject } from "../fhir/index.ts";
import { toInstant } from "../kernel/clock.ts";
import { type Fields, isRedacted, type SectionName } from "../view/index.ts";
import { activeAllergies, allergyItem, isContradicted, noneKnownAbout, noneKnownItem } from "./allergies.ts";
import { immunizationItem } from "./immunizations.ts";
import { factsOf, LIST_TYPES } from "./lists.ts";
import { medicationItem } from "./medications.ts";
import { problemItem } from "./problems.ts";
import { reconciledOf } from "./reconciliation.ts";
import { type ChartLook, listField, recordsIn, shownList } from "./view-input.ts";

const RECONCILABLE: ReadonlySet<ListName> = new Set(["problems", "allergies", "medications"]);

interface Row<T> {
  readonly list: ListName;
  readonly item: (record: JsonObject, facts: ItemFacts) => T;
  readonly keep?: (record: JsonObject) => boolean;
}

const dateOf = ({ recorded, changed }: ItemFacts): string => changed?.at ?? recorded.at ?? "";

/** What counts today first, and in either part the newest first. */
const inOrder = <T extends ItemFacts>(items: readonly T[]): readonly T[] =>
  items.toSorted(
    (left, right) =>
      Number(right.isActive) - Number(left.isActive) ||
      (dateOf(left) < dateOf(right) ? 1 : dateOf(left) > dateOf(right) ? -1 : 0),
  );

const rowsOf = <T extends ItemFacts>(look: ChartLook, { list, item, keep = () => true }: Row<T>): readonly T[] =>
  inOrder(
    recordsIn(look)
      .of(...LIST_TYPES[list])
      .filter(keep)
      .map((record) => item(record, factsOf(list, record, { change: look.may.change, isPartial: isRedacted(record) }))),
  );

function card<T extends ItemFacts>(look: ChartLook, row: Row<T>): ListCard<T> {
  const items = shownList(look, row.list, () => rowsOf(look, row));
  const isReached = items.state === "value" || items.state === "absent" || items.state === "stale";
  const reconciled = isReached ? reconciledOf(row.list, recordsIn(look).of("Provenance")) : undefined;
  return {
    items,
    mayAdd: isReached && look.may.record,
    mayReconcile: isReached && look.may.reconcile && RECONCILABLE.has(row.list),
    ...(reconciled !== undefined && { reconciled }),
  };
}

/** An empty list is "nothing recorded"; that nothing is known is a statement, which stands beside the items. */
function allergyCard(look: ChartLook): AllergyCard {
  const own = card(look, {
    list: "allergies",
    item: allergyItem,
    keep: (record) => noneKnownAbout(record) === undefined,
  });
  const isReached = own.items.state === "value" || own.items.state === "absent" || own.items.state === "stale";
  const statements = isReached
    ? rowsOf(look, {
        list: "allergies",
        item: noneKnownItem,
        keep: (record: JsonObject) => noneKnownAbout(record) !== undefined,
      })
    : [];
  return {
    ...own,
    noneKnown: statements.filter(({ isActive }) => isActive),
    isContradicted: isReached && isContradicted(activeAllergies(recordsIn(look).of("AllergyIntolerance"))),
  };
}

const valueIn = (fields: Fields, name: string): string | undefined => {
  const field = fields[name];
  return field?.state === "value" && typeof field.value === "string" ? field.value : undefined;
};

const SEGMENTED = [
  ["psychotherapyNotes", "psychotherapy", "title"],
  ["substanceUse", "substance-use", "summary"],
  ["otherSegmented", "other", "summary"],
] as const satisfies readonly (readonly [SectionName, SegmentedCard["category"], string])[];

/** Categories that the role does not even learn of are left out: their field is absent whether or not there is something. */
function segmentedCards(look: ChartLook): readonly SegmentedCard[] {
  return SEGMENTED.flatMap(([section, category, title]): SegmentedCard[] => {
    const field = listField(look, section);
    if (field.state === "absent") return [];
    if (field.state !== "value") return [{ category, items: field as SegmentedCard["items"] }];
    const items = field.value.flatMap((fields): SegmentedItem[] => {
      const ref = valueIn(fields, "ref");
      if (ref === undefined) return [];
      const [type, summary, date] = [valueIn(fields, "type"), valueIn(fields, title), valueIn(fields, "date")];
      return [
        {
          ref,
          ...(type !== undefined && { type }),
          ...(summary !== undefined && { summary }),
          ...(date !== undefined && { date }),
        },
      ];
    });
    return [{ category, items: { state: "value", value: items } }];
  });
}

export const LISTS_SECTIONS = [
  "problems",
  "allergies",
  "medications",
  "immunizations",
  "psychotherapyNotes",
  "substanceUse",
  "otherSegmented",
] as const satisfies readonly SectionName[];

/** Problems, allergies, medications and immunizations as cards of the chart. */
export const chartLists = (look: ChartLook): ChartLists => ({
  patient: look.input.patientId,
  at: toInstant(look.input.nowMs),
  problems: card(look, { list: "problems", item: problemItem }),
  allergies: allergyCard(look),
  medications: card(look, { list: "medications", item: medicationItem }),
  immunizations: card(look, { list: "immunizations", item: immunizationItem }),
  segmented: segmentedCards(look),
});

/** What an item of a list is called. */
export function titleOf(list: ListName, record: FhirResource): string {
  const facts = factsOf(list, record, { change: false, isPartial: false });
  switch (list) {
    case "problems":
      return problemItem(record, facts).problem.text;
    case "allergies":
      return allergyItem(record, facts).substance.text;
    case "medications":
      return medicationItem(record, facts).medication.text;
    case "immunizations":
      return immunizationItem(record, facts).vaccine.text;
  }
}
