import { useState } from "react";
import type { AnswerOf, PersonView, PrivacySettings } from "../../../../core/contract/index.ts";
import { useAct, useAsk } from "../../api/hooks.ts";
import { useCan } from "../../app/session.tsx";
import { useFormat, useText } from "../../i18n/index.ts";
import {
  AskState,
  Button,
  Card,
  CheckboxesField,
  CheckboxField,
  Columns,
  DefinitionList,
  Form,
  notify,
  RadioField,
  SelectField,
  Stack,
  Text,
  TextField,
  TimeField,
  useFieldValue,
} from "../../ui/index.ts";
import { governMessages } from "../govern/messages.ts";
import { nameIn } from "../govern/who.tsx";
import { privacyMessages } from "./messages.ts";
import { rulesOf } from "./rules.ts";

type Shown = AnswerOf<"readPrivacy">;
type Week = NonNullable<PrivacySettings["hours"]>["week"];
const WORKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday"] as const;
const WEEKEND = ["saturday", "sunday"] as const;
const REASONS = [
  "onboarding",
  "clinic-request",
  "staff-change",
  "legal-obligation",
  "security-incident",
  "correction",
] as const;
/** Of the portal's own place in the world: a first guess that somebody looks at. */
const ownZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

interface Hours {
  readonly opens: string;
  readonly closes: string;
}
interface Values {
  readonly relationship: PrivacySettings["relationship"];
  readonly privacyOfficers: readonly string[];
  readonly hasHours: boolean;
  readonly hours: { readonly timeZone: string };
  readonly weekdays: Hours;
  readonly weekend: Hours;
  readonly isOpenOnWeekend: boolean;
  readonly reason: (typeof REASONS)[number];
}

const hoursOf = (day: Week[keyof Week] | undefined, otherwise: Hours): Hours =>
  day === undefined || day === "closed" ? otherwise : day;

function valuesOf({ relationship, privacyOfficers, hours }: Shown): Values {
  const office = { opens: "08:00", closes: "17:00" };
  return {
    relationship,
    privacyOfficers,
    hasHours: hours !== undefined,
    hours: { timeZone: hours?.timeZone ?? ownZone() },
    weekdays: hoursOf(hours?.week.monday, office),
    weekend: hoursOf(hours?.week.saturday, office),
    isOpenOnWeekend: hours !== undefined && hours.week.saturday !== "closed",
    reason: "clinic-request",
  };
}

function bodyOf(values: Values): PrivacySettings {
  const { relationship, privacyOfficers, hasHours, hours, weekdays, weekend, isOpenOnWeekend } = values;
  const week = Object.fromEntries([
    ...WORKDAYS.map((day) => [day, weekdays]),
    ...WEEKEND.map((day) => [day, isOpenOnWeekend ? weekend : "closed"]),
  ]) as Week;
  return {
    relationship,
    privacyOfficers: [...privacyOfficers],
    ...(hasHours && { hours: { timeZone: hours.timeZone, week } }),
  };
}

function HourFields() {
  const t = useText(privacyMessages);
  const hasHours = useFieldValue<boolean>("hasHours");
  const isOpenOnWeekend = useFieldValue<boolean>("isOpenOnWeekend");
  return (
    <Stack gap="sm">
      <CheckboxField name="hasHours" label={t("setHours")} hint={t("hoursHint")} />
      {hasHours === true && (
        <Columns min="sm" gap="sm">
          <TextField name="hours.timeZone" label={t("timeZone")} hint={t("timeZoneHint")} isRequired maxLength={64} />
          <TimeField name="weekdays.opens" label={`${t("weekdays")}: ${t("opens")}`} isRequired />
          <TimeField name="weekdays.closes" label={`${t("weekdays")}: ${t("closes")}`} isRequired />
          <CheckboxField name="isOpenOnWeekend" label={t("weekend")} />
          {isOpenOnWeekend === true && (
            <>
              <TimeField name="weekend.opens" label={`${t("weekend")}: ${t("opens")}`} isRequired />
              <TimeField name="weekend.closes" label={`${t("weekend")}: ${t("closes")}`} isRequired />
            </>
          )}
        </Columns>
      )}
    </Stack>
  );
}

