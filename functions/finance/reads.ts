import { type AskScenarios, type FinanceAnswers, UNALLOCATED } from "../../core/contract/index.ts";
import { NOBODY } from "../../core/cost/share-sums.ts";
import { type Answer, type Exchange, type Handle, json } from "../http/exchange.ts";
import { fail } from "../http/failure.ts";
import { billsOf } from "./bills.ts";
import { type Desk, look, monthAsked, openDesk, region, viewed } from "./context.ts";
import { drillDown, layerOfText, linesFor } from "./cost.ts";
import { budgetsOf, entriesOf, plansOf, summaryOf } from "./inputs.ts";
import { controlsOf, scenariosOf, sheetOn, tiersOf } from "./models.ts";
import { monthsOf, overviewOf, tenantsOf } from "./overview.ts";
import { anomaliesOf, reconcileOf } from "./reconcile.ts";

/** Views of the books: each is told before it is given, and none holds a record of a patient. */

type Read<T> = (desk: Desk, month: string) => Promise<T>;

/** A view of a month. */
const monthly =
  <T>(name: string, read: Read<T>): Handle =>
  async (exchange) => {
    const desk = await openDesk(exchange);
    const month = monthAsked(desk);
    return look(desk, viewed(`${name}.${month}`), async () => json(200, await read(desk, month)));
  };

/** A view of no month in particular. */
const standing =
  <T>(name: string, read: (desk: Desk) => Promise<T> | T): Handle =>
  async (exchange) => {
    const desk = await openDesk(exchange);
    return look(desk, viewed(name), async () => json(200, await read(desk)));
  };

const sheetOf = ({ ledgers }: Desk) => sheetOn(region, ledgers.today);

async function financeTenantCost(exchange: Exchange): Promise<Answer> {
  const desk = await openDesk(exchange);
  const month = monthAsked(desk);
  const id = exchange.path["tenant"] ?? "";
  const [layerText, sku] = [exchange.query.get("layer"), exchange.query.get("sku")];
  const layer = layerOfText(layerText);
  if ((layerText !== null && layer === undefined) || (sku !== null && layer === undefined))
    return fail({ kind: "structure", rule: "cost-level" });
  return look(desk, viewed(`tenant-cost.${month}.${id}`), async () => {
    const [view, book] = await Promise.all([desk.ledgers.view(month), desk.ledgers.book(month)]);
    const tenant =
      book?.header.roster.find((entry) => entry.tenant.id === id)?.tenant ??
      (await desk.ledgers.tenants()).get(id) ??
      null;
    if (tenant === null && id !== UNALLOCATED) return fail({ kind: "not-found" });
    const asked = { layer: layer ?? null, sku };
    const level = drillDown(await linesFor(book, id === UNALLOCATED ? NOBODY : id, asked), asked);
    return json(200, { month: view, tenant, ...level } satisfies FinanceAnswers["financeTenantCost"]);
  });
}

async function askScenarios(exchange: Exchange): Promise<Answer> {
  const desk = await openDesk(exchange);
  return look(desk, viewed("scenarios"), () => {
    const made = scenariosOf(sheetOf(desk), exchange.body as AskScenarios);
    if (made.ok) return Promise.resolve(json(200, made.value satisfies FinanceAnswers["askScenarios"]));
    const issue = { path: made.error.path, rule: "assumptions", severity: "error", code: "invalid" } as const;
    return fail({ kind: "structure", rule: "assumptions", issues: [issue] });
  });
}

const defaultScenarios = (desk: Desk): FinanceAnswers["financeScenarios"] => {
  const made = scenariosOf(sheetOf(desk));
  return made.ok ? made.value : fail({ kind: "exception" });
};

export const readHandlers = {
  financeOverview: monthly("overview", ({ ledgers }, month) => overviewOf(ledgers, month)),
  financeTenants: monthly("tenants", ({ ledgers }, month) => tenantsOf(ledgers, month)),
  financeTenantCost,
  financeReconcile: monthly("reconcile", ({ ledgers }, month) => reconcileOf(ledgers, month)),
  financeMonths: standing("months", async ({ ledgers }) => ({ months: await monthsOf(ledgers) })),
  financeBudgets: monthly("budgets", async ({ ledgers }, month): Promise<FinanceAnswers["financeBudgets"]> => ({
    month: await ledgers.view(month),
    budgets: await budgetsOf(ledgers, month),
  })),
  financeAnomalies: monthly("anomalies", async ({ ledgers }, month): Promise<FinanceAnswers["financeAnomalies"]> => ({
    month: await ledgers.view(month),
    anomalies: await anomaliesOf(ledgers, month),
  })),
  financeScenarios: standing("scenarios", defaultScenarios),
  askScenarios,
  financeControls: standing("controls", (desk): FinanceAnswers["financeControls"] => controlsOf(sheetOf(desk))),
  financeTiers: standing("tiers", (desk): FinanceAnswers["financeTiers"] => tiersOf(sheetOf(desk))),
  financeEntries: monthly("entries", async ({ ledgers }, month): Promise<FinanceAnswers["financeEntries"]> => ({
    month: await ledgers.view(month),
    entries: await entriesOf(ledgers, month),
  })),
  financePlans: standing("plans", ({ ledgers }): Promise<FinanceAnswers["financePlans"]> => plansOf(ledgers)),
  financeBills: standing("bills", async ({ ledgers }): Promise<FinanceAnswers["financeBills"]> => ({
    bills: await billsOf(ledgers.files),
  })),
  financeSummary: standing("summary", ({ ledgers }): Promise<FinanceAnswers["financeSummary"]> => summaryOf(ledgers)),
} as const satisfies Record<string, Handle>;
