import type { ConsentFormName, ConsentFormsAnswer } from "../../../../core/contract/index.ts";
import {
  CheckboxesField,
  CheckboxField,
  Columns,
  DateField,
  RadioField,
  Section,
  SelectField,
  Stack,
  TextAreaField,
  TextField,
  useFieldValue,
} from "../../ui/index.ts";
import { RecipientsField } from "./recipients-field.tsx";
import { useWords } from "./use-words.ts";

const SHARED = ["clinical", "billing", "mental-health", "hiv", "sexual-health", "genetic", "violence"] as const;
const RESTRICTED = ["everything", "clinical", "billing", "protected"] as const;
const PURPOSES = ["TREAT", "HPAYMT", "HOPERAT"] as const;
const TOLD = ["revocation", "redisclosure", "refusal"] as const;
const SIGNATURES = ["in-person", "paper", "electronic"] as const;
const EXPIRY = {
  "substance-use": ["none", "on-day", "end-of-treatment"],
  research: ["none", "on-day", "end-of-study"],
} as const;

/** Of 42 CFR 2.31(a), in its order. */
function SubstanceUseFields() {
  const { t } = useWords();
  return (
    <>
      <TextField name="discloser" label={t("discloser")} hint={t("discloserHint")} isRequired maxLength={200} />
      <TextAreaField
        name="description"
        label={t("description")}
        hint={t("descriptionHint")}
        isRequired
        maxLength={500}
        rows={3}
      />
    </>
  );
}

function Told() {
  const { t } = useWords();
  return (
    <Section title={t("told")} level={3}>
      <Stack gap="xs">
        {TOLD.map((name) => (
          <CheckboxField key={name} name={`told.${name}`} label={t(`told.${name}`)} isRequired />
        ))}
      </Stack>
    </Section>
  );
}

function PeriodFields({ form }: { readonly form: ConsentFormName }) {
  const { t } = useWords();
  const expiry = useFieldValue<string>("expiry");
  const choices =
    form === "research" ? EXPIRY.research : form === "substance-use" ? EXPIRY["substance-use"] : undefined;
  return (
    <>
      {choices !== undefined && (
        <RadioField
          name="expiry"
          label={t("expiry")}
          isRequired
          choices={choices.map((value) => ({ value, label: t(`expiry.${value}`) }))}
        />
      )}
      <Columns min="sm">
        <DateField name="period.from" label={t("from")} hint={t("fromHint")} />
        {(choices === undefined || expiry === "on-day") && (
          <DateField
            name="period.until"
            label={t(choices === undefined ? "until" : "untilOnDay")}
            {...(choices === undefined ? { hint: t("untilHint") } : { isRequired: true })}
          />
        )}
      </Columns>
    </>
  );
}

function SignatureFields() {
  const { t } = useWords();
  const by = useFieldValue<string>("signature.by");
  return (
    <Section title={t("signature")} level={3}>
      <SelectField
        name="signature.kind"
        label={t("signature.kind")}
        isRequired
        choices={SIGNATURES.map((value) => ({ value, label: t(`signature.${value}`) }))}
      />
      <DateField name="signature.signedOn" label={t("signedOn")} isRequired />
      <RadioField
        name="signature.by"
        label={t("signedBy")}
        isRequired
        isInline
        choices={(["patient", "representative"] as const).map((value) => ({ value, label: t(`signedBy.${value}`) }))}
      />
      {by === "representative" && (
        <>
          <TextField name="signature.representative.name" label={t("representativeName")} isRequired maxLength={120} />
          <TextField
            name="signature.representative.authority"
            label={t("representativeAuthority")}
            hint={t("representativeAuthorityHint")}
            isRequired
            maxLength={200}
          />
        </>
      )}
    </Section>
  );
}

interface FormFieldsProps {
  readonly form: ConsentFormName;
  readonly known: ConsentFormsAnswer;
  /** It was sent without a recipient. */
  readonly isMissing: boolean;
}

/** The fields of one form, in the order in which they are talked through with the patient. */
export function FormFields({ form, known, isMissing }: FormFieldsProps) {
  const { t } = useWords();
  return (
    <Stack>
      {form === "research" && (
        <TextField name="study" label={t("study")} hint={t("studyHint")} isRequired maxLength={200} />
      )}
      {form === "substance-use" && <SubstanceUseFields />}
      <RecipientsField
        label={t(form === "restrict" ? "restricted" : "recipients")}
        known={known}
        isPersonal={form === "therapy-notes"}
        isMissing={isMissing}
      />
      {(form === "share" || form === "research") && (
        <CheckboxesField
          name="parts"
          label={t("parts")}
          isRequired
          choices={SHARED.map((value) => ({ value, label: t(`part.${value}`) }))}
        />
      )}
      {form === "restrict" && (
        <RadioField
          name="part"
          label={t("part")}
          isRequired
          choices={RESTRICTED.map((value) => ({ value, label: t(`part.${value}`) }))}
        />
      )}
      {(form === "share" || form === "substance-use" || form === "therapy-notes") && (
        <CheckboxesField
          name="purposes"
          label={t("purposes")}
          isRequired
          isInline
          choices={PURPOSES.map((value) => ({ value, label: t(`purpose.${value}`) }))}
        />
      )}
      <PeriodFields form={form} />
      {form === "substance-use" && <Told />}
      <SignatureFields />
    </Stack>
  );
}
