import { usePathValue } from "../../app/navigation.ts";
import { Page } from "../../ui/index.ts";
import NotesTab from "./tab.tsx";
import { useWords } from "./words.ts";

/** A patient's visits as a screen of their own: where the day board leads to when somebody is seen. */
export default function VisitsScreen() {
  const { t } = useWords();
  const patient = usePathValue("patient");
  return (
    <Page
      title={t("visits")}
      breadcrumbs={[{ label: t("toChart"), to: "/app/patients/$patient", params: { patient } }]}
    >
      <NotesTab patient={patient} />
    </Page>
  );
}
