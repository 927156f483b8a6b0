import { actDigest } from "../../core/identity/step-up.ts";
import type { Exchange } from "./exchange.ts";

/** The hash that names this request, as it was sent: what a bound step-up has to be for. */
export const actOf = ({ event, rawBody }: Pick<Exchange, "event" | "rawBody">): string => {
  const query = event.rawQueryString === "" ? "" : `?${event.rawQueryString}`;
  return actDigest(event.requestContext.http.method, event.rawPath + query, rawBody);
};
