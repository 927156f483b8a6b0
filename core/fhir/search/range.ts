/** Half open, `low` in it and `high` not, or a point where both are one. Milliseconds for dates, numbers otherwise. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** FHIR R4 search.html#prefix */
export const PREFIXES = ["eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"] as const;
export type Prefix = (typeof PREFIXES)[number];

const PREFIXED = new RegExp(`^(${PREFIXES.join("|")})?(.*)$`, "s");

/** Splits `ge2020` into its prefix (eq where there is none) and the rest. */
export function splitPrefix(text: string): { prefix: Prefix; rest: string } {
  const [, prefix = "eq", rest = ""] = PREFIXED.exec(text) ?? [];
  return { prefix: prefix as Prefix, rest };
}

/**
 * Whether a stored range answers a searched one, by the table of FHIR R4 search.html#prefix: `eq` wants the searched
 * range to contain the stored one whole; comparisons ask whether the stored range reaches beyond the searched one.
 * `slack` widens the searched range on both sides for `ap`.
 */
export function compareRanges(prefix: Prefix, searched: Range, stored: Range, slack = 0): boolean {
  const isPoint = stored.low === stored.high;
  const endsWithin =
    stored.high < searched.high || (stored.high === searched.high && (!isPoint || searched.low === searched.high));
  const isContained = stored.low >= searched.low && endsWithin;
  switch (prefix) {
    case "eq":
      return isContained;
    case "ne":
      return !isContained;
    case "gt":
      return stored.high > searched.high;
    case "lt":
      return stored.low < searched.low;
    case "ge":
      return stored.high > searched.high || isContained;
    case "le":
      return stored.low < searched.low || isContained;
    case "sa":
      return isPoint ? stored.low > searched.high : stored.low >= searched.high;
    case "eb":
      return isPoint ? stored.high < searched.low : stored.high <= searched.low;
    case "ap":
      return stored.low <= searched.high + slack && stored.high >= searched.low - slack;
  }
}
