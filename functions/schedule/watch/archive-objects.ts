import type { ArchiveStore } from "../../../core/archive/store.ts";
import { readHead } from "../../../core/audit/event.ts";
import { dayOf, eventsPrefix, sealsPrefix } from "../../../core/audit/layout.ts";
import { linesOf, parseSeal } from "../../../core/audit/seal.ts";
import { idAtOrAfter, type SeenEvent, type SeenObject } from "../../../core/watch/index.ts";

const DAY_MS = 86_400_000;
/** Ids of 17 minutes share their first six characters: a listing by them finds the batches of that stretch. */
const STRETCH_CHARACTERS = 6;
const STRETCH_MS = 2 ** 20;
const SEALS_MAX = 300;
const KEPT_MAX = 20_000;

/** Objects never change: what was read once is known. */
export function createArchiveObjects(store: Pick<ArchiveStore, "list" | "get">) {
  const idsOf = new Map<string, readonly string[]>();
  const sealedBy = new Map<string, readonly string[]>();

  async function eventIds(key: string): Promise<readonly string[]> {
    const known = idsOf.get(key);
    if (known !== undefined) return known;
    const content = await store.get(key);
    const lines = (content === undefined ? undefined : linesOf(content)) ?? [];
    const ids = lines.flatMap((line) => readHead(line)?.id ?? []);
    if (idsOf.size >= KEPT_MAX) idsOf.clear();
    idsOf.set(key, ids);
    return ids;
  }

  async function sealedObjects(tenantId: string): Promise<ReadonlySet<string>> {
    const sealed = new Set<string>();
    for (const key of await store.list(sealsPrefix(tenantId), SEALS_MAX)) {
      const known = sealedBy.get(key);
      const content = known === undefined ? await store.get(key) : undefined;
      const objects =
        known ?? (content === undefined ? [] : (parseSeal(content)?.objects ?? []).map((each) => each.key));
      if (sealedBy.size >= KEPT_MAX) sealedBy.clear();
      sealedBy.set(key, objects);
      for (const object of objects) sealed.add(object);
    }
    return sealed;
  }

  return {
    /** The objects among which the events must be, if they are archived: by the time of the events, not of the writing. */
    async of(tenantId: string, events: readonly SeenEvent[], nowMs: number): Promise<SeenObject[]> {
      if (events.length === 0) return [];
      const prefixes = new Set<string>();
      for (const { at } of events) {
        // A batch may begin in the stretch before, and an archive that was late files it under a later day.
        for (const ms of [at, at - STRETCH_MS]) {
          const stretch = idAtOrAfter(ms).slice(0, STRETCH_CHARACTERS);
          const lastMs = Math.min(at + DAY_MS, nowMs);
          for (const day of new Set([dayOf(ms), dayOf(at), dayOf(lastMs)]))
            prefixes.add(eventsPrefix(tenantId, day) + stretch);
        }
      }
      const keys = new Set((await Promise.all([...prefixes].map((prefix) => store.list(prefix)))).flat());
      const sealed = await sealedObjects(tenantId);
      const objects: SeenObject[] = [];
      for (const key of keys) objects.push({ key, tenantId, eventIds: await eventIds(key), isSealed: sealed.has(key) });
      return objects;
    },
  };
}

export type ArchiveObjects = ReturnType<typeof createArchiveObjects>;
