import type { PublicJwk } from "../../../../core/contract/index.ts";
import { isRedirectUri } from "../../../../core/contract/admin-apps.ts";
import type { AppsSay } from "./messages.ts";

/** What somebody typed, as what the contract takes. The server looks again. */

export const linesOf = (text: string): string[] =>
  text
    .split(/\s+/)
    .map((line) => line.trim())
    .filter((line) => line !== "");

export const redirectsWrong = (t: AppsSay, text: string): string | undefined => {
  const lines = linesOf(text);
  const isGood = lines.length > 0 && lines.every(isRedirectUri);
  return isGood && new Set(lines.map((line) => line.startsWith("http:"))).size === 1 ? undefined : t("redirectsForm");
};

const parse = (text: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
};

/** A private key that is pasted here has been shown: it is not to be used any more. */
export function keyWrong(t: AppsSay, text: string): string | undefined {
  const key = parse(text);
  if (key !== undefined && "d" in key) return t("keyPrivate");
  const isText = ["x", "y", "kid"].every((name) => typeof key?.[name] === "string");
  return isText && key?.["kty"] === "EC" && key["crv"] === "P-256" ? undefined : t("keyForm");
}

/** The members that the contract knows, and no other. */
export function keyIn(text: string): PublicJwk {
  const { x = "", y = "", kid = "" } = (parse(text) ?? {}) as Readonly<Record<string, string>>;
  return { kty: "EC", crv: "P-256", x, y, kid };
}
