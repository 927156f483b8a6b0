import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { ArchiveStore } from "../../../core/archive/store.ts";
import { readTrailRecords, type TrailFacts } from "../../../core/watch/index.ts";

const inflate = promisify(gunzip);
const DAY_MS = 86_400_000;
const KEPT_MAX = 500;
const NAME = /_(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})Z_[^/]+\.json\.gz$/;

/** When a file was delivered, as its name says. Source: CloudTrail User Guide, "CloudTrail log file name format". */
function deliveredAt(key: string): number | undefined {
  const match = NAME.exec(key);
  if (match === null) return undefined;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0] = match.slice(1).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute);
}

/** Log files of CloudTrail in their bucket. They never change: what was read once is known. */
export function createTrailFiles(
  store: Pick<ArchiveStore, "list" | "get">,
  place: { readonly accountId: string; readonly region: string; readonly dataTable: string },
) {
  const known = new Map<string, TrailFacts>();

  async function read(key: string): Promise<TrailFacts> {
    const before = known.get(key);
    if (before !== undefined) return before;
    const content = await store.get(key);
    if (content === undefined) throw new Error("a listed log file can be read");
    const text = (await inflate(content)).toString("utf8");
    const { Records } = JSON.parse(text) as { readonly Records: readonly unknown[] };
    const facts = readTrailRecords(Records, place.dataTable);
    if (known.size >= KEPT_MAX) known.clear();
    known.set(key, facts);
    return facts;
  }

  return {
    /** What the files say that were delivered from `fromMs` on, however late their calls are told. */
    async deliveredFrom(fromMs: number, nowMs: number): Promise<TrailFacts> {
      const files: TrailFacts[] = [];
      for (let day = fromMs - (fromMs % DAY_MS); day <= nowMs + DAY_MS; day += DAY_MS) {
        const folder = new Date(day).toISOString().slice(0, 10).replaceAll("-", "/");
        const keys = await store.list(`AWSLogs/${place.accountId}/CloudTrail/${place.region}/${folder}/`);
        for (const key of keys) {
          const at = deliveredAt(key);
          if (at !== undefined && at + 60_000 > fromMs) files.push(await read(key));
        }
      }
      return { calls: files.flatMap(({ calls }) => calls), keyCalls: files.flatMap(({ keyCalls }) => keyCalls) };
    },
  };
}

export type TrailFiles = ReturnType<typeof createTrailFiles>;
