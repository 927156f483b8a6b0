import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import type { SchemaElement } from "hyparquet";
import { invariant } from "../../kernel/invariant.ts";
import { formatDecimal, rescale } from "../decimal.ts";
import { LINE_STATES } from "../ledger.ts";
import { msOf } from "../period.ts";
import type { ReportCell, ReportColumn, ReportModel } from "./model.ts";

/** DECIMAL(38, s) in 16 bytes, the widest that readers agree on. */
const PRECISION = 38;
const MOST = 10n ** 38n;
const ROWS_IN_GROUP = 10_000;

const scaleOf = ({ places }: ReportColumn): 12 | 16 => places ?? 12;

function elementOf(column: ReportColumn): SchemaElement {
  const named = { name: column.id, repetition_type: "OPTIONAL" } as const;
  switch (column.type) {
    case "String":
    case "JSON":
      // JSON goes as the text that it is: the writer would parse numbers into doubles and write those.
      return { ...named, type: "BYTE_ARRAY", converted_type: "UTF8" };
    case "Date/Time":
      // The logical type says that it is UTC: of the older converted type alone a reader makes a local time.
      return {
        ...named,
        type: "INT64",
        converted_type: "TIMESTAMP_MILLIS",
        logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "MILLIS" },
      };
    case "Decimal":
      return {
        ...named,
        type: "FIXED_LEN_BYTE_ARRAY",
        type_length: 16,
        converted_type: "DECIMAL",
        precision: PRECISION,
        scale: scaleOf(column),
      };
  }
}

/** A number goes in as its unscaled integer: a double would forget what comes after its 16th digit. */
function valueOf(column: ReportColumn, cell: ReportCell): unknown {
  if (cell === null) return null;
  if (typeof cell !== "string") {
    const { unscaled } = rescale(cell, scaleOf(column));
    invariant(column.type === "Decimal" && unscaled < MOST && unscaled > -MOST, `${column.id} fits its decimal`);
    return unscaled;
  }
  return column.type === "Date/Time" ? new Date(msOf(cell)) : cell;
}

/** What a reader finds in the footer without reading a row. */
const factsOf = ({ kind, issuer, period, queryHash, madeAt, totals, states, subject }: ReportModel) =>
  [
    ["keyward.kind", kind],
    ["keyward.issuer", issuer],
    ["keyward.subject", subject?.id ?? ""],
    ["keyward.period", `${period.start}/${period.end}`],
    ["keyward.query-hash", queryHash],
    ["keyward.made-at", madeAt],
    ...LINE_STATES.map((state) => [`keyward.lines.${state}`, String(states[state])] as const),
    ...totals.map(({ column, amount }) => [`keyward.total.${column}`, formatDecimal(amount)] as const),
  ].map(([key = "", value = ""]) => ({ key, value }));

/** The rows as Parquet: costs and quantities DECIMAL(38,12), unit prices DECIMAL(38,16), instants in UTC, totals in the footer. */
export function parquetFile(report: ReportModel): Uint8Array {
  const { columns, rows } = report;
  const writer = new ByteWriter();
  const file = new ParquetWriter({
    writer,
    schema: [{ name: "root", num_children: columns.length }, ...columns.map(elementOf)],
    kvMetadata: factsOf(report),
    createdBy: "keyward",
  });
  const columnData = columns.map((column, place) => ({
    name: column.id,
    data: rows.map((row) => valueOf(column, row[place] ?? null)),
  }));
  const pending = [file.write({ columnData, rowGroupSize: ROWS_IN_GROUP }), file.finish()];
  invariant(
    pending.every((step) => step === undefined),
    "a writer in memory waits for nothing",
  );
  return new Uint8Array(writer.getBuffer());
}
