import {
  type AddEntry,
  type AssignPlan,
  type FinanceAnswers,
  PLATFORM_BUDGET,
  type SetBudget,
  type SetSummary,
  type UploadBill,
} from "../../core/contract/index.ts";
import { formatDecimal } from "../../core/cost/decimal.ts";
import type { InternalEntry } from "../../core/cost/internal.ts";
import { parseUsd } from "../../core/cost/money.ts";
import { monthAfter, monthOf } from "../../core/cost/period.ts";
import { PRICE_PLANS } from "../../core/cost/plan.ts";
import {
  type Input,
  type InputKind,
  type InputValues,
  type Put,
  putInput,
  readInputs,
} from "../../core/cost/store/inputs.ts";
import { billFileKey } from "../../core/cost/store/keys.ts";
import { MENDED_MONTHS } from "../../core/cost/store/make-books.ts";
import { toInstant } from "../../core/kernel/clock.ts";
import { isId } from "../../core/kernel/ids.ts";
import { type Answer, type Exchange, type Handle, json } from "../http/exchange.ts";
import { fail } from "../http/failure.ts";
import { billedText, billView, readUpload } from "./bills.ts";
import { act, type Desk, openDesk } from "./context.ts";
import { assignmentView, budgetsOf, entryView, PLATFORM_BUDGET_ID, SUMMARY_ID, summaryOf } from "./inputs.ts";

/** What finance puts in. Each change is a version of its own; repeating one changes nothing. */

type Value<K extends InputKind> = Put<K>["value"];

/** Writes the next version over the one that was seen, and gives it as it now stands. */
async function put<K extends InputKind>(
  { ledgers, by }: Desk,
  kind: K,
  value: Value<K>,
  seen: { readonly version: number } | undefined,
  isWithdrawn = false,
): Promise<void> {
  const after = seen?.version ?? 0;
  const at = toInstant(ledgers.nowMs);
  const done = await putInput(ledgers.files, { kind, value, by, at, after, isWithdrawn } as Put<K>);
  if (!done.ok) fail(done.error.kind === "conflict" ? { kind: "conflict" } : { kind: "invalid", rule: "input" });
}

async function inputOf<K extends InputKind>(
  { ledgers }: Desk,
  kind: K,
  scope: string,
  isIt: (value: InputValues[K]) => boolean,
): Promise<Input<InputValues[K]> | undefined> {
  return (await readInputs(ledgers.files, kind, scope)).find(({ value }) => isIt(value));
}

async function requireOpen({ ledgers }: Desk, month: string): Promise<void> {
  if (await ledgers.isClosed(month)) fail({ kind: "business-rule", rule: "month-closed" });
}

async function tenantNamed({ ledgers }: Desk, id: string) {
  return (await ledgers.tenants()).get(id) ?? fail({ kind: "not-found" });
}

async function setBudget(exchange: Exchange): Promise<Answer> {
  const desk = await openDesk(exchange);
  const { amount } = exchange.body as SetBudget;
  const asked = exchange.path["id"] ?? "";
  const tenantId = asked === PLATFORM_BUDGET ? null : (await tenantNamed(desk, asked)).id;
  const id = tenantId ?? PLATFORM_BUDGET_ID;
  return act(desk, { entities: [{ type: "Budget", id: asked }] }, async () => {
    const seen = await inputOf(desk, "budgets", "all", (value) => value.id === id);
    const stands = seen?.isWithdrawn === false ? seen : undefined;
    if (amount === null) {
      if (stands !== undefined) await put(desk, "budgets", stands.value, stands, true);
      return json(200, { id: asked, amount: null } satisfies FinanceAnswers["setBudget"]);
    }
    if (stands === undefined || parseUsd(stands.value.amountUsd) !== parseUsd(amount))
      await put(desk, "budgets", { id, tenantId, amountUsd: amount }, seen);
    const made = (await budgetsOf(desk.ledgers, desk.ledgers.current)).find((budget) => budget.id === asked);
    return json(200, made ?? fail({ kind: "unavailable" }));
  });
}

const isSameEntry = (value: InternalEntry, asked: AddEntry): boolean =>
  value.layer === asked.layer &&
  value.tenantId === asked.tenant &&
  value.day === asked.day &&
  parseUsd(formatDecimal(value.quantity)) === parseUsd(asked.quantity) &&
  parseUsd(formatDecimal(value.unitPrice)) === parseUsd(asked.unitPrice) &&
  value.description === asked.description;

async function addEntry(exchange: Exchange): Promise<Answer> {
  const desk = await openDesk(exchange);
  const asked = exchange.body as AddEntry;
  const id = exchange.path["id"] ?? "";
  if (!isId(id)) return fail({ kind: "not-found" });
  const month = monthOf(asked.day);
  if (asked.day > desk.ledgers.today) return fail({ kind: "business-rule", rule: "date-future" });
  await requireOpen(desk, month);
  if (asked.tenant !== null && !(await desk.ledgers.tenants()).has(asked.tenant))
    return fail({ kind: "business-rule", rule: "tenant-unknown" });
  return act(desk, { entities: [{ type: "CostEntry", id }] }, async () => {
    const { tenant: tenantId, ...rest } = asked;
    // An id that another month's entry has is taken as well: two rows of one id are one row to whoever reads them.
    const seen = (await readInputs(desk.ledgers.files, "entries")).find(({ value }) => value.id === id);
    if (seen !== undefined && (seen.isWithdrawn || !isSameEntry(seen.value, asked))) return fail({ kind: "duplicate" });
    if (seen === undefined) await put(desk, "entries", { id, tenantId, ...rest }, undefined);
    const made = await inputOf(desk, "entries", month, (value) => value.id === id);
    if (made === undefined) return fail({ kind: "unavailable" });
    return json(200, (await entryView(desk.ledgers, made)) satisfies FinanceAnswers["addEntry"]);
  });
}

