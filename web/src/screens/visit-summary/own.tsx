import { IconPrinter } from "@tabler/icons-react";
import type { OwnRecord, OwnVisit } from "../../../../core/contract/index.ts";
import { useAsk } from "../../api/hooks.ts";
import { usePathValue } from "../../app/navigation.ts";
import { useText } from "../../i18n/index.ts";
import { AskState, Button, type Definition, EmptyState, List, Page, Stack, Text, Toolbar } from "../../ui/index.ts";
import { idIn } from "../note/note-address.ts";
import { useVisitWhen } from "../patient-visits/visit-card.tsx";
import { narrowed } from "./changes.ts";
import { joined } from "./joined.ts";
import { summaryMessages } from "./messages.ts";
import { Sheet, SheetLine, SheetPart } from "./sheet.tsx";
import { OWN_SUMMED_UP } from "./which.ts";

/** A patient's own summary of a visit: of what is released to her, and nothing beside. */
export default function OwnVisitSummary() {
  const t = useText(summaryMessages);
  const id = idIn(usePathValue("visit"));
  const query = joined({
    contact: useAsk("readOwnContact"),
    visits: useAsk("listOwnVisits"),
    record: useAsk("readOwnRecord"),
  });
  return (
    <Page title={t("title")} width="text" breadcrumbs={[{ label: t("toOwnVisits"), to: "/app/my/visits" }]}>
      <AskState query={query} label={t("title")}>
        {({ contact: { clinic }, visits, record }) => {
          const visit = [...visits.upcoming, ...visits.past].find((each) => each.id === id);
          if (visit === undefined || !OWN_SUMMED_UP.has(visit.stage))
            return <EmptyState title={t("noVisit")} hint={t("noVisitHint")} />;
          return (
            <Stack gap="lg">
              <Toolbar label={t("tools")}>
                <Stack>
                  <Text tone="muted">{t("ownIntro")}</Text>
                  <Button size="lg" icon={IconPrinter} tone="primary" onClick={() => window.print()}>
                    {t("print")}
                  </Button>
                </Stack>
              </Toolbar>
              <OfVisit
                visit={visit}
                clinic={clinic}
                record={record}
                upcoming={visits.upcoming.filter((each) => each.id !== id)}
                onRetry={() => void query.refetch()}
              />
            </Stack>
          );
        }}
      </AskState>
    </Page>
  );
}

interface OfVisitProps {
  readonly visit: OwnVisit;
  readonly clinic: Parameters<typeof Sheet>[0]["clinic"];
  readonly record: OwnRecord;
  readonly upcoming: readonly OwnVisit[];
  readonly onRetry: () => void;
}

function OfVisit({ visit, clinic, record, upcoming, onRetry }: OfVisitProps) {
  const [t, whenOf] = [useText(summaryMessages), useVisitWhen()];
  const facts: readonly (Definition | false)[] = [
    { term: t("when"), value: whenOf(visit) },
    visit.provider !== undefined && { term: t("with"), value: visit.provider },
    { term: t("where"), value: [clinic.name, visit.place].filter((part) => part !== undefined).join(", ") },
    visit.reason !== undefined && { term: t("reason"), value: visit.reason },
  ];
  return (
    <Sheet
      clinic={clinic}
      record={record}
      day={visit.day}
      facts={facts.filter((each) => each !== false)}
      notes={
        <SheetPart
          title={t("notes")}
          empty={t("noOwnNote")}
          field={narrowed(record.notes, (note) => note.visit === visit.id)}
          onRetry={onRetry}
          itemKey={(note) => note.id}
        >
          {({ title, author, text }) => <SheetLine title={title} more={[text, author]} />}
        </SheetPart>
      }
      next={
        upcoming.length === 0 ? (
          <Text tone="muted">{t("noNext")}</Text>
        ) : (
          <List label={t("next")} items={upcoming} itemKey={({ id }) => id}>
            {(each) => <SheetLine title={whenOf(each)} more={[each.visitType, each.provider]} />}
          </List>
        )
      }
      onRetry={onRetry}
    />
  );
}
