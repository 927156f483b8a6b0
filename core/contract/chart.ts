/** A patient's chart in the portal: what is written into it and what its screens get. */
export * from "./chart-words.ts";
export * from "./chart/requests.ts";
