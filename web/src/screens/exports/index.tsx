import { useState } from "react";
import { useAsk } from "../../api/hooks.ts";
import { useCan } from "../../app/session.tsx";
import { useText } from "../../i18n/index.ts";
import { AskState, Button, EmptyState, Page, Stack } from "../../ui/index.ts";
import { AskDialog } from "./ask-dialog.tsx";
import { ExportCard } from "./export-card.tsx";
import { exportMessages } from "./messages.ts";

/** Exports that are not done with: one's own, and all of the clinic's for who keeps them. */
export default function ExportsScreen() {
  const t = useText(exportMessages);
  const can = useCan();
  const [isAsking, setIsAsking] = useState(false);
  const query = useAsk("listExports", {}, { refreshEveryMs: 15_000 });
  const ask = can("export.start") && (
    <Button tone="primary" onClick={() => setIsAsking(true)}>
      {t("ask")}
    </Button>
  );
  return (
    <Page title={t("title")} intro={t("intro")} actions={(query.data?.exports.length ?? 0) > 0 && ask}>
      <AskState
        query={query}
        label={t("title")}
        isEmpty={({ exports }) => exports.length === 0}
        empty={<EmptyState title={t("empty")} hint={t("emptyHint")} action={ask} />}
      >
        {({ exports, people }) => (
          <Stack>
            {exports.map((job) => (
              <ExportCard key={job.id} job={job} people={people} />
            ))}
          </Stack>
        )}
      </AskState>
      {isAsking && <AskDialog onClose={() => setIsAsking(false)} />}
    </Page>
  );
}
