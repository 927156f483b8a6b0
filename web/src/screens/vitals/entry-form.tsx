import { useState } from "react";
import {
  MEASURED,
  MEASURES,
  type Measure,
  type Measured,
  UNIT_LABELS,
  type UnitSystem,
  unitIn,
  type VitalColumn,
} from "../../../../core/contract/chart-words.ts";
import { useAct } from "../../api/hooks.ts";
import { useFormat, useText } from "../../i18n/index.ts";
import {
  Alert,
  Button,
  ButtonRow,
  CheckboxField,
  ConfirmDialog,
  DateField,
  EntryGrid,
  type EntryRow,
  LeaveGuard,
  List,
  notify,
  ProblemState,
  Row,
  Stack,
  Text,
  TimeField,
} from "../../ui/index.ts";
import { columnOf, inputsOf, issuesByInput, type Typed, unlikelyIn } from "./entry.ts";
import { vitalsMessages } from "./messages.ts";
import { useUnitSystem } from "./unit-system.ts";
import { VitalDetails } from "./details.tsx";

interface VitalsEntryProps {
  readonly patient: string;
  readonly columns: readonly VitalColumn[];
  readonly mayRecord: boolean;
  readonly isInfant: boolean;
  readonly onSaved?: () => void;
}

/** Rows of the sheet: a head is measured while a child is small, and wherever it was measured before. */
const rowsOf = (columns: readonly VitalColumn[], isInfant: boolean): readonly Measure[] =>
  MEASURES.filter(
    (measure) =>
      measure !== "head-circumference" ||
      isInfant ||
      columns.some(({ cells }) => cells.some((cell) => cell.measure === measure)),
  );

