import type { BodyOf } from "../../api/client.ts";
import { readAmount } from "./words.ts";

type Json = { readonly [name: string]: unknown };

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const listIn = (of: Json, name: string): readonly Json[] => {
  const value = of[name];
  return Array.isArray(value) ? value.filter(isObject) : [];
};
const textIn = (of: Json, name: string): string => {
  const value = of[name];
  return typeof value === "string" ? value : "";
};

/** One number of the assumptions that the form lets somebody change. */
export interface Lever {
  /** The form's own name of it: `labour.support.minutes`. */
  readonly name: string;
  readonly group: "labour" | "overhead" | "single";
  readonly id: string;
  readonly member: string;
  readonly per: string;
  readonly value: string;
  readonly because: string;
}

const SINGLES = ["exceptionPercent", "reservePercent", "tenantsPerCell"] as const;

const lever = (group: Lever["group"], of: Json, member: string, id: string): Lever => ({
  name: `${group}.${id}.${member}`,
  group,
  id,
  member,
  per: textIn(of, "per"),
  value: textIn(of, member),
  because: textIn(of, "because"),
});

/** What can be changed: minutes and prices of labour, overhead, exceptions, reserve and the size of a cell. */
export const leversOf = (assumptions: Json): readonly Lever[] => [
  ...listIn(assumptions, "labour").flatMap((row) =>
    ["minutes", "minutePriceUsd"].map((member) => lever("labour", row, member, textIn(row, "id"))),
  ),
  ...listIn(assumptions, "overhead").map((row) => lever("overhead", row, "usd", textIn(row, "id"))),
  ...SINGLES.flatMap((id) => {
    const single = assumptions[id];
    return isObject(single) ? [lever("single", single, "value", id)] : [];
  }),
];

export type LeverValues = Readonly<Record<string, string>>;

/** A field's name in a form: a dot would be a path. */
export const fieldOf = (name: string): string => name.replaceAll(".", "_");

/** The assumptions with what somebody entered in their places; all else stays as the server sent it. */
export function withLevers(assumptions: Json, values: LeverValues): Json {
  const given = (group: string, id: string, member: string): Json => {
    const read = readAmount(values[fieldOf(`${group}.${id}.${member}`)] ?? "");
    return read === undefined ? {} : { [member]: read };
  };
  const single = (id: string): Json => {
    const value = assumptions[id];
    return isObject(value) ? { [id]: { ...value, ...given("single", id, "value") } } : {};
  };
  return {
    ...assumptions,
    labour: listIn(assumptions, "labour").map((row) => ({
      ...row,
      ...given("labour", textIn(row, "id"), "minutes"),
      ...given("labour", textIn(row, "id"), "minutePriceUsd"),
    })),
    overhead: listIn(assumptions, "overhead").map((row) => ({
      ...row,
      ...given("overhead", textIn(row, "id"), "usd"),
    })),
    ...single("exceptionPercent"),
    ...single("reservePercent"),
    ...single("tenantsPerCell"),
  };
}

/** `10, 100, 1000` as the question has it; undefined where a part is no whole number that can be asked. */
export function sizesOf(text: string): BodyOf<"askScenarios">["tenants"] | undefined {
  const parts = text.split(/[\s;,]+/).filter((part) => part !== "");
  const sizes = parts.map((part) => (/^\d{1,6}$/.test(part) ? Number(part) : 0));
  const isFine = sizes.length >= 1 && sizes.length <= 6 && sizes.every((size) => size >= 1 && size <= 100_000);
  return isFine ? sizes : undefined;
}

/** One line of the whole list: what is assumed, how much, and why. */
export interface Listed {
  readonly group: "use" | "tiers" | "platform" | "people";
  readonly kind:
    | "percent"
    | "multiple"
    | "encounters"
    | "clinicians"
    | "documents"
    | "items"
    | "minutes"
    | "usd"
    | "lever";
  /** Of a profile or a tier its own name; else of what it is. */
  readonly id: string;
  /** Whose it is: a profile, a tier, or once for what. */
  readonly of: string;
  readonly value: string;
  /** Quantities of a month, in place of a figure. */
  readonly items: readonly { readonly sku: string; readonly quantity: string }[];
  readonly because: string;
}

const figure = (one: Pick<Listed, "group" | "kind" | "of" | "value"> & Partial<Listed>): Listed => ({
  id: one.of,
  items: [],
  because: "",
  ...one,
});
const itemsOf = (of: Json): Listed["items"] =>
  listIn(of, "items").map((item) => ({ sku: textIn(item, "sku"), quantity: textIn(item, "quantity") }));
const objectIn = (of: Json, name: string): Json => {
  const value = of[name];
  return isObject(value) ? value : {};
};

function ofProfile(profile: Json): readonly Listed[] {
  const of = textIn(profile, "profile");
  const [activity, multiple] = [objectIn(profile, "activity"), objectIn(profile, "multiple")];
  const own = (kind: Listed["kind"], value: string, id = of) => figure({ group: "use", kind, id, of, value });
  return [
    own("percent", textIn(profile, "percent")),
    ...(multiple["of"] === undefined ? [] : [own("multiple", textIn(multiple, "by"), textIn(multiple, "of"))]),
    own("encounters", textIn(activity, "encounters")),
    own("clinicians", textIn(activity, "activeClinicians")),
    own("documents", textIn(activity, "documentGb")),
    ...listIn(profile, "usage").map((item) => {
      const [sku, quantity] = [textIn(item, "sku"), textIn(item, "quantity")];
      const because = textIn(item, "because");
      return figure({ group: "use", kind: "items", id: sku, of, value: "", items: [{ sku, quantity }], because });
    }),
  ];
}

function ofTier(tier: Json): readonly Listed[] {
  const of = textIn(tier, "tier");
  const items = itemsOf(tier);
  return [
    figure({ group: "tiers", kind: "percent", of, value: textIn(tier, "percent") }),
    ...(items.length === 0 ? [] : [figure({ group: "tiers", kind: "items", of, value: "", items })]),
    figure({ group: "tiers", kind: "minutes", of, value: textIn(tier, "monthlyMinutes") }),
  ];
}

/** Everything that the model does not take from a price list or a plan. */
export const listedOf = (assumptions: Json): readonly Listed[] => [
  ...listIn(assumptions, "profiles").flatMap(ofProfile),
  ...listIn(assumptions, "tiers").flatMap(ofTier),
  ...listIn(assumptions, "fixed").map((row) => {
    const [usd, because] = [textIn(row, "usd"), textIn(row, "because")];
    const items = itemsOf(row);
    const kind = usd === "" ? "items" : "usd";
    return figure({
      group: "platform",
      kind,
      id: textIn(row, "id"),
      of: textIn(row, "per"),
      value: usd,
      items,
      because,
    });
  }),
  ...leversOf(assumptions).map(({ name, per, value, because }) =>
    figure({ group: "people", kind: "lever", id: name, of: per, value, because }),
  ),
];
