import type { KeyUse } from "../../core/crypto/index.ts";
import { nameTouch, touchOf } from "../../core/watch/index.ts";
import { log } from "./log.ts";

/** Names of one group, such as the Observations of one patient, that a line spells out; the rest is counted. */
const NAMED_PER_GROUP = 8;
const NAMED_MAX = 400;
const GROUPS_MAX = 1_200;

interface Group {
  count: number;
  readonly names: Set<string>;
}

export interface RequestFacts {
  readonly requestId: string;
  readonly route?: string;
  readonly tenantId?: string;
  readonly userId?: string;
}

/** What one invocation opened. */
export interface KeyLedger {
  add(use: KeyUse): void;
  describe(facts: Omit<RequestFacts, "requestId">): void;
  /** Writes the line. What is opened afterwards, by work that outlived its request, gets a line of its own. */
  close(): void;
}

/** Counts each opening under its record's name, bounded: a chart is a few dozen names, a directory one group. */
export function createKeyLedger(request: RequestFacts): KeyLedger {
  let facts = request;
  let groups = new Map<string, Group>();
  let named = 0;
  let uncounted = 0;
  let isClosed = false;

  function write(): void {
    const entries = [...groups];
    const count = entries.reduce((total, [, group]) => total + group.count, uncounted);
    if (count === 0) return;
    const records = entries.flatMap(([, { names }]) => [...names]);
    // A group whose every opening has its name needs no count.
    const more = entries.flatMap(([group, { count: uses, names }]) => (uses > names.size ? [`${group}=${uses}`] : []));
    log("info", "key-use", { ...facts, count, records, more, ...(uncounted > 0 && { uncounted }) });
    groups = new Map();
    named = 0;
    uncounted = 0;
  }

  return {
    add(use) {
      // Work that never was in a request is told under the clinic whose record it opened.
      facts = { tenantId: use.tenantId, ...facts };
      const touch = touchOf(use.pk, use.sk);
      const { group, name } = nameTouch(touch);
      const known = groups.get(group);
      if (known === undefined && groups.size >= GROUPS_MAX) {
        uncounted += 1;
      } else {
        const entry = known ?? { count: 0, names: new Set<string>() };
        groups.set(group, entry);
        entry.count += 1;
        if (entry.names.size < NAMED_PER_GROUP && named < NAMED_MAX && !entry.names.has(name)) {
          entry.names.add(name);
          named += 1;
        }
      }
      if (isClosed) write();
    },
    describe(more) {
      facts = { ...facts, ...more };
    },
    close() {
      isClosed = true;
      write();
    },
  };
}
