import { claim, split } from "../allocation/split.ts";
import type { SplitInput } from "../allocation/split.ts";
import type { OriginCharge, ProviderCharge, SplitCharge } from "../ledger.ts";
import type { Day } from "../period.ts";
import type { DailyUsage } from "../rating.ts";
import { fromJson, packLines, toJson, unpackLines } from "./exact.ts";

/**
 * A month's lines lie in parts, so that nobody ever holds them all: one for each day, one for lines that last longer, one for our
 * own entries. A part has its origins and what its days used; who takes of an origin follows from that and from what is known of the
 * whole month, which is told once for all parts.
 */
export interface Part {
  readonly name: string;
  readonly origins: readonly OriginCharge[];
  /** Of the part's own days, by which a metered line is split. */
  readonly usage: readonly DailyUsage[];
  /** Metered on billed days, and not on the bill: charged to nobody. */
  readonly unbilled: readonly ProviderCharge[];
}

/** Parts that are no day. */
export const LONG = "longer";
export const ENTRIES = "entries";

/** What is known of a whole month, by which the shares of each of its parts are made. */
export type MonthContext = Pick<SplitInput, "roster" | "policy" | "prices" | "stagesOf"> &
  Required<Pick<SplitInput, "monthly" | "coverage">>;

/** The shares of a part's origins, or of those that are asked for: whole SKUs at once, as they are billed in groups. */
export const sharesOfPart = (
  { origins, usage }: Part,
  context: MonthContext,
  isAsked: (origin: OriginCharge) => boolean = () => true,
): readonly SplitCharge[] => split({ ...context, origins: origins.filter(isAsked), usage }).lines;

/** Who takes of a part's origins, before anything of the month is known but its clinics. */
export const claimsOfPart = ({ origins, usage }: Part, context: Omit<MonthContext, "monthly" | "coverage">) =>
  claim({ ...context, origins, usage });

/** In few bytes: a busy day has tens of thousands. */
type UsageCells = readonly [
  tenant: string,
  stage: string,
  cell: string,
  day: Day,
  sku: string,
  part: string | null,
  units: string,
];
type PartLine =
  | { readonly origin: OriginCharge }
  | { readonly used: UsageCells }
  | { readonly unbilled: ProviderCharge };

function* linesOf({ origins, usage, unbilled }: Part): Generator<string> {
  const line = (each: PartLine): string => toJson(each);
  for (const origin of origins) yield line({ origin });
  for (const { tenant, stage, cell, day, sku, part, units } of usage)
    yield line({ used: [tenant, stage, cell, day, sku, part, units.toString()] });
  for (const each of unbilled) yield line({ unbilled: each });
}

export const packPart = (part: Part): Uint8Array => packLines(linesOf(part));

export function unpackPart(name: string, bytes: Uint8Array): Part {
  const origins: OriginCharge[] = [];
  const usage: DailyUsage[] = [];
  const unbilled: ProviderCharge[] = [];
  for (const text of unpackLines(bytes)) {
    const line = text.startsWith('{"used"') ? (JSON.parse(text) as PartLine) : fromJson<PartLine>(text);
    if ("origin" in line) origins.push(line.origin);
    else if ("unbilled" in line) unbilled.push(line.unbilled);
    else {
      const [tenant, stage, cell, day, sku, part, units] = line.used;
      usage.push({ tenant, stage, cell, day, sku, part, units: BigInt(units) });
    }
  }
  return { name, origins, usage, unbilled };
}

/** Shares as they were made once: of a closed month, and corrections. A line to an origin with its shares. */
interface SharesLine {
  readonly origin: OriginCharge;
  readonly shares: readonly Omit<SplitCharge, "origin">[];
}

function* linesOfShares(shares: readonly SplitCharge[]): Generator<string> {
  for (const [origin, of] of Map.groupBy(shares, (share) => share.origin))
    yield toJson({ origin, shares: of.map(({ origin: _origin, ...share }) => share) } satisfies SharesLine);
}

export const packShares = (shares: readonly SplitCharge[]): Uint8Array => packLines(linesOfShares(shares));

/** Shares of one origin hold the same object. */
export function* unpackShares(bytes: Uint8Array): Generator<SplitCharge> {
  for (const text of unpackLines(bytes)) {
    const { origin, shares } = fromJson<SharesLine>(text);
    for (const share of shares) yield { ...share, origin };
  }
}
