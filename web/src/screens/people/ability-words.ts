import type { Abilities, Power, Reach } from "../../../../core/contract/index.ts";
import { type Say, useText } from "../../i18n/index.ts";
import { governMessages } from "../govern/messages.ts";
import { wordFor } from "../govern/who.tsx";
import { abilityMessages } from "./ability-messages.ts";

type AbilitySay = Say<keyof typeof abilityMessages.en>;

/** The server's actions by what a clinic calls such work; an action of a newer server is told as "other". */
const GROUPS = [
  ["sign", /^note\.(sign|cosign|addend)$/],
  ["clinicSeen", /^(clinic\.read|settings\.read|template\.read|schedule\.setup)$/],
  ["notes", /^(note|visit)\./],
  ["emergency", /^break-glass\.(begin|end|own)$/],
  ["oversight", /^break-glass\./],
  ["charts", /^view\./],
  ["lists", /^chart\./],
  ["schedule", /^(appointment\.|schedule\.(read|free))/],
  ["finding", /^patient\.(search|recent|read)$/],
  ["registration", /^patient\./],
  ["consents", /^consent\./],
  ["documents", /^document\./],
  ["inbox", /^(inbox|message|task|thread|result|work)\./],
  ["portal", /^portal\./],
  ["trail", /^(audit|alert)\./],
  ["exports", /^export\./],
  ["approvals", /^approval\./],
  ["holds", /^hold\./],
  ["delegations", /^delegation\./],
  ["clinic", /^(clinic|settings|template|schedule)\./],
  ["people", /^person\./],
  ["apps", /^app\./],
  ["colleagues", /^people\./],
  ["other", /./],
] as const satisfies readonly (readonly [string, RegExp])[];

export type PowerGroup = (typeof GROUPS)[number][0];

export const groupOf = (action: string): PowerGroup =>
  GROUPS.find(([, pattern]) => pattern.test(action))?.[0] ?? "other";

/** Powers by group, in the order of the groups. `needsStepUp` where any of them does. */
export const groupsIn = (
  powers: readonly Power[],
): readonly { readonly group: PowerGroup; readonly needsStepUp: boolean }[] =>
  GROUPS.flatMap(([group]) => {
    const own = powers.filter(({ action }) => groupOf(action) === group);
    return own.length === 0 ? [] : [{ group, needsStepUp: own.some(({ needsStepUp }) => needsStepUp) }];
  });

/** Under which purpose and condition, in words. */
export function useReachWords(): { readonly t: AbilitySay; readonly conditionOf: (reach: Reach) => string } {
  const [t, shared] = [useText(abilityMessages), useText(governMessages)];
  const conditionOf = ({ purpose, condition, extent }: Reach): string => {
    const text = t(`condition.${condition}`, { purpose: wordFor(shared, "purpose", purpose) });
    return extent === "all" ? text : t("some", { text });
  };
  return { t, conditionOf };
}

/** A difference as lines: what is reached, then what may be done. */
export function useDifferenceLines(): (abilities: Abilities) => readonly string[] {
  const { t, conditionOf } = useReachWords();
  return ({ reach, powers }) => {
    const keys = [...new Set(reach.map(({ area, act }) => `${area} ${act}`))];
    const reached = keys.map((key) => {
      const own = reach.filter(({ area, act }) => `${area} ${act}` === key);
      const [first] = own;
      return first === undefined
        ? ""
        : `${t(`area.${first.area}`)}, ${t(`act.${first.act}`).toLowerCase()}: ${own.map(conditionOf).join("; ")}`;
    });
    return [...reached, ...groupsIn(powers).map(({ group }) => t(`power.${group}`))];
  };
}