/** The flowsheet: one column to type into, beside it what was measured before. */
export function VitalsEntry({ patient, columns, mayRecord, isInfant, onSaved }: VitalsEntryProps) {
  const [t, format, [shownIn]] = [useText(vitalsMessages), useFormat(), useUnitSystem()];
  const [typed, setTyped] = useState<Typed>({});
  const [typedIn, setTypedIn] = useState<UnitSystem>(shownIn);
  const [hasTime, setHasTime] = useState(false);
  const [[day, time], setTime] = useState<readonly [string, string]>(["", ""]);
  const [tried, setTried] = useState(false);
  const measures = rowsOf(columns, isInfant);
  const measured = MEASURED.filter((measure) => measures.includes(measure));
  const isDirty = Object.values(typed).some((value) => value.trim() !== "");
  // What is being typed stays in the unit in which it was begun, whichever the sheet is shown in meanwhile.
  const system = isDirty ? typedIn : shownIn;
  const { entries, errors } = columnOf(typed, measured, system);
  const lacksTime = hasTime && (day === "" || time === "");
  const save = useAct("recordVitals", { refresh: ["readVitals", "readBanner", "readTimeline", "readLists"] });
  const unlikely = unlikelyIn(save.problem, entries);
  const shownErrors = tried ? { ...issuesByInput(save.problem, entries), ...errors } : {};
  const others = (save.problem?.issues ?? []).filter(({ field = "" }) => field.startsWith("at"));

  const send = async (confirmed: readonly Measured[] = []): Promise<void> => {
    setTried(true);
    if (Object.keys(errors).length > 0 || entries.length === 0 || lacksTime) return;
    const done = await save.act({
      path: { id: patient },
      body: {
        entries: [...entries],
        confirmed: [...confirmed],
        ...(hasTime && { at: { day, time } }),
      },
    });
    if (done === undefined) return;
    setTyped({});
    setTried(false);
    setHasTime(false);
    notify({ text: t("saved") });
    onSaved?.();
  };

  const labelOf = (name: string, measure: Measured): string =>
    t("inUnit", {
      name: measure === "blood-pressure" ? t(name as "systolic") : t(`measure.${measure}`),
      unit: UNIT_LABELS[unitIn(measure, system)],
    });
  const rows = measures.map((measure): EntryRow => {
    const cells = columns.map(({ at, cells: known }) => {
      const own = known.filter((cell) => cell.measure === measure);
      return own.length === 0 ? (
        <Text as="span" tone="muted" key={at}>
          {"–"}
        </Text>
      ) : (
        <Stack gap="xs" key={at}>
          {own.map((cell) => (
            <VitalDetails key={cell.id} patient={patient} cell={cell} />
          ))}
        </Stack>
      );
    });
    if (measure === "bmi")
      return {
        id: measure,
        label: t("measure.bmi"),
        inputs: [],
        cells,
        unit: (
          <Text as="span" size="sm" tone="muted">
            {t("computed")}
          </Text>
        ),
      };
    return {
      id: measure,
      label: t(`measure.${measure}`),
      joint: "/",
      cells,
      unit: (
        <Text as="span" size="sm" tone="muted">
          {UNIT_LABELS[unitIn(measure, system)]}
        </Text>
      ),
      inputs: inputsOf(measure).map((name) => {
        const error = shownErrors[name];
        return {
          name,
          label: labelOf(name, measure),
          value: typed[name] ?? "",
          error: error === undefined ? undefined : t(error),
        };
      }),
    };
  });
  const isAway = save.problem !== undefined && save.problem.issues.length === 0;
  return (
    <Stack>
      {mayRecord && <LeaveGuard isDirty={isDirty} />}
      {mayRecord && (
        <Text size="sm" tone="muted">
          {t("help")}
        </Text>
      )}
      {tried && entries.length === 0 && Object.keys(errors).length === 0 && (
        <Alert tone="warning" title={t("nothingTyped")} isLive />
      )}
      {tried && isAway && save.problem !== undefined && <ProblemState problem={save.problem} />}
      {others.map(({ code }) => (
        <Alert key={code} tone="danger" title={t(`issue.${code}` as "issue.date-future")} isLive />
      ))}
      <EntryGrid
        caption={t("flowsheet")}
        rowsLabel={t("measure")}
        {...(mayRecord && { entryLabel: t("newColumn") })}
        columns={columns.map(({ at }) => ({ id: at, label: format.dateTime(at) }))}
        rows={rows}
        onChange={(name, value) => {
          if (!isDirty) setTypedIn(shownIn);
          setTyped((known) => ({ ...known, [name]: value }));
        }}
        onSubmit={() => void send()}
      />
      {mayRecord && (
        <Row align="end">
          <ButtonRow>
            <Button tone="primary" isPending={save.isPending} onClick={() => void send()}>
              {t("save")}
            </Button>
          </ButtonRow>
          <CheckboxField label={t("otherTime")} value={hasTime} onChange={setHasTime} />
          {hasTime && (
            <DateField
              label={t("day")}
              value={day}
              onChange={(next) => setTime([next, time])}
              isRequired
              error={tried && day === "" ? t("issue.day") : undefined}
            />
          )}
          {hasTime && (
            <TimeField
              label={t("time")}
              value={time}
              onChange={(next) => setTime([day, next])}
              isRequired
              error={tried && time === "" ? t("issue.time") : undefined}
            />
          )}
        </Row>
      )}
      <ConfirmDialog
        title={t("confirmTitle")}
        isOpen={unlikely.length > 0 && tried && !save.isPending}
        onClose={save.reset}
        confirmLabel={t("confirmLabel")}
        onConfirm={() => void send(unlikely)}
      >
        <Stack>
          <Text>{t("confirmText")}</Text>
          <List label={t("confirmText")} look="bullets" items={unlikely} itemKey={(measure) => measure}>
            {(measure) => (
              <Text as="span" isStrong>
                {`${t(`measure.${measure}`)}: ${inputsOf(measure)
                  .map((name) => typed[name] ?? "")
                  .join("/")} ${UNIT_LABELS[unitIn(measure, system)]}`}
              </Text>
            )}
          </List>
        </Stack>
      </ConfirmDialog>
    </Stack>
  );
}
