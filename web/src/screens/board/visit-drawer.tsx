import type { DayRow } from "../../../../core/contract/index.ts";
import {
  Button,
  ButtonRow,
  DefinitionList,
  Drawer,
  type FieldState,
  FieldValue,
  LinkButton,
  Stack,
} from "../../ui/index.ts";
import { type RowActs, StagePart } from "./visit-parts.tsx";
import type { Words } from "./words.ts";

interface VisitDrawerProps {
  readonly row: DayRow;
  readonly words: Words;
  readonly acts: RowActs;
  readonly onClose: () => void;
}

/** All of one visit, and all that may be done with it. */
export function VisitDrawer({ row, words, acts, onClose }: VisitDrawerProps) {
  const { t, format, timeOf, providerOf, roomOf, visitTypeOf } = words;
  const withClose = (act: () => void) => (): void => {
    onClose();
    act();
  };
  return (
    <Drawer title={t("visitTitle", { time: timeOf(row.start) })} isOpen onClose={onClose}>
      <Stack>
        <StagePart row={row} words={words} />
        <DefinitionList
          look="rows"
          items={[
            {
              term: t("patient"),
              value: (
                <FieldValue
                  label={t("patient")}
                  field={row.patient.name as FieldState<{ family: string; given: readonly string[] }>}
                  render={(name) => format.name(name)}
                />
              ),
            },
            {
              term: t("born"),
              value: (
                <FieldValue
                  label={t("born")}
                  field={row.patient.birthDate as FieldState<string>}
                  render={(day) => format.date(day)}
                />
              ),
            },
            { term: t("time"), value: t("timeSpan", { from: timeOf(row.start), to: timeOf(row.end) }) },
            { term: t("reason"), value: <FieldValue label={t("reason")} field={row.reason as FieldState<string>} /> },
            ...(row.visitType === undefined ? [] : [{ term: t("visitType"), value: visitTypeOf(row) }]),
            { term: t("provider"), value: providerOf(row) },
            { term: t("room"), value: roomOf(row) },
            ...(row.cancelReason === undefined
              ? []
              : [{ term: t("cancelReason"), value: t(`cancel.${row.cancelReason}`) }]),
          ]}
        />
        <ButtonRow>
          {row.steps.map((step, index) => (
            <Button
              key={step}
              tone={step === "cancel" || step === "no-show" ? "danger" : index === 0 ? "primary" : "secondary"}
              onClick={withClose(() => acts.onStep(row, step))}
            >
              {t(`step.${step}`)}
            </Button>
          ))}
          {row.canMove && <Button onClick={withClose(() => acts.onMove(row))}>{t("move")}</Button>}
          {row.patient.name.state === "value" && (
            <LinkButton to="/app/patients/$patient" params={{ patient: row.patient.id }}>
              {t("openChart")}
            </LinkButton>
          )}
        </ButtonRow>
      </Stack>
    </Drawer>
  );
}
