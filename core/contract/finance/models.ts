import type { TierDecided, TierName } from "../platform.ts";
import type { CostLayer } from "./vocabulary.ts";

/** What finance reads of months that nobody lived: scenarios, prices of controls, tiers. */

/** Assumptions as `core/cost/scenarios/assumptions.json` has them: every amount a decimal as text. */
export type ScenarioAssumptions = Readonly<Record<string, unknown>>;

export interface ScenariosView {
  readonly assumptions: ScenarioAssumptions;
  /** False where they are the caller's own. */
  readonly isDefault: boolean;
  readonly priceListId: string;
  readonly planId: string;
  readonly scenarios: readonly {
    readonly tenants: number;
    readonly cells: number;
    readonly byProfile: readonly { readonly profile: string; readonly tenants: number }[];
    readonly byTier: readonly { readonly tier: string; readonly tenants: number }[];
    /** All of a month, in USD: estimates by nature, so that they carry no state. */
    readonly lines: readonly {
      readonly id: string;
      readonly layer: CostLayer;
      readonly source: "aws" | "labour" | "overhead";
      readonly cost: string;
    }[];
    readonly layers: readonly { readonly layer: CostLayer; readonly cost: string }[];
    readonly total: string;
    readonly perTenant: string;
    readonly awsPerTenant: string;
    readonly revenue: string;
    readonly margin: string;
  }[];
}

export interface ControlSettingView {
  readonly setting: string;
  readonly name: string;
  readonly keeps: string;
  readonly isCurrent: boolean;
  readonly meetsFloor: boolean;
  /** What it uses a month, in pricing units: all that its cost is made of. */
  readonly items: readonly { readonly sku: string; readonly unit: string; readonly quantity: string }[];
  /** USD a month of one clinic, or of the stage. */
  readonly cost: string;
  readonly delta: string;
}

export interface ControlsView {
  readonly priceListId: string;
  readonly controls: readonly {
    readonly control: string;
    readonly name: string;
    readonly layer: CostLayer;
    readonly scope: "clinic" | "stage";
    readonly settings: readonly ControlSettingView[];
    /** A `setting` of them; null where nothing allowed saves anything worth a change. */
    readonly rightSize: string | null;
  }[];
}

/** The tenancy decision with what each tier costs and is sold for. */
export interface TiersView {
  readonly decisionId: string;
  readonly decidedOn: string;
  readonly decision: string;
  readonly priceListId: string;
  readonly planId: string;
  readonly tiers: readonly (TierDecided & {
    readonly costAws: string;
    readonly costLabour: string;
    readonly margin: string;
  })[];
  readonly profiles: readonly {
    readonly profile: string;
    readonly name: string;
    readonly recommend: TierName;
    readonly because: string;
  }[];
}
