import { IconUrgent } from "@tabler/icons-react";
import { useState } from "react";
import type { OwnAccess } from "../../../../core/contract/index.ts";
import { useAsk } from "../../api/hooks.ts";
import { useFormat, useText } from "../../i18n/index.ts";
import {
  Alert,
  AskState,
  Badge,
  Button,
  CheckboxField,
  EmptyState,
  LinkButton,
  List,
  Page,
  Row,
  Stack,
  Text,
} from "../../ui/index.ts";
import { governMessages } from "../govern/messages.ts";
import { wordFor } from "../govern/who.tsx";
import { activityMessages } from "./messages.ts";

function Access({ access }: { readonly access: OwnAccess }) {
  const [t, shared, format] = [useText(activityMessages), useText(governMessages), useFormat()];
  const { who, did, at, outcome, purpose, isEmergency } = access;
  const role = who.role === undefined ? undefined : wordFor(shared, "role", who.role);
  const name = who.kind === "you" ? t("you") : (who.name ?? t(who.kind));
  const key = `purpose.${purpose ?? ""}`;
  const isKnown = (text: string): text is `purpose.${"TREAT" | "HPAYMT"}` => Object.hasOwn(activityMessages.en, text);
  return (
    <Stack gap="xs">
      <Row>
        <Text as="strong">
          {[name, who.kind === "you" ? undefined : role].filter((part) => part !== undefined).join(", ")}
        </Text>
        {isEmergency && <Badge tone="danger" icon={IconUrgent} text={t("emergency")} />}
        {outcome !== "success" && <Badge tone="warning" text={t(outcome === "denied" ? "denied" : "failed")} />}
      </Row>
      <Text>{`${format.dateTime(at)} · ${t(`did.${did}`)}`}</Text>
      {isKnown(key) && (
        <Text size="sm" tone="muted">
          {t("purpose", { purpose: t(key) })}
        </Text>
      )}
      {isEmergency && (
        <Text size="sm" tone="muted">
          {t("emergencyHint")}
        </Text>
      )}
    </Stack>
  );
}

interface PageOfProps {
  readonly cursor: string | undefined;
  readonly isOwnShown: boolean;
}

/** A page of the trail, and the next one under it once it is asked for. */
function AccessPage({ cursor, isOwnShown }: PageOfProps) {
  const t = useText(activityMessages);
  const query = useAsk("listOwnAccesses", { query: { count: 50, ...(cursor !== undefined && { cursor }) } });
  const [isMore, setIsMore] = useState(false);
  return (
    <AskState
      query={query}
      label={t("title")}
      isEmpty={({ events }) => events.length === 0 && cursor === undefined}
      empty={<EmptyState title={t("empty")} hint={t("emptyHint")} />}
    >
      {({ events, next }) => (
        <Stack>
          <List
            label={t("title")}
            items={events.filter(({ who }) => isOwnShown || who.kind !== "you")}
            itemKey={({ id }) => id}
          >
            {(access) => <Access access={access} />}
          </List>
          {next !== undefined &&
            (isMore ? (
              <AccessPage cursor={next} isOwnShown={isOwnShown} />
            ) : (
              <Button size="lg" onClick={() => setIsMore(true)}>
                {t("more")}
              </Button>
            ))}
        </Stack>
      )}
    </AskState>
  );
}

/** Who opened the record: by name where the clinic shows names, by role always, emergencies marked. */
export default function PatientActivityScreen() {
  const t = useText(activityMessages);
  const [isOwnShown, setIsOwnShown] = useState(false);
  return (
    <Page title={t("title")} intro={t("intro")} width="text">
      <CheckboxField label={t("own")} value={isOwnShown} onChange={setIsOwnShown} />
      <AccessPage cursor={undefined} isOwnShown={isOwnShown} />
      <Alert
        tone="info"
        title={t("ask")}
        actions={
          <LinkButton to="/app/my/messages" size="lg">
            {t("write")}
          </LinkButton>
        }
      />
    </Page>
  );
}
