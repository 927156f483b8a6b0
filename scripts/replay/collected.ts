import { createMemoryFiles } from "../../core/cost/store/memory-files.ts";
import { readWholeBook } from "../../core/cost/store/whole-book.ts";
import type { DailyUsage } from "../../core/cost/rating.ts";
import type { Stack } from "../local/stack.ts";

/** What the product's own collector has in its book of a month, as it lies in the stage's bucket. */
export async function collectedUsage({ cloud }: Stack, month: string): Promise<readonly DailyUsage[]> {
  const held = new Map<string, Uint8Array>();
  // The newest version of a key comes first.
  for (const { key, bytes } of cloud.s3.dumpObjects(`keyward-dev-cost-${cloud.accountId}`))
    if (bytes !== undefined && !held.has(key)) held.set(key, bytes);
  return (await readWholeBook(createMemoryFiles(held), month))?.usage ?? [];
}
