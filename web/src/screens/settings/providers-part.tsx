import { useState } from "react";
import {
  ABSENCE_REASONS,
  type AbsenceReason,
  type NotAvailable,
  type ProviderHours,
  type ProvidersHoursView,
  type ProviderView,
  type ScheduleSetupView,
} from "../../../../core/contract/index.ts";
import { useAct } from "../../api/hooks.ts";
import { useFormat, useText } from "../../i18n/index.ts";
import {
  Button,
  ButtonRow,
  Card,
  CheckboxField,
  Columns,
  DateField,
  EmptyState,
  Form,
  notify,
  Section,
  SelectField,
  Stack,
  Table,
  Text,
  TimeField,
  useFieldValue,
} from "../../ui/index.ts";
import { hoursText } from "./hours-part.tsx";
import { settingsMessages } from "./messages.ts";
import { providerMessages } from "./provider-messages.ts";
import { enteredOf, type EnteredWeek, isGiven, meantOf, WeekFields, weekOf } from "./week-fields.tsx";

interface PartProps {
  readonly setup: ScheduleSetupView;
  readonly reload: () => unknown;
}

const NO_HOURS: ProviderHours = { availableTime: null, notAvailable: [] };

/** When each provider works: her week, and the days on which it does not hold. */
export function ProvidersPart({ setup, reload }: PartProps) {
  const t = useText(providerMessages);
  const [chosen, setChosen] = useState<string | undefined>(undefined);
  const provider = setup.providers.find(({ id }) => id === chosen);
  // What was saved a moment ago is known before it was read again: who goes on at once is in nobody's way.
  const [saved, setSaved] = useState(setup.hours);
  const settled = saved.version > setup.hours.version ? saved : setup.hours;
  const hoursOf = ({ id }: ProviderView): ProviderHours => settled.providers[id] ?? NO_HOURS;
  if (provider !== undefined) {
    const props = { provider, hours: hoursOf(provider), version: settled.version, onSaved: setSaved, reload };
    return (
      <Stack>
        <ButtonRow>
          <Button onClick={() => setChosen(undefined)}>{t("back")}</Button>
        </ButtonRow>
        <Card title={t("weekTitle", { name: provider.name })}>
          <WeekForm {...props} />
        </Card>
        <Section title={t("otherTitle")}>
          <OtherDays {...props} />
        </Section>
      </Stack>
    );
  }
  return (
    <Card title={t("title")}>
      <Table
        caption={t("title")}
        hidesCaption
        rows={setup.providers}
        rowKey={({ id }) => id}
        empty={<EmptyState title={t("none")} hint={t("noneHint")} isCompact />}
        columns={[
          { id: "name", label: t("provider"), isRowHeader: true, render: ({ name }) => name },
          {
            id: "week",
            label: t("week"),
            render: (each) => t(hoursOf(each).availableTime === null ? "clinicWeek" : "ownWeek"),
          },
          {
            id: "days",
            label: t("daysOff"),
            render: (each) => t("days", { count: hoursOf(each).notAvailable.length }),
          },
          {
            id: "edit",
            label: t("actions"),
            hidesLabel: true,
            align: "end",
            render: ({ id, name }) => (
              <Button size="sm" tone="quiet" label={t("editNamed", { name })} onClick={() => setChosen(id)}>
                {t("edit")}
              </Button>
            ),
          },
        ]}
      />
    </Card>
  );
}

interface HoursProps {
  readonly provider: ProviderView;
  readonly hours: ProviderHours;
  /** Of everybody's hours: where somebody else was faster, nothing is overwritten. */
  readonly version: number;
  readonly onSaved: (settled: ProvidersHoursView) => void;
  readonly reload: () => unknown;
}

function useHours({ provider, hours, version, onSaved, reload }: HoursProps) {
  const t = useText(providerMessages);
  const saving = useAct("changeProviderHours", { refresh: ["readScheduleSetup", "readDay"] });
  const save = async (change: Partial<ProviderHours>): Promise<boolean> => {
    const answer = await saving.act({ path: { id: provider.id }, ifMatch: version, body: { ...hours, ...change } });
    if (answer === undefined) {
      void reload();
      return false;
    }
    onSaved(answer);
    notify({ text: t("saved") });
    return true;
  };
  const rules = {
    "closes-before-opens": t("issue.closes-before-opens"),
    "hours-overlap": t("issue.hours-overlap"),
    "period-reversed": t("issue.period-reversed"),
    invalid_format: t("issue.both-times"),
    "hours-full": t("issue.hours-full"),
  };
  return { problem: saving.problem, save, rules };
}

interface Entered {
  readonly follows: boolean;
  readonly availableTime: EnteredWeek;
}

