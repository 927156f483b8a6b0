import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { ImportJournal } from "../cli/import/journal.ts";
import { runImport } from "../cli/import/run.ts";
import type { SourceFile } from "../cli/import/source.ts";
import { generateClinic } from "../seed/index.ts";
import { cpuMsSince, type Figure } from "./figures.ts";
import type { BenchStage } from "./stage.ts";

const PATIENTS = 20;
const CONCURRENCY = [1, 3] as const;

async function* pieces(seed: string): AsyncGenerator<SourceFile> {
  for (const resources of generateClinic({ seed, today: "2026-11-20" }, PATIENTS)) {
    const kept = resources.filter(({ resourceType }) => resourceType !== "Slot");
    const bundle = { resourceType: "Bundle", type: "collection", entry: kept.map((resource) => ({ resource })) };
    yield await Promise.resolve({ name: seed, text: JSON.stringify(bundle) });
  }
}

/** Generated charts through the importer: resources in a second, and the CPU of one. */
export async function benchImport(stage: BenchStage): Promise<Figure[]> {
  const [clinic] = stage.clinics;
  if (clinic === undefined) throw new Error("the bench has a clinic");
  const folder = mkdtempSync(path.join(tmpdir(), "keyward-bench-import-"));
  const figures: Figure[] = [];
  try {
    for (const concurrency of CONCURRENCY) {
      const { importer: api, tenantId } = clinic;
      const journal = new ImportJournal(folder, tenantId);
      const start = process.cpuUsage();
      const report = await runImport(pieces(`import${concurrency}`), { api, tenantId, journal, concurrency });
      const cpuMs = cpuMsSince(start);
      journal.close();
      if (report.refused > 0) throw new Error("an import of the bench was refused");
      const name = `${report.stored} resources of ${report.patients} patients, ${concurrency} at a time`;
      figures.push({ section: "import", name, value: report.perSecond, unit: "resources/s" });
      figures.push({ section: "import", name: `${name}, CPU`, value: cpuMs / report.stored, unit: "ms" });
      await stage.stack.drain(120_000);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return figures;
}