interface EditProps {
  readonly settings: Shown;
  readonly people: readonly PersonView[];
  readonly onDone: () => void;
}

function Edit({ settings, people, onDone }: EditProps) {
  const t = useText(privacyMessages);
  const { act, problem } = useAct("changePrivacy", {
    refresh: ["readPrivacy", "readReadiness"],
    onDone: () => {
      notify({ text: t("saved") });
      onDone();
    },
  });
  const staff = people.filter(({ kind, status }) => kind === "user" && status === "active");
  return (
    <Form<Values>
      label={t("settings")}
      loading={false}
      defaults={valuesOf(settings)}
      problem={problem}
      rules={rulesOf(t)}
      submitLabel={t("save")}
      onCancel={onDone}
      onSubmit={(values) => act({ body: bodyOf(values), headers: { "x-reason": values.reason } })}
    >
      <RadioField
        name="relationship"
        label={t("relationship")}
        isRequired
        choices={(["open", "required"] as const).map((value) => ({
          value,
          label: t(`relationship.${value}`),
          hint: t(`relationship.${value}Hint`),
        }))}
      />
      <CheckboxesField
        name="privacyOfficers"
        label={t("officers")}
        hint={t("officersHint")}
        choices={staff.map(({ id, name }) => ({ value: id, label: name }))}
      />
      <HourFields />
      <SelectField
        name="reason"
        label={t("saveReason")}
        isRequired
        choices={REASONS.map((value) => ({ value, label: t(`why.${value}`) }))}
      />
    </Form>
  );
}

function hoursText({ hours }: Shown, clock: (time: string) => string, closed: string): string {
  if (hours === undefined) return "";
  const text = (day: Week[keyof Week]): string =>
    day === "closed" ? closed : `${clock(day.opens)} – ${clock(day.closes)}`;
  return `${text(hours.week.monday)}; ${text(hours.week.saturday)}`;
}

/** Who may open a chart, who answers for privacy, and when the clinic works. */
export function Settings() {
  const [t, shared, format] = [useText(privacyMessages), useText(governMessages), useFormat()];
  const can = useCan();
  const [isEditing, setIsEditing] = useState(false);
  const query = useAsk("readPrivacy");
  const people = useAsk("listPeople", {}, { isEnabled: can("people.list") });
  const mayChange = can("settings.change");
  return (
    <Card
      title={t("settings")}
      actions={
        mayChange &&
        !isEditing && (
          <Button size="sm" onClick={() => setIsEditing(true)}>
            {t("change")}
          </Button>
        )
      }
    >
      <AskState query={query} label={t("settings")}>
        {(settings) =>
          isEditing && people.data !== undefined ? (
            <Edit settings={settings} people={people.data.people} onDone={() => setIsEditing(false)} />
          ) : (
            <Stack>
              <DefinitionList
                look="rows"
                items={[
                  { term: t("relationship"), value: t(`relationship.${settings.relationship}`) },
                  {
                    term: t("officers"),
                    value:
                      settings.privacyOfficers.length === 0
                        ? t("officersNone")
                        : settings.privacyOfficers.map((id) => nameIn(settings.people, id, shared)).join(", "),
                  },
                  {
                    term: t("hours"),
                    value:
                      settings.hours === undefined
                        ? t("hoursNone")
                        : `${hoursText(settings, (time) => format.clock(time), t("closed"))}. ${t("hoursSet", { zone: settings.hours.timeZone })}`,
                  },
                ]}
              />
              {!mayChange && (
                <Text size="sm" tone="muted">
                  {t("readOnly")}
                </Text>
              )}
            </Stack>
          )
        }
      </AskState>
    </Card>
  );
}
