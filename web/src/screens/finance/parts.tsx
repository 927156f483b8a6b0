import type { FinanceMonth, Money } from "../../../../core/contract/index.ts";
import { useAsk } from "../../api/hooks.ts";
import { useAddressQuery, useGo } from "../../app/navigation.ts";
import { useClinicTimeZone } from "../../app/session-state.ts";
import { isNegative } from "../../i18n/money.ts";
import { Badge, Row, SelectField, Text, TextField, type Tone, Toolbar } from "../../ui/index.ts";
import { useWords, wordFor } from "./words.ts";

const MONTH = /^\d{4}-(0[1-9]|1[0-2])$/;

/** The month that the address asks for, as a question has it; nothing for the one that runs. */
export function useMonth(): { readonly month?: string } {
  const { month } = useAddressQuery();
  return month !== undefined && MONTH.test(month) ? { month } : {};
}

const STATUS_TONES: Readonly<Record<FinanceMonth["status"], Tone>> = {
  open: "info",
  grace: "info",
  due: "warning",
  closed: "success",
};
const STATE_TONES: Readonly<Record<Money["state"], Tone>> = {
  estimated: "warning",
  reconciled: "info",
  closed: "success",
};

/** Where a month stands, in a word. */
export function StatusBadge({ status }: { readonly status: FinanceMonth["status"] }) {
  const { t } = useWords();
  return <Badge tone={STATUS_TONES[status]} text={wordFor(t, "status", status)} />;
}

/** How final an amount is, in a word. */
export function StateBadge({ state }: { readonly state: Money["state"] }) {
  const { t } = useWords();
  return <Badge tone={STATE_TONES[state]} text={wordFor(t, "state", state)} />;
}

interface AmountProps {
  readonly money: Pick<Money, "amount" | "currency">;
  /** Each amount of a column has as many: its points stand under each other. */
  readonly digits?: number;
  readonly isStrong?: boolean;
  /** False where less than nothing is no loss, as in a rounding. */
  readonly isAlarming?: boolean;
}

/** An amount in figures of one width. What is below zero is red, and has its sign. */
export function Amount({ money, digits = 2, isStrong = false, isAlarming = true }: AmountProps) {
  const { format } = useWords();
  return (
    <Text as="span" isNumeric isStrong={isStrong} tone={isAlarming && isNegative(money.amount) ? "danger" : "default"}>
      {format.money(money, digits, digits)}
    </Text>
  );
}

const HOUR_MS = 3_600_000;

/** When a month can be closed, in words: what is left of its time comes from the server, whose clock decides. */
export function CloseText({ month }: { readonly month: FinanceMonth }) {
  const { t, format } = useWords();
  const timeZone = useClinicTimeZone();
  const hours = Math.ceil(month.closesInMs / HOUR_MS);
  const [days, rest] = hours < 48 ? [0, hours] : [Math.round(hours / 24), 0];
  const text =
    month.status === "closed"
      ? t("closedFor")
      : month.status === "due"
        ? t("dueNow")
        : t("closesIn", { days, hours: rest, at: `${format.dateTime(month.closesAt)} (${timeZone})` });
  return (
    <Text as="span" size="sm" tone="muted">
      {text}
    </Text>
  );
}

interface MonthBarProps {
  readonly to: string;
  readonly params?: Readonly<Record<string, string>>;
  /** What else the address keeps when another month is chosen. */
  readonly keeps?: Readonly<Record<string, string | undefined>>;
  /** Where the month that is shown stands, once it is known. */
  readonly shown?: FinanceMonth | undefined;
}

/** Which month is looked at, where it stands, and when it closes. */
export function MonthBar({ to, params = {}, keeps = {}, shown }: MonthBarProps) {
  const { t, format } = useWords();
  const go = useGo();
  const { month } = useMonth();
  const months = useAsk("financeMonths", {}, { freshMs: 300_000 });
  const known = [
    ...new Set([...(month === undefined ? [] : [month]), ...(months.data?.months ?? []).map((one) => one.month)]),
  ];
  return (
    <Toolbar label={t("monthTools")}>
      <SelectField
        label={t("month")}
        width="sm"
        value={month ?? ""}
        placeholder={t("thisMonth")}
        choices={known
          .toSorted()
          .toReversed()
          .map((value) => ({ value, label: format.month(value) }))}
        onChange={(value) => go({ to, params, search: { ...keeps, month: value === "" ? undefined : value } })}
      />
      {shown !== undefined && (
        <Row>
          <Text as="strong">{format.month(shown.month)}</Text>
          <StatusBadge status={shown.status} />
          <CloseText month={shown} />
        </Row>
      )}
    </Toolbar>
  );
}

/** Why something is set: the server wants it with every change, and keeps it sealed. */
export function ReasonField() {
  const { t } = useWords();
  return (
    <TextField
      name="reason"
      label={t("reason")}
      hint={t("reasonHint")}
      isRequired
      maxLength={200}
      validate={(value) => (value.trim().length < 3 ? t("reasonShort") : undefined)}
    />
  );
}
