import { add, type Decimal, negate } from "./decimal.ts";
import type { ClinicCharge, OriginCharge, SplitCharge } from "./ledger.ts";
import { NOTHING, type PicoUsd, pico } from "./money.ts";
import type { Month } from "./period.ts";

/**
 * What came to light of a closed month, as rows of the current one. The closed rows stay as they are; for every origin whose shares
 * are others now, the old ones are taken back and the new ones booked, both `Correction`, both naming what they mend. So each
 * correction is itself an origin whose shares sum to it and whose ratios sum to 1, in any number of corrections.
 *
 * `standing` is what closed months hold, as `inForce` gives it: corrections of the open month are made anew at each run, as all
 * its lines are, until it closes with them.
 */
export function correctShares(
  standing: readonly SplitCharge[],
  fresh: readonly SplitCharge[],
  month: Month,
): SplitCharge[] {
  const before = Map.groupBy(standing, ({ origin }) => rootOf(origin));
  const after = Map.groupBy(fresh, ({ origin }) => origin.id);
  const roots = [...new Set([...before.keys(), ...after.keys()])].toSorted();
  return roots.flatMap((root) => {
    const [old, now] = [before.get(root) ?? [], after.get(root) ?? []];
    if (fingerprint(old) === fingerprint(now)) return [];
    return [
      ...book(old, { root, month, sign: -1n, step: "taken-back" }),
      ...book(now, { root, month, sign: 1n, step: "booked" }),
    ];
  });
}

const rootOf = ({ id, correctionOf }: OriginCharge): string => correctionOf ?? id;

/** What shares say, whatever their state and their order. */
const fingerprint = (lines: readonly SplitCharge[]): string =>
  lines
    .map(({ tenant, method, listCost, billedCost, effectiveCost, quantity, origin }) =>
      [
        tenant?.id ?? "",
        method ?? "",
        listCost,
        billedCost,
        effectiveCost,
        quantity === null ? "" : `${quantity.unscaled}e${quantity.scale}`,
        origin.layer,
      ].join("/"),
    )
    .toSorted()
    .join("\n");

interface Booking {
  readonly root: string;
  readonly month: Month;
  readonly sign: 1n | -1n;
  readonly step: "taken-back" | "booked";
}

function book(lines: readonly SplitCharge[], { root, month, sign, step }: Booking): SplitCharge[] {
  const signed = (amount: PicoUsd): PicoUsd => pico(sign * amount);
  const signedQuantity = (quantity: Decimal | null): Decimal | null =>
    quantity === null || sign === 1n ? quantity : negate(quantity);
  const origins = new Map<OriginCharge, OriginCharge>();
  const originOf = (origin: OriginCharge): OriginCharge => {
    const known = origins.get(origin);
    if (known !== undefined) return known;
    const made: OriginCharge = {
      ...origin,
      id: `${root}~${month}-${step}`,
      chargeClass: "Correction",
      quantity: signedQuantity(origin.quantity),
      listCost: signed(origin.listCost),
      billedCost: signed(origin.billedCost),
      effectiveCost: signed(origin.effectiveCost),
      billingMonth: month,
      invoiceId: null,
      state: "reconciled",
      correctionOf: root,
    };
    origins.set(origin, made);
    return made;
  };
  return lines.map((line) => ({
    ...line,
    id: `${originOf(line.origin).id}#${line.id.split("#").at(-1) ?? ""}`,
    origin: originOf(line.origin),
    quantity: signedQuantity(line.quantity),
    listCost: signed(line.listCost),
    billedCost: signed(line.billedCost),
    effectiveCost: signed(line.effectiveCost),
    state: "reconciled",
  }));
}

/** The shares in force of closed rows and their corrections so far: the newest booking of each origin, else the closed row. */
export function inForce(lines: readonly SplitCharge[]): SplitCharge[] {
  const byRoot = Map.groupBy(lines, ({ origin }) => rootOf(origin));
  return [...byRoot.values()].flatMap((of) => {
    const months = of
      // AWS's own corrections are lines like any other.
      .filter(({ origin }) => origin.correctionOf !== null)
      .map(({ origin }) => origin.billingMonth);
    const newest = months.toSorted().at(-1);
    return newest === undefined
      ? of
      : of.filter(({ origin }) => origin.billingMonth === newest && origin.id.endsWith("-booked"));
  });
}

const meterOf = ({ tenant, location, meter }: ClinicCharge): string => [tenant.id, location?.id ?? "", meter].join("/");

/**
 * What a clinic's closed statement should have said, as lines of the current month: the difference of each meter, to be asked or to
 * be given back. `standing` is the closed lines and their corrections so far. Rounding is the invoice's own and is not mended.
 */
export function correctStatement(
  standing: readonly ClinicCharge[],
  fresh: readonly ClinicCharge[],
  month: Month,
): ClinicCharge[] {
  const [before, after] = [standing, fresh].map((lines) =>
    Map.groupBy(
      lines.filter(({ meter }) => meter !== "rounding"),
      meterOf,
    ),
  );
  const meters = [...new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])])].toSorted();
  return meters.flatMap((key) => {
    const [old, now] = [before?.get(key) ?? [], after?.get(key) ?? []];
    const sample = now[0] ?? old[0];
    const difference = sum(now) - sum(old);
    if (sample === undefined || difference === 0n) return [];
    const mended = old.find(({ correctionOf }) => correctionOf === null) ?? sample;
    return [
      {
        ...sample,
        id: `${mended.id}~${month}`,
        chargeClass: "Correction" as const,
        description: `Correction of ${mended.billingMonth}: ${sample.meterName}`,
        quantity: sample.quantity === null ? null : add(quantityOf(now), negate(quantityOf(old))),
        amount: pico(difference),
        billingMonth: month,
        invoiceId: null,
        invoiceDetailId: null,
        state: "estimated" as const,
        correctionOf: mended.id,
      },
    ];
  });
}

const sum = (lines: readonly ClinicCharge[]): bigint =>
  lines.reduce<bigint>((all, { amount }) => all + amount, NOTHING);
const quantityOf = (lines: readonly ClinicCharge[]): Decimal =>
  lines.reduce<Decimal>((all, { quantity }) => (quantity === null ? all : add(all, quantity)), {
    unscaled: 0n,
    scale: 0,
  });
