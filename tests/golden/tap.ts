import { vi } from "vitest";
import type { Stack } from "../../scripts/local/stack.ts";
import type { Prepared, WireResponse } from "../../scripts/local/service.ts";

/** One AWS call: from CloudTrail who called what, from DynamoDB's own answer what it consumed. */
export interface CountedCall {
  /** The role whose session called, without the stage: `tenant-request`, `fn-archive`. */
  readonly role: string;
  /** `dynamodb:GetItem` */
  readonly action: string;
  readonly readUnits: number;
  readonly writeUnits: number;
}

interface Consumed {
  readonly CapacityUnits?: number;
}

const WRITES = new Set(["PutItem", "TransactWriteItems"]);

function unitsOf(response: WireResponse): number | undefined {
  const { ConsumedCapacity: consumed } = JSON.parse(response.body.toString()) as {
    readonly ConsumedCapacity?: Consumed | readonly Consumed[];
  };
  if (consumed === undefined) return undefined;
  return (Array.isArray(consumed) ? (consumed as readonly Consumed[]) : [consumed as Consumed]).reduce(
    (total, { CapacityUnits = 0 }) => total + CapacityUnits,
    0,
  );
}

const roleOf = (identity: Readonly<Record<string, unknown>>): string => {
  const { sessionContext } = identity as { sessionContext?: { sessionIssuer?: { userName?: string } } };
  return (sessionContext?.sessionIssuer?.userName ?? String(identity["type"])).replace(/^keyward-dev-(c01-)?/, "");
};

/**
 * Counts the calls of a stack. CloudTrail's records are complete but tell no capacity; DynamoDB's answers tell it where
 * the caller asked for it, which every client of ours does. The two are joined by their request id.
 */
export function tapCalls(stack: Stack) {
  const { dynamodb, trail } = stack.cloud;
  const units = new Map<string, number>();
  const prepare = dynamodb.prepare.bind(dynamodb);
  const spy = vi.spyOn(dynamodb, "prepare").mockImplementation(async (request, call): Promise<Prepared> => {
    const prepared = await prepare(request, call);
    return {
      ...prepared,
      async run() {
        const response = await prepared.run();
        const consumed = unitsOf(response);
        if (consumed !== undefined) units.set(call.requestId, consumed);
        return response;
      },
    };
  });
  let newest = trail.records({}, 1)[0]?.eventID;

  return {
    /** The calls since the last time that were made by a session of one of the roles. */
    take(roles: RegExp): CountedCall[] {
      const records = trail.records({}, 1_000);
      const known = records.findIndex(({ eventID }) => eventID === newest);
      newest = records[0]?.eventID;
      return records.slice(0, known === -1 ? undefined : known).flatMap((record) => {
        const role = roleOf(record.userIdentity);
        if (!roles.test(role)) return [];
        const action = `${record.eventSource.split(".")[0] ?? ""}:${record.eventName}`;
        const consumed = units.get(record.requestID) ?? 0;
        const isWrite = WRITES.has(record.eventName);
        return [{ role, action, readUnits: isWrite ? 0 : consumed, writeUnits: isWrite ? consumed : 0 }];
      });
    },
    stop: () => spy.mockRestore(),
  };
}
