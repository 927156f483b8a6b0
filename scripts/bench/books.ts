import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Figure } from "./figures.ts";

const SIZES = [10, 100, 1_000];
const ACTS = ["hour", "overview", "export"] as const;
const SECTION = "books of cost";

interface Ran {
  readonly ms: number;
  readonly maxRssMb: number;
}

/** A month of 27 days and one that runs, of ten, a hundred and a thousand clinics: what an hour's run, an overview and one clinic's file take. */
export function benchBooks(): Figure[] {
  const figures: Figure[] = [];
  const first = new Map<string, Ran>();
  for (const size of SIZES) {
    const root = mkdtempSync(join(tmpdir(), "bench-books-"));
    const run = (act: string): Ran =>
      JSON.parse(
        execFileSync(
          process.execPath,
          ["--disable-warning=ExperimentalWarning", join(import.meta.dirname, "books-run.ts"), root, String(size), act],
          { encoding: "utf8" },
        ),
      ) as Ran;
    run("month");
    for (const act of ACTS) {
      const ran = run(act);
      const base = first.get(act) ?? ran;
      first.set(act, base);
      const of = { section: SECTION, base: `${SIZES[0] ?? 0} clinics` };
      figures.push({ ...of, name: `${act}, ${size} clinics`, value: ran.ms, unit: "ms", ratio: ran.ms / base.ms });
      figures.push({
        ...of,
        name: `${act}, ${size} clinics, most held`,
        value: ran.maxRssMb,
        unit: "MB",
        ratio: ran.maxRssMb / base.maxRssMb,
      });
    }
    rmSync(root, { recursive: true });
  }
  return figures;
}
