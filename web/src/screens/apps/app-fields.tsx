import { type AppKind, SCOPES_OF_KIND } from "../../../../core/contract/admin-apps.ts";
import { useText } from "../../i18n/index.ts";
import { CheckboxesField, SelectField, TextAreaField, TextField } from "../../ui/index.ts";
import { governMessages } from "../govern/messages.ts";
import { wordFor } from "../govern/who.tsx";
import { peopleMessages } from "../people/messages.ts";
import { reasonChoices } from "../people/reason.ts";
import { keyWrong, redirectsWrong } from "./app-values.ts";
import { appsMessages } from "./messages.ts";

const PURPOSES = ["TREAT", "HOPERAT", "HPAYMT", "PATRQT", "HRESCH", "MLTRAINING"] as const;

/** What an app is called, may do and works for: the same at its registration and later. */
export function AppFields({ kind }: { readonly kind: AppKind }) {
  const [t, shared, people] = [useText(appsMessages), useText(governMessages), useText(peopleMessages)];
  return (
    <>
      <TextField name="name" label={t("name")} isRequired maxLength={120} />
      <SelectField
        name="scope"
        label={t("mayDo")}
        isRequired
        choices={SCOPES_OF_KIND[kind].map((value) => ({ value, label: t(`scope.${value}`) }))}
      />
      <CheckboxesField
        name="purposes"
        label={t("purposes")}
        isRequired
        choices={PURPOSES.map((value) => ({ value, label: wordFor(shared, "purpose", value) }))}
      />
      {kind !== "backend" && (
        <TextAreaField
          name="redirects"
          label={t("redirects")}
          hint={t("redirectsHint")}
          isRequired
          maxLength={1500}
          validate={(value) => redirectsWrong(t, value)}
        />
      )}
      <SelectField name="reason" label={t("saveReason")} isRequired choices={reasonChoices(people)} />
    </>
  );
}

export function KeyField() {
  const t = useText(appsMessages);
  return (
    <TextAreaField
      name="key"
      label={t("key")}
      hint={t("keyHint")}
      isRequired
      maxLength={1000}
      validate={(value) => keyWrong(t, value)}
    />
  );
}
