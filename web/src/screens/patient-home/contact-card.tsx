import { useState } from "react";
import type { OwnContact } from "../../../../core/contract/index.ts";
import { useAct, useAsk } from "../../api/hooks.ts";
import { useText } from "../../i18n/index.ts";
import {
  AskState,
  Button,
  Card,
  DefinitionList,
  Drawer,
  Form,
  notify,
  Stack,
  Text,
  TextAreaField,
  TextField,
} from "../../ui/index.ts";
import { homeMessages } from "./messages.ts";

interface Values {
  readonly phone?: string;
  readonly email?: string;
  readonly address?: string;
  readonly note?: string;
}

const said = (values: Values): Partial<Record<keyof Values, string>> =>
  Object.fromEntries(
    (["phone", "email", "address", "note"] as const).flatMap((name) => {
      const text = values[name]?.trim() ?? "";
      return text === "" ? [] : [[name, text]];
    }),
  );

function ChangeDrawer({ onClose }: { readonly onClose: () => void }) {
  const t = useText(homeMessages);
  const { act, problem } = useAct("wishContact", {
    refresh: ["listOwnThreads"],
    onDone: () => {
      notify({ text: t("sent"), tone: "success" });
      onClose();
    },
  });
  const [isMissing, setIsMissing] = useState(false);
  return (
    <Drawer title={t("change")} isOpen onClose={onClose}>
      <Stack>
        <Text>{t("changeHint")}</Text>
        {isMissing && <Text tone="danger">{t("needOne")}</Text>}
        <Form<Values>
          label={t("change")}
          loading={false}
          problem={problem}
          submitLabel={t("send")}
          onCancel={onClose}
          onSubmit={(values) => {
            const body = said(values);
            setIsMissing(Object.keys(body).length === 0);
            return Object.keys(body).length > 0 && act({ body });
          }}
        >
          <TextField name="phone" label={t("phone")} maxLength={40} />
          <TextField name="email" label={t("email")} maxLength={120} />
          <TextAreaField name="address" label={t("address")} rows={3} maxLength={300} />
          <TextAreaField name="note" label={t("noteLabel")} rows={3} maxLength={500} />
        </Form>
      </Stack>
    </Drawer>
  );
}

/** How the clinic reaches her, and how to have it changed: the desk checks what is asked for. */
export function ContactCard() {
  const t = useText(homeMessages);
  const query = useAsk("readOwnContact");
  const [isChanging, setIsChanging] = useState(false);
  const items = ({ phones, emails, address, language }: OwnContact) => [
    { term: t("phone"), value: phones.join(", ") || t("none") },
    { term: t("email"), value: emails.join(", ") || t("none") },
    { term: t("address"), value: address ?? t("none") },
    { term: t("language"), value: language ?? t("none") },
  ];
  return (
    <Card title={t("contact")}>
      <AskState query={query} label={t("contact")}>
        {(contact) => (
          <Stack>
            <DefinitionList items={items(contact)} />
            <Button size="lg" onClick={() => setIsChanging(true)}>
              {t("change")}
            </Button>
          </Stack>
        )}
      </AskState>
      {isChanging && <ChangeDrawer onClose={() => setIsChanging(false)} />}
    </Card>
  );
}
