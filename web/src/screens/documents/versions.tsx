import type { DocumentView, EditionView } from "../../../../core/contract/document.ts";
import { useAsk } from "../../api/hooks.ts";
import { useText } from "../../i18n/index.ts";
import { AskState, Badge, Button, ButtonRow, Drawer, List, Row, Stack, Text } from "../../ui/index.ts";
import { FiledBy } from "./document-card.tsx";
import { documentMessages } from "./messages.ts";
import { SCAN_TONES, whyOf } from "./words.ts";

interface VersionsProps {
  readonly document: DocumentView;
  readonly onOpen: (content: EditionView) => void;
  readonly onClose: () => void;
}

/** Every content that a document has had, newest first. */
export function VersionsDrawer({ document, onOpen, onClose }: VersionsProps) {
  const t = useText(documentMessages);
  const query = useAsk("readDocument", { path: { id: document.id } });
  return (
    <Drawer title={t("versionsTitle")} isOpen onClose={onClose} size="md" closesLightly>
      <AskState query={query} label={t("versionsTitle")}>
        {({ editions, document: now }) => (
          <List label={t("versionsTitle")} items={editions} itemKey={({ edition }) => String(edition)} look="spaced">
            {(content) => {
              const why = whyOf(content);
              return (
                <Stack gap="xs">
                  <Row>
                    <Text as="span" isStrong>
                      {t("version", { number: content.edition })}
                    </Text>
                    <Badge tone={SCAN_TONES[content.scan]} text={t(`scan.${content.scan}`)} />
                  </Row>
                  <FiledBy content={content} />
                  {why !== undefined && <Text size="sm">{t(why)}</Text>}
                  {!now.isWithdrawn && content.preview !== "none" && (
                    <ButtonRow>
                      <Button onClick={() => onOpen(content)}>{t("open")}</Button>
                    </ButtonRow>
                  )}
                </Stack>
              );
            }}
          </List>
        )}
      </AskState>
    </Drawer>
  );
}
