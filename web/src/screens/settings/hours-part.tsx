import { useState } from "react";
import type { ClinicProfileView, OpeningException } from "../../../../core/contract/index.ts";
import { type Format, useFormat, useText } from "../../i18n/index.ts";
import { Card, Columns, DateField, Form, Section, Stack, Table, Text, TextField, TimeField } from "../../ui/index.ts";
import { settingsMessages } from "./messages.ts";
import { rowAction } from "./row-action.tsx";
import { useProfile } from "./use-profile.ts";
import { enteredOf, type EnteredWeek, isGiven, meantOf, WeekFields, weekOf } from "./week-fields.tsx";

interface PartProps {
  readonly profile: ClinicProfileView;
  readonly reload: () => unknown;
}

interface Entered {
  readonly week: EnteredWeek;
}

function WeekForm({ profile, reload }: PartProps) {
  const t = useText(settingsMessages);
  const { saving, save } = useProfile(profile, reload);
  return (
    <Form<Entered>
      key={profile.version}
      label={t("weekTitle")}
      defaults={{ week: enteredOf(profile.week) }}
      onSubmit={({ week }) => save({ week: weekOf(week, profile.week) })}
      problem={saving.problem}
      loading={false}
      submitLabel={t("save")}
      rules={rulesOf(t)}
    >
      <Text tone="muted">{t("weekHint")}</Text>
      <WeekFields name="week" label={(part, day) => t(part, { day: t(day) })} />
    </Form>
  );
}

const rulesOf = (t: ReturnType<typeof useText<keyof typeof settingsMessages.en>>) => ({
  "closes-before-opens": t("issue.closes-before-opens"),
  "hours-overlap": t("issue.hours-overlap"),
  invalid_format: t("issue.both-times"),
});

interface EnteredException {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly opens: string;
  readonly closes: string;
}

export const hoursText = (hours: OpeningException["hours"], format: Format, closed: string): string =>
  hours.length === 0
    ? closed
    : hours.map(({ opens, closes }) => `${format.clock(opens)} – ${format.clock(closes)}`).join(", ");

function Exceptions({ profile, reload }: PartProps) {
  const [t, format] = [useText(settingsMessages), useFormat()];
  const { saving, save } = useProfile(profile, reload);
  const [added, setAdded] = useState(0);
  const { exceptions } = profile;
  const add = async ({ name, from, to, opens, closes }: EnteredException): Promise<boolean> => {
    const span = { opens, closes };
    const hours = isGiven(span) ? [meantOf(span)] : [];
    const next: OpeningException = { name, from, to: to === "" ? from : to, hours };
    const sorted = [...exceptions, next].toSorted((one, other) => (one.from < other.from ? -1 : 1));
    const isSaved = await save({ exceptions: sorted });
    if (isSaved) setAdded(added + 1);
    return isSaved;
  };
  return (
    <Stack>
      <Table
        caption={t("exceptionsCaption")}
        hidesCaption
        rows={exceptions}
        rowKey={({ from, name }) => `${from} ${name}`}
        empty={t("exceptionsEmpty")}
        columns={[
          { id: "name", label: t("exceptionName"), isRowHeader: true, render: ({ name }) => name },
          { id: "from", label: t("from"), render: ({ from }) => format.weekday(from) },
          { id: "to", label: t("to"), render: ({ to }) => format.weekday(to) },
          {
            id: "hours",
            label: t("exceptionHours"),
            render: ({ hours }) => hoursText(hours, format, t("closedAllDay")),
          },
          rowAction(t, "remove", (gone) => void save({ exceptions: exceptions.filter((each) => each !== gone) })),
        ]}
      />
      <Form<EnteredException>
        key={added}
        label={t("addException")}
        defaults={{ name: "", from: "", to: "", opens: "", closes: "" }}
        onSubmit={add}
        problem={saving.problem}
        loading={false}
        submitLabel={t("addException")}
        rules={{ ...rulesOf(t), "period-reversed": t("issue.period-reversed") }}
      >
        <Columns min="sm" gap="md">
          <TextField name="name" label={t("exceptionName")} isRequired maxLength={80} />
          <DateField name="from" label={t("from")} isRequired />
          <DateField name="to" label={t("to")} />
          <TimeField name="opens" label={t("opensThen")} hint={t("exceptionHint")} />
          <TimeField name="closes" label={t("closesThen")} />
        </Columns>
      </Form>
    </Stack>
  );
}

/** When the clinic is open: its week, and the days on which the week does not hold. */
export function HoursPart(props: PartProps) {
  const t = useText(settingsMessages);
  return (
    <Stack>
      <Card title={t("weekTitle")}>
        <WeekForm {...props} />
      </Card>
      <Section title={t("exceptionsTitle")}>
        <Exceptions {...props} />
      </Section>
    </Stack>
  );
}
