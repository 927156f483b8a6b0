import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { sha256Hex } from "../../core/audit/layout.ts";
import type { CostFiles } from "../../core/cost/store/files.ts";
import { keep, packJson } from "../../core/cost/store/keep.ts";
import { dayKey } from "../../core/cost/store/keys.ts";
import { makeBooks } from "../../core/cost/store/make-books.ts";
import { encodeId } from "../../core/kernel/ids.ts";
import { invariant } from "../../core/kernel/invariant.ts";
import { fileOf, reportFor } from "../../functions/finance/exports.ts";
import { createLedgers } from "../../functions/finance/ledgers.ts";
import { overviewOf } from "../../functions/finance/overview.ts";
import { SYNTHETIC_CLINICS, syntheticDay, type SyntheticClinic, writeCostHistory } from "../start/cost-history.ts";

/**
 * One thing that is done with a month of so many clinics, in a process of its own: what it held at most is its own.
 * `books-run.ts <folder> <clinics> <month|hour|overview|export>` writes `{ "ms", "maxRssMb" }`.
 */
const NOW = Date.UTC(2026, 10, 28, 12);
const TODAY = "2026-11-28";
const MONTH = "2026-11";
const OF = { stage: "bench", accountId: "111122223333", region: "us-east-1", codeVersion: "bench" };

/** The cost bucket as a folder. */
function folderFiles(root: string): CostFiles {
  const bytesOf = (key: string): Uint8Array | undefined =>
    statSync(join(root, key), { throwIfNoEntry: false }) === undefined ? undefined : readFileSync(join(root, key));
  const write = (key: string, bytes: Uint8Array): void => {
    mkdirSync(dirname(join(root, key)), { recursive: true });
    writeFileSync(join(root, key), bytes);
  };
  const files: CostFiles = {
    read: (key) => {
      const bytes = bytesOf(key);
      return Promise.resolve(bytes === undefined ? undefined : { bytes, tag: sha256Hex(bytes) });
    },
    list: (prefix) =>
      Promise.resolve(
        readdirSync(root, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map(({ parentPath, name }) => join(parentPath, name).slice(root.length + 1))
          .filter((key) => key.startsWith(prefix))
          .toSorted(),
      ),
    create: (key, bytes) => {
      if (bytesOf(key) !== undefined) return Promise.resolve("exists");
      write(key, bytes);
      return Promise.resolve("created");
    },
    replace: async (key, bytes, tag) => {
      if (((await files.read(key))?.tag ?? null) !== tag) return "conflict";
      write(key, bytes);
      return "replaced";
    },
  };
  return files;
}

const [, , root = "", count = "10", what = ""] = process.argv;
mkdirSync(root, { recursive: true });
const files = folderFiles(root);
const clinics = Array.from({ length: Number(count) }, (_, index): SyntheticClinic => {
  const like = SYNTHETIC_CLINICS[index % 2];
  invariant(like !== undefined, "there are clinics to be like");
  const id = encodeId(Uint8Array.from({ length: 16 }, (_byte, at) => (at < 14 ? 2 : (index >> (8 * (15 - at))) & 255)));
  return { ...like, id, name: `Clinic ${index} (synthetic)` };
});
const ledgers = () => createLedgers({ now: () => NOW })(files, () => Promise.resolve([]));

const ACTS: Readonly<Record<string, () => Promise<unknown>>> = {
  month: () => writeCostHistory(files, { of: OF, nowMs: NOW, months: 0, clinics }),
  async hour() {
    await keep(files, dayKey(TODAY), packJson(syntheticDay(clinics, OF.stage, TODAY)));
    await makeBooks(files, { of: OF, nowMs: NOW, asOf: `${TODAY}T12:00:00Z`, isTimeUp: () => false });
  },
  overview: () => overviewOf(ledgers(), MONTH),
  async export() {
    const own = ledgers();
    const [book, months] = [await own.book(MONTH), await own.months()];
    const [tenant, known] = [book?.header.roster[0]?.tenant, months.find(({ month }) => month === MONTH)];
    invariant(book !== undefined && known !== undefined && tenant !== undefined, "the month has a book");
    const asked = { dataset: "provider-cost", format: "csv-focus", language: "en", month: MONTH, tenant } as const;
    return fileOf(await reportFor(asked, book, known, NOW), { format: "csv-focus", name: "bench" });
  },
};
const act = ACTS[what];
invariant(act !== undefined, "one of month, hour, overview, export");
const from = performance.now();
await act();
const ms = performance.now() - from;
process.stdout.write(`${JSON.stringify({ ms, maxRssMb: process.resourceUsage().maxRSS / 1024 })}\n`);
