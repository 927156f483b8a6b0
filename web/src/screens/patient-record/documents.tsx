import { useState } from "react";
import type { OwnDocument } from "../../../../core/contract/index.ts";
import { useAsk } from "../../api/hooks.ts";
import { useFormat, useText } from "../../i18n/index.ts";
import { AskState, Badge, Button, ButtonRow, Card, EmptyState, List, Row, Stack, Text } from "../../ui/index.ts";
import { documentMessages } from "../documents/messages.ts";
import { type Opened, PreviewDialog, SaveFrame } from "../documents/preview.tsx";
import { recordMessages } from "./messages.ts";

const openedOf = ({ id, title, preview, isSavable }: OwnDocument): Opened => ({
  document: id,
  title,
  content: { edition: 1, scan: "clean", preview, isSavable },
  isPast: false,
  isOwn: true,
});

/** Her documents, shown and saved where nothing of ours is. */
export function Documents() {
  const [t, say, format] = [useText(recordMessages), useText(documentMessages), useFormat()];
  const query = useAsk("listOwnDocuments");
  const [opened, setOpened] = useState<Opened | undefined>();
  const [saving, setSaving] = useState<Opened | undefined>();
  return (
    <Card title={t("documents")}>
      <AskState query={query} label={t("documents")}>
        {({ documents }) =>
          documents.length === 0 ? (
            <EmptyState isCompact title={t("noDocuments")} />
          ) : (
            <List label={t("documents")} items={documents} itemKey={({ id }) => id}>
              {(file) => (
                <Stack gap="xs">
                  <Row>
                    <Text as="strong">{file.title}</Text>
                    <Badge tone="neutral" text={say(`type.${file.type}`)} />
                  </Row>
                  <Text size="sm" tone="muted">
                    {format.date((file.date ?? file.filedAt).slice(0, 10))} · {format.bytes(file.sizeBytes)}
                  </Text>
                  <ButtonRow>
                    {file.preview !== "none" && (
                      <Button
                        size="lg"
                        label={t("openDocument", { title: file.title })}
                        onClick={() => setOpened(openedOf(file))}
                      >
                        {t("open")}
                      </Button>
                    )}
                    {file.isSavable && (
                      <Button
                        size="lg"
                        label={t("saveDocument", { title: file.title })}
                        onClick={() => setSaving(openedOf(file))}
                      >
                        {t("save")}
                      </Button>
                    )}
                  </ButtonRow>
                </Stack>
              )}
            </List>
          )
        }
      </AskState>
      {opened !== undefined && (
        <PreviewDialog opened={opened} onSave={() => setSaving(opened)} onClose={() => setOpened(undefined)} />
      )}
      {saving !== undefined && <SaveFrame opened={saving} onEnd={() => setSaving(undefined)} />}
    </Card>
  );
}
