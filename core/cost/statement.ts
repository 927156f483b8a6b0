import { type Decimal, decimal, divide, multiply, rescale } from "./decimal.ts";
import { invariant } from "../kernel/invariant.ts";
import type { ClinicCharge, CostTenant, InvoiceDetail } from "./ledger.ts";
import { apportion, type Cents, exactPico, fromCents, minus, type PicoUsd, toCents, total } from "./money.ts";
import { type Day, type Month, monthOf, type Period, periodOfMonth, secondsIn, secondsShared } from "./period.ts";
import type { PlanMeter, PricePlan } from "./plan.ts";
import { hoursIn } from "./prices.ts";

/** What a clinic did on a day: the roll-up that a statement's line is explained by. No patient, no clinician, no encounter. */
export interface ActivityRow {
  readonly tenantId: string;
  readonly location: ClinicCharge["location"];
  readonly day: Day;
  readonly meter: Exclude<PlanMeter, "platform-fee">;
  /** Encounters finished; clinicians who were first active this month on that day; byte-hours of documents. */
  readonly units: bigint;
}

export interface StatementInput {
  readonly tenant: CostTenant;
  readonly month: Month;
  readonly plan: PricePlan;
  readonly activity: readonly ActivityRow[];
  /** When the clinic was one, and in which tier: times of one tier do not overlap. */
  readonly tiers: readonly { readonly tier: string; readonly period: Period }[];
  readonly active: readonly Period[];
  /** Lines that mend closed months: asked for, or given back, with this one. */
  readonly corrections?: readonly ClinicCharge[];
}

export interface Statement {
  /** Unrounded lines, and at the end the rounding that makes their sum whole cents. */
  readonly lines: readonly ClinicCharge[];
  readonly totalCents: Cents;
  /** Each line's cents as they are shown: they add up to the total. By line id. */
  readonly shownCents: ReadonlyMap<string, Cents>;
}

/** Places of a quantity: with a price's four they are ten, and every amount is exact. */
const PLACES = 6;

/** A clinic's month against its plan (COST-6). Every quantity is the sum of `explain`'s rows. */
export function statement(input: StatementInput): Statement {
  const { tenant, month, plan } = input;
  const common: Omit<ClinicCharge, OfLine> = {
    tenant,
    location: null,
    category: "Usage",
    chargeClass: null,
    period: periodOfMonth(month),
    billingMonth: month,
    invoiceId: null,
    invoiceDetailId: null,
    planId: plan.id,
    state: "estimated",
    correctionOf: null,
  };
  const lines = [...meterLines(input, common), ...tierLines(input, common), ...(input.corrections ?? [])];
  return rounded(lines, common);
}

type OfLine = "id" | "meter" | "meterName" | "description" | "frequency" | "unit" | "quantity" | "unitPrice" | "amount";
type Common = Omit<ClinicCharge, OfLine>;

const inMonth = ({ activity, tenant, month }: StatementInput): ActivityRow[] =>
  activity.filter(({ tenantId, day }) => tenantId === tenant.id && monthOf(day) === month);

function meterLines(input: StatementInput, common: Common): ClinicCharge[] {
  const rows = inMonth(input);
  return input.plan.meters.flatMap(({ meter, name, unit, unitPrice, included, frequency }) => {
    const byLocation =
      meter === "platform-fee"
        ? [{ location: null, used: monthsOf(input.active, input.month) }]
        : [...Map.groupBy(of(rows, meter), ({ location }) => location?.id ?? "")]
            .toSorted(([a], [b]) => (a < b ? -1 : 1))
            .map(([, each]) => ({ location: each[0]?.location ?? null, used: quantityOf(meter, each, input.month) }));
    const allowances = allowancesOf(
      byLocation.map(({ used }) => used),
      included,
    );
    return byLocation.map(({ location, used }, index) => {
      const free = allowances[index] ?? 0n;
      const quantity = decimal(used.unscaled - free, PLACES);
      return line(
        { ...common, location },
        {
          meter,
          meterName: name,
          description: free === 0n ? name : `${name}, beyond what is included`,
          frequency,
          unit,
          quantity,
          unitPrice,
        },
      );
    });
  });
}

const of = (rows: readonly ActivityRow[], meter: PlanMeter): ActivityRow[] => rows.filter((row) => row.meter === meter);

/** What is included, shared among locations by what they used; never more than was used. */
function allowancesOf(used: readonly Decimal[], included: Decimal): bigint[] {
  const sum = used.reduce((all, { unscaled }) => all + unscaled, 0n);
  const allowed = rescale(included, PLACES).unscaled;
  if (sum <= allowed) return used.map(({ unscaled }) => unscaled);
  const { parts } = apportion(
    allowed,
    used.map(({ unscaled }, index) => ({ id: String(index).padStart(6, "0"), weight: unscaled })),
  );
  return [...parts.values()];
}

function tierLines({ plan, tiers, month }: StatementInput, common: Common): ClinicCharge[] {
  return plan.tiers.flatMap(({ tier, name, unitPrice }) => {
    const periods = tiers.filter((each) => each.tier === tier).map(({ period }) => period);
    const quantity = monthsOf(periods, month);
    if (quantity.unscaled === 0n || unitPrice.unscaled === 0n) return [];
    return [
      line(common, {
        meter: `tier-${tier}`,
        meterName: "Isolation Tier",
        description: name,
        frequency: "Recurring",
        unit: "Months",
        quantity,
        unitPrice,
      }),
    ];
  });
}

