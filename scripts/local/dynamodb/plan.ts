import type { Call, Check } from "../service.ts";
import type { Engine } from "./engine.ts";
import type { Input } from "./input.ts";

/** A string is finished JSON; hot paths join stored item text instead of parsing it. */
export type Reply = string | object;

/** A request that was read and judged without a look at the data: what it needs permission for, and how to run it. */
export interface Plan {
  readonly checks: readonly Check[];
  readonly readOnly: boolean;
  readonly managementEvent: boolean;
  /** For the trail: names and keys, never other attributes. */
  readonly parameters: Readonly<Record<string, unknown>>;
  run(): Reply | Promise<Reply>;
}

export type Operation = (engine: Engine, input: Input, call: Call) => Plan;
