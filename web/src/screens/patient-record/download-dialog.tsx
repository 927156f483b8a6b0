import { useState } from "react";
import { useAct, useAsk } from "../../api/hooks.ts";
import { useStore } from "../../app/store.ts";
import { locale, useText } from "../../i18n/index.ts";
import { Alert, CheckboxField, Dialog, Form, notify, RadioField, saveFile, Stack, Text } from "../../ui/index.ts";
import { recordMessages } from "./messages.ts";
import { wholeRecord } from "./whole-record.ts";

interface Wanted {
  readonly format: "readable" | "fhir";
  readonly withDocuments: boolean;
}

/** Takes the record along, in plain words of what that is. The server asks for both factors. */
export function DownloadDialog({ onClose }: { readonly onClose: () => void }) {
  const [t, language] = [useText(recordMessages), useStore(locale)];
  const { act, problem } = useAct("downloadOwnRecord", { refresh: ["listOwnAccesses"] });
  const documents = (useAsk("listOwnDocuments").data?.documents ?? []).filter(({ isSavable }) => isSavable);
  const [gathering, setGathering] = useState<"no" | "under-way" | "failed">("no");
  const download = async ({ format, withDocuments }: Wanted) => {
    setGathering("no");
    const made = await act({ body: { format, language } });
    if (made === undefined) return undefined;
    const { left, ...record } = made;
    try {
      if (withDocuments) setGathering("under-way");
      saveFile(withDocuments ? await wholeRecord(record, documents) : record);
    } catch {
      setGathering("failed");
      return undefined;
    }
    notify({ text: `${t("downloaded")}. ${t("left", { count: left })}`, tone: "success" });
    onClose();
    return made;
  };
  return (
    <Dialog title={t("downloadTitle")} isOpen onClose={onClose} closesLightly={false}>
      <Stack>
        <Alert tone="warning" title={t("downloadText")} />
        {problem?.kind === "throttled" && <Text>{t("limit")}</Text>}
        {gathering === "under-way" && <Alert tone="info" title={t("gathering")} isLive />}
        {gathering === "failed" && <Alert tone="danger" title={t("gatherFailed")} isLive />}
        <Form<Wanted>
          label={t("downloadTitle")}
          loading={false}
          defaults={{ format: "readable", withDocuments: false }}
          problem={problem}
          submitLabel={t("downloadNow")}
          guards={false}
          onCancel={onClose}
          onSubmit={download}
        >
          <RadioField
            name="format"
            label={t("format")}
            isRequired
            choices={(["readable", "fhir"] as const).map((value) => ({ value, label: t(`format.${value}`) }))}
          />
          {documents.length > 0 && <CheckboxField name="withDocuments" label={t("withDocuments")} />}
        </Form>
      </Stack>
    </Dialog>
  );
}
