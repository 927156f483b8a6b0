import { IconArrowMerge } from "@tabler/icons-react";
import { useState } from "react";
import type { PatientAnswer, PatientRow } from "../../../../core/contract/index.ts";
import { useAct, useAsk } from "../../api/hooks.ts";
import { usePathValue } from "../../app/navigation.ts";
import { useCan } from "../../app/session.tsx";
import {
  Alert,
  AskState,
  Button,
  ConfirmDialog,
  DefinitionList,
  Form,
  LinkButton,
  List,
  notify,
  Page,
  Row,
  Section,
  Stack,
  Text,
} from "../../ui/index.ts";
import { factsOf } from "./duplicates.tsx";
import { demographicsIn, formOf, type PatientForm } from "./form-values.ts";
import { PatientFields } from "./patient-fields.tsx";
import { type AnyRow, useWords } from "./words.ts";

/** Who a patient is, and which other charts are hers. */
export default function Details() {
  const { t, nameOf, detailOf } = useWords();
  const id = usePathValue("patient");
  const patient = useAsk("readPatient", { path: { id } }, { freshMs: 0 });
  const row = patient.data?.patient;
  return (
    <Page
      title={t("detailsTitle")}
      {...(row !== undefined && { intro: `${nameOf(row)} · ${detailOf(row)}` })}
      breadcrumbs={[{ label: t("title"), to: "/app/patients" }]}
    >
      <AskState query={patient} label={t("detailsTitle")}>
        {(answer) => (
          <Stack gap="lg">
            <MergeState answer={answer} />
            <Edit key={answer.patient.id} answer={answer} onReload={async () => (await patient.refetch()).data} />
          </Stack>
        )}
      </AskState>
    </Page>
  );
}

function Edit({
  answer,
  onReload,
}: {
  readonly answer: PatientAnswer;
  readonly onReload: () => Promise<PatientAnswer | undefined>;
}) {
  const words = useWords();
  const { t } = words;
  const can = useCan();
  const { patient, demographics, hasMore } = answer;
  const [version, setVersion] = useState(answer.version);
  const [theirs, setTheirs] = useState<PatientRow | undefined>(undefined);
  const edit = useAct("editPatient", {
    refresh: ["readPatient", "searchPatients", "recentPatients"],
    onDone: (saved) => {
      setVersion(saved.version);
      setTheirs(undefined);
      notify({ text: t("saved"), tone: "success" });
    },
  });
  if (!can("patient.edit")) return <DefinitionList items={factsOf(words, patient)} />;
  const submit = (values: PatientForm) =>
    edit.act({
      path: { id: patient.id },
      ifMatch: version,
      body: { demographics: demographicsIn(values, demographics) },
    });
  const isStale = edit.problem?.status === 412;
  /** What was entered stays; what somebody else saved stands above it, and saving goes over that. */
  const compare = async (): Promise<void> => {
    const now = await onReload();
    if (now === undefined) return;
    setVersion(now.version);
    setTheirs(now.patient);
    edit.reset();
  };
  return (
    <Form<PatientForm>
      label={t("detailsTitle")}
      defaults={formOf(demographics)}
      onSubmit={submit}
      problem={edit.problem}
      loading={false}
      submitLabel={t("save")}
      actions={
        <>
          {isStale && <Button onClick={() => void compare()}>{t("reload")}</Button>}
          <LinkButton to="/app/patients/$patient" params={{ patient: patient.id }} tone="quiet">
            {t("openChart")}
          </LinkButton>
        </>
      }
    >
      {theirs !== undefined && (
        <Alert tone="warning" title={t("savedMeanwhile")} isLive>
          <DefinitionList items={factsOf(words, theirs)} />
        </Alert>
      )}
      {hasMore && <Alert tone="info" title={t("hasMore")} />}
      <PatientFields {...(demographics.language !== undefined && { languageNow: demographics.language })} />
    </Form>
  );
}

/** What was merged with this chart, and the way back. */
function MergeState({ answer }: { readonly answer: PatientAnswer }) {
  const { t, nameOf } = useWords();
  const { patient, merge, mayMerge } = answer;
  const survivor = merge?.replacedBy;
  return (
    <>
      {survivor !== undefined && (
        <Alert
          tone="warning"
          title={t("replacedBy")}
          actions={
            <Row>
              <LinkButton to="/app/patients/$patient" params={{ patient: survivor.id }}>
                {t("openChart")}
              </LinkButton>
              {mayMerge && <UndoMerge duplicate={patient} />}
            </Row>
          }
        >
          <Text>{t("replacedByHint", { name: nameOf(survivor) })}</Text>
        </Alert>
      )}
      {merge !== undefined && merge.replaces.length > 0 && (
        <Section title={t("replaces")}>
          <List<AnyRow> label={t("replaces")} items={merge.replaces} itemKey={({ id }) => id}>
            {(row) => (
              <Row justify="between">
                <Text as="span">{row.state === "value" ? nameOf(row) : t("restricted")}</Text>
                {mayMerge && row.state === "value" && <UndoMerge duplicate={row} />}
              </Row>
            )}
          </List>
        </Section>
      )}
      {mayMerge && survivor === undefined && (
        <Row justify="end">
          <LinkButton
            to="/app/patients/$patient/merge"
            params={{ patient: patient.id }}
            tone="quiet"
            icon={IconArrowMerge}
          >
            {t("merge")}
          </LinkButton>
        </Row>
      )}
    </>
  );
}

function UndoMerge({ duplicate }: { readonly duplicate: PatientRow }) {
  const { t } = useWords();
  const [isOpen, setIsOpen] = useState(false);
  const undo = useAct("unmergePatients", {
    refresh: ["readPatient", "searchPatients", "recentPatients", "reviewMerge"],
    onDone: () => {
      setIsOpen(false);
      notify({ text: t("undone"), tone: "success" });
    },
  });
  return (
    <>
      <Button size="sm" onClick={() => setIsOpen(true)}>
        {t("undoMerge")}
      </Button>
      <ConfirmDialog
        title={t("undoTitle")}
        isOpen={isOpen}
        onClose={() => setIsOpen(false)}
        onConfirm={({ reason }) => undo.act({ path: { id: duplicate.id }, body: { reason } })}
        confirmLabel={t("undoMerge")}
        reason={{ minimum: 3 }}
        isPending={undo.isPending}
        problem={undo.problem}
      >
        <Text>{t("undoHint")}</Text>
      </ConfirmDialog>
    </>
  );
}
