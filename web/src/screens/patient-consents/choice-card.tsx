import { IconShieldCheck, IconShieldOff } from "@tabler/icons-react";
import type { ConsentView } from "../../../../core/contract/index.ts";
import { useSession } from "../../app/session.tsx";
import { useFormat, useText } from "../../i18n/index.ts";
import { Alert, Badge, Button, Card, List, Stack, Text } from "../../ui/index.ts";
import { consentMessages } from "../consent/messages.ts";
import { useWords } from "../consent/use-words.ts";
import { statementText } from "../consent/words.ts";
import { choiceMessages } from "./messages.ts";

interface ChoiceCardProps {
  readonly consent: ConsentView;
  /** Absent where it is over, or the law keeps it as it is. */
  readonly onTakeBack?: (() => void) | undefined;
}

/** One choice of hers: what it says, how long, and who wrote it down. */
export function ChoiceCard({ consent, onTakeBack }: ChoiceCardProps) {
  const [t, shared, words, format] = [useText(choiceMessages), useText(consentMessages), useWords(), useFormat()];
  const { user } = useSession();
  const { state, form, statements, until, recordedBy, recordedAt, revocation } = consent;
  const title = t(form === "restrict" || form === "share" ? `form.${form}` : "form.other");
  const isPermit = statements.every(({ effect }) => effect === "permit");
  const isOwn = recordedBy?.id === user.id;
  const isActive = state === "active" || state === "expires";
  return (
    <Card
      title={title}
      level={3}
      state={
        <Badge
          tone={isActive ? "success" : "neutral"}
          text={shared(`state.${state}`)}
          icon={isPermit ? IconShieldCheck : IconShieldOff}
        />
      }
    >
      <Stack gap="sm">
        {state === "not-computed" && <Alert tone="danger" title={t("unreadable")} />}
        {form !== undefined && form !== "restrict" && form !== "share" && (
          <Text isStrong>{shared(`form.${form}`)}</Text>
        )}
        <List label={title} look="bullets" items={statements} itemKey={(statement) => JSON.stringify(statement)}>
          {(statement) => <Text as="span">{statementText(statement, words)}</Text>}
        </List>
        <Text size="sm" tone="muted">
          {until === undefined ? t("open") : t("untilDay", { when: format.day(until) })}
        </Text>
        <Text size="sm" tone="muted">
          {t(isOwn ? "byYou" : "byClinic", { when: format.dateTime(recordedAt) })}
        </Text>
        {revocation !== undefined && (
          <Text size="sm" tone="muted">
            {t("endedOn", { when: format.dateTime(revocation.at) })}
          </Text>
        )}
        {onTakeBack !== undefined && (
          <Button size="lg" label={t("takeBackOf", { title })} onClick={onTakeBack}>
            {t("takeBack")}
          </Button>
        )}
      </Stack>
    </Card>
  );
}
