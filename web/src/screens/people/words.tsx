import type { PersonState, PersonSummary } from "../../../../core/contract/index.ts";
import { useText } from "../../i18n/index.ts";
import { Badge, Text, type Tone } from "../../ui/index.ts";
import { governMessages } from "../govern/messages.ts";
import { wordFor } from "../govern/who.tsx";
import { peopleMessages, type PeopleSay } from "./messages.ts";

const TONES: Readonly<Record<PersonState, Tone>> = {
  invited: "info",
  lapsed: "warning",
  active: "success",
  ended: "neutral",
};

export function StateBadge({ state }: { readonly state: PersonState }) {
  const t = useText(peopleMessages);
  return <Badge tone={TONES[state]} text={t(`state.${state}`)} />;
}

export function Roles({ roles }: { readonly roles: readonly string[] }) {
  const shared = useText(governMessages);
  return <Text as="span">{roles.map((role) => wordFor(shared, "role", role)).join(", ")}</Text>;
}

/** What somebody signs in with, as far as the clinic was told. */
export function factorsText(t: PeopleSay, { factors, state }: Pick<PersonSummary, "factors" | "state">): string {
  if (factors === undefined || state === "invited" || state === "lapsed") return t("factorsNone");
  const known = [
    ...(factors.password ? [t("password")] : []),
    ...(factors.passkeys > 0 ? [t("passkeys", { count: factors.passkeys })] : []),
  ];
  return known.length === 0 ? t("factorsNone") : known.join(", ");
}
