import { IconUpload } from "@tabler/icons-react";
import { useState } from "react";
import type { DocumentsView, DocumentType, DocumentView } from "../../../../core/contract/document.ts";
import { useAsk } from "../../api/hooks.ts";
import { useText } from "../../i18n/index.ts";
import { AskState, Button, EmptyState, Section, SelectField, Stack } from "../../ui/index.ts";
import type { ChartTabProps } from "../chart/tabs.ts";
import { DescribeDialog, WithdrawDialog } from "./change-dialogs.tsx";
import { DocumentCard, type DocumentStep } from "./document-card.tsx";
import { documentMessages } from "./messages.ts";
import { type Opened, PreviewDialog, SaveFrame } from "./preview.tsx";
import { UploadDialog } from "./upload-dialog.tsx";
import { VersionsDrawer } from "./versions.tsx";

/** What is open over the list. */
type Over =
  | { readonly kind: "upload" }
  | { readonly kind: Exclude<DocumentStep, "open" | "save">; readonly document: DocumentView };

const openedOf = (newest: DocumentView): Opened => ({
  document: newest.id,
  title: newest.title,
  content: newest,
  isPast: false,
});

interface TypeFilterProps {
  readonly documents: readonly DocumentView[];
  readonly type: DocumentType | "";
  readonly onChange: (type: DocumentType | "") => void;
}

/** The kinds that are there, one of them or all. */
function TypeFilter({ documents, type, onChange }: TypeFilterProps) {
  const t = useText(documentMessages);
  const types = [...new Set(documents.map((document) => document.type))];
  if (types.length < 2) return null;
  return (
    <SelectField
      label={t("filter")}
      placeholder={t("filter.all")}
      value={type}
      onChange={(value) => onChange(types.find((each) => each === value) ?? "")}
      choices={types.map((each) => ({ value: each, label: t(`type.${each}`) }))}
    />
  );
}

interface OverlayProps {
  readonly patient: string;
  readonly may: DocumentsView["mayFile"];
  readonly over: Over;
  readonly onOpen: (opened: Opened) => void;
  readonly onClose: () => void;
}

function Overlay({ patient, may, over, onOpen, onClose }: OverlayProps) {
  switch (over.kind) {
    case "upload":
      return <UploadDialog patient={patient} may={may} onClose={onClose} />;
    case "replace":
      return <UploadDialog patient={patient} may={may} replaces={over.document} onClose={onClose} />;
    case "describe":
      return <DescribeDialog document={over.document} onClose={onClose} />;
    case "withdraw":
      return <WithdrawDialog document={over.document} onClose={onClose} />;
    case "versions":
      return (
        <VersionsDrawer
          document={over.document}
          onClose={onClose}
          onOpen={(content) => {
            const { id, title, edition } = over.document;
            onClose();
            onOpen({ document: id, title, content, isPast: content.edition !== edition });
          }}
        />
      );
  }
}

/** The tab of a chart: its documents, the newest first, and the ways to add and to open them. */
export default function DocumentsTab({ patient }: ChartTabProps) {
  const t = useText(documentMessages);
  const [type, setType] = useState<DocumentType | "">("");
  const [over, setOver] = useState<Over | undefined>(undefined);
  const [opened, setOpened] = useState<Opened | undefined>(undefined);
  const [saving, setSaving] = useState<Opened | undefined>(undefined);
  const query = useAsk("listDocuments", { path: { id: patient } });
  const may = query.data?.mayFile ?? { clinical: false, administrative: false, labelled: false };
  const upload = (may.clinical || may.administrative) && (
    <Button tone="primary" icon={IconUpload} onClick={() => setOver({ kind: "upload" })}>
      {t("upload")}
    </Button>
  );
  const step = (document: DocumentView, kind: DocumentStep): void => {
    if (kind === "open") setOpened(openedOf(document));
    else if (kind === "save") setSaving(openedOf(document));
    else setOver({ kind, document });
  };
  return (
    <Section title={t("title")} actions={(query.data?.documents.length ?? 0) > 0 && upload}>
      <AskState
        query={query}
        label={t("title")}
        isEmpty={({ documents }) => documents.length === 0}
        empty={<EmptyState title={t("empty")} hint={t("emptyHint")} action={upload} />}
      >
        {({ documents }) => {
          const shown = documents.filter((document) => type === "" || document.type === type);
          return (
            <Stack>
              <TypeFilter documents={documents} type={type} onChange={setType} />
              {shown.length === 0 && <EmptyState isCompact title={t("emptyFilter")} hint={t("emptyFilterHint")} />}
              {shown.map((document) => (
                <DocumentCard key={document.id} document={document} onStep={(kind) => step(document, kind)} />
              ))}
            </Stack>
          );
        }}
      </AskState>
      {over !== undefined && (
        <Overlay patient={patient} may={may} over={over} onOpen={setOpened} onClose={() => setOver(undefined)} />
      )}
      {opened !== undefined && (
        <PreviewDialog opened={opened} onSave={() => setSaving(opened)} onClose={() => setOpened(undefined)} />
      )}
      {saving !== undefined && <SaveFrame opened={saving} onEnd={() => setSaving(undefined)} />}
    </Section>
  );
}
