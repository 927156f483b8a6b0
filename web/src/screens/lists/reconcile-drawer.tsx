import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import type { ItemFacts, ListCard, Reconcile } from "../../../../core/contract/chart.ts";
import { useAct } from "../../api/hooks.ts";
import {
  Alert,
  Button,
  ButtonRow,
  Card,
  CheckboxField,
  ComboboxField,
  Drawer,
  IconButton,
  LeaveGuard,
  List,
  notify,
  ProblemState,
  RadioField,
  Row,
  Section,
  SelectField,
  Stack,
  Text,
  TextField,
} from "../../ui/index.ts";
import { namedOf, optionsOf } from "./values.ts";
import { REFRESH, useListWords } from "./words.ts";

export interface ReconcileItem {
  readonly id: string;
  readonly version: number;
  readonly title: string;
  readonly detail?: string | undefined;
}

export interface Reconcilable {
  readonly list: Reconcile["list"];
  readonly items: readonly ReconcileItem[];
}

/** What of a card counts today, as it is gone through. */
export const activeOf = <T extends ItemFacts>(
  { items }: ListCard<T>,
  shown: (item: T) => ReconcileItem,
): readonly ReconcileItem[] =>
  items.state === "value" ? items.value.filter(({ isActive }) => isActive).map(shown) : [];

interface Decided {
  readonly decision?: "keep" | "stop" | "change";
  readonly reason?: string;
  readonly dosage?: string;
}

interface NewRow {
  readonly key: number;
  readonly text: string;
  readonly dosage: string;
}

const VOCABULARY = { problems: "problem", allergies: "allergen", medications: "medication" } as const;

interface ItemPartProps {
  readonly list: Reconcile["list"];
  readonly item: ReconcileItem;
  readonly decided: Decided;
  readonly onDecide: (decided: Decided) => void;
}

function ItemPart({ list, item, decided, onDecide }: ItemPartProps) {
  const { t } = useListWords();
  const choices = [
    { value: "keep", label: t("decision.keep") },
    { value: "stop", label: t(`decisionStop.${list}`) },
    ...(list === "medications" ? [{ value: "change", label: t("decision.change") }] : []),
  ];
  const { decision } = decided;
  return (
    <Stack gap="xs">
      <RadioField
        label={[item.title, item.detail].filter((text) => text !== undefined && text !== "").join(", ")}
        value={decision ?? ""}
        onChange={(next) => onDecide({ ...decided, decision: next as NonNullable<Decided["decision"]> })}
        choices={choices}
        isInline
      />
      {decision === "change" && (
        <TextField
          label={`${t("newDosage")}: ${item.title}`}
          value={decided.dosage ?? item.detail ?? ""}
          onChange={(dosage) => onDecide({ ...decided, dosage })}
          isRequired
        />
      )}
      {(decision === "stop" || decision === "change") && (
        <TextField
          label={`${t("reason")}: ${item.title}`}
          value={decided.reason ?? ""}
          onChange={(reason) => onDecide({ ...decided, reason })}
          isRequired
          maxLength={500}
        />
      )}
    </Stack>
  );
}

/** What is sent of an item; undefined while something of it is still to be said. */
function decisionOf(item: ReconcileItem, decided: Decided | undefined): Reconcile["decisions"][number] | undefined {
  const { id, version } = item;
  const reason = (decided?.reason ?? "").trim();
  switch (decided?.decision) {
    case "keep":
      return { id, version, decision: "keep" };
    case "stop":
      return reason.length < 3 ? undefined : { id, version, decision: "stop", reason };
    case "change": {
      const dosage = (decided.dosage ?? item.detail ?? "").trim();
      return reason.length < 3 || dosage === "" ? undefined : { id, version, decision: "change", reason, dosage };
    }
    default:
      return undefined;
  }
}

function bodyOf(
  { list }: Reconcilable,
  decisions: Reconcile["decisions"],
  rows: readonly NewRow[],
  source: { readonly kind: string; readonly who: string },
  noneKnown: boolean,
) {
  const named = rows.filter(({ text }) => text.trim() !== "");
  const who = source.who.trim();
  const added = {
    problems: list === "problems" ? named.map(({ text }) => ({ problem: namedOf("problem", text) })) : [],
    allergies: list === "allergies" ? named.map(({ text }) => ({ substance: namedOf("allergen", text) })) : [],
    medications:
      list === "medications"
        ? named.map(({ text, dosage }) => ({
            kind: "reported" as const,
            medication: namedOf("medication", text),
            ...(dosage.trim() !== "" && { dosage: dosage.trim() }),
          }))
        : [],
  };
  return {
    list,
    decisions,
    noneKnown,
    ...added,
    source:
      source.kind === "caregiver"
        ? { kind: "caregiver" as const, ...(who !== "" && { who }) }
        : { kind: "patient" as const },
  };
}

interface ReconcileDrawerProps {
  readonly patient: string;
  readonly what: Reconcilable;
  readonly onClose: () => void;
}

