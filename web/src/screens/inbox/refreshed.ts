import type { RouteName } from "../../../../core/contract/index.ts";

/** Every read that something which is done in the inbox can change. */
export const CHANGED: readonly RouteName[] = [
  "readInbox",
  "countInbox",
  "listMessages",
  "readThread",
  "readTask",
  "readResult",
];
