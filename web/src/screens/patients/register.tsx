import { useState } from "react";
import type { Demographics, PossibleDuplicate, RegisterPatientAnswer } from "../../../../core/contract/index.ts";
import { useAct } from "../../api/hooks.ts";
import { Form, notify, Page } from "../../ui/index.ts";
import { Duplicates } from "./duplicates.tsx";
import { demographicsIn, formOf, type PatientForm } from "./form-values.ts";
import { PatientFields } from "./patient-fields.tsx";
import { useOpenPatient } from "./use-open-patient.ts";
import { useWords } from "./words.ts";

interface Doubt {
  readonly entered: Demographics;
  readonly duplicates: readonly PossibleDuplicate[];
}

/** A new patient: who she is, then whether she is here already, and only then the record number. */
export default function Register() {
  const { t } = useWords();
  const open = useOpenPatient();
  const [doubt, setDoubt] = useState<Doubt | undefined>(undefined);
  const [kept, setKept] = useState<PatientForm>(formOf({}));
  const register = useAct("registerPatient", { refresh: ["searchPatients", "recentPatients"] });

  const finish = (answer: RegisterPatientAnswer | undefined, entered: Demographics): boolean => {
    if (answer === undefined) return false;
    if (answer.outcome === "possible-duplicates") {
      setDoubt({ entered, duplicates: answer.duplicates });
      return false;
    }
    notify({ text: t("registered", { number: answer.patient.recordNumber ?? "" }), tone: "success" });
    open(answer.patient.id);
    return true;
  };
  const submit = async (values: PatientForm): Promise<boolean> => {
    setKept(values);
    const demographics = demographicsIn(values);
    return finish(await register.act({ body: { demographics } }), demographics);
  };
  const registerAnyway = async (reason: string): Promise<boolean> => {
    if (doubt === undefined) return false;
    const patients = doubt.duplicates.map(({ patient }) => patient.id);
    const answer = await register.act({ body: { demographics: doubt.entered, despite: { patients, reason } } });
    return finish(answer, doubt.entered);
  };

  return (
    <Page
      title={t("registerTitle")}
      intro={t("registerIntro")}
      breadcrumbs={[{ label: t("title"), to: "/app/patients" }]}
    >
      {doubt === undefined ? (
        <Form<PatientForm>
          label={t("registerTitle")}
          defaults={kept}
          onSubmit={submit}
          problem={register.problem}
          loading={false}
          submitLabel={t("registerSubmit")}
        >
          <PatientFields />
        </Form>
      ) : (
        <Duplicates
          entered={doubt.entered}
          duplicates={doubt.duplicates}
          problem={register.problem}
          onRegisterAnyway={registerAnyway}
          onChange={() => setDoubt(undefined)}
        />
      )}
    </Page>
  );
}
