import { useText } from "../../i18n/index.ts";
import { TextField } from "../../ui/index.ts";
import { signInMessages } from "./messages.ts";

/** Password and code, as the sign-in and the step-up ask for both. */
export function FactorFields({ hasFocus = false }: { readonly hasFocus?: boolean }) {
  const t = useText(signInMessages);
  return (
    <>
      <TextField
        label={t("password")}
        name="password"
        kind="password"
        autoFill="current-password"
        isRequired
        hasFocus={hasFocus}
      />
      <TextField
        label={t("totp")}
        hint={t("totpHint")}
        name="totp"
        kind="code"
        autoFill="one-time-code"
        isRequired
        maxLength={7}
        width="sm"
      />
    </>
  );
}
