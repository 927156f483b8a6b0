import { invariant } from "../../../kernel/invariant.ts";
import { compare, type Decimal, formatDecimal, normalize, rescale } from "../../decimal.ts";
import { LINE_STATES } from "../../ledger.ts";
import { dayAfter, dayOf } from "../../period.ts";
import type { ReportCell, ReportColumn, ReportModel, ReportRow } from "../model.ts";
import { wordsOf } from "../words.ts";
import { PAGE, PdfDocument, type Role } from "./document.ts";
import { type FontWeight, widthOf, wrapped } from "./win-ansi.ts";

const MARGIN = 48;
const WIDTH = PAGE.width - 2 * MARGIN;
const SIZE = 8;
const LEADING = 10;
const GAP = 6;
const BOTTOM = MARGIN + 24;
const MOST_COLUMNS = 10;
/** A word that is longer is broken. */
const WORD_LIMIT = 120;

/** A number with thousands apart and at least two places: all of its places, none rounded away. */
export function amountText(value: Decimal): string {
  const short = normalize(value);
  const text = formatDecimal(short.scale < 2 ? rescale(short, 2) : short);
  const [whole = "", places = ""] = text.split(".");
  return `${whole.replaceAll(/\B(?=(\d{3})+$)/g, ",")}.${places}`;
}

const quantityText = (value: Decimal): string => {
  const [whole = "", places] = formatDecimal(normalize(value)).split(".");
  const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, ",");
  return places === undefined ? grouped : `${grouped}.${places}`;
};

function cellText(column: ReportColumn, cell: ReportCell): string {
  if (cell === null) return "";
  if (typeof cell === "string") return cell;
  return column.isTotalled === true || column.places === 16 ? amountText(cell) : quantityText(cell);
}

/**
 * Widths of columns: a number is never broken and no word is while there is room; what is left goes to text in the measure of
 * what it would need on one line.
 */
function widthsOf(columns: readonly ReportColumn[], texts: readonly (readonly string[])[]): readonly number[] {
  const wordsIn = (text: string): readonly string[] => text.split(/\s+/);
  const measured = columns.map(({ label, type }, place) => {
    const isNumber = type === "Decimal";
    const cells = texts.map((row) => row[place] ?? "");
    const heading = Math.max(...wordsIn(label).map((word) => widthOf(word, SIZE, "bold")));
    const whole = Math.max(heading, ...cells.map((cell) => widthOf(cell, SIZE, isNumber ? "bold" : "regular")));
    const longest = Math.max(heading, ...cells.flatMap(wordsIn).map((word) => widthOf(word, SIZE)));
    return { whole, least: isNumber ? whole : Math.min(longest, WORD_LIMIT) };
  });
  const least = measured.reduce((sum, column) => sum + column.least, 0);
  const wanted = measured.reduce((sum, column) => sum + column.whole - column.least, 0);
  const spare = WIDTH - GAP * (columns.length - 1) - least;
  const part = wanted === 0 ? 0 : Math.min(1, Math.max(0, spare) / wanted);
  const widths = measured.map((column) => column.least + (column.whole - column.least) * part);
  const over = Math.max(0, spare - wanted);
  return widths.map((width, place) => (place === 0 ? width + over : width));
}

/** Lays a report on pages: where the next line goes, and a new page where it does not fit. */
class Layout {
  readonly document: PdfDocument;
  y = 0;

  constructor(document: PdfDocument) {
    this.document = document;
    this.newPage();
  }

  newPage(): void {
    this.document.addPage();
    this.y = PAGE.height - MARGIN;
  }

  line(role: "H1" | "H2" | "P", text: string, sizePt: number, weight: FontWeight = "regular"): void {
    const element = this.document.element(role);
    for (const part of wrapped(text, WIDTH, sizePt, weight)) {
      this.y -= sizePt + 4;
      this.document.text(element, part, { x: MARGIN, y: this.y, sizePt, weight });
    }
  }
}

type TableElement = ReturnType<PdfDocument["element"]>;

/** A table whose heading stands on every page, and is told once. */
class Table {
  readonly #layout: Layout;
  readonly #columns: readonly ReportColumn[];
  readonly #widths: readonly number[];
  readonly #element: TableElement;

  constructor(layout: Layout, columns: readonly ReportColumn[], widths: readonly number[]) {
    this.#layout = layout;
    this.#columns = columns;
    this.#widths = widths;
    this.#element = layout.document.element("Table");
  }

