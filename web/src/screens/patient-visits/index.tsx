import { IconCalendarPlus, IconMessagePlus } from "@tabler/icons-react";
import { useState } from "react";
import type { OwnVisits } from "../../../../core/contract/index.ts";
import { useAsk } from "../../api/hooks.ts";
import { useText } from "../../i18n/index.ts";
import { Alert, AskState, Button, ButtonRow, Columns, EmptyState, Page, Section, Stack, Text } from "../../ui/index.ts";
import { BookDrawer } from "./book-drawer.tsx";
import { visitMessages } from "./messages.ts";
import { VisitCard } from "./visit-card.tsx";
import { WishDrawer } from "./wish-drawer.tsx";

interface ActionsProps {
  readonly visits: OwnVisits;
  readonly onBook: () => void;
  readonly onWish: () => void;
}

function Actions({ visits: { booking, isFull }, onBook, onWish }: ActionsProps) {
  const t = useText(visitMessages);
  return (
    <Stack gap="sm">
      {isFull && <Alert tone="info" title={t("isFull")} />}
      <ButtonRow>
        {booking !== undefined && (
          <Button size="lg" tone="primary" icon={IconCalendarPlus} onClick={onBook}>
            {t("book")}
          </Button>
        )}
        <Button size="lg" icon={IconMessagePlus} onClick={onWish}>
          {t("wish")}
        </Button>
      </ButtonRow>
    </Stack>
  );
}

/** A patient's own visits: what is to come, what was, and a way to the next one. */
export default function PatientVisitsScreen() {
  const t = useText(visitMessages);
  const query = useAsk("listOwnVisits");
  const [open, setOpen] = useState<"book" | "wish" | undefined>(undefined);
  const booking = query.data?.booking;
  const close = (): void => setOpen(undefined);
  return (
    <Page title={t("title")}>
      <AskState query={query} label={t("title")}>
        {(visits) => (
          <Stack gap="lg">
            <Actions visits={visits} onBook={() => setOpen("book")} onWish={() => setOpen("wish")} />
            <Section title={t("upcoming")}>
              {visits.upcoming.length === 0 ? (
                <EmptyState title={t("none")} hint={t("noneHint")} />
              ) : (
                <Columns min="md">
                  {visits.upcoming.map((visit) => (
                    <VisitCard key={visit.id} visit={visit} />
                  ))}
                </Columns>
              )}
            </Section>
            <Section title={t("past")}>
              {visits.past.length === 0 ? (
                <Text tone="muted">{t("noPast")}</Text>
              ) : (
                <Columns min="md">
                  {visits.past.slice(0, 30).map((visit) => (
                    <VisitCard key={visit.id} visit={visit} />
                  ))}
                </Columns>
              )}
            </Section>
          </Stack>
        )}
      </AskState>
      {open === "book" && booking !== undefined && <BookDrawer booking={booking} onClose={close} />}
      {open === "wish" && <WishDrawer onClose={close} />}
    </Page>
  );
}
