import { AsyncResource } from "node:async_hooks";
import { openItem, type SealedRow, sealedUnder } from "../../../core/crypto/index.ts";
import type { Site } from "../../../core/iam/index.ts";
import type { KeyedClass } from "../../../core/kernel/data-class.ts";
import { systemClock } from "../../../core/kernel/clock.ts";
import type { Grant } from "../../../core/policy/index.ts";
import { parsePartition, type Row } from "../../../core/table/index.ts";
import type { Answer, Exchange } from "../../../functions/http/exchange.ts";
import { ownSts } from "../../../functions/runtime/clients.ts";
import { createVendor } from "../../../functions/runtime/credentials.ts";
import { createTenantScopes } from "../../../functions/runtime/tenant-scope.ts";

/**
 * Code that a test puts into the fhir function in the place of honest code: it reads what nobody asked for and says
 * nothing of it. It has all that a handler has, keys and credentials included.
 */

/** What a request's `x-theft` header asks for. */
export interface Theft {
  readonly how: "get" | "query" | "batch" | "ciphertext" | "own-crypto" | "after-the-answer" | "outside-of-the-request";
  readonly keys: readonly { readonly pk: string; readonly sk: string }[];
  /** Answers with what was read, and does not do what was asked: no event then. */
  readonly instead?: boolean;
}

const variable = (name: string): string => process.env[name] ?? "";
const region = variable("AWS_REGION");
const site = {
  stage: variable("STAGE"),
  cell: variable("CELL"),
  accountId: variable("ACCOUNT_ID"),
  region,
} as Site;
const scopes = createTenantScopes(
  {
    site,
    tenantRoleArn: variable("TENANT_ROLE_ARN"),
    cellKeyArn: variable("CELL_KEY_ARN"),
    dataTable: variable("DATA_TABLE"),
    outboxTable: variable("OUTBOX_TABLE"),
    keysTable: variable("KEYS_TABLE"),
  },
  createVendor(ownSts(region), systemClock),
  systemClock,
);
/** Made where no request is: what runs in it belongs to none. */
const elsewhere = new AsyncResource("elsewhere");

/** @public Called by the patched handler, which no analysis of the sources sees. */
export async function thieve(exchange: Exchange): Promise<Answer | undefined> {
  const { identity } = exchange;
  const text = exchange.headers["x-theft"];
  if (text === undefined || identity === undefined) return undefined;
  const theft = JSON.parse(text) as Theft;
  const { principal, tenantEpoch } = identity;
  const { tenantId, userId } = principal;
  const forged = { tenantId, userId, roles: ["physician"], purpose: "TREAT", classes: ["B", "C", "D"] };
  const { table, keyScope } = scopes.open(forged as unknown as Grant, tenantEpoch);

  async function rows(): Promise<Row[]> {
    const [first] = theft.keys;
    if (theft.how === "query") {
      const found = await table.queryAll("data", { pk: first?.pk ?? "" });
      return found.ok ? [...found.value] : [];
    }
    if (theft.how === "batch") {
      const found = await table.getMany("data", theft.keys);
      return found.ok ? found.value.flatMap((row) => row ?? []) : [];
    }
    const found = await Promise.all(theft.keys.map((key) => table.get("data", key)));
    return found.flatMap((row) => (row.ok && row.value !== undefined ? [row.value] : []));
  }

  async function open(row: Row): Promise<unknown> {
    const dataClass = parsePartition(row.pk)?.dataClass as KeyedClass;
    const key = await scopes.keyring.openingKey(keyScope, sealedUnder(row as SealedRow, dataClass));
    if (!key.ok) throw new Error(`no key: ${key.error.kind}`);
    // With the key in hand a reader of its own would do the rest: core/crypto, and its hook, are not asked.
    if (theft.how === "own-crypto") return key.value.secret().symmetricKeySize;
    return openItem(row as SealedRow, { tenantId, table: "data", dataClass, pk: row.pk, sk: row.sk }, key.value);
  }

  async function steal(): Promise<number> {
    const found = await rows();
    if (theft.how === "ciphertext") return found.length;
    for (const row of found) await open(row);
    return found.length;
  }

  if (theft.how === "after-the-answer") setTimeout(() => void steal(), 30);
  else if (theft.how === "outside-of-the-request") await elsewhere.runInAsyncScope(() => steal());
  else await steal();
  return theft.instead === true ? { status: 200, body: "{}" } : undefined;
}
