import type {
  BudgetView,
  EntryView,
  FinanceTenant,
  PlansView,
  PlanView,
  SummaryView,
} from "../../core/contract/index.ts";
import { PLATFORM_BUDGET } from "../../core/contract/index.ts";
import { formatDecimal, multiply, normalize } from "../../core/cost/decimal.ts";
import { forecast } from "../../core/cost/forecast.ts";
import type { InternalEntry } from "../../core/cost/internal.ts";
import { exactPico, NOTHING, type PicoUsd, pico, total } from "../../core/cost/money.ts";
import { type Day, type Month, monthAfter, monthOf } from "../../core/cost/period.ts";
import { PRICE_PLANS } from "../../core/cost/plan.ts";
import { readAlerts } from "../../core/cost/store/alerts.ts";
import type { TenantSum } from "../../core/cost/store/books.ts";
import { type Input, inputHistory, type PlanInput, readInputs, standing } from "../../core/cost/store/inputs.ts";
import { nextSummaryDay, summaryDays } from "../../core/cost/store/summaries.ts";
import { leastFinal } from "../../core/cost/store/sums.ts";
import type { Ledgers } from "./ledgers.ts";
import { money } from "./money.ts";
import { nameless } from "./reconcile.ts";

/** What people put in, as finance sees it. */

/** The platform's budget has an id in the form of all others, which no clinic can have: it was made before time began. */
export const PLATFORM_BUDGET_ID = "0".repeat(26);
export const SUMMARY_ID = "0".repeat(26);

const tenantOf = (tenants: ReadonlyMap<string, FinanceTenant>, id: string | null): FinanceTenant | null =>
  id === null ? null : (tenants.get(id) ?? nameless(id));

export async function budgetsOf(ledgers: Ledgers, month: Month): Promise<readonly BudgetView[]> {
  const [inputs, alerts, book, before, view, tenants] = await Promise.all([
    readInputs(ledgers.files, "budgets"),
    readAlerts(ledgers.files, month),
    ledgers.book(month),
    ledgers.book(monthAfter(month, -1)),
    ledgers.view(month),
    ledgers.tenants(),
  ]);
  const [now, earlier] = await Promise.all([book?.tenants() ?? [], before?.tenants() ?? []]);
  return standing(inputs).map(({ value, by, at }): BudgetView => {
    const isOwn = ({ id }: TenantSum): boolean => value.tenantId === null || id === value.tenantId;
    const own = now.filter(isOwn);
    const days = new Map<Day, PicoUsd>();
    for (const [day, cost] of [...earlier.filter(isOwn), ...own].flatMap((each) => each.days))
      days.set(day, pico((days.get(day) ?? NOTHING) + cost));
    const ahead = forecast(days, month, ledgers.today, view.status === "closed");
    return {
      id: value.tenantId ?? PLATFORM_BUDGET,
      tenant: tenantOf(tenants, value.tenantId),
      amount: value.amountUsd,
      currency: "USD",
      actual: money(
        total(own.map(({ cost }) => cost)),
        leastFinal(own.filter(({ cost }) => cost !== NOTHING).map(({ costState }) => costState)),
      ),
      forecast: ahead.ok ? money(ahead.value.expected, "estimated") : null,
      alerts: alerts.flatMap((alert) =>
        alert.kind === "budget" && alert.alert.budgetId === value.id ? [alert.alert.kind] : [],
      ),
      by,
      at,
    };
  });
}

/** One row of ours: who added it is its first version's, who took it back its last one's. */
export async function entryView(
  ledgers: Ledgers,
  { value, by, at, isWithdrawn, version }: Input<InternalEntry>,
): Promise<EntryView> {
  const { id, layer, tenantId, day, quantity, unitPrice, description } = value;
  const month = monthOf(day);
  const [tenants, isClosed, first] = await Promise.all([
    ledgers.tenants(),
    ledgers.isClosed(month),
    version === 1 ? undefined : inputHistory(ledgers.files, "entries", month, id).then(([oldest]) => oldest),
  ]);
  return {
    id,
    layer,
    tenant: tenantOf(tenants, tenantId),
    day,
    quantity: formatDecimal(quantity),
    unit: layer === "support" ? "Minutes" : "Count",
    unitPrice: formatDecimal(unitPrice),
    description,
    cost: money(exactPico(multiply(unitPrice, quantity)) ?? NOTHING, isClosed ? "closed" : "reconciled"),
    by: first?.by ?? by,
    at: first?.at ?? at,
    takenBack: isWithdrawn ? { by, at } : null,
    isOpen: !isWithdrawn && !isClosed,
  };
}

export const entriesOf = async (ledgers: Ledgers, month: Month): Promise<readonly EntryView[]> =>
  Promise.all(
    (await readInputs(ledgers.files, "entries", month))
      .toSorted((a, b) =>
        a.value.day === b.value.day ? (a.value.id < b.value.id ? 1 : -1) : a.value.day < b.value.day ? 1 : -1,
      )
      .map((input) => entryView(ledgers, input)),
  );

const planViews = (): readonly PlanView[] =>
  PRICE_PLANS.map(({ id, name, effectiveFrom, meters, tiers }) => ({
    id,
    name,
    effectiveFrom,
    meters: meters.map((meter) => ({
      meter: meter.meter,
      name: meter.name,
      unit: meter.unit,
      unitPrice: formatDecimal(normalize(meter.unitPrice)),
      included: formatDecimal(normalize(meter.included)),
    })),
    tiers: tiers.map((tier) => ({ ...tier, unitPrice: formatDecimal(normalize(tier.unitPrice)) })),
  }));

/** The assignment of a clinic that is the newest by the month it begins with. */
export const assignmentView = (
  tenant: FinanceTenant,
  inputs: readonly Input<PlanInput>[],
): PlansView["assignments"][number] => {
  const [newest] = standing(inputs)
    .filter(({ value }) => value.tenantId === tenant.id)
    .toSorted((a, b) => (a.value.from > b.value.from ? -1 : 1));
  return {
    tenant,
    planId: newest?.value.planId ?? null,
    from: newest?.value.from ?? null,
    by: newest?.by ?? null,
    at: newest?.at ?? null,
  };
};

export async function plansOf(ledgers: Ledgers): Promise<PlansView> {
  const [inputs, tenants] = await Promise.all([readInputs(ledgers.files, "plans"), ledgers.tenants()]);
  return { plans: planViews(), assignments: [...tenants.values()].map((tenant) => assignmentView(tenant, inputs)) };
}

export async function summaryOf(ledgers: Ledgers): Promise<SummaryView> {
  const [inputs, made] = await Promise.all([readInputs(ledgers.files, "summaries"), summaryDays(ledgers.files)]);
  const [input] = standing(inputs);
  if (input === undefined) return { cadence: "off", language: "en", by: null, at: null, nextAt: null, made };
  const { cadence, language } = input.value;
  const nextAt = cadence === "off" ? null : nextSummaryDay(cadence, ledgers.today);
  return { cadence, language, by: input.by, at: input.at, nextAt, made };
}
