import { useState } from "react";
import type { VitalEntry } from "../../../../core/contract/chart.ts";
import { type Measured, UNIT_LABELS, type VitalCell, unitIn } from "../../../../core/contract/chart-words.ts";
import { useAct } from "../../api/hooks.ts";
import { useFormat, useText } from "../../i18n/index.ts";
import {
  Button,
  ButtonRow,
  CheckboxField,
  ConfirmDialog,
  Dialog,
  Form,
  IconButton,
  notify,
  Row,
  Stack,
  Text,
  TextAreaField,
  TextField,
} from "../../ui/index.ts";
import { IconInfoCircle } from "@tabler/icons-react";
import { columnOf, inputsOf, unlikelyIn } from "./entry.ts";
import { vitalsMessages } from "./messages.ts";
import { useUnitSystem } from "./unit-system.ts";
import { VitalValue } from "./value.tsx";

interface VitalDetailsProps {
  readonly patient: string;
  readonly cell: VitalCell;
}

const REFRESH = ["readVitals", "readTimeline", "readLists"] as const;

/** A value of the sheet, and behind it where it comes from, what is usual, and the way to correct it. */
export function VitalDetails({ patient, cell }: VitalDetailsProps) {
  const [t, format, [system]] = [useText(vitalsMessages), useFormat(), useUnitSystem()];
  const [isOpen, setIsOpen] = useState(false);
  const [act, setAct] = useState<"correct" | "error" | undefined>(undefined);
  const name = t(`measure.${cell.measure}`);
  const { value, label } = cell.shown[system];
  const entered = Object.values(cell.shown).find(({ isEntered }) => isEntered);
  const when = (at: string | undefined): string => (at === undefined ? "" : format.dateTime(at));
  const { recorded, changed, range, source } = cell;
  return (
    <Row gap="xs" wraps={false}>
      <VitalValue cell={cell} />
      <IconButton
        size="sm"
        icon={IconInfoCircle}
        label={t("details", { name, value: `${value} ${label}` })}
        onClick={() => setIsOpen(true)}
      />
      {isOpen && (
        <Dialog title={name} isOpen onClose={() => setIsOpen(false)} size="sm">
          <Stack>
            <VitalValue cell={cell} saysNormal />
            {entered !== undefined && entered.label !== label && (
              <Text>{t("entered", { value: `${entered.value} ${entered.label}` })}</Text>
            )}
            {range !== undefined && <Text>{t("whyRange", { range: range[system], source: source ?? "" })}</Text>}
            {range === undefined && <Text>{t("flag.no-range")}</Text>}
            <Text tone="muted">
              {recorded.by === undefined
                ? t("recordedAt", { at: when(recorded.at) })
                : t("recordedBy", { by: recorded.by, at: when(recorded.at) })}
            </Text>
            {changed !== undefined && (
              <Text tone="muted">
                {t("changedBy", { by: changed.by ?? "", at: when(changed.at) })}{" "}
                {changed.reason === undefined ? "" : t("because", { reason: changed.reason })}
              </Text>
            )}
            {cell.mayCorrect && (
              <ButtonRow>
                <Button
                  onClick={() => {
                    setIsOpen(false);
                    setAct("correct");
                  }}
                >
                  {t("correct")}
                </Button>
                <Button
                  tone="danger"
                  onClick={() => {
                    setIsOpen(false);
                    setAct("error");
                  }}
                >
                  {t("markError")}
                </Button>
              </ButtonRow>
            )}
          </Stack>
        </Dialog>
      )}
      {act === "correct" && <CorrectDialog patient={patient} cell={cell} onClose={() => setAct(undefined)} />}
      {act === "error" && <ErrorDialog patient={patient} cell={cell} onClose={() => setAct(undefined)} />}
    </Row>
  );
}

interface ActDialogProps extends VitalDetailsProps {
  readonly onClose: () => void;
}

function ErrorDialog({ patient, cell, onClose }: ActDialogProps) {
  const t = useText(vitalsMessages);
  const correct = useAct("correctVital", {
    refresh: REFRESH,
    onDone: () => {
      notify({ text: t("corrected") });
      onClose();
    },
  });
  return (
    <ConfirmDialog
      title={t("errorTitle")}
      isOpen
      onClose={onClose}
      tone="danger"
      confirmLabel={t("markError")}
      reason={{ label: t("reason"), minimum: 3 }}
      isPending={correct.isPending}
      problem={correct.problem}
      onConfirm={({ reason }) =>
        correct.act({ path: { id: patient, item: cell.id }, ifMatch: cell.version, body: { reason } })
      }
    >
      <Text>{t("errorText")}</Text>
    </ConfirmDialog>
  );
}

interface CorrectValues {
  readonly [name: string]: string | boolean;
}

function CorrectDialog({ patient, cell, onClose }: ActDialogProps) {
  const [t, [system]] = [useText(vitalsMessages), useUnitSystem()];
  const measure = cell.measure as Measured;
  const names = inputsOf(measure);
  const [sent, setSent] = useState<readonly VitalEntry[]>([]);
  const correct = useAct("correctVital", {
    refresh: REFRESH,
    onDone: () => {
      notify({ text: t("corrected") });
      onClose();
    },
  });
  const values = cell.shown[system].value.split("/");
  const unit = UNIT_LABELS[unitIn(measure, system)];
  const isUnlikely = unlikelyIn(correct.problem, sent).length > 0;
  const rules = {
    "vital-impossible": t("issue.vital-impossible"),
    "vital-unlikely": t("issue.vital-unlikely"),
    "vital-order": t("issue.vital-order"),
  };
  return (
    <Dialog
      title={t("correctTitle", { name: t(`measure.${measure}`) })}
      isOpen
      onClose={onClose}
      size="sm"
      closesLightly={false}
    >
      <Form<CorrectValues>
        label={t("correctTitle", { name: t(`measure.${measure}`) })}
        defaults={Object.fromEntries(names.map((name, index) => [name, values[index] ?? ""]))}
        loading={false}
        problem={correct.problem}
        rules={rules}
        submitLabel={isUnlikely ? t("confirmLabel") : t("correct")}
        onCancel={onClose}
        onSubmit={(typed) => {
          const { entries } = columnOf(typed as Record<string, string>, [measure], system);
          const [entry] = entries;
          // Without a value the server would take it for an error: that is another button.
          if (entry === undefined) return false;
          setSent(entries);
          return correct.act({
            path: { id: patient, item: cell.id },
            ifMatch: cell.version,
            body: {
              entry,
              confirmed: typed["isConfirmed"] === true ? [measure] : [],
              reason: String(typed["reason"]),
            },
          });
        }}
      >
        <Text tone="muted">{t("correctHint")}</Text>
        {names.map((name) => (
          <TextField
            key={name}
            name={name}
            label={t("inUnit", {
              name: measure === "blood-pressure" ? t(name as "systolic") : t("newValue"),
              unit,
            })}
            isRequired
            width="sm"
            validate={(text) => (/^\d{1,4}([.,]\d{1,3})?$/.test(text.trim()) ? undefined : t("issue.number"))}
          />
        ))}
        {isUnlikely && <CheckboxField name="isConfirmed" label={t("confirmLabel")} />}
        <TextAreaField name="reason" label={t("reason")} isRequired minLength={3} maxLength={500} />
      </Form>
    </Dialog>
  );
}
