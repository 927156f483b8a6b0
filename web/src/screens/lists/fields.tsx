import {
  ALLERGY_CATEGORIES,
  ALLERGY_TYPES,
  ALLERGY_VERIFICATIONS,
  CRITICALITIES,
  IMMUNIZATION_SOURCES,
  IMMUNIZATION_STATUSES,
  type ListName,
  MEDICATION_KINDS,
  PROBLEM_VERIFICATIONS,
  SEVERITIES,
  VOCABULARIES,
  type VocabularyName,
} from "../../../../core/contract/chart-words.ts";
import {
  type Choice,
  ComboboxField,
  DateField,
  RadioField,
  Row,
  SelectField,
  TextAreaField,
  TextField,
  useFieldValue,
} from "../../ui/index.ts";
import type { ListsKey } from "./messages.ts";
import { optionsOf, reactionNames } from "./values.ts";
import { useListWords } from "./words.ts";

interface FieldsProps {
  /** Before each field's name: `content.` where an item is changed, so that the server's issues find their field. */
  readonly at: string;
  /** An item that is there stays what it is: an order or a statement. */
  readonly isChange: boolean;
  /** How many reactions an allergy has to begin with. */
  readonly reactions: number;
}

/** Choices of a code, with our words for it. */
function useChoices(): (prefix: string, codes: readonly string[]) => readonly Choice[] {
  const { t } = useListWords();
  return (prefix, codes) => codes.map((value) => ({ value, label: t(`${prefix}.${value}` as ListsKey) }));
}

interface TermFieldProps {
  readonly name: string;
  readonly label: string;
  readonly vocabulary: VocabularyName;
  readonly isRequired?: boolean;
}

/** Something of a vocabulary, or words of one's own. */
function TermField({ name, label, vocabulary, isRequired = false }: TermFieldProps) {
  const { t } = useListWords();
  return (
    <ComboboxField
      name={name}
      label={label}
      options={optionsOf(vocabulary)}
      takesOwn
      isRequired={isRequired}
      hint={t("chooseHint")}
    />
  );
}

/** `2019`, `2019-05` or `2019-05-17`: what is remembered of a beginning is seldom a day. */
function PartialDayField({ name, label }: { readonly name: string; readonly label: string }) {
  const { t } = useListWords();
  return (
    <TextField
      name={name}
      label={label}
      width="sm"
      hint={t("ownDateHint")}
      validate={(text) => (/^(\d{4}(-\d{2}(-\d{2})?)?)?$/.test(text.trim()) ? undefined : t("invalidDate"))}
    />
  );
}

const Note = ({ at }: { readonly at: string }) => {
  const { t } = useListWords();
  return <TextAreaField name={`${at}note`} label={t("note")} maxLength={2000} />;
};

function ProblemFields({ at }: FieldsProps) {
  const [{ t }, choices] = [useListWords(), useChoices()];
  return (
    <>
      <TermField name={`${at}problem`} label={t("field.problem")} vocabulary="problem" isRequired />
      <Row grows align="start">
        <SelectField
          name={`${at}verification`}
          label={t("field.verification")}
          choices={choices("verification", PROBLEM_VERIFICATIONS)}
          isRequired
        />
        <SelectField name={`${at}severity`} label={t("field.severity")} choices={choices("severity", SEVERITIES)} />
      </Row>
      <PartialDayField name={`${at}onset`} label={t("field.onset")} />
      <Note at={at} />
    </>
  );
}

