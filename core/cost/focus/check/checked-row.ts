import { type Decimal, parseDecimal } from "../../decimal.ts";

/** FOCUS 1.2 NumericFormat: an exponent has a sign only where it is negative. */
const NUMERIC = /^-?\d+(?:\.\d+)?(?:[eE]-?\d+)?$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;

/** Undefined for what is no number of FOCUS, and for one of more than 38 digits. */
export const numberOf = (text: string): Decimal | undefined => (NUMERIC.test(text) ? parseDecimal(text) : undefined);

/** Several rules ask the same of a cell, and rows repeat their dates and tags: the last few answers are kept. */
function remembered<T>(read: (text: string) => T): (text: string) => T {
  const answers = new Map<string, T>();
  return (text) => {
    const known = answers.get(text);
    if (known !== undefined || answers.has(text)) return known as T;
    const answer = read(text);
    if (answers.size >= 256) answers.clear();
    if (text.length <= 4_096) answers.set(text, answer);
    return answer;
  };
}

/** Milliseconds; undefined for what is no `YYYY-MM-DDTHH:mm:ssZ` of the calendar. */
export const instantOf = remembered((text): number | undefined => {
  if (!INSTANT.test(text)) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 19) !== text.slice(0, 19) ? undefined : ms;
});

/** Undefined for what is no JSON object. */
export const objectOf = remembered((text): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
});

/** Where each column of a file stands. */
export class Header {
  readonly names: readonly string[];
  readonly #places: ReadonlyMap<string, number>;

  constructor(names: readonly string[]) {
    this.names = names;
    this.#places = new Map(names.map((name, place) => [name, place] as const));
  }

  has(column: string): boolean {
    return this.#places.has(column);
  }

  placeOf(column: string): number | undefined {
    return this.#places.get(column);
  }
}

/** One row under a header. Null is no value; an absent column has none either. */
export class CheckedRow {
  /** From 1, the header not counted. */
  readonly number: number;
  readonly header: Header;
  readonly #cells: readonly (string | null)[];
  readonly #numbers = new Map<string, Decimal | undefined>();

  constructor(number: number, header: Header, cells: readonly (string | null)[]) {
    this.number = number;
    this.header = header;
    this.#cells = cells;
  }

  get(column: string): string | null {
    const place = this.header.placeOf(column);
    return place === undefined ? null : (this.#cells[place] ?? null);
  }

  isNull(column: string): boolean {
    return this.get(column) === null;
  }

  is(column: string, ...values: readonly string[]): boolean {
    const value = this.get(column);
    return value !== null && values.includes(value);
  }

  /** Undefined where there is no value, or where it is no number. */
  decimalAt(column: string): Decimal | undefined {
    if (!this.#numbers.has(column)) {
      const text = this.get(column);
      this.#numbers.set(column, text === null ? undefined : numberOf(text));
    }
    return this.#numbers.get(column);
  }

  /** Usage or Purchase that mends nothing: what must have a SKU, a price and a quantity. */
  get isSale(): boolean {
    return this.is("ChargeCategory", "Usage", "Purchase") && !this.is("ChargeClass", "Correction");
  }
}
