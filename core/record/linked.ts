import { SealBroken } from "../crypto/index.ts";
import type { Result } from "../kernel/result.ts";
import { ok } from "../kernel/result.ts";
import type { PrivacyDeps, PrivacyFailure, Protection } from "../privacy/index.ts";
import { duplicatesOf, readProtection, survivorOf } from "../privacy/index.ts";
import type { Judgement } from "./judgement.ts";

/** Of the other charts of the same person: those of a survivor's duplicates, or of a duplicate's survivor and siblings. */
export async function linkedProtections(
  rows: PrivacyDeps,
  protection: Protection,
): Promise<Result<readonly Protection[], PrivacyFailure>> {
  const survivorId = survivorOf(protection);
  const survivor = survivorId === undefined ? ok(protection) : await readProtection(rows, survivorId);
  if (!survivor.ok) return survivor;
  // Both rows are written in one transaction: a duplicate that its survivor does not name was put back.
  if (survivorId !== undefined && !duplicatesOf(survivor.value).includes(protection.patientId))
    throw new SealBroken("place");
  const linked = survivorId === undefined ? [] : [survivor.value];
  for (const id of duplicatesOf(survivor.value)) {
    if (id === protection.patientId) continue;
    const duplicate = await readProtection(rows, id);
    if (!duplicate.ok) return duplicate;
    linked.push(duplicate.value);
  }
  return ok(linked);
}

/**
 * Invariant: a merge opens nothing. What another chart of the person denies is denied here, a hold that restricts there
 * restricts here, and what needs a permit needs one of this chart's own.
 */
export function narrowedBy(own: Judgement, other: Judgement & { readonly protection: Protection }): Judgement {
  const isRestricted = other.protection.hold?.mode === "restricted";
  const denies = (record: Parameters<Judgement["ruling"]["permits"]>[0]): boolean =>
    other.ruling.denies ? other.ruling.denies(record) : !other.ruling.permits(record);
  const deniesLabel = (label: string): boolean =>
    other.ruling.deniesLabel ? other.ruling.deniesLabel(label) : other.ruling.redacts(label);
  const { byClass } = own.ruling;
  const isDenied = (letter: keyof typeof byClass): boolean => other.ruling.byClass[letter] === "deny";
  const pick = (letter: keyof typeof byClass) => (isDenied(letter) ? "deny" : byClass[letter]);
  return {
    classes: own.classes.filter(
      (letter) => !isDenied(letter) && (!isRestricted || other.classes.includes(letter === "S" ? "C" : letter)),
    ),
    ruling: {
      byClass: { C: pick("C"), S: pick("S"), B: pick("B"), D: pick("D") },
      ids: [...new Set([...own.ruling.ids, ...other.ruling.ids])].slice(0, 8),
      permits: (record) => own.ruling.permits(record) && !denies(record),
      denies: (record) => (own.ruling.denies?.(record) ?? false) || denies(record),
      deniesLabel: (label) => (own.ruling.deniesLabel?.(label) ?? false) || deniesLabel(label),
      redacts: (label) => own.ruling.redacts(label) || deniesLabel(label),
    },
  };
}
