import { useState } from "react";
import type { PlaceView, ScheduleSetupView, VisitTypeView } from "../../../../core/contract/index.ts";
import { useAct } from "../../api/hooks.ts";
import { useText } from "../../i18n/index.ts";
import {
  Badge,
  Button,
  Card,
  CheckboxField,
  Columns,
  Dialog,
  EmptyState,
  Form,
  NumberField,
  notify,
  SelectField,
  Stack,
  Table,
  TextField,
} from "../../ui/index.ts";
import { settingsMessages } from "./messages.ts";
import { rowAction } from "./row-action.tsx";

interface PartProps {
  readonly setup: ScheduleSetupView;
}

const KINDS = ["room", "site"] as const;
const TONES = ["blue", "green", "teal", "violet", "amber", "red", "gray"] as const;
const REFRESH = ["readScheduleSetup"] as const;

interface EnteredPlace {
  readonly name: string;
  readonly kind: "site" | "room";
  readonly partOf: string;
  readonly isActive: boolean;
}

interface PlaceFormProps extends PartProps {
  readonly place: PlaceView | undefined;
  readonly onClose: () => void;
}

function PlaceForm({ setup, place, onClose }: PlaceFormProps) {
  const t = useText(settingsMessages);
  const [adding, changing] = [useAct("addPlace", { refresh: REFRESH }), useAct("changePlace", { refresh: REFRESH })];
  const sites = setup.places.filter(({ kind, id }) => kind === "site" && id !== place?.id);
  const save = async ({ partOf, ...entered }: EnteredPlace): Promise<boolean> => {
    const body = { ...entered, ...(partOf !== "" && { partOf }) };
    const answer =
      place === undefined
        ? await adding.act({ body })
        : await changing.act({ path: { id: place.id }, ifMatch: place.version, body });
    if (answer === undefined) return false;
    notify({ text: t("saved") });
    onClose();
    return true;
  };
  return (
    <Form<EnteredPlace>
      label={t("roomsTitle")}
      defaults={{
        name: place?.name ?? "",
        kind: place?.kind ?? "room",
        partOf: place?.partOf ?? "",
        isActive: place?.isActive ?? true,
      }}
      onSubmit={save}
      problem={adding.problem ?? changing.problem}
      loading={false}
      submitLabel={t("save")}
      onCancel={onClose}
    >
      <TextField name="name" label={t("placeName")} isRequired maxLength={80} />
      <SelectField
        name="kind"
        label={t("kind")}
        isRequired
        choices={KINDS.map((kind) => ({ value: kind, label: t(`kind.${kind}`) }))}
      />
      <SelectField
        name="partOf"
        label={t("partOf")}
        placeholder={t("noSite")}
        choices={sites.map(({ id, name }) => ({ value: id, label: name }))}
      />
      <CheckboxField name="isActive" label={t("inUse")} />
    </Form>
  );
}

/** `undefined` is closed, `null` adds, and anything else is edited. */
type Edited<T> = T | null | undefined;

/** Sites and rooms: what can be booked, and where patients are brought. */
export function RoomsPart({ setup }: PartProps) {
  const t = useText(settingsMessages);
  const [edited, setEdited] = useState<Edited<PlaceView>>(undefined);
  const close = (): void => setEdited(undefined);
  return (
    <Card title={t("roomsTitle")} actions={<Button onClick={() => setEdited(null)}>{t("addRoom")}</Button>}>
      <Table
        caption={t("roomsTitle")}
        hidesCaption
        rows={setup.places}
        rowKey={({ id }) => id}
        empty={<EmptyState title={t("roomsEmpty")} hint={t("roomsHint")} isCompact />}
        columns={[
          { id: "name", label: t("placeName"), isRowHeader: true, render: ({ name }) => name },
          { id: "kind", label: t("kind"), render: ({ kind }) => t(`kind.${kind}`) },
          {
            id: "partOf",
            label: t("partOf"),
            render: ({ partOf }) => setup.places.find(({ id }) => id === partOf)?.name ?? t("noSite"),
          },
          { id: "use", label: t("inUse"), render: ({ isActive }) => <InUse isActive={isActive} /> },
          rowAction<PlaceView>(t, "edit", setEdited),
        ]}
      />
      <Dialog title={t("roomsTitle")} isOpen={edited !== undefined} onClose={close} closesLightly={false}>
        {edited !== undefined && <PlaceForm setup={setup} place={edited ?? undefined} onClose={close} />}
      </Dialog>
    </Card>
  );
}

