import { describe, expect, it } from "vitest";
import { createDynamoTable } from "../../../core/table/dynamodb.ts";
import { createMeter } from "../../../core/table/index.ts";

const named = (name: string): Error => Object.assign(new Error(name), { name });

/** A table whose attempts fail with these errors, one after another. */
function failing(...names: readonly string[]) {
  const left = [...names];
  const send = () => Promise.reject(named(left.length > 1 ? (left.shift() ?? "") : (left[0] ?? "")));
  return createDynamoTable({
    client: { send } as never,
    names: { data: "data", outbox: "outbox" },
    clock: { now: () => 0 },
    meter: createMeter(),
    sleep: () => Promise.resolve(),
  });
}
const key = { pk: "p", sk: "s" };

describe("a write of which one attempt had no answer", () => {
  it.each(["ThrottlingException", "AccessDeniedException", "TransactionInProgressException"])(
    "AUD-12 stays unknown when a later attempt ends in %s",
    async (later) => {
      const table = failing("TimeoutError", later);
      const written = await table.transactWrite([{ kind: "put", table: "data", row: key }]);
      expect(written).toEqual({ ok: false, error: { kind: "unavailable" } });
      expect(await failing("TimeoutError", later).put("outbox", key)).toEqual({
        ok: false,
        error: { kind: "unavailable" },
      });
    },
  );

  it("is told as what it is where every attempt was refused", async () => {
    const written = await failing("ThrottlingException").transactWrite([{ kind: "put", table: "data", row: key }]);
    expect(written).toEqual({ ok: false, error: { kind: "throttled" } });
  });
});
