import { useState } from "react";
import type { AcceptedRule, FreeTime, ScheduleSetupView } from "../../../../core/contract/index.ts";
import { call, Problem } from "../../api/client.ts";
import {
  Button,
  ButtonRow,
  CheckboxesField,
  Columns,
  ComboboxField,
  DateField,
  List,
  NumberField,
  ProblemState,
  RadioField,
  SelectField,
  Stack,
  Text,
  TextAreaField,
  TimeField,
  useFieldValue,
  useSetField,
} from "../../ui/index.ts";
import { searchPatients } from "./patient-search.ts";
import type { Words } from "./words.ts";

export interface FieldsProps {
  readonly setup: ScheduleSetupView | undefined;
  readonly words: Words;
}

/** Whom the appointment is for. */
export function PatientField({ words: { t, format } }: Pick<FieldsProps, "words">) {
  return (
    <ComboboxField
      name="patient"
      label={t("findPatient")}
      hint={t("findPatientHint")}
      search={searchPatients(format)}
      isRequired
    />
  );
}

/** What kind of visit, with whom and where: a visit type brings its length along. */
export function WhoFields({ setup, words: { t } }: FieldsProps) {
  const set = useSetField();
  const types = (setup?.visitTypes ?? []).filter(({ isActive }) => isActive);
  const rooms = (setup?.places ?? []).filter(({ kind, isActive }) => kind === "room" && isActive);
  const chosen = useFieldValue<string>("visitType");
  const [known, setKnown] = useState(chosen);
  if (chosen !== known) {
    setKnown(chosen);
    const type = types.find(({ id }) => id === chosen);
    if (type !== undefined) queueMicrotask(() => set("minutes", type.minutes));
  }
  return (
    <Columns min="sm" gap="md">
      <SelectField
        name="visitType"
        label={t("visitType")}
        choices={types.map(({ id, name }) => ({ value: id, label: name }))}
      />
      <NumberField name="minutes" label={t("minutes")} min={5} max={720} step={5} isRequired />
      <SelectField
        name="provider"
        label={t("provider")}
        placeholder={t("noProvider")}
        choices={(setup?.providers ?? []).map(({ id, name }) => ({ value: id, label: name }))}
      />
      <SelectField
        name="room"
        label={t("room")}
        placeholder={t("noRoom")}
        choices={rooms.map(({ id, name }) => ({ value: id, label: name }))}
      />
    </Columns>
  );
}

/** On which day and at what time; which of two, where the server says that the clock shows it twice. */
export function WhenFields({
  words: { t },
  problem,
}: Pick<FieldsProps, "words"> & { readonly problem: Problem | undefined }) {
  const occurrence = useFieldValue<string>("occurrence") ?? "";
  const isDoubled = occurrence !== "" || problem?.issues.some(({ code }) => code === "time-doubled") === true;
  return (
    <>
      <Columns min="sm" gap="md">
        <DateField name="day" label={t("day")} isRequired />
        <TimeField name="time" label={t("startTime")} isRequired />
      </Columns>
      {isDoubled && (
        <RadioField
          name="occurrence"
          label={t("which")}
          choices={[
            { value: "first", label: t("whichFirst") },
            { value: "second", label: t("whichSecond") },
          ]}
          isRequired
        />
      )}
    </>
  );
}

/** Why somebody comes. */
export const ReasonField = ({ words: { t } }: Pick<FieldsProps, "words">) => (
  <TextAreaField name="reason" label={t("reason")} maxLength={500} rows={2} />
);

const CONFIRMED: readonly AcceptedRule[] = [
  "provider-busy",
  "room-busy",
  "patient-busy",
  "outside-hours",
  "provider-away",
];

/** What the clinic makes of a rule that is broken: it chooses once for all hours, and refuses what it did not choose. */
export const effectOf = (setup: ScheduleSetupView | undefined, rule: string): string => {
  const chosen = rule === "provider-away" ? "outside-hours" : rule;
  return Object.entries(setup?.rules ?? {}).find(([known]) => known === chosen)?.[1] ?? "refuse";
};

interface AcceptFieldProps extends FieldsProps {
  readonly problem: Problem | undefined;
  /** Rules that are known to be broken before anything was asked. */
  readonly named?: readonly string[] | undefined;
}

/** What stands in the way and may be meant: each is said once more before it is booked. */
export function AcceptField({ setup, words: { t }, problem, named = [] }: AcceptFieldProps) {
  const accepted = useFieldValue<readonly string[]>("accept") ?? [];
  const asked = CONFIRMED.filter(
    (rule) =>
      effectOf(setup, rule) === "confirm" &&
      (accepted.includes(rule) || named.includes(rule) || problem?.issues.some(({ code }) => code === rule) === true),
  );
  if (asked.length === 0) return null;
  return (
    <CheckboxesField
      name="accept"
      label={t("accept")}
      choices={asked.map((rule) => ({ value: rule, label: t(`accept.${rule}`) }))}
    />
  );
}

/** The next free times of the chosen provider or room: one of them fills in day and time. */
export function FreeTimes({ words }: FieldsProps) {
  const { t, format, timeOf, providerOf } = words;
  const set = useSetField();
  const [minutes, provider, room, day] = [
    useFieldValue<number>("minutes"),
    useFieldValue<string>("provider"),
    useFieldValue<string>("room"),
    useFieldValue<string>("day"),
  ];
  const [found, setFound] = useState<{ readonly times: readonly FreeTime[]; readonly until: string } | undefined>();
  const [problem, setProblem] = useState<Problem | undefined>();
  const [isPending, setIsPending] = useState(false);
  const isReady = minutes !== undefined && ((provider ?? "") !== "" || (room ?? "") !== "");

  const find = async (): Promise<void> => {
    setIsPending(true);
    setProblem(undefined);
    try {
      const query = {
        minutes: minutes ?? 0,
        ...(provider !== "" && { provider }),
        ...(room !== "" && { room }),
        ...(day !== "" && { from: day }),
      };
      setFound(await call("findFreeTimes", { query }));
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown;
      setProblem(thrown);
    } finally {
      setIsPending(false);
    }
  };
  const take = ({ day: on, start }: FreeTime): void => {
    set("day", on);
    set("time", start.time);
    set("occurrence", start.occurrence ?? "");
    setFound(undefined);
  };
  return (
    <Stack gap="sm">
      <ButtonRow>
        {" "}
        <Button size="sm" isPending={isPending} isDisabled={!isReady} onClick={() => void find()}>
          {t("findFree")}
        </Button>
      </ButtonRow>
      {!isReady && (
        <Text size="sm" tone="muted">
          {t("freeNeeds")}
        </Text>
      )}
      {problem !== undefined && <ProblemState problem={problem} />}
      {found?.times.length === 0 && <Text tone="muted">{t("noFree", { until: format.date(found.until) })}</Text>}
      {found !== undefined && found.times.length > 0 && (
        <List label={t("freeTimes")} items={found.times} itemKey={({ start }) => start.at} look="spaced">
          {(time) => (
            <Button size="sm" tone="quiet" onClick={() => take(time)}>
              {t(time.provider === undefined ? "freeAt" : "freeAtWith", {
                day: format.weekday(time.day),
                time: timeOf(time.start),
                provider: providerOf(time),
              })}
            </Button>
          )}
        </List>
      )}
    </Stack>
  );
}
