import { useState } from "react";
import type {
  NoticeRule,
  PortalForm,
  PortalSettings,
  PortalSettingsView,
  ReleasedKind,
  ReleaseRule,
  VisitTypeView,
} from "../../../../core/contract/index.ts";
import { useAct } from "../../api/hooks.ts";
import { problemMessages } from "../../api/messages.ts";
import { problemText } from "../../api/problem-text.ts";
import { useStore } from "../../app/store.ts";
import { locale, useText } from "../../i18n/index.ts";
import {
  Badge,
  Button,
  Card,
  CheckboxesField,
  CheckboxField,
  Columns,
  EmptyState,
  Form,
  NumberField,
  notify,
  RadioField,
  SelectField,
  Stack,
  Table,
  Text,
  useFieldValue,
} from "../../ui/index.ts";
import { portalSettingsMessages } from "./portal-messages.ts";

interface PartProps {
  readonly view: PortalSettingsView;
  readonly visitTypes: readonly VisitTypeView[];
  readonly reload: () => unknown;
}
interface SettingsProps extends Omit<PartProps, "visitTypes"> {
  readonly onSaved: (view: PortalSettingsView) => void;
}

const KINDS: readonly ReleasedKind[] = ["notes", "results"];
const WHENS: readonly ReleaseRule["when"][] = ["at-once", "after-days", "after-sign-off"];
const UNITS: readonly NoticeRule["unit"][] = ["hours", "days"];
/** The contract's own bounds: a rule's days, a notice's count. */
const MAX_DAYS = { "at-once": 1, "after-days": 14, "after-sign-off": 30 } as const;
const MAX_NOTICE = { hours: 168, days: 14 } as const;

interface EnteredRule {
  readonly when: ReleaseRule["when"];
  readonly days: number | undefined;
}
interface Entered {
  readonly settings: Omit<PortalSettings, "release" | "forms"> & {
    readonly release: Readonly<Record<ReleasedKind, EnteredRule>>;
  };
}

const enteredOf = (rule: ReleaseRule): EnteredRule => ({
  when: rule.when,
  days: rule.when === "after-days" ? rule.days : rule.when === "after-sign-off" ? rule.atLatestDays : undefined,
});

function ruleOf({ when, days = 0 }: EnteredRule): ReleaseRule {
  if (when === "after-days") return { when, days };
  return when === "after-sign-off" ? { when, atLatestDays: days } : { when };
}

/** Saves the settings with something changed in them. Where somebody else was faster, nothing is overwritten. */
function useSettings({ view, reload, onSaved }: SettingsProps) {
  const t = useText(portalSettingsMessages);
  const saving = useAct("changePortalSettings", { refresh: ["readPortalSettings"] });
  const save = async (change: Partial<PortalSettings>): Promise<boolean> => {
    const answer = await saving.act({ body: { version: view.version, settings: { ...view.settings, ...change } } });
    if (answer === undefined) void reload();
    else {
      onSaved(answer);
      notify({ text: t("saved") });
    }
    return answer !== undefined;
  };
  return { saving, save };
}

function ReleaseFields({ kind }: { readonly kind: ReleasedKind }) {
  const t = useText(portalSettingsMessages);
  const name = `settings.release.${kind}`;
  const when = useFieldValue<ReleaseRule["when"]>(`${name}.when`) ?? "at-once";
  const max = MAX_DAYS[when];
  return (
    <Stack gap="sm">
      <RadioField
        name={`${name}.when`}
        label={t(kind)}
        isRequired
        choices={WHENS.map((value) => ({ value, label: t(`when.${value}`) }))}
      />
      {when !== "at-once" && (
        <NumberField
          name={`${name}.days`}
          label={`${t(kind)}: ${t("days")}`}
          min={1}
          max={max}
          isRequired
          width="sm"
          validate={(days) => (days === undefined ? t("issue.days", { max }) : undefined)}
        />
      )}
    </Stack>
  );
}

function NoticeFields() {
  const t = useText(portalSettingsMessages);
  const unit = useFieldValue<NoticeRule["unit"]>("settings.notice.unit") ?? "hours";
  return (
    <Columns min="sm" gap="md">
      <NumberField name="settings.notice.count" label={t("notice")} min={0} max={MAX_NOTICE[unit]} isRequired />
      <SelectField
        name="settings.notice.unit"
        label={t("unit")}
        isRequired
        choices={UNITS.map((value) => ({ value, label: t(`unit.${value}`) }))}
      />
    </Columns>
  );
}

