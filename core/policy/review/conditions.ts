import { markAt, type Row } from "./matrix.ts";
import { OBSTACLES, WAYS } from "./situations.ts";

/** The conditions of a row in words, read off its marks: how one gets in, and what then still stands in the way. */

const ENTRY: Readonly<Record<string, string>> = {
  plain: "",
  own: "the member's own record",
  permit: "the patient's consent permits it",
  emergency: "an active break-glass for the patient",
  delegated: "a delegation for this purpose",
  "delegated+permit": "a delegation for this purpose, and the patient's consent permits it",
};

const LIMIT: Readonly<Record<string, string>> = {
  deny: "the patient's consent refuses it",
  absent: "the clinic asks for a treatment relationship and there is none",
  frozen: "the chart is under a hold",
  restricted: "the chart is under a hold that restricts it",
};

/** An entry that another covers adds nothing: who may without consent needs no words for with consent. */
const COVERED_BY: Readonly<Record<string, readonly string[]>> = {
  own: ["plain"],
  permit: ["plain"],
  emergency: ["plain"],
  delegated: ["plain"],
  "delegated+permit": ["plain", "permit", "delegated"],
};

/**
 * Sentences that together say when a row permits, such as `one patient is named, unless the chart is under a hold`. Empty
 * for a row that permits whatever the situation.
 */
export function conditionsOf(row: Row): readonly string[] {
  const isOpen = (situation: string): boolean => markAt(row, situation) === "Y";
  const ways = Object.keys(WAYS).filter(
    (way) => isOpen(way) && !(COVERED_BY[way] ?? []).some((wider) => isOpen(wider)),
  );
  return ways.map((way) => {
    const needs = [ENTRY[way] ?? ""];
    if (way === "plain" && !isOpen("many")) needs.push("one patient is named");
    const limits = Object.keys(OBSTACLES).filter((obstacle) => {
      const isMet = !(obstacle === "deny" && way.endsWith("permit"));
      if (!isMet || isOpen(`${way}-${obstacle}`)) return false;
      // A hold that freezes also refuses where it restricts: said once.
      return !(obstacle === "restricted" && !isOpen(`${way}-frozen`));
    });
    const unless = limits.map((obstacle) => LIMIT[obstacle] ?? "");
    return [needs.filter((text) => text !== "").join(", "), unless.length === 0 ? "" : `unless ${unless.join(", or ")}`]
      .filter((text) => text !== "")
      .join(", ");
  });
}

/** The conditions of an act of the clinic zone in words. */
export function clinicConditionsOf(row: Row): readonly string[] {
  const isOpen = (situation: string): boolean => markAt(row, situation) === "Y";
  const patient = (suffix: string): string | undefined => {
    if (isOpen(`none${suffix}`)) return "";
    if (isOpen(`other${suffix}`)) return "one other patient is named";
    return isOpen(`own${suffix}`) ? "the member's own record" : undefined;
  };
  const plain = patient("");
  if (plain !== undefined) return [plain].filter((text) => text !== "");
  const stepped = patient("+step-up");
  if (stepped !== undefined) return [["both factors again", stepped].filter((text) => text !== "").join(", ")];
  if (isOpen("none+officer")) return ["a privacy officer of the clinic"];
  if (isOpen("other+officer+step-up")) return ["a privacy officer of the clinic, both factors again"];
  return isOpen("other+delegated") ? ["a delegation for this purpose, one other patient is named"] : [];
}

/** What an act on the platform asks for beside the role; nothing where it asks for nothing. */
export const platformConditionOf = (row: Row): string => (markAt(row, "plain") === "Y" ? "" : "both factors again");
