import { type AuditEvent, decodeEvent } from "../../../core/audit/event.ts";
import { unpackLine } from "../../../core/audit/row.ts";
import { tableName, type TableName } from "../../../core/iam/index.ts";
import type { TenantId } from "../../../core/kernel/ids.ts";
import { SITE, type Answer, type World } from "../world.ts";

/** Every row of the tables that hold a tenant's records, keys and events, as stored; of one tenant or of all. */
export function rowsOf(world: World, tenantId?: TenantId): string[] {
  const prefix = tenantId === undefined ? "T#" : `T#${tenantId}#`;
  return (["data", "keys", "outbox"] satisfies TableName[]).flatMap((table) =>
    dump(world, table)
      .filter((row) => pkOf(row).startsWith(prefix))
      .map((row) => `${table} ${JSON.stringify(row)}`),
  );
}

/** Records, tokens, directory and idempotency rows of a tenant: what a refused request must not have touched. */
export function dataRowsOf(world: World, tenantId: TenantId): string[] {
  return dump(world, "data")
    .filter((row) => pkOf(row).startsWith(`T#${tenantId}#`))
    .map((row) => JSON.stringify(row));
}

/** Every row of the registry but those of sessions and of the authorization server, which a sign-in leaves. */
export const registryRows = (world: World): string[] =>
  dump(world, "registry")
    .filter((row) => /^(?:TENANT|USER|LOGIN|CREDENTIAL|PEOPLE|ACCOUNT)#/.test(pkOf(row)))
    .map((row) => JSON.stringify(row));

export interface Stored {
  readonly event: AuditEvent;
  readonly line: string;
}

/** The tenant's events in the order of their ids. A row that is not the one text of an event fails the test. */
export const eventsOf = (world: World, tenantId: TenantId): Stored[] => linesOf(world, tenantId).map(stored);

/** The events that one request left with its own tenant, by the request id of its answer. */
export function eventsAbout(world: World, tenantId: TenantId, answer: Pick<Answer, "headers">): AuditEvent[] {
  const named = `"request":"${answer.headers.get("x-request-id") ?? "none"}"`;
  return linesOf(world, tenantId)
    .filter((line) => line.includes(named))
    .map((line) => stored(line).event);
}

function linesOf(world: World, tenantId: TenantId): string[] {
  const prefix = `T#${tenantId}#`;
  return dump(world, "outbox").flatMap((row) =>
    pkOf(row).startsWith(prefix) ? [unpacked(row["event"] as { readonly B?: string } | undefined)] : [],
  );
}

/** A test that looks at the trail after each of a thousand requests reads each row once. */
function remembered<T>(read: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const made = read(text);
    known.set(text, made);
    return made;
  };
}

const lineOf = remembered((packed) => unpackLine(Buffer.from(packed, "base64")) ?? "");
const unpacked = (value: { readonly B?: string } | undefined): string => lineOf(value?.B ?? "");

const stored = remembered((line): Stored => {
  const event = decodeEvent(line);
  if (event === undefined) throw new Error("a row of the outbox holds an event");
  return { event, line };
});

type Row = ReturnType<World["stack"]["cloud"]["dynamodb"]["dumpItems"]>[number];

const dump = (world: World, table: TableName): Row[] => world.stack.cloud.dynamodb.dumpItems(tableName(SITE, table));

const pkOf = (row: Row): string => (row["pk"] as { readonly S?: string } | undefined)?.S ?? "";
