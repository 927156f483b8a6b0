import type { BodyOf } from "../../api/client.ts";

export type { RouteName } from "../../../../core/contract/index.ts";

type ReasonCode = BodyOf<"beginBreakGlass">["reason"]["code"];

/** In the contract's order. A code that the contract drops or adds does not compile. */
export const EMERGENCY_REASONS = [
  "immediate-care",
  "cannot-consent",
  "responsible-clinician-absent",
  "public-health",
  "other",
] as const satisfies readonly ReasonCode[];
