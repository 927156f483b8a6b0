import { recordRefusal, zone } from "./finance/context.ts";
import { fileHandlers } from "./finance/files.ts";
import { readHandlers } from "./finance/reads.ts";
import { writeHandlers } from "./finance/writes.ts";
import { endpoint } from "./http/endpoint.ts";

/** What the platform costs and earns, for finance. No record passes here: the role that this zone assumes cannot reach one. */
export const handler = endpoint(
  "finance",
  { ...readHandlers, ...writeHandlers, ...fileHandlers },
  { identity: zone.authentication, onRefused: recordRefusal },
);
