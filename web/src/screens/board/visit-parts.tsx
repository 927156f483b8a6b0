import type { DayRow, Step } from "../../../../core/contract/index.ts";
import {
  Badge,
  Button,
  type FieldState,
  FieldValue,
  Link,
  Menu,
  type MenuEntry,
  Row,
  Stack,
  Text,
} from "../../ui/index.ts";
import { FLAG_TONES, STAGE_TONES, STEP_KEYS, type Words } from "./words.ts";

/** What can be done with a row, by whoever shows it. */
export interface RowActs {
  readonly onOpen: (row: DayRow) => void;
  readonly onStep: (row: DayRow, step: Step) => void;
  readonly onMove: (row: DayRow) => void;
  readonly pending: string | undefined;
}

interface PartProps {
  readonly row: DayRow;
  readonly words: Words;
}

/** Who comes, and when she was born: a link to the chart where the name may be shown. */
export const PatientPart = ({ row, words: { t, format } }: PartProps) => (
  <Stack gap="none">
    <FieldValue
      label={t("patient")}
      field={row.patient.name as FieldState<{ family: string; given: readonly string[] }>}
      render={(name) => (
        <Link to="/app/patients/$patient" params={{ patient: row.patient.id }}>
          {format.name(name)}
        </Link>
      )}
    />
    {row.patient.birthDate.state === "value" && (
      <Text tone="muted" size="sm">
        {format.date(row.patient.birthDate.value)}
      </Text>
    )}
  </Stack>
);

/** Where the visit stands and since when, with what is particular about it. */
export const StagePart = ({ row, words: { t, timeOf } }: PartProps) => (
  <Row gap="xs">
    <Badge text={t(`stage.${row.stage}`)} tone={STAGE_TONES[row.stage]} />
    {row.since !== undefined && row.stage !== "booked" && (
      <Text tone="muted" size="sm">
        {timeOf(row.since)}
      </Text>
    )}
    {row.flags.map((flag) => (
      <Badge key={flag} text={t(`flag.${flag}`)} tone={FLAG_TONES[flag]} />
    ))}
  </Row>
);

/** The step that comes next on the way of a visit: it has a button of its own. */
export const nextStep = ({ steps }: DayRow): Step | undefined =>
  steps.find((step) => step !== "no-show" && step !== "cancel" && step !== "undo");

/** Every other step, and what is not one. */
export function entriesOf({ row, words: { t }, acts }: PartProps & { readonly acts: RowActs }): readonly MenuEntry[] {
  const next = nextStep(row);
  const steps = row.steps.filter((step) => step !== next);
  return [
    ...steps.map((step) => ({
      id: step,
      label: t(`step.${step}`),
      detail: STEP_KEYS[step].toUpperCase(),
      tone: step === "cancel" || step === "no-show" ? ("danger" as const) : ("default" as const),
      onSelect: () => acts.onStep(row, step),
    })),
    ...(row.canMove
      ? [{ id: "move", label: t("move"), detail: STEP_KEYS.move.toUpperCase(), onSelect: () => acts.onMove(row) }]
      : []),
  ];
}

interface ActionsProps extends PartProps {
  readonly acts: RowActs;
  /** Under each other where there is no room, as in a narrow lane. */
  readonly wraps?: boolean;
}

/** The next step as one button, and the rest behind another. */
export function ActionsPart({ row, words, acts, wraps = false }: ActionsProps) {
  const { t, timeOf, nameOf } = words;
  const next = nextStep(row);
  const entries = entriesOf({ row, words, acts });
  const what = { time: timeOf(row.start), name: nameOf(row) };
  return (
    <Row gap="xs" wraps={wraps} justify={wraps ? "start" : "end"}>
      {next !== undefined && (
        <Button
          size="sm"
          isPending={acts.pending === row.id}
          label={`${t(`step.${next}`)}: ${what.time}, ${what.name}`}
          onClick={() => acts.onStep(row, next)}
        >
          {t(`step.${next}`)}
        </Button>
      )}
      {entries.length > 0 && <Menu label={t("moreFor", what)} entries={entries} />}
    </Row>
  );
}
