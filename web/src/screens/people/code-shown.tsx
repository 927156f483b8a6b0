import { useState } from "react";
import type { CodeView } from "../../../../core/contract/index.ts";
import { useFormat, useText } from "../../i18n/index.ts";
import {
  Alert,
  Button,
  ButtonRow,
  CheckboxField,
  DefinitionList,
  Dialog,
  notify,
  Stack,
  Text,
} from "../../ui/index.ts";
import { peopleMessages } from "./messages.ts";

interface CodeShownProps {
  readonly name: string;
  readonly enrolment: CodeView;
  readonly onClose: () => void;
}

/** An enrolment code, this once: the dialog goes only by its own button, after somebody has said that they have it. */
export function CodeShown({ name, enrolment: { code, expiresAt }, onClose }: CodeShownProps) {
  const [t, format] = [useText(peopleMessages), useFormat()];
  const [isKept, setIsKept] = useState(false);
  // Behind the #: the browser keeps it to itself, and no server, proxy or log sees it.
  const link = `${location.origin}/app/enrol#${code}`;
  const copy = (text: string): void =>
    void navigator.clipboard.writeText(text).then(
      () => notify({ text: t("copied") }),
      () => notify({ text: t("notCopied"), tone: "warning" }),
    );
  return (
    <Dialog
      title={t("codeTitle", { name })}
      isOpen
      onClose={() => isKept && onClose()}
      closesLightly={false}
      footer={
        <Button tone="primary" isDisabled={!isKept} onClick={onClose}>
          {t("done")}
        </Button>
      }
    >
      <Stack>
        <Alert tone="warning" title={t("codeText")}>
          <Text size="sm">{t("codeUntil", { when: format.dateTime(expiresAt) })}</Text>
        </Alert>
        <DefinitionList
          look="rows"
          items={[
            {
              term: t("code"),
              value: (
                <Text as="strong" size="lg" isCode>
                  {code}
                </Text>
              ),
            },
            {
              term: t("link"),
              value: (
                <Text size="sm" isCode>
                  {link}
                </Text>
              ),
            },
          ]}
        />
        <Text size="sm" tone="muted">
          {t("linkHint")}
        </Text>
        <ButtonRow>
          <Button onClick={() => copy(code)}>{t("copyCode")}</Button>
          <Button onClick={() => copy(link)}>{t("copyLink")}</Button>
        </ButtonRow>
        <CheckboxField label={t("isHandedOver")} value={isKept} onChange={setIsKept} />
      </Stack>
    </Dialog>
  );
}
