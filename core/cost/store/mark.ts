import type { CostFiles } from "./files.ts";
import { MARK } from "./keys.ts";
import { keep, plainBytes, readPlain } from "./keep.ts";

/** How far the meter has come. What it has read and not yet rolled up stands here, so that a run that dies is taken up again. */
export interface Mark {
  readonly schema: "keyward.mark/v1";
  /** By function: until when its log was read, milliseconds since the epoch. */
  readonly read: Readonly<Record<string, number>>;
  /** Hours of which facts were seen since they were last rolled up. */
  readonly pending: readonly string[];
  /** The newest hour that was rolled up; null before the first. */
  readonly rolled: string | null;
  /** The week of the last recount, by its Monday, and what is counted of it: `<tenant>/<kind>`. */
  readonly recount: { readonly week: string; readonly done: readonly string[]; readonly isDone: boolean } | null;
}

const NOWHERE: Mark = { schema: "keyward.mark/v1", read: {}, pending: [], rolled: null, recount: null };

export const readMark = async (files: CostFiles): Promise<Mark> => (await readPlain<Mark>(files, MARK)) ?? NOWHERE;
export const writeMark = (files: CostFiles, mark: Mark): Promise<void> => keep(files, MARK, plainBytes(mark));