/** Goes through a list with the patient: each item is kept or stopped, what is missing is added, all at once. */
export function ReconcileDrawer({ patient, what, onClose }: ReconcileDrawerProps) {
  const { t, rules } = useListWords();
  const { list, items } = what;
  const [decided, setDecided] = useState<Readonly<Record<string, Decided>>>({});
  const [rows, setRows] = useState<readonly NewRow[]>([]);
  const [source, setSource] = useState({ kind: "patient", who: "" });
  const [isNoneKnown, setIsNoneKnown] = useState(false);
  const [tried, setTried] = useState(false);
  const act = useAct("reconcileList", {
    refresh: REFRESH,
    onDone: () => {
      notify({ text: t("reconciledNow") });
      onClose();
    },
  });
  const decisions = items.map((item) => decisionOf(item, decided[item.id]));
  const missing = decisions.filter((decision) => decision === undefined).length;
  const canBeNone =
    list === "allergies" && decisions.every((decision) => decision?.decision === "stop") && rows.length === 0;
  const isDirty = Object.keys(decided).length > 0 || rows.length > 0;
  const change = (key: number, next: Partial<NewRow>): void =>
    setRows((known) => known.map((row) => (row.key === key ? { ...row, ...next } : row)));
  const save = (): void => {
    setTried(true);
    if (missing > 0) return;
    const made = decisions.flatMap((decision) => decision ?? []);
    void act.act({ path: { id: patient }, body: bodyOf(what, made, rows, source, isNoneKnown && canBeNone) });
  };
  return (
    <Drawer title={t("reconcileTitle", { list: t(list) })} isOpen onClose={onClose} size="lg">
      <LeaveGuard isDirty={isDirty && !act.isPending} />
      <Stack gap="lg">
        <Text tone="muted">{t("reconcileIntro")}</Text>
        <Row align="end">
          <SelectField
            label={t("sourceLabel")}
            value={source.kind}
            isRequired
            onChange={(kind) => setSource({ ...source, kind })}
            choices={[
              { value: "patient", label: t("sourceKind.patient") },
              { value: "caregiver", label: t("sourceKind.caregiver") },
            ]}
          />
          {source.kind === "caregiver" && (
            <TextField label={t("caregiver")} value={source.who} onChange={(who) => setSource({ ...source, who })} />
          )}
        </Row>
        <Section title={t(list)} level={3}>
          {items.length === 0 ? (
            <Text>{t("emptyList")}</Text>
          ) : (
            <List label={t(list)} items={items} itemKey={({ id }) => id}>
              {(item) => (
                <ItemPart
                  list={list}
                  item={item}
                  decided={decided[item.id] ?? {}}
                  onDecide={(next) => setDecided((known) => ({ ...known, [item.id]: next }))}
                />
              )}
            </List>
          )}
          {missing > 0 && (
            <ButtonRow>
              <Button
                size="sm"
                onClick={() =>
                  setDecided((known) => ({
                    ...Object.fromEntries(items.map(({ id }) => [id, { decision: "keep" as const }])),
                    ...known,
                  }))
                }
              >
                {t("decideAll")}
              </Button>
            </ButtonRow>
          )}
        </Section>
        <Card title={t("reconcileAdd")} level={3}>
          <Stack>
            {rows.map(({ key, text, dosage }, index) => (
              <Row key={key} align="end">
                <ComboboxField
                  label={t("newRow", { number: index + 1 })}
                  value={text}
                  onChange={(next) => change(key, { text: next })}
                  options={optionsOf(VOCABULARY[list])}
                  takesOwn
                />
                {list === "medications" && (
                  <TextField
                    label={t("field.dosage")}
                    value={dosage}
                    onChange={(next) => change(key, { dosage: next })}
                  />
                )}
                <IconButton
                  icon={IconTrash}
                  label={t("removeRow", { number: index + 1 })}
                  onClick={() => setRows((known) => known.filter((row) => row.key !== key))}
                />
              </Row>
            ))}
            <ButtonRow>
              <Button
                size="sm"
                icon={IconPlus}
                onClick={() =>
                  setRows((known) => [...known, { key: (known.at(-1)?.key ?? 0) + 1, text: "", dosage: "" }])
                }
              >
                {t("addRow")}
              </Button>
            </ButtonRow>
            {canBeNone && <CheckboxField label={t("noneKnownToo")} value={isNoneKnown} onChange={setIsNoneKnown} />}
          </Stack>
        </Card>
        {tried && missing > 0 && <Alert tone="warning" title={t("decideFirst")} isLive />}
        {act.problem !== undefined && <ProblemState problem={act.problem} rules={rules} />}
        <Row justify="between">
          <Text tone="muted">{t("undecided", { count: missing })}</Text>
          <ButtonRow align="end">
            <Button tone="primary" isPending={act.isPending} onClick={save}>
              {t("reconcileSave")}
            </Button>
          </ButtonRow>
        </Row>
      </Stack>
    </Drawer>
  );
}
