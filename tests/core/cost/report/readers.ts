import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { getDocument } from "pdfjs-dist/legacy/build/pdf.mjs";
import readXlsxFile from "read-excel-file/node";

/** What each format says, read by a reader that is not ours. */

export async function sheetsOf(
  file: Uint8Array,
): Promise<readonly { readonly sheet: string; readonly rows: unknown[][] }[]> {
  const sheets = await readXlsxFile(Buffer.from(file));
  return sheets.map(({ sheet, data }) => ({ sheet, rows: data }));
}

const bufferOf = (file: Uint8Array): ArrayBuffer => new Uint8Array(file).buffer;

export const parquetRows = async (file: Uint8Array): Promise<Record<string, unknown>[]> =>
  parquetReadObjects({ file: bufferOf(file) });

export function parquetFacts(file: Uint8Array): Readonly<Record<string, string>> {
  const { key_value_metadata: facts = [] } = parquetMetadata(bufferOf(file));
  return Object.fromEntries(facts.map(({ key, value }) => [key, value ?? ""]));
}

export interface PdfReading {
  readonly pages: readonly string[];
  readonly title: unknown;
  readonly language: unknown;
  /** Roles of the structure tree of each page, in reading order. */
  readonly roles: readonly (readonly string[])[];
  readonly annotations: number;
  readonly hasScript: boolean;
}

interface StructNode {
  readonly role?: string;
  readonly children?: readonly StructNode[];
}
const rolesOf = ({ role, children = [] }: StructNode): string[] => [
  ...(role === undefined ? [] : [role]),
  ...children.flatMap(rolesOf),
];

export async function pdfOf(file: Uint8Array): Promise<PdfReading> {
  const task = getDocument({ data: new Uint8Array(file), useSystemFonts: false, verbosity: 0 });
  const document = await task.promise;
  const pages: string[] = [];
  const roles: string[][] = [];
  let annotations = 0;
  for (let number = 1; number <= document.numPages; number += 1) {
    const page = await document.getPage(number);
    const { items } = await page.getTextContent();
    const words = items.flatMap((item) => ("str" in item ? [item.str] : []));
    pages.push(words.join(" ").replaceAll(/\s+/g, " "));
    const tree = (await page.getStructTree()) as StructNode | null;
    roles.push(tree === null ? [] : rolesOf(tree));
    annotations += ((await page.getAnnotations()) as readonly unknown[]).length;
  }
  const info = (await document.getMetadata()).info as Readonly<Record<string, unknown>>;
  const scripts = await document.getJSActions();
  const reading = {
    pages,
    roles,
    annotations,
    hasScript: scripts !== null,
    title: info["Title"],
    language: info["Language"],
  };
  await task.destroy();
  return reading;
}
