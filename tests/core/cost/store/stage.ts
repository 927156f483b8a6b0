import { collect, type CollectDeps, type Collected } from "../../../../core/cost/store/collect.ts";
import { createHash } from "node:crypto";
import type { FoundLine } from "../../../../core/cost/store/facts.ts";
import type { CostFiles } from "../../../../core/cost/store/files.ts";
import { putInput } from "../../../../core/cost/store/inputs.ts";
import { billFileKey } from "../../../../core/cost/store/keys.ts";
import { createMemoryFiles } from "../../../../core/cost/store/memory-files.ts";
import type { RosterTenant } from "../../../../core/cost/store/roster.ts";
import { formatFact, type MeteredFact } from "../../../../core/cost/usage.ts";
import { LAKESIDE, NORTH } from "../usage-facts.ts";

export const OPERATOR = "01hzzzzzzzzzzzzzzzzzzzzzz9";
const BEFORE = Date.UTC(2026, 9, 1);
const clinic = (id: string, name: string): RosterTenant => ({
  id,
  name,
  tier: "pooled",
  cell: "c01",
  createdAtMs: BEFORE,
});
export const CLINICS: readonly RosterTenant[] = [
  clinic(LAKESIDE, "Lakeside Family Clinic"),
  clinic(NORTH, "North Pediatrics"),
  { ...clinic(OPERATOR, "Keyward"), isOperations: true },
];

/** A stage's logs and cost bucket in memory. */
export function createStage(files: CostFiles = createMemoryFiles()) {
  const logs = new Map<string, FoundLine[]>();
  const failures: string[] = [];
  const broken = new Set<string>();
  /** What a count finds: at first, what the changes of the tests add up to. */
  const counts = { objects: new Map([[`${LAKESIDE}/documents`, 2_000_000_000n]]), data: 5_000_000_000n };
  const deps: CollectDeps = {
    files,
    logs: {
      async *pages(source, fromMs, toMs) {
        const lines = (logs.get(source) ?? []).filter(({ atMs }) => atMs >= fromMs && atMs <= toMs);
        for (let at = 0; at < lines.length; at += 2) {
          // A log that breaks off does so on its second page.
          if (at > 0 && broken.has(source)) throw new Error("throttled");
          yield lines.slice(at, at + 2);
        }
      },
    },
    sources: ["clinic", "archive"],
    of: { stage: "dev", cell: "c01", accountId: "111122223333", region: "us-east-1", codeVersion: "0.1.0" },
    tenants: () => Promise.resolve(CLINICS),
    counter: {
      objects: (tenant, storage) => Promise.resolve(counts.objects.get(`${tenant}/${storage}`) ?? 0n),
      tables: () => Promise.resolve([{ kinds: ["data", "history"], bytes: counts.data }]),
    },
    onFailure: (what) => void failures.push(what),
  };
  return {
    deps,
    files,
    failures,
    broken,
    counts,
    log(source: string, fact: MeteredFact, atMs = fact.at): void {
      logs.set(source, [...(logs.get(source) ?? []), { atMs, text: formatFact(fact) }]);
    },
    write(source: string, atMs: number, text: string): void {
      logs.set(source, [...(logs.get(source) ?? []), { atMs, text }]);
    },
    run: (nowMs: number, isTimeUp = () => false): Promise<Collected> => collect(deps, nowMs, isTimeUp),
    async bill(month: string, csv: string, completeUntil: string, at: string): Promise<void> {
      const bytes = Buffer.from(csv);
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      await files.create(billFileKey(month, sha256), bytes);
      const id = `01hzzzzzzzzzzzzzzzzzzzzz${sha256.replace(/[^0-9]/g, "").slice(0, 2)}`;
      const value = { id, month, completeUntil, sha256, sizeBytes: bytes.length };
      const put = await putInput(files, { kind: "bills", value, by: OPERATOR, at, after: 0 });
      if (!put.ok) throw new Error(put.error.kind);
    },
  };
}
export type Stage = ReturnType<typeof createStage>;
