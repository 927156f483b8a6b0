import { useState } from "react";
import { useAsk } from "../../api/hooks.ts";
import { useText } from "../../i18n/index.ts";
import { AskState, EmptyState, Section, Stack, Text } from "../../ui/index.ts";
import { EventTable, Pager } from "./event-table.tsx";
import { auditMessages } from "./messages.ts";

/** The tab of a chart: everybody who opened it or was refused. For who may search the trail, in the clinic's own affairs. */
export default function WhoLookedTab({ patient }: { readonly patient: string }) {
  const t = useText(auditMessages);
  const [cursor, setCursor] = useState<string | undefined>(undefined);
  const query = useAsk(
    "searchAudit",
    { query: { patient, count: 25, ...(cursor !== undefined && { cursor }) }, purpose: "HOPERAT" },
    { keepsPrevious: true },
  );
  return (
    <Section title={t("whoLooked")}>
      <Text tone="muted">{t("whoLookedIntro")}</Text>
      <AskState
        query={query}
        label={t("whoLooked")}
        isEmpty={({ events }) => events.length === 0}
        empty={<EmptyState title={t("whoLookedEmpty")} hint={t("whoLookedEmptyHint")} />}
      >
        {(page) => (
          <Stack>
            <EventTable page={page} caption={t("whoLooked")} hidesRecord />
            <Pager
              isFirst={cursor === undefined}
              next={page.next}
              onFirst={() => setCursor(undefined)}
              onNext={setCursor}
            />
          </Stack>
        )}
      </AskState>
    </Section>
  );
}
