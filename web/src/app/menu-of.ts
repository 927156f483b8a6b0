import type { Area } from "./areas.ts";

/** The areas that stand in somebody's menu, in its order. What is one's own stands in the account menu. */
export const menuOf = (areas: readonly Area[], can: readonly string[]): readonly Area[] =>
  areas
    .filter(
      ({ nav, needs, zone }) => nav !== undefined && zone !== "account" && (needs === undefined || can.includes(needs)),
    )
    .toSorted((one, other) => (one.nav?.order ?? 0) - (other.nav?.order ?? 0));