function BookingFields({ visitTypes }: Pick<PartProps, "visitTypes">) {
  const t = useText(portalSettingsMessages);
  const isOpen = useFieldValue<boolean>("settings.booking.isOpen") ?? false;
  return (
    <>
      <CheckboxField name="settings.booking.isOpen" label={t("isOpen")} />
      {isOpen && (
        <>
          <CheckboxesField
            name="settings.booking.visitTypes"
            label={t("visitTypes")}
            hint={t("visitTypesHint")}
            choices={visitTypes.filter(({ isActive }) => isActive).map(({ id, name }) => ({ value: id, label: name }))}
          />
          <Columns min="sm" gap="md">
            <NumberField name="settings.booking.aheadDays" label={t("aheadDays")} min={1} max={90} isRequired />
            <NumberField name="settings.booking.leadHours" label={t("leadHours")} min={0} max={168} isRequired />
            <NumberField name="settings.booking.maxUpcoming" label={t("maxUpcoming")} min={1} max={20} isRequired />
          </Columns>
        </>
      )}
    </>
  );
}

function RulesForm({ visitTypes, ...props }: SettingsProps & Pick<PartProps, "visitTypes">) {
  const t = useText(portalSettingsMessages);
  const { saving, save } = useSettings(props);
  const { view } = props;
  const { forms: _forms, release, ...rest } = view.settings;
  const defaults: Entered = {
    settings: { ...rest, release: { notes: enteredOf(release.notes), results: enteredOf(release.results) } },
  };
  const submit = ({ settings }: Entered): Promise<boolean> =>
    save({
      ...settings,
      booking: { ...settings.booking, visitTypes: [...settings.booking.visitTypes] },
      release: { notes: ruleOf(settings.release.notes), results: ruleOf(settings.release.results) },
    });
  return (
    <Form<Entered>
      key={view.version}
      label={t("part")}
      defaults={defaults}
      onSubmit={submit}
      problem={saving.problem}
      loading={false}
      submitLabel={t("save")}
    >
      <Card title={t("release")} level={3}>
        <Stack>
          {KINDS.map((kind) => (
            <ReleaseFields key={kind} kind={kind} />
          ))}
          <Text size="sm" tone="muted">
            {t("daysHint")}
          </Text>
        </Stack>
      </Card>
      <Card title={t("booking")} level={3}>
        <Stack>
          <BookingFields visitTypes={visitTypes} />
          <NoticeFields />
        </Stack>
      </Card>
      <Card title={t("names")} level={3}>
        <CheckboxField name="settings.showsStaffNames" label={t("showsStaffNames")} hint={t("showsStaffNamesHint")} />
      </Card>
    </Form>
  );
}

/** The clinic's forms: which are asked. What they ask is data of the clinic's, kept through the API. */
function FormsCard(props: SettingsProps) {
  const [t, say, language] = [useText(portalSettingsMessages), useText(problemMessages), useStore(locale)];
  const { saving, save } = useSettings(props);
  const { forms } = props.view.settings;
  const nameOf = ({ title }: PortalForm): string => title[language];
  const turn = ({ id }: PortalForm): void =>
    void save({ forms: forms.map((form) => (form.id === id ? { ...form, isActive: !form.isActive } : form)) });
  return (
    <Card title={t("forms")}>
      {saving.problem !== undefined && <Text tone="danger">{problemText(saving.problem, say)}</Text>}
      <Table
        caption={t("formsHint")}
        rows={forms}
        rowKey={({ id }) => id}
        empty={<EmptyState title={t("formsEmpty")} hint={t("formsHint")} isCompact />}
        columns={[
          { id: "name", label: t("form"), isRowHeader: true, render: nameOf },
          {
            id: "questions",
            label: t("questions"),
            align: "end",
            render: ({ sections }) => sections.reduce((sum, { questions }) => sum + questions.length, 0),
          },
          { id: "edition", label: t("edition"), align: "end", render: ({ edition }) => edition },
          {
            id: "state",
            label: t("state"),
            render: ({ isActive }) => (
              <Badge tone={isActive ? "success" : "neutral"} text={t(isActive ? "asked" : "notAsked")} />
            ),
          },
          {
            id: "turn",
            label: t("actions"),
            hidesLabel: true,
            align: "end",
            render: (form) => (
              <Button
                size="sm"
                tone="quiet"
                isPending={saving.isPending}
                label={t(form.isActive ? "stopAskingNamed" : "askNamed", { name: nameOf(form) })}
                onClick={() => turn(form)}
              >
                {t(form.isActive ? "stopAsking" : "ask")}
              </Button>
            ),
          },
        ]}
      />
    </Card>
  );
}

/** What the clinic lets its patients see and do in their own portal, and when. */
export function PortalPart({ view, visitTypes, reload }: PartProps) {
  // What was just saved is the newest until it was read again: the other form saves over it.
  const [saved, setSaved] = useState<PortalSettingsView>(view);
  const shared = { view: saved.version > view.version ? saved : view, reload, onSaved: setSaved };
  return (
    <Stack>
      <RulesForm {...shared} visitTypes={visitTypes} />
      <FormsCard {...shared} />
    </Stack>
  );
}
