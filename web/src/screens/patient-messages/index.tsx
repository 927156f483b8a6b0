import { IconPencil } from "@tabler/icons-react";
import { useState } from "react";
import type { BodyOf } from "../../api/client.ts";
import { useAct, useAsk } from "../../api/hooks.ts";
import { useFormat, useText } from "../../i18n/index.ts";
import {
  Alert,
  AskState,
  Badge,
  Button,
  Drawer,
  EmptyState,
  Form,
  LinkButton,
  List,
  notify,
  Page,
  Row,
  SelectField,
  Stack,
  Text,
  TextAreaField,
} from "../../ui/index.ts";
import { mailMessages } from "./messages.ts";

type Body = BodyOf<"beginOwnThread">;
const TOPICS = ["health", "visit", "billing", "other"] as const satisfies readonly Body["topic"][];

function WriteDrawer({ onClose }: { readonly onClose: () => void }) {
  const t = useText(mailMessages);
  const { act, problem } = useAct("beginOwnThread", {
    refresh: ["listOwnThreads"],
    onDone: () => {
      notify({ text: t("sent"), tone: "success" });
      onClose();
    },
  });
  return (
    <Drawer title={t("begin")} isOpen onClose={onClose}>
      <Form<Body>
        label={t("begin")}
        loading={false}
        problem={problem}
        submitLabel={t("send")}
        onCancel={onClose}
        onSubmit={({ topic, text }) => act({ body: { topic, text } })}
      >
        <SelectField
          name="topic"
          label={t("topic")}
          isRequired
          choices={TOPICS.map((value) => ({ value, label: t(`topic.${value}`) }))}
        />
        <TextAreaField name="text" label={t("text")} isRequired rows={6} maxLength={4000} />
      </Form>
    </Drawer>
  );
}

/** A patient's conversations with her clinic. */
export default function PatientMessagesScreen() {
  const [t, format] = [useText(mailMessages), useFormat()];
  const query = useAsk("listOwnThreads");
  const [isWriting, setIsWriting] = useState(false);
  const write = (
    <Button size="lg" tone="primary" icon={IconPencil} onClick={() => setIsWriting(true)}>
      {t("begin")}
    </Button>
  );
  const hasThreads = (query.data?.threads.length ?? 0) > 0;
  return (
    <Page title={t("title")} intro={t("intro")} actions={hasThreads && write} width="text">
      <Alert tone="warning" title={t("emergency")} />
      <AskState
        query={query}
        label={t("title")}
        isEmpty={({ threads }) => threads.length === 0}
        empty={<EmptyState title={t("empty")} hint={t("emptyHint")} action={write} />}
      >
        {({ threads }) => (
          <List label={t("title")} items={threads} itemKey={({ id }) => id}>
            {({ id, topic, lastAt, lastFrom, isNew, count }) => (
              <Stack gap="xs">
                <Row justify="between">
                  <LinkButton
                    to="/app/my/messages/$thread"
                    params={{ thread: id }}
                    size="lg"
                    tone="quiet"
                    label={t("open", { topic })}
                  >
                    {topic}
                  </LinkButton>
                  {isNew && <Badge tone="info" text={t("isNew")} />}
                </Row>
                <Text size="sm" tone="muted">
                  {`${lastFrom === "you" ? t("lastYou") : t("lastClinic")}, ${format.dateTime(lastAt)} · ${t("count", { count })}`}
                </Text>
              </Stack>
            )}
          </List>
        )}
      </AskState>
      {isWriting && <WriteDrawer onClose={() => setIsWriting(false)} />}
    </Page>
  );
}
