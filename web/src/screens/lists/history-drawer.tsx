import type { ListName } from "../../../../core/contract/chart.ts";
import { useAsk } from "../../api/hooks.ts";
import { AskState, Badge, Drawer, List, Row, Stack, Text } from "../../ui/index.ts";
import { useListWords } from "./words.ts";

interface HistoryDrawerProps {
  readonly patient: string;
  readonly list: ListName;
  readonly item: string;
  readonly title: string;
  readonly onClose: () => void;
}

/** Every version of an item, newest first. */
export function HistoryDrawer({ patient, list, item, title, onClose }: HistoryDrawerProps) {
  const { t, format, word } = useListWords();
  const query = useAsk("readItemHistory", { path: { id: patient, list, item } });
  return (
    <Drawer title={t("historyOf", { title })} isOpen onClose={onClose} closesLightly>
      <AskState query={query} label={t("history")}>
        {({ versions }) => (
          <List label={t("history")} items={versions} itemKey={({ version }) => String(version)}>
            {({ version, state, title: said, by, at, reason }) => (
              <Stack gap="xs">
                <Row gap="xs">
                  <Text as="span" isNumeric tone="muted">
                    {String(version)}
                  </Text>
                  <Text as="span" isStrong>
                    {said}
                  </Text>
                  <Badge text={word("state", state)} />
                </Row>
                <Text size="sm" tone="muted">
                  {[by, at === undefined ? undefined : format.dateTime(at)]
                    .filter((text) => text !== undefined)
                    .join(", ")}
                </Text>
                {reason !== undefined && <Text size="sm">{t("because", { reason })}</Text>}
              </Stack>
            )}
          </List>
        )}
      </AskState>
    </Drawer>
  );
}
