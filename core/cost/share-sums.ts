import { add, type Decimal, negate } from "./decimal.ts";
import type { AllocationClass, CostTenant, LineState, OriginCharge, SplitCharge } from "./ledger.ts";
import { minus, NOTHING, type PicoUsd, pico } from "./money.ts";

/** What shares that are added up have in common. */
export type SummedOrigin = Pick<OriginCharge, "kind" | "layer" | "serviceName" | "sku" | "skuMeter" | "unit">;

/** Shares of a tenant that say the same of themselves, as one: what totals, layers and SKUs need of them. */
export interface ShareSum {
  readonly origin: SummedOrigin;
  /** Null for nobody's. */
  readonly tenant: CostTenant | null;
  readonly allocation: AllocationClass;
  readonly state: LineState;
  readonly quantity: Decimal | null;
  readonly listCost: PicoUsd;
  readonly billedCost: PicoUsd;
  readonly effectiveCost: PicoUsd;
  /** How many shares they are. */
  readonly rows: number;
}

/** A share, or shares that were added up. */
export type AddedShare = Omit<ShareSum, "rows"> & { readonly rows?: number };

interface Sum {
  readonly origin: SummedOrigin;
  readonly allocation: AllocationClass;
  readonly state: LineState;
  quantity: Decimal | null;
  list: bigint;
  billed: bigint;
  effective: bigint;
  rows: number;
}

/** What is added: amounts of a share without the rest of it. */
export interface Added {
  readonly tenantId: string | null;
  readonly origin: SummedOrigin;
  readonly allocation: AllocationClass;
  readonly state: LineState;
  readonly quantity: Decimal | null;
  readonly list: PicoUsd;
  readonly billed: PicoUsd;
  readonly effective: PicoUsd;
  readonly rows: number;
}

/** Whose nobody's is, among ids of tenants. */
export const NOBODY = "~nobody";

/** Shares added up by tenant and by what they say of themselves. The order in which they come changes nothing. */
export class ShareSums {
  readonly #sums = new Map<string, Map<string, Sum>>();
  /** Origins come many times over. */
  readonly #keys = new WeakMap<SummedOrigin, string>();

  add({ tenantId, origin, allocation, state, quantity, list, billed, effective, rows }: Added): void {
    const own = this.#of(tenantId);
    const key = `${this.#keyOf(origin)}\u0000${allocation}\u0000${state}`;
    const sum = own.get(key);
    if (sum === undefined) {
      const { kind, layer, serviceName, sku, skuMeter, unit } = origin;
      const said = { kind, layer, serviceName, sku, skuMeter, unit };
      own.set(key, { origin: said, allocation, state, quantity, list, billed, effective, rows });
      return;
    }
    if (quantity !== null) sum.quantity = sum.quantity === null ? quantity : add(sum.quantity, quantity);
    sum.list += list;
    sum.billed += billed;
    sum.effective += effective;
    sum.rows += rows;
  }

  addShare({
    tenant,
    origin,
    allocation,
    state,
    quantity,
    listCost,
    billedCost,
    effectiveCost,
    rows,
  }: AddedShare): void {
    const costs = { list: listCost, billed: billedCost, effective: effectiveCost };
    this.add({ tenantId: tenant?.id ?? null, origin, allocation, state, quantity, ...costs, rows: rows ?? 1 });
  }

  /** Of who has any, in the order of ids; each in the order of what it says. */
  *entries(tenantOf: (id: string) => CostTenant | null): Generator<readonly [id: string, sums: readonly ShareSum[]]> {
    for (const [id, sums] of [...this.#sums].toSorted(byKey)) {
      const tenant = id === NOBODY ? null : tenantOf(id);
      yield [
        id,
        [...sums]
          .toSorted(byKey)
          .filter(([, { rows }]) => rows !== 0)
          .map(([, { list, billed, effective, ...sum }]) => ({
            ...sum,
            tenant,
            listCost: pico(list),
            billedCost: pico(billed),
            effectiveCost: pico(effective),
          })),
      ];
    }
  }

  #of(tenantId: string | null): Map<string, Sum> {
    const id = tenantId ?? NOBODY;
    const known = this.#sums.get(id);
    if (known !== undefined) return known;
    const made = new Map<string, Sum>();
    this.#sums.set(id, made);
    return made;
  }

  #keyOf(origin: SummedOrigin): string {
    const known = this.#keys.get(origin);
    if (known !== undefined) return known;
    const { kind, layer, serviceName, sku, skuMeter, unit } = origin;
    const key = [layer, sku, kind, serviceName, skuMeter ?? "", unit ?? ""].join("\u0000");
    this.#keys.set(origin, key);
    return key;
  }
}

const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): -1 | 1 => (a < b ? -1 : 1);

/** Sums of all tenants and of nobody, with no tenant's name on them. */
export function sumsOfAll(sums: Iterable<AddedShare>): ShareSum[] {
  const all = new ShareSums();
  for (const each of sums) all.addShare({ ...each, tenant: null });
  return [...all.entries(() => null)].flatMap(([, each]) => each);
}

/** A share that is added, or taken away. */
export type AddedLine = SplitCharge & { readonly rows?: number };

/** The same shares taken away. */
export const takenAway = (share: SplitCharge): AddedLine => ({
  ...share,
  quantity: share.quantity === null ? null : negate(share.quantity),
  listCost: minus(NOTHING, share.listCost),
  billedCost: minus(NOTHING, share.billedCost),
  effectiveCost: minus(NOTHING, share.effectiveCost),
  rows: -1,
});
