import type { Shown } from "../contract/chart.ts";
import {
  ABSENT,
  chartOf,
  type Field,
  type Fields,
  renderView,
  restricted,
  type SectionName,
  type View,
  type ViewInput,
} from "../view/index.ts";
import { CHART_ROLES } from "./chart-roles.ts";

/** A chart as a view reads it, and what the caller may do with it beside reading. */
export interface ChartLook {
  readonly input: ViewInput;
  readonly view: View;
  readonly may: {
    readonly record: boolean;
    readonly change: boolean;
    readonly reconcile: boolean;
  };
  /** The day that it is in the clinic, and its IANA zone. */
  readonly today: string;
  readonly zone: string;
}

export const lookAt = (
  input: ViewInput,
  sections: readonly SectionName[],
  rest: Omit<ChartLook, "input" | "view">,
): ChartLook => ({ input, view: renderView(input, sections), ...rest });

export const recordsIn = ({ input }: ChartLook) => chartOf(input);

/** A section of the view that is a list, as one field. */
export const listField = ({ view }: ChartLook, section: SectionName): Field<readonly Fields[]> => {
  const field = view.sections[section];
  return field === undefined ? ABSENT : (field as Field<readonly Fields[]>);
};

export const oneField = ({ view }: ChartLook, section: SectionName, name: string): Field => {
  const fields = view.sections[section] as Fields | undefined;
  return fields?.[name] ?? ABSENT;
};

/**
 * A list in the state that the view gives it, with rows of our own where it is a value. Rows say more than the view's
 * fields do: they go to those who treat the patient and to the patient; for everybody else they are withheld.
 */
export function shownList<T>(look: ChartLook, section: SectionName, rows: () => readonly T[]): Shown<readonly T[]> {
  const field = listField(look, section);
  if (field.state !== "value" && field.state !== "stale" && field.state !== "absent") return field as Shown<never>;
  if (!CHART_ROLES.has(look.input.consumer)) return field.state === "absent" ? ABSENT : restricted("minimum-necessary");
  const made = rows();
  if (made.length === 0) return ABSENT;
  return field.state === "stale" ? { ...field, value: made } : { state: "value", value: made };
}
