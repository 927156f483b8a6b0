import type { ReactNode } from "react";
import type { ItemFacts, OwnContact, OwnRecord, Shown } from "../../../../core/contract/index.ts";
import { useSession } from "../../app/session.tsx";
import { useFormat, useText, useToday } from "../../i18n/index.ts";
import { dayIn } from "../../i18n/format.ts";
import {
  Badge,
  type Definition,
  DefinitionList,
  EmptyState,
  FieldValue,
  List,
  PrintHeader,
  Row,
  Section,
  Stack,
  Text,
} from "../../ui/index.ts";
import { usePrintLine } from "../chart/print-line.ts";
import { ShownState } from "../chart/shown.tsx";
import { listsMessages } from "../lists/messages.ts";
import { recordMessages } from "../patient-record/messages.ts";
import { latestOf } from "../vitals/latest-card.tsx";
import { vitalsMessages } from "../vitals/messages.ts";
import { useUnitSystem } from "../vitals/unit-system.ts";
import { changeOn, narrowed } from "./changes.ts";
import { summaryMessages } from "./messages.ts";

interface PartProps<T> {
  readonly title: string;
  /** Left out where something above the list says what is so. */
  readonly empty?: string | undefined;
  readonly field: Shown<readonly T[]>;
  readonly onRetry: () => void;
  readonly itemKey: (item: T) => string;
  readonly above?: ReactNode;
  readonly children: (item: T) => ReactNode;
}

/** One part of the sheet as a list, in whatever state the server gave it: on paper it is said in the same words. */
export function SheetPart<T>({ title, empty, field, onRetry, itemKey, above, children }: PartProps<T>) {
  const none = empty !== undefined && <EmptyState isCompact title={empty} />;
  return (
    <Section title={title}>
      {above}
      <ShownState field={field} onRetry={onRetry} empty={none}>
        {(items) =>
          items.length === 0 ? (
            none
          ) : (
            <List label={title} items={items} itemKey={itemKey}>
              {children}
            </List>
          )
        }
      </ShownState>
    </Section>
  );
}

interface LineProps {
  readonly title: string;
  readonly more?: readonly (string | undefined)[];
  readonly badge?: string | undefined;
}

/** What it is, and under it what there is to know of it. */
export const SheetLine = ({ title, more = [], badge }: LineProps) => (
  <Stack gap="xs">
    <Row>
      <Text as="strong">{title}</Text>
      {badge !== undefined && <Badge text={badge} />}
    </Row>
    {more
      .filter((text): text is string => text !== undefined && text !== "")
      .map((text) => (
        <Text key={text} size="sm" tone="muted" isProse>
          {text}
        </Text>
      ))}
  </Stack>
);

interface RecordParts extends Pick<
  OwnRecord,
  "problems" | "allergies" | "medications" | "immunizations" | "vitals" | "name" | "birthDate"
> {
  /** Where who looks is given it. */
  readonly recordNumber?: Shown<string>;
}

interface SheetProps {
  readonly clinic: OwnContact["clinic"];
  readonly record: RecordParts;
  /** The clinic's calendar day of the visit. */
  readonly day: string;
  readonly facts: readonly Definition[];
  readonly notes: ReactNode;
  readonly next: ReactNode;
  readonly onRetry: () => void;
}

/** What the patient takes home from a visit, as it is printed. */
export function Sheet({ clinic, record, day, facts, notes, next, onRetry }: SheetProps) {
  const [t, words, format, lineOf] = [useText(summaryMessages), useText(recordMessages), useFormat(), usePrintLine()];
  const { user } = useSession();
  const { address, phone } = clinic;
  const where = address && [...address.line, `${address.city}, ${address.state} ${address.postalCode}`].join(", ");
  const patient: readonly (Definition | false)[] = [
    { term: t("name"), value: <FieldValue label={t("name")} field={record.name} onRetry={onRetry} /> },
    {
      term: t("born"),
      value: (
        <FieldValue label={t("born")} field={record.birthDate} render={(date) => format.date(date)} onRetry={onRetry} />
      ),
    },
    record.recordNumber !== undefined && {
      term: t("recordNumber"),
      value: <FieldValue label={t("recordNumber")} field={record.recordNumber} onRetry={onRetry} />,
    },
  ];
  return (
    <Stack gap="lg">
      <PrintHeader
        title={t("title")}
        lines={[lineOf(record)]}
        clinic={clinic.name}
        contact={[where, phone].filter((line) => line !== undefined)}
        printedBy={user.name}
      />
      <Section title={t("patient")}>
        <DefinitionList items={patient.filter((each) => each !== false)} />
      </Section>
      <Section title={t("visit")}>
        <DefinitionList items={facts} />
      </Section>
      {notes}
      <Lists record={record} day={day} onRetry={onRetry} />
      <Section title={t("next")}>{next}</Section>
      {phone !== undefined && <Text>{t("questions", { phone })}</Text>}
      <Text size="sm" tone="muted">
        {words("ask")}
      </Text>
    </Stack>
  );
}

