import { isJsonObject, type JsonObject } from "../fhir/index.ts";

/** The objects of a list that may be none; what is no object is left out, because no element of FHIR's is one. */
export const listOf = (value: unknown): readonly JsonObject[] =>
  (Array.isArray(value) ? (value as unknown[]) : []).filter(isJsonObject);
export const objectOf = (value: unknown): JsonObject => (isJsonObject(value) ? value : {});
export const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
