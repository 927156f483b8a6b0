import { type ClinicStatement, TierName } from "../../core/contract/index.ts";
import { formatDecimal, normalize } from "../../core/cost/decimal.ts";
import type { ClinicCharge, CostTenant } from "../../core/cost/ledger.ts";
import { total } from "../../core/cost/money.ts";
import { dayOfMs, type Month, monthOfMs } from "../../core/cost/period.ts";
import { statementReport } from "../../core/cost/report/reports.ts";
import { explain, includedOf } from "../../core/cost/statement.ts";
import { type ClinicBook, readStatement as readBookOf, statementMonths } from "../../core/cost/store/books.ts";
import type { CostFiles } from "../../core/cost/store/files.ts";
import { ISSUER } from "../../core/cost/store/month.ts";
import { leastFinal } from "../../core/cost/store/sums.ts";
import { systemClock, toInstant } from "../../core/kernel/clock.ts";
import { invariant } from "../../core/kernel/invariant.ts";
import { parseRow, TenantRow, tenantKey } from "../../core/tenant/index.ts";
import { fileOf, formatOf } from "../finance/exports.ts";
import { fileAnswer, languageOf } from "../finance/file-answer.ts";
import { monthOfQuery } from "../finance/month-query.ts";
import { sheetOn, tiersForClinics } from "../finance/models.ts";
import { money, monthView, shown, usd } from "../finance/money.ts";
import { type Answer, type Exchange, type Handle, json } from "../http/exchange.ts";
import { fail } from "../http/failure.ts";
import { look, type Office, openOffice, ownStatements, region, zone } from "./context.ts";

/** What the clinic is asked for, from its own folder and no other: the session's role reaches nothing else. */

/** Of what a plan counts: bytes are told as byte-hours, all else as a number. */
const BASE: Readonly<Record<string, "count" | "byte-hours">> = {
  encounters: "count",
  "active-clinicians": "count",
  "document-storage": "byte-hours",
};

async function tenantOf({ identity }: Office): Promise<CostTenant & { readonly tier: TierName }> {
  const { tenantId } = identity.principal;
  const row = await zone.registry.get(tenantKey(tenantId));
  invariant(row !== undefined, "a session is of a tenant that stands");
  const { name, tier, cell } = parseRow(TenantRow, row);
  return { id: tenantId, name, tier, cell };
}

const lineView =
  (book: ClinicBook) =>
  (charge: ClinicCharge): ClinicStatement["lines"][number] => {
    const included = includedOf(charge, book.activity);
    return {
      id: charge.id,
      meter: charge.meter,
      description: charge.description,
      location: charge.location,
      unit: charge.unit,
      quantity: charge.quantity === null ? null : formatDecimal(normalize(charge.quantity)),
      included: included === null ? null : formatDecimal(normalize(included)),
      unitPrice: charge.unitPrice === null ? null : formatDecimal(normalize(charge.unitPrice)),
      amount: { ...money(charge.amount, charge.state), amount: usd(charge.amount) },
      days: explain(charge, book.activity).map(({ day, units }) => ({ day, units: units.toString() })),
      baseUnit: BASE[charge.meter] ?? null,
      period: charge.period,
    };
  };

/** A month of this clinic; 404 for a month that it has none of, but for the current one. */
async function monthOf(files: CostFiles, tenantId: string, month: Month): Promise<ClinicBook> {
  // The role lists its own folder alone, so that what is not there would be refused and not missing: the listing says it.
  const isThere = (await statementMonths(files, tenantId)).includes(month);
  const book = isThere ? await readBookOf(files, tenantId, month) : undefined;
  if (book !== undefined) return book;
  const nowMs = systemClock.now();
  if (month !== monthOfMs(nowMs)) return fail({ kind: "not-found" });
  return { schema: "keyward.statement/v1", tenantId, month, lines: [], activity: [], invoiceId: null };
}

function asked({ exchange }: Office): Month {
  const month = monthOfQuery(exchange.query, monthOfMs(systemClock.now()));
  return month ?? fail({ kind: "structure", rule: "month" });
}

async function readStatement(exchange: Exchange): Promise<Answer> {
  const office = await openOffice(exchange);
  const month = asked(office);
  return look(office, { entities: [{ type: "Statement", id: month }] }, async () => {
    const files = ownStatements(office.identity);
    const { tenantId } = office.identity.principal;
    const [tenant, book, months] = await Promise.all([
      tenantOf(office),
      monthOf(files, tenantId, month),
      statementMonths(files, tenantId),
    ]);
    const nowMs = systemClock.now();
    const view = monthView(month, nowMs, undefined);
    const state = leastFinal(book.lines.map((line) => line.state));
    return json(200, {
      // The manifest is the platform's: that the month is closed is told by its invoice.
      month: book.invoiceId === null ? view : { ...view, status: "closed", closesInMs: 0 },
      months,
      planId: book.lines[0]?.planId ?? null,
      tier: tenant.tier,
      invoiceId: book.invoiceId,
      total: shown(total(book.lines.map(({ amount }) => amount)), state, 2),
      lines: book.lines.map(lineView(book)),
      tiers: tiersForClinics(sheetOn(region, dayOfMs(nowMs))),
    } satisfies ClinicStatement);
  });
}

async function readStatementFile(exchange: Exchange): Promise<Answer> {
  const office = await openOffice(exchange);
  const month = asked(office);
  const format = formatOf(exchange.query.get("format") ?? "csv");
  if (format === undefined || format === "parquet" || format === "csv-focus")
    return fail({ kind: "structure", rule: "export-format" });
  return look(office, { entities: [{ type: "Statement", id: `${month}.${format}` }] }, async () => {
    const { tenantId } = office.identity.principal;
    const tenant = await tenantOf(office);
    const book = await monthOf(ownStatements(office.identity), tenantId, month);
    const report = statementReport(book.lines, tenant, month, {
      issuer: ISSUER,
      language: languageOf(exchange.query.get("language")),
      query: { month, tenant: tenantId },
      madeAt: toInstant(systemClock.now()),
    });
    const file = await fileOf(report, { format, name: `keyward-statement-${month}` });
    return file.ok ? fileAnswer(file.value) : fail(file.error);
  });
}

export const statementHandlers = { readStatement, readStatementFile } as const satisfies Record<string, Handle>;
