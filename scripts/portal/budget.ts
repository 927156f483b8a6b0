import { readFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";

/** What a first visit may load, gzipped, in kB of 1,000 bytes. */
export const BUDGET = { scriptKb: 220, styleKb: 45 } as const;

export interface EntrySize {
  readonly scriptKb: number;
  readonly styleKb: number;
}

const REFERENCE = /<(?:script|link)\b[^>]*\s(?:src|href)="\/app\/([^"]+\.(?:js|css))"/g;

/** The scripts and styles that the built page names, those of its preloads included: what is loaded before any screen. */
export function measureEntry(folder: string): EntrySize {
  const page = readFileSync(path.join(folder, "index.html"), "utf8");
  const names = [...new Set([...page.matchAll(REFERENCE)].map(([, name = ""]) => name))];
  const sum = (ending: string): number => {
    const bytes = names
      .filter((name) => name.endsWith(ending))
      .map((name) => gzipSync(readFileSync(path.join(folder, name)), { level: 9 }).length);
    return bytes.reduce((total, one) => total + one, 0) / 1000;
  };
  return { scriptKb: sum(".js"), styleKb: sum(".css") };
}

/** What is over the budget, in a sentence; undefined where nothing is. */
export function overBudget({ scriptKb, styleKb }: EntrySize): string | undefined {
  const over = [
    scriptKb > BUDGET.scriptKb && `${scriptKb.toFixed(1)} kB of script, and ${BUDGET.scriptKb} are allowed`,
    styleKb > BUDGET.styleKb && `${styleKb.toFixed(1)} kB of styles, and ${BUDGET.styleKb} are allowed`,
  ].filter((sentence) => sentence !== false);
  return over.length === 0 ? undefined : `the portal's first visit loads ${over.join("; ")} (gzipped)`;
}
