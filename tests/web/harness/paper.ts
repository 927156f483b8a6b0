import type { Page } from "@playwright/test";
import { pdfOf } from "../../core/cost/report/readers.ts";

/** What a page is on paper, as a reader that is not ours reads it. */
export interface Paper {
  readonly pages: readonly string[];
  /** Whether somebody who hears it hears headings, lists and tables. */
  readonly isTagged: boolean;
}

export async function printed(page: Page): Promise<Paper> {
  const { pages, roles } = await pdfOf(await page.pdf({ format: "Letter", tagged: true }));
  return { pages, isTagged: roles.some((of) => of.includes("Document") || of.length > 1) };
}

/** A ligature is an item of its own: what is one word on the sheet may come in parts. */
export const solid = (words: string): string => words.replaceAll(/\s+/g, "");
