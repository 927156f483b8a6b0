import * as z from "zod";
import { EDGE_HEADERS } from "../../../core/contract/portal-paths.ts";
import type { Resources } from "./resources.ts";

const distribution = z.looseObject({
  origins: z.array(
    z.looseObject({ customHeaders: z.array(z.strictObject({ name: z.string(), value: z.string() })).default([]) }),
  ),
});

/** What the plan's distribution shows the API with every request; undefined for a plan without one. */
export function readEdgeSecret(resources: Resources): string | undefined {
  const all = resources.take("aws:cloudfront/distribution:Distribution", distribution);
  const headers = all.flatMap(({ inputs }) => inputs.origins.flatMap((origin) => origin.customHeaders));
  return headers.find(({ name }) => name === EDGE_HEADERS.secret)?.value;
}
