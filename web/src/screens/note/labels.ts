import type { StartNote } from "../../../../core/contract/index.ts";

/** What a note can be protected as, in the contract's own words. */
export const NOTE_LABELS = [
  "PSYTHPN",
  "42CFRPart2",
  "PSY",
  "SEX",
  "SDV",
  "HIV",
] as const satisfies readonly NonNullable<StartNote["label"]>[];
