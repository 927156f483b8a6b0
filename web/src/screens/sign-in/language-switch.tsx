import { useStore } from "../../app/store.ts";
import { appMessages } from "../../app/messages.ts";
import { locale, LOCALES, useText } from "../../i18n/index.ts";
import { Button, Toolbar } from "../../ui/index.ts";
import { signInMessages } from "./messages.ts";

/** Before anybody is known there is no menu to choose the language in. */
export function LanguageSwitch() {
  const [t, app, chosen] = [useText(signInMessages), useText(appMessages), useStore(locale)];
  return (
    <Toolbar label={t("language")}>
      {LOCALES.map((language) => (
        <Button
          key={language}
          size="sm"
          tone="quiet"
          isPressed={chosen === language}
          onClick={() => locale.set(language)}
        >
          {app(`language.${language}`)}
        </Button>
      ))}
    </Toolbar>
  );
}
