import { useState } from "react";
import type { Demographics, PatientRow, PossibleDuplicate } from "../../../../core/contract/index.ts";
import type { Problem } from "../../api/client.ts";
import {
  Alert,
  Badge,
  Button,
  ButtonRow,
  Card,
  Columns,
  DefinitionList,
  Form,
  List,
  Stack,
  Text,
  TextAreaField,
} from "../../ui/index.ts";
import { useOpenPatient } from "./use-open-patient.ts";
import { useWords, type Words } from "./words.ts";

/** Who somebody is, term by term: what two are compared by. */
export function factsOf({ t, nameOf, bornOf, sexOf }: Words, row: PatientRow, phone = row.phone) {
  return [
    { term: t("name"), value: nameOf(row) },
    { term: t("birthDate"), value: bornOf(row) },
    { term: t("sex"), value: sexOf(row.sex) },
    { term: t("phone"), value: phone ?? t("notSaid") },
    { term: t("recordNumber"), value: row.recordNumber ?? t("notSaid") },
  ];
}

const enteredRow = ({ family, given, middle, preferredName, birthDate, sex }: Demographics): PatientRow => ({
  state: "value",
  id: "",
  name: {
    family,
    given: [given, ...(middle === undefined ? [] : [middle])],
    ...(preferredName !== undefined && { preferred: preferredName }),
  },
  birthDate,
  sex,
  isActive: true,
});

interface DuplicatesProps {
  readonly entered: Demographics;
  readonly duplicates: readonly PossibleDuplicate[];
  readonly problem: Problem | undefined;
  readonly onRegisterAnyway: (reason: string) => Promise<unknown>;
  readonly onChange: () => void;
}

/** Whoever the new patient may be already, beside what was entered; and the way on, with a word why she is another. */
export function Duplicates({ entered, duplicates, problem, onRegisterAnyway, onChange }: DuplicatesProps) {
  const words = useWords();
  const { t } = words;
  const open = useOpenPatient();
  const [isAnother, setIsAnother] = useState(false);
  return (
    <Stack>
      <Alert tone="warning" title={t("duplicatesTitle", { count: duplicates.length })} isLive>
        <Text>{t("duplicatesHint")}</Text>
      </Alert>
      <Columns min="md">
        <Card title={t("entered")} level={2} tone="info">
          <DefinitionList items={factsOf(words, enteredRow(entered), entered.phones[0]?.number)} look="rows" />
        </Card>
        {duplicates.map(({ patient, score, rules }) => (
          <Card
            key={patient.id}
            title={t("alreadyHere")}
            level={2}
            state={<Badge tone="warning" text={t("sure", { score })} />}
            footer={
              <Button tone="primary" onClick={() => open(patient.replacedBy ?? patient.id)}>
                {t("openThis")}
              </Button>
            }
          >
            <Stack>
              <DefinitionList items={factsOf(words, patient)} look="rows" />
              <List label={t("mergeAlike")} items={rules} itemKey={(rule) => rule} look="bullets">
                {(rule) => <Text size="sm">{t(`rule.${rule}`)}</Text>}
              </List>
            </Stack>
          </Card>
        ))}
      </Columns>
      {isAnother ? (
        <Form<{ readonly reason: string }>
          label={t("registerAnyway")}
          defaults={{ reason: "" }}
          onSubmit={({ reason }) => onRegisterAnyway(reason)}
          problem={problem}
          loading={false}
          submitLabel={t("registerAnyway")}
          onCancel={onChange}
          cancelLabel={t("changeForm")}
          guards={false}
        >
          <TextAreaField label={t("another")} name="reason" hint={t("anotherHint")} isRequired maxLength={500} />
        </Form>
      ) : (
        <ButtonRow>
          <Button onClick={() => setIsAnother(true)}>{t("registerAnyway")}</Button>
          <Button tone="quiet" onClick={onChange}>
            {t("changeForm")}
          </Button>
        </ButtonRow>
      )}
    </Stack>
  );
}