/** Parts of a month, by seconds. */
function monthsOf(periods: readonly Period[], month: Month): Decimal {
  const whole = periodOfMonth(month);
  const seconds = periods.reduce((sum, each) => sum + BigInt(secondsShared(each, whole)), 0n);
  return divide(decimal(seconds), decimal(BigInt(secondsIn(whole))), PLACES);
}

function quantityOf(meter: PlanMeter, rows: readonly ActivityRow[], month: Month): Decimal {
  const units = decimal(rows.reduce((sum, row) => sum + row.units, 0n));
  return meter === "document-storage"
    ? divide(units, decimal((1n << 30n) * hoursIn(month)), PLACES)
    : rescale(units, PLACES);
}

type LineOf = Omit<Pick<ClinicCharge, OfLine>, "id" | "amount" | "quantity" | "unitPrice"> & {
  readonly quantity: Decimal;
  readonly unitPrice: Decimal;
};

function line(common: Common, of: LineOf): ClinicCharge {
  const amount = exactPico(multiply(of.unitPrice, of.quantity));
  invariant(amount !== undefined, "four places times six are ten");
  const id = ["statement", common.tenant.id, common.billingMonth, of.meter, common.location?.id ?? "clinic"].join("/");
  return { ...common, ...of, id, amount };
}

/** Rounded once: the sum to the cent, and the difference as a line of its own, so that lines and invoice agree exactly. */
function rounded(lines: readonly ClinicCharge[], common: Common): Statement {
  const exact = total(lines.map(({ amount }) => amount));
  const totalCents = toCents(exact);
  const rounding = minus(fromCents(totalCents), exact);
  return { lines: [...lines, ...roundingLine(common, rounding)], totalCents, shownCents: shown(lines, totalCents) };
}

const roundingLine = (common: Common, amount: PicoUsd): ClinicCharge[] =>
  amount === 0n
    ? []
    : [
        {
          ...common,
          id: ["statement", common.tenant.id, common.billingMonth, "rounding", "clinic"].join("/"),
          meter: "rounding",
          meterName: "Rounding",
          description: "Rounding of the statement to whole cents",
          category: "Adjustment",
          frequency: "One-Time",
          unit: null,
          quantity: null,
          unitPrice: null,
          amount,
        },
      ];

/** Cents of the total by what each line is worth. */
function shown(lines: readonly ClinicCharge[], totalCents: Cents): ReadonlyMap<string, Cents> {
  const { parts } = apportion(
    totalCents,
    lines.map(({ id, amount }) => ({ id, weight: amount < 0n ? 0n : amount })),
  );
  return parts;
}

/** The roll-ups that a line is the sum of, by day. None for what is counted in time: its period says it. */
export const explain = (charge: ClinicCharge, activity: readonly ActivityRow[]): ActivityRow[] =>
  activity
    .filter(
      ({ tenantId, meter, location, day }) =>
        tenantId === charge.tenant.id &&
        meter === charge.meter &&
        (location?.id ?? null) === (charge.location?.id ?? null) &&
        monthOf(day) === monthOf(charge.period.start),
    )
    .toSorted((a, b) => (a.day < b.day ? -1 : 1));

/**
 * The lines as one invoice: every line with its ids, and the invoice's one detail. Lines whose sum is not whole cents were never
 * rounded, and are no invoice.
 */
export function invoice(
  lines: readonly ClinicCharge[],
  of: { readonly invoiceId: string; readonly issuer: string; readonly issuedAt: string },
): { readonly lines: readonly ClinicCharge[]; readonly details: readonly InvoiceDetail[] } {
  const [first] = lines;
  if (first === undefined) return { lines: [], details: [] };
  const sum = total(lines.map(({ amount }) => amount));
  const amount = toCents(sum);
  invariant(fromCents(amount) === sum, "an invoice's lines sum to whole cents");
  const detail: InvoiceDetail = {
    invoiceId: of.invoiceId,
    invoiceDetailId: `${of.invoiceId}-1`,
    issuer: of.issuer,
    tenant: first.tenant,
    description: `Use of Keyward in ${first.billingMonth}`,
    category: "Usage",
    billingMonth: first.billingMonth,
    amount,
    status: "Issued",
    issuedAt: of.issuedAt,
    createdAt: of.issuedAt,
    updatedAt: of.issuedAt,
    referenceInvoiceId: null,
  };
  return {
    lines: lines.map((each) => ({ ...each, invoiceId: of.invoiceId, invoiceDetailId: detail.invoiceDetailId })),
    details: [detail],
  };
}

/** What was used for a line and is included in the plan; null where nothing is, or where nothing was counted. */
export function includedOf(charge: ClinicCharge, activity: readonly ActivityRow[]): Decimal | null {
  const rows = explain(charge, activity);
  const [first] = rows;
  if (first === undefined || charge.quantity === null || charge.correctionOf !== null) return null;
  const used = quantityOf(first.meter, rows, monthOf(charge.period.start));
  const free = used.unscaled - rescale(charge.quantity, PLACES).unscaled;
  return free > 0n ? decimal(free, PLACES) : null;
}
