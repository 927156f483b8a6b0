import {
  DOCUMENT_LABELS,
  DOCUMENT_MAX_BYTES,
  type DocumentsView,
  type DocumentType,
  type DocumentView,
  isAdministrative,
} from "../../../../core/contract/document.ts";
import type { BodyOf, Problem } from "../../api/client.ts";
import { useText } from "../../i18n/index.ts";
import {
  Alert,
  Button,
  ButtonRow,
  DateField,
  Dialog,
  FileField,
  Form,
  notify,
  ProgressBar,
  SelectField,
  Stack,
  Text,
  TextField,
  useFieldValue,
} from "../../ui/index.ts";
import { documentMessages } from "./messages.ts";
import { type UploadState, useUpload } from "./use-upload.ts";
import { useRules, useTypeChoices } from "./words.ts";

interface Values {
  readonly file: readonly File[];
  readonly title: string;
  readonly type: DocumentType;
  readonly date?: string;
  readonly label?: string;
}

const DONE = {
  clean: "addedClean",
  infected: "addedInfected",
  failed: "addedFailed",
  pending: "addedPending",
} as const;

/** Special protection is for clinical documents, and chosen once. */
function LabelField() {
  const t = useText(documentMessages);
  const type = useFieldValue<DocumentType>("type");
  if (type !== undefined && isAdministrative(type)) return null;
  return (
    <SelectField
      name="label"
      label={t("label")}
      hint={t("labelHint")}
      placeholder={t("label.none")}
      choices={DOCUMENT_LABELS.map((label) => ({ value: label, label: t(`label.${label}`) }))}
    />
  );
}

/** How far it is, and what can be done about it. */
function Progress({ state, onCancel }: { readonly state: UploadState; readonly onCancel: () => void }) {
  const t = useText(documentMessages);
  if (state.kind === "checking")
    return (
      <Alert tone="info" title={t("checking")} isLive>
        <ProgressBar label={t("scan.checking")} done={undefined} />
      </Alert>
    );
  if (state.kind !== "sending") return null;
  return (
    <Stack gap="sm">
      <ProgressBar label={t("sending")} done={state.done} />
      <ButtonRow>
        <Button onClick={onCancel}>{t("cancel")}</Button>
      </ButtonRow>
    </Stack>
  );
}

/** What is wrong with the file itself is no matter of sending it again. */
const isOfFile = ({ kind }: Problem): boolean => kind === "invalid";

interface UploadDialogProps {
  readonly patient: string;
  readonly may: DocumentsView["mayFile"];
  /** The document that it becomes the next version of; left out, it is a new one. */
  readonly replaces?: DocumentView;
  readonly onClose: () => void;
}

/** Takes a file with what it is, sends it, and says what came of it. */
export function UploadDialog({ patient, may, replaces, onClose }: UploadDialogProps) {
  const t = useText(documentMessages);
  const rules = useRules();
  const isOffice = replaces !== undefined && isAdministrative(replaces.type);
  const choices = useTypeChoices(
    replaces === undefined ? may : { clinical: may.clinical && !isOffice, administrative: isOffice },
  );
  const upload = useUpload(({ scan }) => {
    notify({ tone: scan === "clean" ? "success" : "warning", text: t(DONE[scan]) });
    onClose();
  });
  const { state } = upload;
  const begun = state.kind === "stopped" && !isOfFile(state.problem) ? state.begun : undefined;
  const problem = state.kind === "stopped" ? state.problem : undefined;
  const submit = ({ file, title, type, date, label }: Values) => {
    const [chosen] = file;
    if (chosen === undefined) return undefined;
    const body: BodyOf<"beginUpload"> = {
      patient,
      // A device that does not know a type says nothing; the server looks at the file itself.
      file: { name: chosen.name, type: chosen.type === "" ? "text/plain" : chosen.type, sizeBytes: chosen.size },
      title,
      type,
      ...(date !== undefined && date !== "" && { date }),
      ...(label !== undefined && label !== "" && { label: label as (typeof DOCUMENT_LABELS)[number] }),
      ...(replaces !== undefined && { replaces: { document: replaces.id, version: replaces.version } }),
    };
    return upload.start(chosen, body);
  };
  return (
    <Dialog
      title={t(replaces === undefined ? "uploadTitle" : "replaceTitle")}
      isOpen
      closesLightly={false}
      onClose={() => {
        upload.cancel();
        onClose();
      }}
    >
      <Stack>
        {replaces !== undefined && <Text tone="muted">{t("replaceIntro")}</Text>}
        <Form<Values>
          label={t(replaces === undefined ? "uploadTitle" : "replaceTitle")}
          defaults={{
            file: [],
            title: replaces?.title ?? "",
            ...(replaces !== undefined && { type: replaces.type }),
            ...(replaces?.date !== undefined && { date: replaces.date }),
          }}
          onSubmit={submit}
          problem={problem}
          rules={rules}
          loading={false}
          submitLabel={t("add")}
        >
          <FileField name="file" label={t("file")} hint={t("fileHint")} isRequired maxBytes={DOCUMENT_MAX_BYTES} />
          <TextField name="title" label={t("name")} hint={t("nameHint")} isRequired maxLength={120} />
          <SelectField name="type" label={t("type")} isRequired choices={choices} />
          <DateField name="date" label={t("date")} />
          {replaces === undefined && may.labelled && <LabelField />}
        </Form>
        <Progress state={state} onCancel={upload.cancel} />
        {begun !== undefined && (
          <Alert tone="warning" title={t("stopped")} isLive>
            <ButtonRow>
              <Button tone="primary" onClick={() => void upload.resume(begun)}>
                {t("goOn")}
              </Button>
            </ButtonRow>
          </Alert>
        )}
      </Stack>
    </Dialog>
  );
}
