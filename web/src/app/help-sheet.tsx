import { useText } from "../i18n/index.ts";
import { CheckboxField } from "../ui/choice-fields.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Table } from "../ui/table.tsx";
import { Kbd, Text } from "../ui/text.tsx";
import { isHelpOpen } from "./help.ts";
import { characterKeys, type Hotkey, hotkeys } from "./hotkeys.ts";
import { appMessages } from "./messages.ts";
import css from "./shell.module.css";
import { useStore } from "./store.ts";

const isMac = typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.userAgent);

function Keys({ keys }: Pick<Hotkey, "keys">) {
  const t = useText(appMessages);
  return (
    <span className={css["keys"]}>
      {keys.split(" ").map((stroke, index) => (
        <span key={stroke} className={css["keys"]}>
          {index > 0 && <span>{t("keysThen")}</span>}
          {stroke.split("+").map((key) => (
            <Kbd key={key}>{key === "mod" ? (isMac ? "Cmd" : "Ctrl") : key.length === 1 ? key.toUpperCase() : key}</Kbd>
          ))}
        </span>
      ))}
    </span>
  );
}

/** Every shortcut that is bound now, and the switch for those of one key. */
export default function HelpSheet() {
  const t = useText(appMessages);
  const [open, bound, isOn] = [useStore(isHelpOpen), useStore(hotkeys), useStore(characterKeys)];
  const named = bound.filter(({ keys }, index) => bound.findIndex((other) => other.keys === keys) === index);
  return (
    <Dialog title={t("help")} isOpen={open} onClose={() => isHelpOpen.set(false)}>
      <Text tone="muted">{t("helpText")}</Text>
      <CheckboxField label={t("characterKeys")} value={isOn} onChange={(value) => characterKeys.set(value)} />
      <Table
        caption={t("help")}
        hidesCaption
        rows={named}
        rowKey={({ keys }) => keys}
        columns={[
          { id: "what", label: t("keysWhat"), isRowHeader: true, render: ({ label }) => label },
          { id: "keys", label: t("keysKeys"), render: ({ keys }) => <Keys keys={keys} /> },
        ]}
      />
    </Dialog>
  );
}
