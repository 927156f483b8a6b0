import { type FocusColumn, type FocusVersion, isCustom } from "../column.ts";
import { columnsOf, type DatasetId, DATASETS } from "../datasets.ts";
import { unitFault } from "../units.ts";
import { instantOf, numberOf, objectOf } from "./checked-row.ts";
import { flatObjectFault } from "./flat-object.ts";
import type { HeaderRule, RowRule } from "./rule.ts";

const CURRENCIES = new Set(Intl.supportedValuesOf("currency"));
/** What people write where they mean nothing. FOCUS has null for that. `Not Applicable` is a value of HostProviderName. */
const PLACEHOLDERS = new Set(["", "N/A", "n/a", "null", "NULL", "None", "none", "-", "undefined"]);

const shown = (value: string): string => JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}...` : value);

function presence(
  { id, level, standsWith, condition }: FocusColumn,
  dataset: string,
  known: readonly FocusColumn[],
): HeaderRule[] {
  const isMandatory = level === "Mandatory";
  const others = (standsWith ?? []).filter((other) => other !== id && known.some((column) => column.id === other));
  if (!isMandatory && others.length === 0) return [];
  return [
    {
      id: `${dataset}.${id}.1`,
      severity: level === "Recommended" ? "warning" : "error",
      text: isMandatory ? `${id} is present` : `${id} is present where the data has ${condition ?? "its like"}`,
      mend: `add the column ${id}; a row that has no value leaves it empty`,
      *check(header) {
        const shows = others.find((other) => header.includes(other));
        if (header.includes(id) || (!isMandatory && shows === undefined)) return;
        yield shows === undefined ? "the column is absent" : `the column is absent, and ${shows} is there`;
      },
    },
  ];
}

const TYPE_FAULTS: Readonly<Record<Exclude<FocusColumn["type"], "String">, (text: string) => boolean>> = {
  Decimal: (text) => numberOf(text) === undefined,
  "Date/Time": (text) => instantOf(text) === undefined,
  JSON: (text) => objectOf(text) === undefined,
};
const TYPE_WORDS = {
  Decimal: ["a plain number", "write digits and one point; no sign +, no comma, no currency, no unit"],
  "Date/Time": ["a UTC instant YYYY-MM-DDTHH:mm:ssZ", "convert it to UTC, cut parts of a second, end with Z"],
  JSON: ["a JSON object", "serialize one object, with double quotes; in CSV each is doubled"],
} as const;

function typed({ id, type }: FocusColumn, dataset: string): RowRule[] {
  if (type === "String") return [];
  const [noun, mend] = TYPE_WORDS[type];
  const isFault = TYPE_FAULTS[type];
  return [
    {
      id: `${dataset}.${id}.2`,
      severity: "error",
      text: `${id} is ${noun}`,
      mend,
      needs: [id],
      check(row) {
        const text = row.get(id);
        return text === null || !isFault(text) ? undefined : shown(text);
      },
    },
  ];
}

const required = ({ id, isNullable }: FocusColumn, dataset: string): RowRule[] =>
  isNullable
    ? []
    : [
        {
          id: `${dataset}.${id}.3`,
          severity: "error",
          text: `${id} is not null`,
          mend: `give every row a ${id}`,
          needs: [id],
          check: (row) => (row.isNull(id) ? "no value" : undefined),
        },
      ];

const allowed = ({ id, allowed: values }: FocusColumn, dataset: string): RowRule[] =>
  values === undefined
    ? []
    : [
        {
          id: `${dataset}.${id}.4`,
          severity: "error",
          text: `${id} is one of its allowed values`,
          mend: values.length > 8 ? "take one of the specification's list" : `one of: ${values.join(", ")}`,
          needs: [id],
          check(row) {
            const text = row.get(id);
            return text === null || values.includes(text) ? undefined : shown(text);
          },
        },
      ];

const FORMATS: Readonly<
  Record<
    NonNullable<FocusColumn["format"]>,
    {
      readonly severity: "error" | "warning";
      readonly text: string;
      readonly mend: string;
      readonly fault: (text: string) => string | undefined;
    }
  >
> = {
  unit: {
    severity: "warning",
    text: "is spelled as a unit of FOCUS",
    mend: "plural, with the listed capitals: GB, GB-Hours, Requests, 1000 Requests",
    fault: unitFault,
  },
  currency: {
    severity: "error",
    text: "is a currency code of ISO 4217",
    mend: "three capital letters: USD",
    fault: (text) => (CURRENCIES.has(text) ? undefined : shown(text)),
  },
  "non-negative": {
    severity: "error",
    text: "is not below zero",
    mend: "a credit is a cost below zero, never a price below zero",
    fault(text) {
      const price = numberOf(text);
      return price !== undefined && price.unscaled < 0n ? shown(text) : undefined;
    },
  },
  "key-value": {
    severity: "error",
    text: "is a flat object with each key once",
    mend: "values are strings, numbers, true, false or null; no lists, no objects in it, no key twice",
    fault: (text) => (objectOf(text) === undefined ? undefined : flatObjectFault(text)),
  },
};

function formatted({ id, format }: FocusColumn, dataset: string): RowRule[] {
  if (format === undefined) return [];
  const { severity, text, mend, fault } = FORMATS[format];
  return [
    {
      id: `${dataset}.${id}.5`,
      severity,
      text: `${id} ${text}`,
      mend,
      needs: [id],
      check(row) {
        const value = row.get(id);
        return value === null ? undefined : fault(value);
      },
    },
  ];
}

const nullSpelled = ({ id, type }: FocusColumn, dataset: string): RowRule[] =>
  type === "Decimal" || type === "Date/Time"
    ? []
    : [
        {
          id: `${dataset}.${id}.6`,
          severity: "error",
          text: `${id} has null where it has nothing to say`,
          mend: "leave the field empty: no quotes, no word in its place",
          needs: [id],
          check(row) {
            const value = row.get(id);
            return value !== null && PLACEHOLDERS.has(value.trim()) ? shown(value) : undefined;
          },
        },
      ];

/** The rules that follow from a dataset's table of columns alone. */
export function columnRules(
  dataset: DatasetId,
  version: FocusVersion,
): { readonly header: readonly HeaderRule[]; readonly rows: readonly RowRule[] } {
  const { name } = DATASETS[dataset];
  const columns = columnsOf(dataset, version);
  return {
    header: columns.flatMap((column) => presence(column, name, columns)),
    rows: columns.flatMap((column) => [
      ...typed(column, name),
      ...required(column, name),
      ...allowed(column, name),
      ...formatted(column, name),
      ...nullSpelled(column, name),
    ]),
  };
}

/** The rules about which columns a file has, and what they are called (CustomColumnHandling, ColumnHandling). */
export function headerRules(dataset: DatasetId, version: FocusVersion): readonly HeaderRule[] {
  const { name } = DATASETS[dataset];
  const known = new Set(columnsOf(dataset, version).map(({ id }) => id));
  const byCase = new Map([...known].map((id) => [id.toLowerCase(), id] as const));
  const everKnown = new Set(DATASETS[dataset].columns.map(({ id }): string => id));
  return [
    {
      id: `${name}.Columns.1`,
      severity: "error",
      text: "a column is FOCUS's own or begins with x_",
      mend: "spell it as FOCUS does, or put x_ before it",
      *check(header) {
        for (const column of header.filter((id) => !known.has(id) && !isCustom(id))) {
          const meant = byCase.get(column.toLowerCase());
          if (meant !== undefined) yield `${shown(column)} is spelled ${meant}`;
          else if (everKnown.has(column)) yield `${column} is not in FOCUS ${version}`;
          else yield `${shown(column)} is no column of FOCUS ${version}`;
        }
      },
    },
    {
      id: `${name}.Columns.2`,
      severity: "error",
      text: "no column stands twice",
      mend: "leave one of them out",
      *check(header) {
        yield* new Set(header.filter((id, place) => header.indexOf(id) !== place).map(shown));
      },
    },
    {
      id: `${name}.Columns.3`,
      severity: "warning",
      text: "a custom column is named x_PascalCase, letters and digits only",
      mend: "rename it: x_CostCenter",
      *check(header) {
        yield* header.filter((id) => isCustom(id) && !/^x_[A-Z][A-Za-z0-9]*$/.test(id)).map(shown);
      },
    },
    {
      id: `${name}.Columns.4`,
      severity: "warning",
      text: "a custom column's name has at most 50 characters",
      mend: "shorten it",
      *check(header) {
        yield* header.filter((id) => isCustom(id) && id.length > 50).map(shown);
      },
    },
    {
      id: `${name}.Columns.5`,
      severity: "warning",
      text: "custom columns stand after all of FOCUS's own",
      mend: "move them to the end",
      *check(header) {
        const last = header.findLastIndex((id) => known.has(id));
        yield* header.slice(0, last).filter(isCustom).map(shown);
      },
    },
  ];
}
