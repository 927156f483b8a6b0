import { useState } from "react";
import type {
  AllergyItem,
  ChangeItem,
  ImmunizationItem,
  ItemFacts,
  ListName,
  MedicationItem,
  NoneKnown,
  ProblemItem,
} from "../../../../core/contract/chart.ts";
import { useAct } from "../../api/hooks.ts";
import { dayIn } from "../../i18n/format.ts";
import { useSession } from "../../app/session.tsx";
import { Alert, Drawer, Form, notify, TextField } from "../../ui/index.ts";
import { ListFields } from "./fields.tsx";
import {
  allergyBody,
  allergyValues,
  immunizationBody,
  immunizationValues,
  medicationBody,
  medicationContent,
  medicationValues,
  problemBody,
  problemValues,
  type Values,
} from "./values.ts";
import { REFRESH, useListWords } from "./words.ts";

interface AddDrawerProps {
  readonly patient: string;
  readonly list: ListName;
  readonly onClose: () => void;
  /** The statement that an allergy would contradict, and so ends. */
  readonly noneKnown?: NoneKnown | undefined;
}

const FEWEST_REACTIONS = 2;

/** Puts a new item on a list, beside the chart that it belongs to. */
export function AddDrawer({ patient, list, onClose, noneKnown }: AddDrawerProps) {
  const { t, rules } = useListWords();
  const { tenant } = useSession();
  const [today] = useState(() => dayIn(tenant.timeZone, Date.now()));
  const options = {
    refresh: REFRESH,
    onDone: () => {
      notify({ text: t("saved") });
      onClose();
    },
  };
  const adds = {
    problems: useAct("addProblem", options),
    allergies: useAct("addAllergy", options),
    medications: useAct("addMedication", options),
    immunizations: useAct("addImmunization", options),
  };
  const path = { id: patient };
  const save = (values: Values): Promise<unknown> => {
    switch (list) {
      case "problems":
        return adds.problems.act({ path, body: problemBody(values) });
      case "allergies":
        return adds.allergies.act({
          path,
          body: {
            ...allergyBody(values),
            ...(noneKnown !== undefined && { endsNoneKnown: { id: noneKnown.id, version: noneKnown.version } }),
          },
        });
      case "medications":
        return adds.medications.act({ path, body: medicationBody(values) });
      case "immunizations":
        return adds.immunizations.act({ path, body: immunizationBody(values) });
    }
  };
  const defaults: Readonly<Record<ListName, Values>> = {
    problems: { verification: "confirmed" },
    allergies: { type: "allergy", verification: "confirmed" },
    medications: { kind: "reported" },
    immunizations: { status: "completed", source: "here", date: today },
  };
  return (
    <Drawer title={t(`add.${list}`)} isOpen onClose={onClose} size="md">
      {noneKnown !== undefined && list === "allergies" && <Alert tone="warning" title={t("endsNoneKnown")} />}
      <Form<Record<string, string | undefined>>
        label={t(`add.${list}`)}
        defaults={defaults[list]}
        loading={false}
        problem={adds[list].problem}
        rules={rules}
        submitLabel={t("save")}
        onCancel={onClose}
        onSubmit={save}
      >
        <ListFields list={list} at="" isChange={false} reactions={FEWEST_REACTIONS} />
      </Form>
    </Drawer>
  );
}

/** An item with the list that it is of. */
export type ListedItem =
  | { readonly list: "problems"; readonly item: ProblemItem }
  | { readonly list: "allergies"; readonly item: AllergyItem }
  | { readonly list: "medications"; readonly item: MedicationItem }
  | { readonly list: "immunizations"; readonly item: ImmunizationItem };

function valuesOf(listed: ListedItem): Values {
  switch (listed.list) {
    case "problems":
      return problemValues(listed.item);
    case "allergies":
      return allergyValues(listed.item);
    case "medications":
      return medicationValues(listed.item);
    case "immunizations":
      return immunizationValues(listed.item);
  }
}

function changeOf(list: ListName, values: Values, reason: string | undefined): ChangeItem {
  const why = reason === undefined || reason.trim() === "" ? {} : { reason: reason.trim() };
  switch (list) {
    case "problems":
      return { list, content: problemBody(values), ...why };
    case "allergies":
      return { list, content: allergyBody(values), ...why } as ChangeItem;
    case "medications":
      return { list, content: medicationContent(values), ...why };
    case "immunizations":
      return { list, content: immunizationBody(values), ...why };
  }
}

interface EditDrawerProps {
  readonly patient: string;
  readonly listed: ListedItem;
  readonly onClose: () => void;
}

interface EditValues {
  readonly content: Values;
  readonly reason?: string;
}

/** Changes what an item says, over the version that is shown. */
export function EditDrawer({ patient, listed, onClose }: EditDrawerProps) {
  const { t, rules } = useListWords();
  const { list } = listed;
  const facts: ItemFacts = listed.item;
  const change = useAct("changeItem", {
    refresh: REFRESH,
    onDone: () => {
      notify({ text: t("saved") });
      onClose();
    },
  });
  const reactions = listed.list === "allergies" ? Math.max(FEWEST_REACTIONS, listed.item.reactions.length) : 0;
  return (
    <Drawer title={t(`edit.${list}`)} isOpen onClose={onClose} size="md">
      <Form<EditValues>
        label={t(`edit.${list}`)}
        defaults={{ content: valuesOf(listed) }}
        loading={false}
        problem={change.problem}
        rules={rules}
        submitLabel={t("save")}
        onCancel={onClose}
        onSubmit={({ content, reason }) =>
          change.act({
            path: { id: patient, item: facts.id },
            ifMatch: facts.version,
            body: changeOf(list, content, reason),
          })
        }
      >
        <ListFields list={list} at="content." isChange reactions={reactions} />
        <TextField name="reason" label={t("reason")} maxLength={500} />
      </Form>
    </Drawer>
  );
}
