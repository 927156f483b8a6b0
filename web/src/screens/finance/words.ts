import type { FinanceTenant, Money } from "../../../../core/contract/index.ts";
import { type Format, type Say, useFormat, useText } from "../../i18n/index.ts";
import { scaledOf } from "../../i18n/money.ts";
import type { RuleTexts } from "../../api/problem-text.ts";
import { reasonHeader } from "../people/reason.ts";
import { type FinanceKey, financeMessages } from "./messages.ts";

const isKey = (key: string): key is FinanceKey => Object.hasOwn(financeMessages.en, key);

/** The word for a code of the contract; the code itself where a newer server knows more. */
export const wordFor = (t: Say<FinanceKey>, group: "layer" | "state" | "status" | "tier", code: string): string => {
  const key = `${group}.${code}`;
  return isKey(key) ? t(key) : code;
};

/** A price plan in words, with its version; its id where a newer server knows more plans. */
export function planText(t: Say<FinanceKey>, planId: string): string {
  const [name = "", version = ""] = planId.split("/v");
  const key = `plan.${name}`;
  return isKey(key) ? `${t(key)}, ${t("planVersion", { version })}` : planId;
}

/** `us-east-1.2026-09-20`: where AWS asks these prices, and when they were read. */
export function priceListText(t: Say<FinanceKey>, format: Format, id: string): string {
  const [region = "", day = ""] = id.split(".");
  return t("priceList", { region, day: format.date(day) });
}

export interface Words {
  readonly t: Say<FinanceKey>;
  readonly format: Format;
  /** A clinic's name; the words for nobody where it is null. */
  readonly tenantName: (tenant: Pick<FinanceTenant, "name"> | null) => string;
  /** An amount with its sign: what is more says so, and what rounds to nothing has none. */
  readonly delta: (amount: Pick<Money, "amount" | "currency">) => string;
}

export function useWords(): Words {
  const [t, format] = [useText(financeMessages), useFormat()];
  return {
    t,
    format,
    tenantName: (tenant) => tenant?.name ?? t("unallocated"),
    delta: ({ amount, currency }) => {
      const text = format.money({ amount, currency });
      return (scaledOf(amount) ?? 0n) > 0n && /[1-9]/.test(text) ? `+${text}` : text;
    },
  };
}

/** An amount of the contract that travels without its currency: there is one. */
export const usd = (amount: string): Pick<Money, "amount" | "currency"> => ({ amount, currency: "USD" });

/** What is read anew after something was put in: it counts everywhere at once. */
export const TOTALS = [
  "financeOverview",
  "financeTenants",
  "financeTenantCost",
  "financeMonths",
  "financeBudgets",
] as const;

/** A decimal as a body takes it: `120`, `120.5` and `120,5` are read, nothing is guessed. Undefined where it is none. */
export function readAmount(text: string): string | undefined {
  const plain = text.trim().replace(/^(\d+),(\d{1,2})$/, "$1.$2");
  return /^\d{1,12}(\.\d{1,6})?$/.test(plain) ? plain : undefined;
}

/** The same for what nobody enters as nothing. */
export function readPositive(text: string): string | undefined {
  const amount = readAmount(text);
  return amount !== undefined && (scaledOf(amount) ?? 0n) > 0n ? amount : undefined;
}

const RULES = [
  "complete-until",
  "date-future",
  "month-closed",
  "month-too-old",
  "plan-too-early",
  "plan-unknown",
  "tenant-unknown",
  "assumptions",
  "input",
] as const;

/** Why the server did not take something, in words. */
export const rulesOf = (t: Say<FinanceKey>): RuleTexts =>
  Object.fromEntries(RULES.map((rule) => [rule, t(`rule.${rule}`)]));

/** Why finance changes something: the code that fits, and its own words, which the server seals. */
export const financeReason = (words: string): Readonly<Record<string, string>> => reasonHeader("correction", words);
