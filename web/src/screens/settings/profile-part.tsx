import { useState } from "react";
import type { ChosenRule, ClinicProfile, ClinicProfileView, RuleEffect } from "../../../../core/contract/index.ts";
import { useAct } from "../../api/hooks.ts";
import { useText } from "../../i18n/index.ts";
import {
  Alert,
  Card,
  Columns,
  ComboboxField,
  ConfirmDialog,
  Button,
  ButtonRow,
  Form,
  notify,
  SelectField,
  Stack,
  Text,
  TextField,
} from "../../ui/index.ts";
import { settingsMessages } from "./messages.ts";
import { useProfile } from "./use-profile.ts";

interface PartProps {
  readonly profile: ClinicProfileView;
  readonly reload: () => unknown;
}

const LOCALES = ["en-US", "es-US"] as const;
const SLOTS = [5, 10, 15, 20, 30, 60] as const;
const RULES: readonly ChosenRule[] = ["provider-busy", "room-busy", "patient-busy", "outside-hours"];
const EFFECTS: readonly RuleEffect[] = ["refuse", "confirm", "allow"];

interface Entered {
  readonly name: string;
  readonly phone: string;
  readonly address: {
    readonly line: readonly string[];
    readonly city: string;
    readonly state: string;
    readonly postalCode: string;
  };
  readonly locale: ClinicProfile["locale"];
  readonly slotMinutes: string;
  readonly rules: ClinicProfile["rules"];
}

/** The name and address of the clinic, its language, and what it makes of appointments that get in each other's way. */
function ProfileForm({ profile, reload }: PartProps) {
  const t = useText(settingsMessages);
  const { saving, save } = useProfile(profile, reload);
  const { address } = profile;
  const defaults: Entered = {
    name: profile.name,
    phone: profile.phone ?? "",
    address: {
      line: [address?.line[0] ?? ""],
      city: address?.city ?? "",
      state: address?.state ?? "",
      postalCode: address?.postalCode ?? "",
    },
    locale: profile.locale,
    slotMinutes: String(profile.slotMinutes),
    rules: profile.rules,
  };
  const submit = ({ name, phone, address: entered, locale, slotMinutes, rules }: Entered): Promise<boolean> => {
    const line = entered.line.filter((text) => text !== "");
    const hasAddress = line.length > 0 || entered.city !== "" || entered.state !== "" || entered.postalCode !== "";
    return save({
      name,
      phone: phone === "" ? undefined : phone,
      address: hasAddress ? { ...entered, line } : undefined,
      locale,
      slotMinutes: SLOTS.find((minutes) => String(minutes) === slotMinutes) ?? 10,
      rules,
    });
  };
  return (
    <Form<Entered>
      key={profile.version}
      label={t("part.profile")}
      defaults={defaults}
      onSubmit={submit}
      problem={saving.problem}
      loading={false}
      submitLabel={t("save")}
    >
      <Columns gap="md">
        <TextField name="name" label={t("name")} isRequired maxLength={120} />
        <TextField name="phone" label={t("phone")} kind="tel" maxLength={31} />
        <TextField name="address.line.0" label={t("line")} maxLength={120} />
        <TextField name="address.city" label={t("city")} maxLength={80} />
        <TextField name="address.state" label={t("state")} maxLength={40} />
        <TextField name="address.postalCode" label={t("postalCode")} maxLength={20} />
        <SelectField
          name="locale"
          label={t("locale")}
          isRequired
          choices={LOCALES.map((locale) => ({ value: locale, label: t(`locale.${locale}`) }))}
        />
        <SelectField
          name="slotMinutes"
          label={t("slotMinutes")}
          isRequired
          choices={SLOTS.map((minutes) => ({ value: String(minutes), label: t("everyMinutes", { minutes }) }))}
        />
      </Columns>
      <Card title={t("rulesTitle")} level={3}>
        <Columns gap="md">
          {RULES.map((rule) => (
            <SelectField
              key={rule}
              name={`rules.${rule}`}
              label={t(`rule.${rule}`)}
              isRequired
              choices={EFFECTS.map((effect) => ({ value: effect, label: t(`effect.${effect}`) }))}
            />
          ))}
        </Columns>
      </Card>
    </Form>
  );
}

const ZONES = Intl.supportedValuesOf("timeZone").map((zone) => ({ value: zone, label: zone.replaceAll("_", " ") }));

/** The clinic's one time zone: changed by itself, with both factors, because every time on every screen follows it. */
function ZoneCard({ profile, reload }: PartProps) {
  const t = useText(settingsMessages);
  const [zone, setZone] = useState(profile.isTimeZoneSet ? profile.timeZone : "");
  const [isAsking, setIsAsking] = useState(false);
  const changing = useAct("changeTimeZone", { refresh: ["readClinicProfile", "readDay"] });
  const change = async (): Promise<void> => {
    const answer = await changing.act({ ifMatch: profile.version, body: { timeZone: zone } });
    if (answer === undefined) {
      void reload();
      return;
    }
    setIsAsking(false);
    notify({ text: t("zoneChanged") });
  };
  return (
    <Card title={t("zoneTitle")}>
      <Stack>
        {!profile.isTimeZoneSet && <Alert tone="warning" title={t("zoneUnset")} />}
        <ComboboxField label={t("zone")} hint={t("zoneHint")} options={ZONES} value={zone} onChange={setZone} />
        <ButtonRow>
          <Button
            isDisabled={zone === "" || (zone === profile.timeZone && profile.isTimeZoneSet)}
            onClick={() => setIsAsking(true)}
          >
            {t("zoneChange")}
          </Button>
        </ButtonRow>
        <ConfirmDialog
          title={t("zoneConfirmTitle")}
          isOpen={isAsking}
          onClose={() => setIsAsking(false)}
          onConfirm={() => void change()}
          confirmLabel={t("zoneChange")}
          isPending={changing.isPending}
          problem={changing.problem}
        >
          <Text>{t("zoneConfirmText")}</Text>
        </ConfirmDialog>
      </Stack>
    </Card>
  );
}

export const ProfilePart = (props: PartProps) => (
  <Stack>
    <Card title={useText(settingsMessages)("part.profile")}>
      <ProfileForm {...props} />
    </Card>
    <ZoneCard {...props} />
  </Stack>
);
