import { useEffect } from "react";
import type { BodyOf } from "../../api/client.ts";
import { useAct, useAsk } from "../../api/hooks.ts";
import { usePathValue } from "../../app/navigation.ts";
import { useFormat, useText } from "../../i18n/index.ts";
import { AskState, Card, Form, List, notify, Page, Row, Stack, Text, TextAreaField } from "../../ui/index.ts";
import { mailMessages } from "./messages.ts";

/** Says once that she has read what is new. */
function useReceive(id: string, isNew: boolean): void {
  const { act } = useAct("receiveOwnThread", { refresh: ["listOwnThreads", "readOwnHome"] });
  useEffect(() => {
    if (isNew) void act({ path: { id } });
  }, [act, id, isNew]);
}

/** One conversation, the oldest message first, and an answer to it. */
export default function PatientThreadScreen() {
  const [t, format] = [useText(mailMessages), useFormat()];
  const id = usePathValue("thread");
  const query = useAsk("readOwnThread", { path: { id } });
  useReceive(id, query.data?.isNew === true);
  const { act, problem } = useAct("answerOwnThread", {
    refresh: ["readOwnThread", "listOwnThreads"],
    onDone: () => notify({ text: t("sent"), tone: "success" }),
  });
  return (
    <Page
      title={query.data?.topic ?? t("title")}
      breadcrumbs={[{ label: t("back"), to: "/app/my/messages" }]}
      width="text"
    >
      <AskState query={query} label={t("messages")}>
        {({ messages }) => (
          <Stack gap="lg">
            <List label={t("messages")} items={messages} itemKey={(message) => message.id}>
              {({ from, name, at, text }) => (
                <Stack gap="xs">
                  <Row justify="between" align="baseline">
                    <Text as="strong">{from === "you" ? t("you") : (name ?? t("clinic"))}</Text>
                    <Text as="span" size="sm" tone="muted">
                      {format.dateTime(at)}
                    </Text>
                  </Row>
                  <Text isProse>{text}</Text>
                </Stack>
              )}
            </List>
            <Card title={t("answer")}>
              <Form<BodyOf<"answerOwnThread">>
                key={messages.length}
                label={t("answer")}
                loading={false}
                problem={problem}
                submitLabel={t("send")}
                onSubmit={({ text }) => act({ path: { id }, body: { text } })}
              >
                <TextAreaField name="text" label={t("text")} isRequired rows={5} maxLength={4000} />
              </Form>
            </Card>
          </Stack>
        )}
      </AskState>
    </Page>
  );
}
