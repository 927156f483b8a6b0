import { appMessages } from "../../app/messages.ts";
import { scheme } from "../../app/scheme.ts";
import { useStore } from "../../app/store.ts";
import { locale, LOCALES, useText } from "../../i18n/index.ts";
import { Card, Columns, RadioField, Text } from "../../ui/index.ts";
import { accountMessages } from "./messages.ts";

const SCHEMES = ["auto", "light", "dark"] as const;

/** Language and appearance: kept for as long as the page, because nothing of anybody is stored in the browser. */
export function Looks() {
  const [t, app] = [useText(accountMessages), useText(appMessages)];
  const [language, chosen] = [useStore(locale), useStore(scheme)];
  return (
    <Card title={t("looks")}>
      <Text tone="muted">{t("looksText")}</Text>
      <Columns min="sm">
        <RadioField
          label={t("language")}
          value={language}
          onChange={(value) => locale.set(value === "es" ? "es" : "en")}
          choices={LOCALES.map((value) => ({ value, label: app(`language.${value}`) }))}
        />
        <RadioField
          label={t("theme")}
          value={chosen}
          onChange={(value) => scheme.set(SCHEMES.find((known) => known === value) ?? "auto")}
          choices={SCHEMES.map((value) => ({ value, label: app(`theme.${value}`) }))}
        />
      </Columns>
    </Card>
  );
}
