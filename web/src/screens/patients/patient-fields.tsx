import { useState } from "react";
import { useSession } from "../../app/session.tsx";
import { dayIn } from "../../i18n/format.ts";
import { Columns, DateField, Section, SelectField, Stack, TextField, useFieldValue } from "../../ui/index.ts";
import type { PatientForm } from "./form-values.ts";
import { useWords } from "./words.ts";

const SEXES = ["female", "male", "other", "unknown"] as const;
const PRONOUNS = ["she", "he", "they"] as const;
const LANGUAGES = ["en", "es", "pt", "zh", "vi", "ht", "ar", "ru", "fr", "ase"] as const;
const PHONE = /^[+]?[0-9][0-9 ().\-/]{4,}(?: ?(?:x|ext\.?) ?[0-9]{1,6})?$|^\([0-9][0-9 ().\-/]{4,}$/;
const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/** The fields of a patient, in the order in which a desk asks. The server judges what they hold. */
export function PatientFields({ languageNow }: { readonly languageNow?: string }) {
  const { t } = useWords();
  const { tenant } = useSession();
  const [today] = useState(() => dayIn(tenant.timeZone, Date.now()));
  const phoneRule = (value: string): string | undefined =>
    value.trim() === "" || PHONE.test(value.trim()) ? undefined : t("phoneWrong");
  const isOther = languageNow !== undefined && !LANGUAGES.some((code) => code === languageNow);
  return (
    <Stack gap="lg">
      <Section title={t("partName")}>
        <Columns min="sm">
          <TextField label={t("family")} name="demographics.family" isRequired maxLength={100} hasFocus />
          <TextField label={t("given")} name="demographics.given" isRequired maxLength={100} />
          <TextField label={t("middle")} name="demographics.middle" maxLength={100} />
          <DateField
            label={t("birthDate")}
            name="demographics.birthDate"
            isRequired
            max={today}
            validate={(value) => (value > today ? t("future") : undefined)}
          />
          <SelectField
            label={t("sex")}
            name="demographics.sex"
            isRequired
            choices={SEXES.map((value) => ({ value, label: t(`sex.${value}`) }))}
          />
          <SelectField
            label={t("pronouns")}
            name="demographics.pronouns"
            placeholder={t("pronouns.none")}
            choices={PRONOUNS.map((value) => ({ value, label: t(`pronouns.${value}`) }))}
          />
          <TextField label={t("preferredName")} name="demographics.preferredName" maxLength={100} />
          <SelectField
            label={t("language")}
            name="demographics.language"
            placeholder={t("language.none")}
            choices={[
              ...LANGUAGES.map((value) => ({ value: value as string, label: t(`language.${value}`) })),
              ...(isOther ? [{ value: languageNow, label: t("language.other", { code: languageNow }) }] : []),
            ]}
          />
        </Columns>
      </Section>
      <Section title={t("partContact")}>
        <Columns min="sm">
          <TextField
            label={t("phoneMobile")}
            name="demographics.phone.mobile"
            kind="tel"
            validate={phoneRule}
            maxLength={40}
          />
          <TextField
            label={t("phoneHome")}
            name="demographics.phone.home"
            kind="tel"
            validate={phoneRule}
            maxLength={40}
          />
          <TextField
            label={t("phoneWork")}
            name="demographics.phone.work"
            kind="tel"
            validate={phoneRule}
            maxLength={40}
          />
          <TextField
            label={t("email")}
            name="demographics.email"
            kind="email"
            maxLength={200}
            validate={(value) => (value.trim() === "" || EMAIL.test(value.trim()) ? undefined : t("emailWrong"))}
          />
        </Columns>
      </Section>
      <AddressFields />
      <ContactFields phoneRule={phoneRule} />
    </Stack>
  );
}

const isSaid = (value: string | undefined): boolean => (value ?? "").trim() !== "";

function AddressFields() {
  const { t } = useWords();
  const address = useFieldValue<PatientForm["demographics"]["address"]>("demographics.address");
  const { line, line2, city, state, postalCode } = address ?? {};
  const needed = (value: string): string | undefined =>
    !isSaid(value) && [line, line2, city, state, postalCode].some(isSaid) ? t("addressPart") : undefined;
  return (
    <Section title={t("partAddress")}>
      <Columns min="sm">
        <TextField label={t("line")} name="demographics.address.line" validate={needed} maxLength={200} />
        <TextField label={t("line2")} name="demographics.address.line2" maxLength={200} />
        <TextField label={t("city")} name="demographics.address.city" validate={needed} maxLength={100} />
        <TextField label={t("state")} name="demographics.address.state" maxLength={60} />
        <TextField label={t("postalCode")} name="demographics.address.postalCode" maxLength={20} />
      </Columns>
    </Section>
  );
}

function ContactFields({ phoneRule }: { readonly phoneRule: (value: string) => string | undefined }) {
  const { t } = useWords();
  const contact = useFieldValue<PatientForm["demographics"]["emergencyContact"]>("demographics.emergencyContact");
  const isAny = [contact?.name, contact?.relation, contact?.phone].some(isSaid);
  const needed = (value: string): string | undefined => (isAny && !isSaid(value) ? t("contactPart") : undefined);
  return (
    <Section title={t("partEmergency")}>
      <Columns min="sm">
        <TextField
          label={t("contactName")}
          name="demographics.emergencyContact.name"
          validate={needed}
          maxLength={150}
        />
        <TextField label={t("contactRelation")} name="demographics.emergencyContact.relation" maxLength={60} />
        <TextField
          label={t("contactPhone")}
          name="demographics.emergencyContact.phone"
          kind="tel"
          validate={(value) => needed(value) ?? phoneRule(value)}
          maxLength={40}
        />
      </Columns>
    </Section>
  );
}
