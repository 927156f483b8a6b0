import { useAct } from "../../api/hooks.ts";
import { useStore } from "../../app/store.ts";
import { locale, useText } from "../../i18n/index.ts";
import { Alert, Dialog, Form, notify, RadioField, saveFile, Stack, Text } from "../../ui/index.ts";
import { recordMessages } from "./messages.ts";

type Format = "readable" | "fhir";

/** Takes the record along, in plain words of what that is. The server asks for both factors. */
export function DownloadDialog({ onClose }: { readonly onClose: () => void }) {
  const [t, language] = [useText(recordMessages), useStore(locale)];
  const { act, problem } = useAct("downloadOwnRecord", {
    refresh: ["listOwnAccesses"],
    onDone: ({ left, ...file }) => {
      saveFile(file);
      notify({ text: `${t("downloaded")}. ${t("left", { count: left })}`, tone: "success" });
      onClose();
    },
  });
  return (
    <Dialog title={t("downloadTitle")} isOpen onClose={onClose} closesLightly={false}>
      <Stack>
        <Alert tone="warning" title={t("downloadText")} />
        {problem?.kind === "throttled" && <Text>{t("limit")}</Text>}
        <Form<{ readonly format: Format }>
          label={t("downloadTitle")}
          loading={false}
          defaults={{ format: "readable" }}
          problem={problem}
          submitLabel={t("downloadNow")}
          guards={false}
          onCancel={onClose}
          onSubmit={({ format }) => act({ body: { format, language } })}
        >
          <RadioField
            name="format"
            label={t("format")}
            isRequired
            choices={(["readable", "fhir"] as const).map((value) => ({ value, label: t(`format.${value}`) }))}
          />
        </Form>
      </Stack>
    </Dialog>
  );
}