async function takeBackEntry(exchange: Exchange): Promise<Answer> {
  const desk = await openDesk(exchange);
  const id = exchange.path["id"] ?? "";
  const seen = (await readInputs(desk.ledgers.files, "entries")).find(({ value }) => value.id === id);
  if (seen === undefined) return fail({ kind: "not-found" });
  const { value } = seen;
  await requireOpen(desk, monthOf(value.day));
  return act(desk, { entities: [{ type: "CostEntry", id }] }, async () => {
    const wire = { ...value, quantity: formatDecimal(value.quantity), unitPrice: formatDecimal(value.unitPrice) };
    if (!seen.isWithdrawn) await put(desk, "entries", wire, seen, true);
    const made = await inputOf(desk, "entries", monthOf(value.day), (each) => each.id === id);
    if (made === undefined) return fail({ kind: "unavailable" });
    return json(200, (await entryView(desk.ledgers, made)) satisfies FinanceAnswers["takeBackEntry"]);
  });
}

async function assignPlan(exchange: Exchange): Promise<Answer> {
  const desk = await openDesk(exchange);
  const { planId, from } = exchange.body as AssignPlan;
  const tenant = await tenantNamed(desk, exchange.path["tenant"] ?? "");
  const plan = PRICE_PLANS.find(({ id }) => id === planId);
  if (plan === undefined) return fail({ kind: "business-rule", rule: "plan-unknown" });
  if (`${from}-31` < plan.effectiveFrom) return fail({ kind: "business-rule", rule: "plan-too-early" });
  await requireOpen(desk, from);
  return act(
    desk,
    {
      entities: [
        { type: "Tenant", id: tenant.id },
        { type: "PricePlan", id: planId.replace("/", ".") },
      ],
    },
    async () => {
      const seen = await inputOf(desk, "plans", tenant.id, (value) => value.from === from);
      if (seen === undefined || seen.isWithdrawn || seen.value.planId !== planId)
        await put(desk, "plans", { tenantId: tenant.id, from, planId }, seen);
      const inputs = await readInputs(desk.ledgers.files, "plans", tenant.id);
      return json(200, assignmentView(tenant, inputs) satisfies FinanceAnswers["assignPlan"]);
    },
  );
}

async function uploadBill(exchange: Exchange): Promise<Answer> {
  const desk = await openDesk(exchange);
  const { file, completeUntil } = exchange.body as UploadBill;
  const read = readUpload(Buffer.from(file, "base64"));
  if (!read.ok) return fail({ kind: "invalid", rule: "bill", bill: read.error });
  const bill = read.value;
  const { id, month, sha256, bytes } = bill;
  if (completeUntil <= `${month}-01` || completeUntil > `${monthAfter(month)}-01`)
    return fail({ kind: "structure", rule: "complete-until" });
  // No run of the meter would look at it: what is put in and counts nowhere is refused.
  if (month < monthAfter(desk.ledgers.current, 1 - MENDED_MONTHS))
    return fail({ kind: "business-rule", rule: "month-too-old" });
  const until = `${completeUntil}T00:00:00Z`;
  return act(desk, { entities: [{ type: "Bill", id }] }, async () => {
    const { files } = desk.ledgers;
    const seen = await inputOf(desk, "bills", month, (value) => value.id === id);
    const isNew = seen === undefined || seen.isWithdrawn || seen.value.completeUntil !== until;
    // The file first: an input without its file would stop the month.
    await files.create(billFileKey(month, sha256), bytes);
    if (isNew) await put(desk, "bills", { id, month, completeUntil: until, sha256, sizeBytes: bytes.length }, seen);
    const made = await inputOf(desk, "bills", month, (value) => value.id === id);
    if (made === undefined) return fail({ kind: "unavailable" });
    return json(200, {
      bill: billView(made, isNew),
      format: bill.format,
      lines: bill.lines,
      billed: billedText(bill),
      isNew,
    } satisfies FinanceAnswers["uploadBill"]);
  });
}

async function setSummary(exchange: Exchange): Promise<Answer> {
  const desk = await openDesk(exchange);
  const { cadence, language } = exchange.body as SetSummary;
  return act(desk, { entities: [{ type: "CostSummary" }] }, async () => {
    const seen = await inputOf(desk, "summaries", "all", (value) => value.id === SUMMARY_ID);
    if (seen?.value.cadence !== cadence || seen.value.language !== language)
      await put(desk, "summaries", { id: SUMMARY_ID, cadence, language }, seen);
    return json(200, (await summaryOf(desk.ledgers)) satisfies FinanceAnswers["setSummary"]);
  });
}

export const writeHandlers = {
  setBudget,
  addEntry,
  takeBackEntry,
  assignPlan,
  uploadBill,
  setSummary,
} as const satisfies Record<string, Handle>;
