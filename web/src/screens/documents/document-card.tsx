import type { DocumentView, EditionView } from "../../../../core/contract/document.ts";
import { useAct } from "../../api/hooks.ts";
import { useCan } from "../../app/session.tsx";
import { useFormat, useText } from "../../i18n/index.ts";
import { Badge, Button, ButtonRow, Card, Menu, Row, Stack, Text } from "../../ui/index.ts";
import { documentMessages } from "./messages.ts";
import { SCAN_TONES, whyOf } from "./words.ts";

/** Who filed a content, and when. */
export function FiledBy({ content }: { readonly content: EditionView }) {
  const [t, format] = [useText(documentMessages), useFormat()];
  const when = format.dateTime(content.at);
  return (
    <Text tone="muted" size="sm">
      {content.by.isMe ? t("addedByMe", { when }) : t("addedBy", { when, who: content.by.name })}
      {" · "}
      {content.fileName}
      {" · "}
      {format.bytes(content.sizeBytes)}
    </Text>
  );
}

export type DocumentStep = "open" | "save" | "replace" | "describe" | "withdraw" | "versions";

interface DocumentCardProps {
  readonly document: DocumentView;
  readonly onStep: (step: DocumentStep) => void;
}

/** One document: what it is, whether it can be opened, and what can be done with it. */
export function DocumentCard({ document, onStep }: DocumentCardProps) {
  const [t, format, can] = [useText(documentMessages), useFormat(), useCan()];
  const check = useAct("checkDocument", { refresh: ["listDocuments"] });
  const { title, type, date, scan, isWithdrawn, may, edition } = document;
  const why = isWithdrawn ? undefined : whyOf(document);
  const isOpenable = !isWithdrawn && document.preview !== "none";
  const steps: readonly Exclude<DocumentStep, "open" | "save">[] = [
    ...(may.includes("replace") ? (["replace"] as const) : []),
    ...(can("document.history") ? (["versions"] as const) : []),
    ...(may.includes("describe") ? (["describe"] as const) : []),
    ...(may.includes("withdraw") ? (["withdraw"] as const) : []),
  ];
  return (
    <Card title={title} level={3}>
      <Stack gap="sm">
        <Row>
          <Badge tone="neutral" text={t(`type.${type}`)} />
          {isWithdrawn ? (
            <Badge tone="warning" text={t("withdrawn")} />
          ) : (
            <Badge tone={SCAN_TONES[scan]} text={t(check.isPending ? "scan.checking" : `scan.${scan}`)} />
          )}
          {document.labels.length > 0 && <Badge tone="restricted" text={t("labelled")} />}
          {edition > 1 && <Badge tone="neutral" text={t("version", { number: edition })} />}
          {date !== undefined && <Text as="span">{format.date(date)}</Text>}
        </Row>
        <FiledBy content={document} />
        {why !== undefined && <Text size="sm">{t(why)}</Text>}
        <ButtonRow>
          {isOpenable && (
            <Button tone="primary" onClick={() => onStep("open")}>
              {t("open")}
            </Button>
          )}
          {!isWithdrawn && document.isSavable && <Button onClick={() => onStep("save")}>{t("save")}</Button>}
          {may.includes("check") && (
            <Button isPending={check.isPending} onClick={() => void check.act({ path: { id: document.id } })}>
              {t("check")}
            </Button>
          )}
          {steps.length > 0 && (
            <Menu
              label={t("more", { title })}
              entries={steps.map((id) => ({ id, label: t(id), onSelect: () => onStep(id) }))}
            />
          )}
        </ButtonRow>
      </Stack>
    </Card>
  );
}
