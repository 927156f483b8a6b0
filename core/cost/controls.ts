import * as z from "zod";
import { invariant } from "../kernel/invariant.ts";
import { Item } from "./assumptions.ts";
import { COST_LAYERS, type CostLayer } from "./ledger.ts";
import { minus, type PicoUsd, pico } from "./money.ts";
import type { PriceList } from "./prices.ts";
import { itemsCost } from "./scenario.ts";
import controls from "./scenarios/controls.json" with { type: "json" };

/** Controls that cost, as data: what each setting uses, what it keeps, and whether law and promise allow it. */
export const ControlBook = z.strictObject({
  schema: z.literal("keyward.controls/v1"),
  id: z.string(),
  note: z.string(),
  controls: z.array(
    z.strictObject({
      control: z.string().min(1),
      name: z.string().min(1),
      layer: z.enum(COST_LAYERS),
      scope: z.enum(["clinic", "stage"]),
      settings: z
        .array(
          z.strictObject({
            setting: z.string().min(1),
            name: z.string().min(1),
            isCurrent: z.boolean(),
            meetsFloor: z.boolean(),
            keeps: z.string().min(1),
            items: z.array(Item),
          }),
        )
        .refine(
          (settings) => settings.filter(({ isCurrent }) => isCurrent).length === 1,
          "one setting is the current one",
        ),
    }),
  ),
});
export type ControlBook = z.infer<typeof ControlBook>;

export const CONTROLS: ControlBook = ControlBook.parse(controls);

export interface ControlSetting {
  readonly setting: string;
  readonly name: string;
  readonly keeps: string;
  readonly isCurrent: boolean;
  /** What it uses a month, which is all that it costs. */
  readonly items: readonly Item[];
  /** False where law or a promise of ours asks for more: shown, and never advised. */
  readonly meetsFloor: boolean;
  /** USD a month of one clinic, or of the stage. */
  readonly cost: PicoUsd;
  /** More, or less when below zero, than the current setting. */
  readonly delta: PicoUsd;
}

export interface ControlPrice {
  readonly control: string;
  readonly name: string;
  readonly layer: CostLayer;
  readonly scope: "clinic" | "stage";
  readonly settings: readonly ControlSetting[];
  /** The cheapest allowed setting that saves something worth a change; undefined where there is none. */
  readonly rightSize: ControlSetting | undefined;
}

/** Five cents a month: less is no reason to set anything otherwise. */
const WORTH_A_CHANGE = pico(-50_000_000_000n);

/** The price of every control and what another setting would change (COST-5). */
export const controlPrices = (prices: PriceList, book = CONTROLS): ControlPrice[] =>
  book.controls.map(({ settings, ...of }) => {
    const current = settings.find(({ isCurrent }) => isCurrent);
    invariant(current !== undefined, "a control has a current setting");
    const now = itemsCost(current.items, prices);
    const priced = settings.map((setting): ControlSetting => {
      const cost = itemsCost(setting.items, prices);
      return { ...setting, cost, delta: minus(cost, now) };
    });
    const rightSize = priced
      .filter(({ meetsFloor, delta }) => meetsFloor && delta <= WORTH_A_CHANGE)
      .toSorted((a, b) => (a.delta < b.delta ? -1 : 1))[0];
    return { ...of, settings: priced, rightSize };
  });
