import type { OwnConsentPreview } from "../../../../core/contract/index.ts";
import { useText } from "../../i18n/index.ts";
import { Alert, Badge, List, Row, Stack, Text } from "../../ui/index.ts";
import { activityMessages } from "../patient-activity/messages.ts";
import { consentMessages } from "../consent/messages.ts";
import { governMessages } from "../govern/messages.ts";
import { wordFor } from "../govern/who.tsx";
import { choiceMessages } from "./messages.ts";

type Effect = OwnConsentPreview["effects"][number];

/** Who would see more or less, a sentence each, in words that need no explanation. */
export function OwnEffects({ preview }: { readonly preview: OwnConsentPreview }) {
  const [t, parts] = [useText(choiceMessages), useText(consentMessages)];
  const [shared, why] = [useText(governMessages), useText(activityMessages)];
  const textOf = ({ who, purpose, ...effect }: Effect, kind: "loses" | "gains"): string =>
    t(kind, {
      who: who.name ?? wordFor(shared, "role", who.role),
      what: effect[kind].map((part) => parts(`part.${part}`)).join(", "),
      purpose: why(`purpose.${purpose}`),
    });
  const lines = preview.effects.flatMap((effect) =>
    (["loses", "gains"] as const).flatMap((kind) =>
      effect[kind].length === 0 ? [] : [{ kind, text: textOf(effect, kind) }],
    ),
  );
  return (
    <Stack gap="sm">
      {lines.length === 0 ? (
        <Alert tone="info" title={t("noEffect")} isLive />
      ) : (
        <List label={t("effect")} items={lines} itemKey={({ kind, text }) => `${kind} ${text}`}>
          {({ kind, text }) => (
            <Row gap="sm" align="baseline" wraps={false}>
              <Badge tone={kind === "loses" ? "danger" : "success"} text={kind === "loses" ? "−" : "+"} />
              <Text as="span">{text}</Text>
            </Row>
          )}
        </List>
      )}
      <Text size="sm" tone="muted">
        {t("always")}
      </Text>
    </Stack>
  );
}
