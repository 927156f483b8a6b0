import { Objects } from "./objects.ts";
import { encodeWinAnsi, type FontWeight } from "./win-ansi.ts";

/** US Letter, in points. */
export const PAGE = { width: 612, height: 792 } as const;

/** Elements of the structure tree (ISO 32000-1 14.8.4): what a screen reader is told. */
export type Role = "Document" | "H1" | "H2" | "P" | "Table" | "TR" | "TH" | "TD";

interface Element {
  readonly role: Role;
  readonly parent: Element | undefined;
  readonly kids: (Element | { readonly page: number; readonly mark: number })[];
}

/** Text at a place; the origin is the page's lower left corner, as in PDF. */
export interface Placed {
  readonly x: number;
  readonly y: number;
  readonly sizePt: number;
  readonly weight?: FontWeight;
}

interface Page {
  readonly operators: string[];
  readonly marks: Element[];
}

const hex = (bytes: readonly number[]): string => bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** UTF-16BE with its mark: what a text string of PDF is where it is no Latin. In hex, so that nothing in it ends it. */
function textString(text: string): string {
  const units = Array.from({ length: text.length }, (_, place) => text.charCodeAt(place));
  return `<feff${units.map((unit) => unit.toString(16).padStart(4, "0")).join("")}>`;
}

const number = (value: number): string => String(Math.round(value * 100) / 100);

const refs = (ids: readonly number[]): string => ids.map((id) => `${id} 0 R`).join(" ");

/**
 * A tagged PDF 1.7 that says its title and its language. Text is Helvetica, which every reader has; a letter that Helvetica
 * lacks is shown as `?` and stands in ActualText. Nothing in it is active: no script, no link, no form, no file.
 * The same calls give the same bytes.
 */
export class PdfDocument {
  readonly #title: string;
  readonly #language: string;
  readonly #root: Element = { role: "Document", parent: undefined, kids: [] };
  readonly #pages: Page[] = [];

  constructor(title: string, language: string) {
    this.#title = title;
    this.#language = language;
  }

  get pageCount(): number {
    return this.#pages.length;
  }

  addPage(): void {
    this.#pages.push({ operators: [], marks: [] });
  }

  element(role: Exclude<Role, "Document">, parent: Element = this.#root): Element {
    const element: Element = { role, parent, kids: [] };
    parent.kids.push(element);
    return element;
  }

  #show(text: string, { x, y, sizePt, weight = "regular" }: Placed, begin: string): string {
    const { codes, isExact } = encodeWinAnsi(text);
    const actual = isExact ? "" : `/Span <</ActualText ${textString(text)}>> BDC `;
    const font = weight === "bold" ? "F2" : "F1";
    const shown = `BT /${font} ${number(sizePt)} Tf ${number(x)} ${number(y)} Td <${hex(codes)}> Tj ET`;
    return `${begin} ${actual}${shown}${isExact ? "" : " EMC"} EMC`;
  }

  #page(place: number = this.#pages.length - 1): Page {
    const page = this.#pages[place];
    if (page === undefined) throw new RangeError("text is placed on a page that there is");
    return page;
  }

  /** One line of text on the newest page, as content of `element`. */
  text(element: Element, text: string, at: Placed): void {
    const page = this.#page();
    const mark = page.marks.length;
    page.marks.push(element);
    element.kids.push({ page: this.#pages.length - 1, mark });
    page.operators.push(this.#show(text, at, `/${element.role} <</MCID ${mark}>> BDC`));
  }

  /** Text that is no content: a heading that is repeated, a page's number. `page` from 0; the newest if absent. */
  artifact(text: string, at: Placed, page?: number): void {
    this.#page(page).operators.push(this.#show(text, at, "/Artifact BMC"));
  }

  /** A thin line from left to right. */
  rule(x: number, y: number, width: number): void {
    this.#page().operators.push(
      `/Artifact BMC 0.5 w ${number(x)} ${number(y)} m ${number(x + width)} ${number(y)} l S EMC`,
    );
  }

  /** The file. */
  bytes(): Uint8Array {
    const objects = new Objects();
    const [catalog, info, tree, parents] = [objects.reserve(), objects.reserve(), objects.reserve(), objects.reserve()];
    const pageIds = this.#putPages(objects);
    const ids = this.#putElements(objects, tree, pageIds.kids);
    const idOf = (element: Element): number => ids.get(element) ?? tree;
    objects.put(
      catalog,
      `<</Type/Catalog/Pages ${pageIds.root} 0 R/StructTreeRoot ${tree} 0 R/MarkInfo<</Marked true>>` +
        `/Lang(${this.#language})/ViewerPreferences<</DisplayDocTitle true>>>>`,
    );
    objects.put(info, `<</Title ${textString(this.#title)}/Producer(Keyward)>>`);
    const numbers = this.#pages.map(({ marks }, place) => `${place} [${refs(marks.map(idOf))}]`);
    objects.put(parents, `<</Nums[${numbers.join(" ")}]>>`);
    objects.put(
      tree,
      `<</Type/StructTreeRoot/K ${idOf(this.#root)} 0 R/ParentTree ${parents} 0 R/ParentTreeNextKey ${this.#pages.length}>>`,
    );
    return objects.file(catalog, info);
  }

  #putPages(objects: Objects): { readonly root: number; readonly kids: readonly number[] } {
    const [root, regular, bold] = [objects.reserve(), objects.reserve(), objects.reserve()];
    const fontOf = (name: string): string => `<</Type/Font/Subtype/Type1/BaseFont/${name}/Encoding/WinAnsiEncoding>>`;
    objects.put(regular, fontOf("Helvetica"));
    objects.put(bold, fontOf("Helvetica-Bold"));
    const kids = this.#pages.map(({ operators }, place) => {
      const [page, content] = [objects.reserve(), objects.reserve()];
      objects.put(
        page,
        `<</Type/Page/Parent ${root} 0 R/MediaBox[0 0 ${PAGE.width} ${PAGE.height}]` +
          `/Resources<</Font<</F1 ${regular} 0 R/F2 ${bold} 0 R>>>>/Contents ${content} 0 R/StructParents ${place}/Tabs/S>>`,
      );
      objects.putStream(content, operators.join("\n"));
      return page;
    });
    objects.put(root, `<</Type/Pages/Count ${kids.length}/Kids[${refs(kids)}]>>`);
    return { root, kids };
  }

  #putElements(objects: Objects, tree: number, pageIds: readonly number[]): ReadonlyMap<Element, number> {
    const ids = new Map<Element, number>();
    const visit = (element: Element): void => {
      ids.set(element, objects.reserve());
      for (const kid of element.kids) if ("role" in kid) visit(kid);
    };
    visit(this.#root);
    for (const [element, id] of ids) {
      const kids = element.kids.map((kid) =>
        "role" in kid
          ? `${ids.get(kid) ?? tree} 0 R`
          : `<</Type/MCR/Pg ${pageIds[kid.page] ?? 0} 0 R/MCID ${kid.mark}>>`,
      );
      const parent = element.parent === undefined ? tree : (ids.get(element.parent) ?? tree);
      const scope = element.role === "TH" ? "/A<</O/Table/Scope/Column>>" : "";
      objects.put(id, `<</Type/StructElem/S/${element.role}/P ${parent} 0 R/K[${kids.join(" ")}]${scope}>>`);
    }
    return ids;
  }
}