  /** Draws one row; `role` is undefined for a heading that is repeated. */
  #draw(cells: readonly string[], role: "TH" | "TD" | undefined, weight: FontWeight): void {
    const { document } = this.#layout;
    const row = role === undefined ? undefined : document.element("TR", this.#element);
    const lines = cells.map((cell, place) => wrapped(cell, (this.#widths[place] ?? 0) + 0.5, SIZE, weight));
    let x = MARGIN;
    lines.forEach((parts, place) => {
      const width = this.#widths[place] ?? 0;
      const element = row === undefined || role === undefined ? undefined : document.element(role satisfies Role, row);
      parts.forEach((part, index) => {
        const isRight = this.#columns[place]?.type === "Decimal";
        const left = isRight ? x + width - widthOf(part, SIZE, weight) : x;
        const at = { x: left, y: this.#layout.y - LEADING * (index + 1), sizePt: SIZE, weight };
        if (element === undefined) document.artifact(part, at);
        else document.text(element, part, at);
      });
      x += width + GAP;
    });
    this.#layout.y -= LEADING * Math.max(1, ...lines.map((parts) => parts.length)) + 4;
  }

  heading(isRepeated: boolean): void {
    const labels = this.#columns.map(({ label }) => label);
    this.#draw(labels, isRepeated ? undefined : "TH", "bold");
    this.#layout.document.rule(MARGIN, this.#layout.y, WIDTH);
  }

  row(cells: readonly string[], weight: FontWeight = "regular"): void {
    const lines = cells.map((cell, place) => wrapped(cell, (this.#widths[place] ?? 0) + 0.5, SIZE, weight).length);
    if (this.#layout.y - LEADING * Math.max(...lines) < BOTTOM) {
      this.#layout.newPage();
      this.heading(true);
    }
    this.#draw(cells, "TD", weight);
  }

  rule(): void {
    this.#layout.document.rule(MARGIN, this.#layout.y, WIDTH);
  }
}

function head(layout: Layout, report: ReportModel): void {
  const words = wordsOf(report.language);
  const { subject, period, states, issuer } = report;
  layout.line("H1", report.title, 16, "bold");
  layout.line("P", `${words.clinic}: ${subject === null ? words.all : `${subject.name} (${subject.id})`}`, 10);
  layout.line("P", `${words.issuer}: ${issuer}`, 10);
  layout.line("P", `${words.period}: ${words.days(dayOf(period.start), dayAfter(dayOf(period.end), -1))}`, 10);
  const counted = LINE_STATES.map((state) => `${words.state[state]} ${states[state]}`).join(", ");
  layout.line("P", `${words.states}: ${counted}`, 10);
  if (states.estimated + states.reconciled > 0) layout.line("P", words.notFinal, 10, "bold");
  layout.line("P", words.currency, 10);
  layout.y -= 12;
}

function foot(document: PdfDocument, report: ReportModel): void {
  const words = wordsOf(report.language);
  for (let page = 0; page < document.pageCount; page += 1) {
    const number = words.page(page + 1, document.pageCount);
    const x = PAGE.width - MARGIN - widthOf(number, 7);
    document.artifact(`${words.query} ${report.queryHash}`, { x: MARGIN, y: MARGIN - 12, sizePt: 6 }, page);
    document.artifact(number, { x, y: MARGIN - 12, sizePt: 7 }, page);
  }
}

/** The totals under the table: to the cent, and exact where that says more. */
function totals(layout: Layout, report: ReportModel): void {
  const words = wordsOf(report.language);
  layout.y -= 6;
  layout.line("H2", words.totals, 11, "bold");
  for (const { label, cents, amount } of report.totals) {
    layout.line("P", `${label}: ${amountText(cents)}`, 10, "bold");
    if (compare(cents, amount) !== 0) layout.line("P", `${label}, ${words.exact}: ${amountText(amount)}`, 8);
  }
  layout.line("P", `${words.made}: ${report.madeAt}`, 8);
  layout.line("P", `${words.query}: ${report.queryHash}`, 8);
}

/** A report to print: of a clinic's statement or of what a clinic costs. FOCUS tables have too many columns for paper. */
export function pdfFile(report: ReportModel): Uint8Array {
  invariant(report.columns.length <= MOST_COLUMNS, "a report to print fits on paper");
  const { columns, rows, subject } = report;
  const document = new PdfDocument(
    subject === null ? report.title : `${report.title}: ${subject.name}`,
    report.language,
  );
  const layout = new Layout(document);
  head(layout, report);
  const textsOf = (row: ReportRow): string[] => columns.map((column, place) => cellText(column, row[place] ?? null));
  const texts = rows.map(textsOf);
  const sums = columns.map(({ id }) => {
    const sum = report.totals.find(({ column }) => column === id);
    return sum === undefined ? "" : amountText(sum.amount);
  });
  const widths = widthsOf(columns, [...texts, sums]);
  const table = new Table(layout, columns, widths);
  table.heading(false);
  for (const cells of texts) table.row(cells);
  table.rule();
  table.row(
    sums.map((sum, place) => (place === 0 ? wordsOf(report.language).total : sum)),
    "bold",
  );
  if (layout.y - 24 * (report.totals.length + 2) < BOTTOM) layout.newPage();
  totals(layout, report);
  foot(document, report);
  return document.bytes();
}