function InUse({ isActive }: { readonly isActive: boolean }) {
  const t = useText(settingsMessages);
  return <Badge tone={isActive ? "success" : "neutral"} text={isActive ? t("active") : t("inactive")} />;
}

interface EnteredType {
  readonly name: string;
  readonly minutes: number;
  readonly tone: VisitTypeView["tone"];
  readonly isActive: boolean;
}

function VisitTypeForm({ type, onClose }: { readonly type: VisitTypeView | undefined; readonly onClose: () => void }) {
  const t = useText(settingsMessages);
  const adding = useAct("addVisitType", { refresh: REFRESH });
  const changing = useAct("changeVisitType", { refresh: REFRESH });
  const save = async (body: EnteredType): Promise<boolean> => {
    const answer =
      type === undefined
        ? await adding.act({ body })
        : await changing.act({ path: { id: type.id }, ifMatch: type.version, body });
    if (answer === undefined) return false;
    notify({ text: t("saved") });
    onClose();
    return true;
  };
  return (
    <Form<EnteredType>
      label={t("visitTypesTitle")}
      defaults={{
        name: type?.name ?? "",
        minutes: type?.minutes ?? 20,
        tone: type?.tone ?? "blue",
        isActive: type?.isActive ?? true,
      }}
      onSubmit={save}
      problem={adding.problem ?? changing.problem}
      loading={false}
      submitLabel={t("save")}
      onCancel={onClose}
    >
      <TextField name="name" label={t("visitTypeName")} isRequired maxLength={80} />
      <Columns min="sm" gap="md">
        <NumberField name="minutes" label={t("minutes")} min={5} max={720} step={5} isRequired />
        <SelectField
          name="tone"
          label={t("tone")}
          isRequired
          choices={TONES.map((tone) => ({ value: tone, label: t(`tone.${tone}`) }))}
        />
      </Columns>
      <CheckboxField name="isActive" label={t("inUse")} />
    </Form>
  );
}

/** Kinds of visits with their length: what a desk chooses from. */
export function VisitTypesPart({ setup }: PartProps) {
  const t = useText(settingsMessages);
  const [edited, setEdited] = useState<Edited<VisitTypeView>>(undefined);
  const close = (): void => setEdited(undefined);
  return (
    <Card title={t("visitTypesTitle")} actions={<Button onClick={() => setEdited(null)}>{t("addVisitType")}</Button>}>
      <Stack>
        <Table
          caption={t("visitTypesTitle")}
          hidesCaption
          rows={setup.visitTypes}
          rowKey={({ id }) => id}
          empty={<EmptyState title={t("visitTypesEmpty")} hint={t("visitTypesHint")} isCompact />}
          columns={[
            { id: "name", label: t("visitTypeName"), isRowHeader: true, render: ({ name }) => name },
            { id: "minutes", label: t("minutes"), align: "end", render: ({ minutes }) => minutes },
            { id: "tone", label: t("tone"), render: ({ tone }) => t(`tone.${tone}`) },
            { id: "use", label: t("inUse"), render: ({ isActive }) => <InUse isActive={isActive} /> },
            rowAction<VisitTypeView>(t, "edit", setEdited),
          ]}
        />
      </Stack>
      <Dialog title={t("visitTypesTitle")} isOpen={edited !== undefined} onClose={close} closesLightly={false}>
        {edited !== undefined && <VisitTypeForm type={edited ?? undefined} onClose={close} />}
      </Dialog>
    </Card>
  );
}
