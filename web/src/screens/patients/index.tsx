import { IconUserPlus } from "@tabler/icons-react";
import { useCan } from "../../app/session.tsx";
import { LinkButton, Page } from "../../ui/index.ts";
import { Finder } from "./finder.tsx";
import { useWords } from "./words.ts";

/** Who the clinic's patients are. */
export default function Patients() {
  const [{ t }, can] = [useWords(), useCan()];
  const mayRegister = can("patient.register");
  return (
    <Page
      title={t("title")}
      intro={t("intro")}
      actions={
        mayRegister && (
          <LinkButton to="/app/patients/new" tone="primary" icon={IconUserPlus}>
            {t("register")}
          </LinkButton>
        )
      }
    >
      <Finder label={t("find")} mayRegister={mayRegister} />
    </Page>
  );
}