function AllergyFields({ at, reactions }: FieldsProps) {
  const [{ t }, choices] = [useListWords(), useChoices()];
  return (
    <>
      <TermField name={`${at}substance`} label={t("field.substance")} vocabulary="allergen" isRequired />
      <Row grows align="start">
        <SelectField
          name={`${at}category`}
          label={t("field.category")}
          choices={choices("category", ALLERGY_CATEGORIES)}
        />
        <SelectField
          name={`${at}criticality`}
          label={t("field.criticality")}
          choices={choices("criticality", CRITICALITIES)}
        />
      </Row>
      {reactionNames(reactions).map((name, index) => (
        <Row key={name} grows align="start">
          <TermField
            name={`${at}${name}`}
            label={index === 0 ? t("field.reaction") : `${t("field.reaction")} ${index + 1}`}
            vocabulary="reaction"
          />
          <SelectField
            name={`${at}${name}Severity`}
            label={index === 0 ? t("field.reactionSeverity") : `${t("field.reactionSeverity")} ${index + 1}`}
            choices={choices("severity", SEVERITIES)}
          />
        </Row>
      ))}
      <Row grows align="start">
        <SelectField name={`${at}type`} label={t("field.type")} choices={choices("type", ALLERGY_TYPES)} isRequired />
        <SelectField
          name={`${at}verification`}
          label={t("field.verification")}
          choices={choices("verification", ALLERGY_VERIFICATIONS)}
          isRequired
        />
      </Row>
      <PartialDayField name={`${at}onset`} label={t("field.onset")} />
      <Note at={at} />
    </>
  );
}

function MedicationFields({ at, isChange }: FieldsProps) {
  const [{ t }, choices] = [useListWords(), useChoices()];
  return (
    <>
      <TermField name={`${at}medication`} label={t("field.medication")} vocabulary="medication" isRequired />
      {!isChange && (
        <RadioField
          name={`${at}kind`}
          label={t("field.kind")}
          choices={choices("kind", MEDICATION_KINDS)}
          isInline
          isRequired
        />
      )}
      <TextField name={`${at}dosage`} label={t("field.dosage")} maxLength={500} />
      <Row grows align="start">
        <PartialDayField name={`${at}started`} label={t("field.started")} />
        <TextField name={`${at}prescriber`} label={t("field.prescriber")} maxLength={200} />
      </Row>
      <TextField name={`${at}purpose`} label={t("field.purpose")} maxLength={200} />
      <Note at={at} />
    </>
  );
}

const codesOf = (name: VocabularyName): readonly Choice[] =>
  VOCABULARIES[name].terms.map(({ code, text }) => ({ value: code, label: text }));

function ImmunizationFields({ at }: FieldsProps) {
  const [{ t }, choices] = [useListWords(), useChoices()];
  const isGiven = useFieldValue<string>(`${at}status`) !== "not-done";
  const isHere = useFieldValue<string>(`${at}source`) !== "reported";
  return (
    <>
      <TermField name={`${at}vaccine`} label={t("field.vaccine")} vocabulary="vaccine" isRequired />
      <RadioField
        name={`${at}status`}
        label={t("field.status")}
        choices={choices("status", IMMUNIZATION_STATUSES)}
        isInline
        isRequired
      />
      <RadioField
        name={`${at}source`}
        label={t("field.source")}
        choices={choices("given", IMMUNIZATION_SOURCES)}
        isInline
        isRequired
      />
      <DateField name={`${at}date`} label={t("field.date")} isRequired />
      {isGiven ? (
        <>
          <Row grows align="start">
            <TextField name={`${at}lot`} label={t("field.lot")} isCode isRequired={isHere} maxLength={40} />
            <DateField name={`${at}expires`} label={t("field.expires")} />
          </Row>
          <TextField name={`${at}manufacturer`} label={t("field.manufacturer")} maxLength={200} />
          <Row grows align="start">
            <SelectField name={`${at}site`} label={t("field.site")} choices={codesOf("site")} />
            <SelectField name={`${at}route`} label={t("field.route")} choices={codesOf("route")} />
          </Row>
          <Row grows align="start">
            <TextField name={`${at}doseMl`} label={t("field.doseMl")} width="xs" />
            <TextField name={`${at}doseNumber`} label={t("field.doseNumber")} kind="code" width="xs" />
          </Row>
        </>
      ) : (
        <SelectField name={`${at}refusal`} label={t("field.refusal")} choices={codesOf("refusal")} isRequired />
      )}
      <Note at={at} />
    </>
  );
}

const FIELDS = {
  problems: ProblemFields,
  allergies: AllergyFields,
  medications: MedicationFields,
  immunizations: ImmunizationFields,
} as const;

/** The fields of an item of a list. */
export function ListFields({ list, ...props }: FieldsProps & { readonly list: ListName }) {
  const Fields = FIELDS[list];
  return <Fields {...props} />;
}
