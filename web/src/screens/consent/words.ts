import type { ConsentParty, ConsentStatement, EffectOnParty } from "../../../../core/contract/index.ts";
import type { RuleTexts } from "../../api/problem-text.ts";
import type { Say } from "../../i18n/index.ts";
import { type GovernKey, shortId, wordFor } from "../govern/who.tsx";
import { consentMessages } from "./messages.ts";

export type ConsentKey = keyof typeof consentMessages.en;
/** Both vocabularies and the language's own way to list things. */
export interface Words {
  readonly t: Say<ConsentKey>;
  readonly shared: Say<GovernKey>;
  readonly list: (items: readonly string[]) => string;
}

const isKey = (key: string): key is ConsentKey => Object.hasOwn(consentMessages.en, key);
const unique = (items: readonly string[]): string[] => [...new Set(items)];

export function partyText({ kind, id = "", name }: ConsentParty, { t, shared }: Words): string {
  if (name !== undefined) return kind === "system" ? shared("system", { name }) : name;
  if (kind === "role") return wordFor(shared, "role", id);
  const key = `party.${kind}`;
  return isKey(key) ? t(key) : shared("unknownPerson", { id: shortId(id) });
}

/** What a statement is about: classes, categories and types in one list; all of the chart where it names none. */
function matterText({ classes, labels, types }: ConsentStatement, { t, shared, list }: Words): string {
  const named = [
    ...classes.map((letter) => wordFor(shared, "class", letter)),
    ...labels.map((label) => {
      const key = `label.${label}`;
      return isKey(key) ? t(key) : label;
    }),
    ...types,
  ];
  return named.length === 0 ? t("allOfChart") : list(unique(named));
}

/** "Dr. Reed may see mental health records for treatment." */
export function statementText(statement: ConsentStatement, words: Words): string {
  const { t, shared, list } = words;
  const { effect, parties, purposes } = statement;
  const who = parties.length === 0 ? t("anyone") : list(parties.map((party) => partyText(party, words)));
  const purpose =
    purposes.length === 0
      ? ""
      : t("forPurpose", { purpose: list(purposes.map((code) => wordFor(shared, "purpose", code))) });
  return t(effect === "permit" ? "permits" : "denies", { who, what: matterText(statement, words), purpose });
}

/** What would change for one person, in one or two sentences. */
export function effectTexts(
  { party, purpose, gains, loses }: EffectOnParty,
  words: Words,
): readonly { readonly kind: "gains" | "loses"; readonly text: string }[] {
  const { t, shared, list } = words;
  return (
    [
      ["loses", loses],
      ["gains", gains],
    ] as const
  ).flatMap(([kind, parts]) =>
    parts.length === 0
      ? []
      : [
          {
            kind,
            text: t(kind, {
              who: partyText(party, words),
              what: list(parts.map((part) => t(`part.${part}`).toLowerCase())),
              purpose: wordFor(shared, "purpose", purpose),
            }),
          },
        ],
  );
}

export const rulesOf = (t: Say<ConsentKey>): RuleTexts => ({
  "consent-party": t("rule.consent-party"),
  "consent-state": t("rule.consent-state"),
  "consent-size": t("rule.consent-size"),
});