function WeekForm(props: HoursProps) {
  const t = useText(providerMessages);
  const { availableTime } = props.hours;
  const { problem, save, rules } = useHours(props);
  return (
    <Form<Entered>
      key={JSON.stringify(availableTime)}
      label={t("weekTitle", { name: props.provider.name })}
      defaults={{ follows: availableTime === null, availableTime: enteredOf(availableTime) }}
      onSubmit={({ follows, availableTime: week }) =>
        save({ availableTime: follows ? null : weekOf(week, availableTime) })
      }
      problem={problem}
      loading={false}
      submitLabel={t("save")}
      rules={rules}
    >
      <Text tone="muted">{t("weekHint")}</Text>
      <CheckboxField name="follows" label={t("follows")} />
      <OwnWeek />
    </Form>
  );
}

/** The fields of a week of her own, while she has one. */
function OwnWeek() {
  const [t, say] = [useText(providerMessages), useText(settingsMessages)];
  const follows = useFieldValue<boolean>("follows") ?? false;
  return follows ? null : <WeekFields name="availableTime" label={(part, day) => t(part, { day: say(day) })} />;
}

interface EnteredDays {
  /** Under the place that the entry will have, so that what is wrong with it is said at its field. */
  readonly notAvailable: Readonly<
    Record<
      number,
      {
        readonly reason: AbsenceReason;
        readonly during: { readonly start: string; readonly end: string };
        readonly availableTime: readonly { readonly opens: string; readonly closes: string }[];
      }
    >
  >;
}

function OtherDays(props: HoursProps) {
  const [t, format] = [useText(providerMessages), useFormat()];
  const { problem, save, rules } = useHours(props);
  const { notAvailable } = props.hours;
  const at = notAvailable.length;
  const empty = {
    reason: "time-off",
    during: { start: "", end: "" },
    availableTime: [{ opens: "", closes: "" }],
  } as const;
  const add = ({ notAvailable: entered }: EnteredDays): Promise<boolean> => {
    const { reason, during, availableTime } = entered[at] ?? empty;
    const next: NotAvailable = {
      reason,
      during: { start: during.start, end: during.end === "" ? during.start : during.end },
      availableTime: availableTime.filter(isGiven).map(meantOf),
    };
    return save({ notAvailable: [...notAvailable, next] });
  };
  const name = (field: string): string => `notAvailable.${String(at)}.${field}`;
  const reasons = ABSENCE_REASONS.map((reason) => ({ value: reason, label: t(`reason.${reason}`) }));
  const sorted = notAvailable.toSorted((one, other) => (one.during.start < other.during.start ? -1 : 1));
  return (
    <Stack>
      <Table
        caption={t("otherCaption")}
        hidesCaption
        rows={sorted}
        rowKey={(each) => JSON.stringify(each)}
        empty={<EmptyState title={t("otherEmpty")} isCompact />}
        columns={[
          { id: "reason", label: t("reason"), isRowHeader: true, render: ({ reason }) => t(`reason.${reason}`) },
          { id: "start", label: t("start"), render: ({ during }) => format.weekday(during.start) },
          { id: "end", label: t("end"), render: ({ during }) => format.weekday(during.end) },
          {
            id: "hours",
            label: t("hours"),
            render: ({ availableTime }) => hoursText(availableTime, format, t("away")),
          },
          {
            id: "remove",
            label: t("actions"),
            hidesLabel: true,
            align: "end",
            render: (gone) => (
              <Button
                size="sm"
                tone="quiet"
                label={t("removeNamed", {
                  name: `${t(`reason.${gone.reason}`)}, ${format.weekday(gone.during.start)}`,
                })}
                onClick={() => void save({ notAvailable: notAvailable.filter((each) => each !== gone) })}
              >
                {t("remove")}
              </Button>
            ),
          },
        ]}
      />
      <Form<EnteredDays>
        key={at}
        label={t("add")}
        defaults={{ notAvailable: { [at]: empty } }}
        onSubmit={add}
        problem={problem}
        loading={false}
        submitLabel={t("add")}
        rules={rules}
      >
        <Text tone="muted">{t("otherHint")}</Text>
        <Columns min="sm" gap="md">
          <SelectField name={name("reason")} label={t("reason")} choices={reasons} isRequired />
          <DateField name={name("during.start")} label={t("start")} isRequired />
          <DateField name={name("during.end")} label={t("end")} />
          <TimeField name={name("availableTime.0.opens")} label={t("from")} />
          <TimeField name={name("availableTime.0.closes")} label={t("to")} />
        </Columns>
      </Form>
    </Stack>
  );
}
