import { PAGE, PdfDocument } from "../../core/cost/report/pdf/document.ts";
import { wrapped } from "../../core/cost/report/pdf/win-ansi.ts";

/** Who writes, to whom, and what: a letter or a report on paper. */
export interface Paper {
  readonly title: string;
  readonly from: readonly string[];
  /** Whom it is about, and of when it is. */
  readonly facts: readonly string[];
  readonly paragraphs: readonly string[];
  /** Columns with their heads. */
  readonly table?: readonly (readonly string[])[];
  readonly signed?: string;
}

const MARGIN = 72;
const WIDTH = PAGE.width - 2 * MARGIN;
const SIZE = 10.5;
const LEADING = 15;

/** The letter as a tagged PDF of one page: the same paper gives the same bytes. */
export function paperPdf({ title, from, facts, paragraphs, table, signed }: Paper): Uint8Array {
  const document = new PdfDocument(title, "en-US");
  document.addPage();
  let y = PAGE.height - MARGIN;
  const put = (role: "H1" | "P", text: string, sizePt = SIZE, weight: "regular" | "bold" = "regular"): void => {
    const element = document.element(role);
    for (const line of wrapped(text, WIDTH, sizePt, weight)) {
      document.text(element, line, { x: MARGIN, y, sizePt, weight });
      y -= sizePt * 1.42;
    }
  };
  for (const [index, line] of from.entries()) put("P", line, SIZE, index === 0 ? "bold" : "regular");
  document.rule(MARGIN, y, WIDTH);
  y -= 2 * LEADING;
  put("H1", title, 16, "bold");
  y -= LEADING / 2;
  for (const line of facts) put("P", line);
  for (const paragraph of paragraphs) {
    y -= LEADING / 2;
    put("P", paragraph);
  }
  if (table !== undefined) {
    y -= LEADING;
    const element = document.element("Table");
    for (const [index, cells] of table.entries()) {
      const row = document.element("TR", element);
      for (const [place, text] of cells.entries()) {
        const x = MARGIN + (place * WIDTH) / cells.length;
        const weight = index === 0 ? "bold" : "regular";
        document.text(document.element(index === 0 ? "TH" : "TD", row), text, { x, y, sizePt: SIZE, weight });
      }
      y -= LEADING;
    }
  }
  if (signed !== undefined) {
    y -= 2 * LEADING;
    put("P", signed);
  }
  return document.bytes();
}
