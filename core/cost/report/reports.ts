import { add, type Decimal } from "../decimal.ts";
import type { FocusTable } from "../focus/row.ts";
import { textOf } from "../focus/row.ts";
import type { ClinicCharge, CostTenant, LineState } from "../ledger.ts";
import { pico, type PicoUsd, toDecimal } from "../money.ts";
import { type Month, type Period, periodOfMonth } from "../period.ts";
import type { AddedShare } from "../share-sums.ts";
import {
  type ReportKind,
  type ReportLanguage,
  type ReportModel,
  reportOf,
  type ReportQuery,
  type ReportRow,
} from "./model.ts";
import { wordsOf } from "./words.ts";

interface About {
  readonly issuer: string;
  readonly language: ReportLanguage;
  readonly query: ReportQuery;
  /** An instant in UTC. */
  readonly madeAt: string;
}

const COSTS = new Set(["BilledCost", "EffectiveCost", "ListCost", "ContractedCost"]);

/**
 * A FOCUS table as a report: what goes into a data file. Every number is held to the places that its column is published
 * with.
 */
export function focusReport(
  table: FocusTable,
  about: About & { readonly kind: ReportKind; readonly title: string; readonly period: Period },
): ReportModel {
  const columns = table.columns.map(({ id, type, places }) => ({
    id,
    label: id,
    type,
    ...(places === undefined ? {} : { places }),
    ...(COSTS.has(id) ? { isTotalled: true } : {}),
  }));
  const rows = table.rows.map((row): ReportRow =>
    table.columns.map((column) => {
      const value = row[column.id] ?? null;
      textOf(column, value);
      return value;
    }),
  );
  return reportOf({
    ...about,
    subject: null,
    columns,
    rows,
    query: { ...about.query, dataset: table.dataset, version: table.version },
    lineStates: table.rows.flatMap(({ x_LineState: state }) => (typeof state === "string" ? [state as LineState] : [])),
  });
}

const money = { type: "Decimal", places: 12, isTotalled: true } as const;
const number = { type: "Decimal", places: 12 } as const;
const price = { type: "Decimal", places: 16 } as const;
const text = { type: "String" } as const;

/** What a clinic owes for a month, line by line, in the order of the ledger. Each line leads to its events by its id. */
export function statementReport(charges: readonly ClinicCharge[], tenant: CostTenant, month: Month, about: About) {
  const words = wordsOf(about.language);
  const own = charges.filter((charge) => charge.tenant.id === tenant.id && charge.billingMonth === month);
  return reportOf({
    ...about,
    kind: "statement",
    title: words.statement,
    subject: { id: tenant.id, name: tenant.name },
    period: periodOfMonth(month),
    columns: [
      { id: "ChargeDescription", label: words.charge, ...text },
      { id: "Location", label: words.location, ...text },
      { id: "ChargeCategory", label: words.category, ...text },
      { id: "Quantity", label: words.quantity, ...number },
      { id: "Unit", label: words.unit, ...text },
      { id: "UnitPrice", label: words.unitPrice, ...price },
      { id: "Amount", label: words.amount, ...money },
    ],
    rows: own.map(({ description, location, category, quantity, unit, unitPrice, amount }): ReportRow => [
      description,
      location?.name ?? null,
      words.categories[category],
      quantity,
      unit,
      unitPrice,
      toDecimal(amount),
    ]),
    lineStates: own.map(({ state }) => state),
  });
}

interface Sum {
  /** Any share of the line: layer, service, meter, class and unit are the same in all. */
  readonly share: AddedShare;
  quantity: Decimal | null;
  list: PicoUsd;
  billed: PicoUsd;
  effective: PicoUsd;
}

/** Shares of one layer, service, meter and class are one line; its quantity is a sum only where all are in one unit. */
const lineOf = ({ origin, allocation }: AddedShare): readonly string[] => [
  origin.layer,
  origin.serviceName,
  origin.skuMeter ?? origin.sku,
  allocation,
  origin.unit ?? "",
];

function sumsOf(shares: readonly AddedShare[]): readonly Sum[] {
  const sums = new Map<string, Sum>();
  for (const share of shares) {
    const key = JSON.stringify(lineOf(share));
    const sum = sums.get(key) ?? {
      share,
      quantity: null,
      list: pico(0n),
      billed: pico(0n),
      effective: pico(0n),
    };
    sums.set(key, sum);
    if (share.quantity !== null)
      sum.quantity = sum.quantity === null ? share.quantity : add(sum.quantity, share.quantity);
    sum.list = pico(sum.list + share.listCost);
    sum.billed = pico(sum.billed + share.billedCost);
    sum.effective = pico(sum.effective + share.effectiveCost);
  }
  return [...sums.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => sum);
}

/**
 * What a clinic costs in a month, by layer and meter; of all clinics and of what is nobody's where `tenant` is null. `shares` are the
 * month's, one by one or added up.
 */
export function tenantCostReport(
  shares: readonly AddedShare[],
  tenant: CostTenant | null,
  month: Month,
  about: About,
): ReportModel {
  const words = wordsOf(about.language);
  const own = tenant === null ? shares : shares.filter((share) => share.tenant?.id === tenant.id);
  return reportOf({
    ...about,
    kind: "tenant-cost",
    title: words.tenantCost,
    subject: tenant === null ? null : { id: tenant.id, name: tenant.name },
    period: periodOfMonth(month),
    columns: [
      { id: "CostLayer", label: words.layer, ...text },
      { id: "ServiceName", label: words.service, ...text },
      { id: "SkuMeter", label: words.meter, ...text },
      { id: "AllocationClass", label: words.allocation, ...text },
      { id: "Quantity", label: words.quantity, ...number },
      { id: "Unit", label: words.unit, ...text },
      { id: "ListCost", label: words.list, ...money },
      { id: "BilledCost", label: words.billed, ...money },
      { id: "EffectiveCost", label: words.effective, ...money },
    ],
    rows: sumsOf(own).map(({ share: { origin, allocation }, quantity, list, billed, effective }): ReportRow => [
      words.layers[origin.layer],
      origin.serviceName,
      origin.skuMeter ?? origin.sku,
      words.allocations[allocation],
      quantity,
      quantity === null ? null : origin.unit,
      toDecimal(list),
      toDecimal(billed),
      toDecimal(effective),
    ]),
    lineStates: own.map(({ state, rows = 1 }) => [state, rows] as const),
  });
}
