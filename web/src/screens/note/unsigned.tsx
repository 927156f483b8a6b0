import { useAsk } from "../../api/hooks.ts";
import { AskState, EmptyState, List, Page } from "../../ui/index.ts";
import { NoteLine } from "./note-line.tsx";
import { useWords } from "./words.ts";

/** What waits for the signature of who looks. */
export default function UnsignedScreen() {
  const { t } = useWords();
  const query = useAsk("listUnsigned");
  return (
    <Page title={t("unsigned")} intro={t("unsignedIntro")}>
      <AskState
        query={query}
        label={t("unsigned")}
        isEmpty={({ notes }) => notes.length === 0}
        empty={<EmptyState title={t("noneUnsigned")} hint={t("noneUnsignedHint")} />}
      >
        {({ notes }) => (
          <List label={t("unsigned")} items={notes} itemKey={({ id }) => id}>
            {(note) => <NoteLine note={note} />}
          </List>
        )}
      </AskState>
    </Page>
  );
}
