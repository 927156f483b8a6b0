import { type AuditEvent, decodeEvent } from "../../core/audit/event.ts";
import { eventsPrefix, parseBatchKey, policyKey } from "../../core/audit/layout.ts";
import type { ArchiveReader } from "../../core/audit/verify.ts";
import { currentPolicies } from "../../core/policy/version.ts";
import { parsePolicyBundle, type PolicySet } from "../../core/policy/policy-set.ts";
import { CliFailure } from "./failure.ts";

/**
 * The archived events of some clinics, each once: a batch that was cut again may store an event twice.
 * @param since First UTC day, `2026-11-22`; all of them where it is absent.
 * Throws CliFailure at a line that is no event: `keyward audit verify` says more about it.
 */
export async function* archivedEvents(
  reader: ArchiveReader,
  tenants: readonly string[],
  since?: string,
): AsyncGenerator<AuditEvent> {
  for (const tenantId of tenants) {
    let today = "";
    const seen = new Set<string>();
    for await (const key of reader.list(eventsPrefix(tenantId))) {
      const batch = parseBatchKey(key);
      if (batch === undefined || (since !== undefined && batch.day < since)) continue;
      if (batch.day !== today) {
        today = batch.day;
        seen.clear();
      }
      for (const line of linesOf(await reader.get(key))) {
        const event = decodeEvent(line);
        if (event === undefined) throw new CliFailure(`${key} holds a line that is no event: run keyward audit verify`);
        if (seen.has(event.id)) continue;
        seen.add(event.id);
        yield event;
      }
    }
  }
}

function linesOf(content: Uint8Array | undefined): string[] {
  const text = content === undefined ? "" : Buffer.from(content).toString("utf8");
  return text.split("\n").filter((line) => line !== "");
}

/** Policies by version: those of this build, and those that the archive keeps of its time. */
export const archivedPolicies =
  (reader: ArchiveReader) =>
  async (version: string): Promise<PolicySet | undefined> => {
    if (version === currentPolicies.version) return currentPolicies;
    const key = policyKey(version);
    for await (const found of reader.list(key)) {
      const content = found === key ? await reader.get(key) : undefined;
      if (content !== undefined) return parsePolicyBundle(Buffer.from(content).toString("utf8"));
    }
    return undefined;
  };