function Lists({ record, day, onRetry }: Pick<SheetProps, "record" | "day" | "onRetry">) {
  const [t, words, lists, vitals] = [
    useText(summaryMessages),
    useText(recordMessages),
    useText(listsMessages),
    useText(vitalsMessages),
  ];
  const [format, today, [system], { tenant }] = [useFormat(), useToday(), useUnitSystem(), useSession()];
  const dayOf = (at: string): string => (at.length <= 10 ? at : dayIn(tenant.timeZone, Date.parse(at)));
  const changeOf = (item: ItemFacts) => changeOn(day, item, dayOf);
  const counts = (item: ItemFacts): boolean => item.isActive || changeOf(item) === "ended";
  const badgeOf = (item: ItemFacts): string | undefined => {
    if (item.state === "on-hold") return lists("state.on-hold");
    const change = changeOf(item);
    return change === undefined ? undefined : t(`change.${change}`);
  };
  const since = (from: string | undefined): string | undefined =>
    from === undefined ? undefined : words("since", { when: format.date(dayOf(from)) });
  const { items, noneKnown } = record.allergies;
  const keyOf = ({ id }: ItemFacts): string => id;
  return (
    <>
      <SheetPart
        title={t("measured")}
        empty={t("notMeasured")}
        field={narrowed(record.vitals, ({ at }) => dayOf(at) === day)}
        onRetry={onRetry}
        itemKey={({ at }) => at}
      >
        {(column) => (
          <Stack gap="xs">
            <DefinitionList
              items={latestOf([column]).map(({ cell: { measure, shown } }) => ({
                term: vitals(`measure.${measure}`),
                value: `${shown[system].value} ${shown[system].label}`,
              }))}
            />
            <Text size="sm" tone="muted">
              {format.dateTime(column.at)}
            </Text>
          </Stack>
        )}
      </SheetPart>
      <SheetPart
        title={words("medications")}
        empty={words("noMedications")}
        field={narrowed(record.medications, counts)}
        onRetry={onRetry}
        itemKey={keyOf}
        above={
          <Text size="sm" tone="muted">
            {t("asOf", { day: format.date(today) })}
          </Text>
        }
      >
        {(item) => (
          <SheetLine
            title={item.medication.text}
            badge={badgeOf(item)}
            more={[item.dosage, item.purpose, since(item.started)]}
          />
        )}
      </SheetPart>
      <SheetPart
        title={words("allergies")}
        empty={noneKnown.length > 0 ? undefined : words("noAllergies")}
        field={narrowed(items, ({ isActive }) => isActive)}
        onRetry={onRetry}
        itemKey={keyOf}
        above={noneKnown.map(({ id, about, recorded, changed }) => {
          const { at, by } = changed ?? recorded;
          const when = at === undefined ? undefined : format.date(dayOf(at));
          const told = when && (by === undefined ? t("statedAt", { at: when }) : t("stated", { at: when, by }));
          return <SheetLine key={id} title={lists(`about.${about}`)} more={[told]} />;
        })}
      >
        {({ substance, reactions }) => (
          <SheetLine
            title={substance.text}
            more={[
              reactions.length === 0
                ? undefined
                : words("reaction", { what: reactions.map(({ manifestation }) => manifestation.text).join(", ") }),
            ]}
          />
        )}
      </SheetPart>
      <SheetPart
        title={words("problems")}
        empty={words("noProblems")}
        field={narrowed(record.problems, counts)}
        onRetry={onRetry}
        itemKey={keyOf}
      >
        {(item) => <SheetLine title={item.problem.text} badge={badgeOf(item)} more={[since(item.onset)]} />}
      </SheetPart>
      <SheetPart
        title={t("given")}
        empty={t("notGiven")}
        field={narrowed(
          record.immunizations,
          ({ date, state }) => state === "completed" && date !== undefined && dayOf(date) === day,
        )}
        onRetry={onRetry}
        itemKey={keyOf}
      >
        {({ vaccine, lot }) => <SheetLine title={vaccine.text} more={[lot && t("lot", { lot })]} />}
      </SheetPart>
    </>
  );
}
