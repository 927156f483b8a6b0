import { IconShieldCheck, IconShieldOff } from "@tabler/icons-react";
import type { ConsentView } from "../../../../core/contract/index.ts";
import { useFormat } from "../../i18n/index.ts";
import {
  Alert,
  Badge,
  Button,
  Card,
  DefinitionList,
  type Definition,
  List,
  Stack,
  Text,
  type Tone,
} from "../../ui/index.ts";
import { useWords } from "./use-words.ts";
import { partyText, statementText, type ConsentKey } from "./words.ts";
import { consentMessages } from "./messages.ts";

const TONES: Readonly<Record<ConsentView["state"], Tone>> = {
  active: "success",
  expires: "warning",
  upcoming: "info",
  expired: "neutral",
  revoked: "neutral",
  "not-computed": "danger",
  "no-effect": "neutral",
};

const isKey = (key: string): key is ConsentKey => Object.hasOwn(consentMessages.en, key);

interface ConsentCardProps {
  readonly consent: ConsentView;
  /** Absent where nobody may revoke it, or it is over. */
  readonly onRevoke?: (() => void) | undefined;
}

/** One consent: what it says in plain words, how long, whose word it is, and how it ended. */
export function ConsentCard({ consent, onRevoke }: ConsentCardProps) {
  const [words, format] = [useWords(), useFormat()];
  const { t } = words;
  const { state, form, statements, from, until, signature, recordedBy, recordedAt, revocation } = consent;
  const title = t(form === undefined ? "form.other" : `form.${form}`);
  const isPermit = statements.every(({ effect }) => effect === "permit");
  const facts: Definition[] = [
    {
      term: t("period"),
      value: `${from === undefined ? t("openStart") : format.day(from)} – ${until === undefined ? t("openEnd") : format.day(until)}`,
    },
    ...consent.words.map(({ field, text }) => {
      const key = `expiry.${text}`;
      return { term: t(`word.${field}`), value: field === "expiry" && isKey(key) ? t(key) : text };
    }),
    ...(signature === undefined
      ? []
      : [
          { term: t("signature"), value: t(`signature.${signature.kind}`) },
          {
            term: t("signedBy"),
            value:
              signature.representative === undefined
                ? `${t("signedBy.patient")}, ${format.date(signature.signedOn)}`
                : `${signature.representative.name} (${signature.representative.authority}), ${format.date(signature.signedOn)}`,
          },
        ]),
  ];
  return (
    <Card
      title={title}
      level={3}
      state={<Badge tone={TONES[state]} text={t(`state.${state}`)} icon={isPermit ? IconShieldCheck : IconShieldOff} />}
      actions={
        onRevoke !== undefined && (
          <Button size="sm" onClick={onRevoke} label={t("revokeOf", { title })}>
            {t("revoke")}
          </Button>
        )
      }
      footer={
        <Text size="sm" tone="muted">
          {recordedBy === undefined
            ? t("recordedUnknown", { when: format.dateTime(recordedAt) })
            : t("recorded", { when: format.dateTime(recordedAt), who: partyText(recordedBy, words) })}
        </Text>
      }
    >
      <Stack gap="sm">
        {state === "not-computed" && <Alert tone="danger" title={t("notComputed")} />}
        {state === "no-effect" && <Text>{t("noEffect")}</Text>}
        {statements.length > 0 && (
          <List label={title} look="bullets" items={statements} itemKey={(statement) => JSON.stringify(statement)}>
            {(statement) => (
              <Text as="span">
                {statementText(statement, words)} {statement.isNarrower ? t("narrower") : ""}
              </Text>
            )}
          </List>
        )}
        {revocation !== undefined && (
          <Text tone="muted">
            {t("revokedBy", {
              when: format.dateTime(revocation.at),
              who: revocation.by === undefined ? "" : partyText(revocation.by, words),
              reason: isKey(`reason.${revocation.reason}`)
                ? t(`reason.${revocation.reason}` as ConsentKey)
                : revocation.reason,
            })}
            {revocation.text === undefined ? "" : ` – ${revocation.text}`}
          </Text>
        )}
        <DefinitionList items={facts} />
      </Stack>
    </Card>
  );
}
