import { useState } from "react";
import type { PasskeyView } from "../../../../core/contract/index.ts";
import { useAct } from "../../api/hooks.ts";
import { useText } from "../../i18n/index.ts";
import { Alert, Dialog, Form, notify, Stack, Text, TextField } from "../../ui/index.ts";
import { makePasskey } from "../sign-in/passkey.ts";
import { accountMessages, accountRules } from "./messages.ts";

interface Named {
  readonly name: string;
}

interface AddProps {
  readonly onClose: () => void;
}

/** A new passkey on this device: a step-up for the challenge, then the device, then its name is kept. */
export function AddPasskey({ onClose }: AddProps) {
  const t = useText(accountMessages);
  const [isRefused, setIsRefused] = useState(false);
  const challenge = useAct("passkeyOptions");
  const add = useAct("addPasskey", { refresh: ["listPasskeys"] });
  const submit = async ({ name }: Named): Promise<boolean> => {
    setIsRefused(false);
    const options = await challenge.act({ body: {} });
    if (options === undefined) return false;
    const passkey = await makePasskey(options);
    if (passkey === undefined) {
      setIsRefused(true);
      return false;
    }
    if ((await add.act({ body: { passkey, name } })) === undefined) return false;
    notify({ text: t("added") });
    onClose();
    return true;
  };
  return (
    <Dialog title={t("addTitle")} isOpen onClose={onClose} size="sm" closesLightly={false}>
      <Stack>
        <Text>{t("addText")}</Text>
        {isRefused && <Alert tone="danger" title={t("notAdded")} isLive />}
        <Form<Named>
          label={t("addTitle")}
          defaults={{ name: t("nameDefault") }}
          onSubmit={submit}
          problem={challenge.problem ?? add.problem}
          rules={accountRules(t)}
          loading={false}
          submitLabel={t("add")}
          onCancel={onClose}
          guards={false}
        >
          <TextField label={t("name")} hint={t("nameHint")} name="name" isRequired maxLength={40} hasFocus />
        </Form>
      </Stack>
    </Dialog>
  );
}

interface RenameProps extends AddProps {
  readonly passkey: PasskeyView;
}

export function RenamePasskey({ passkey, onClose }: RenameProps) {
  const t = useText(accountMessages);
  const rename = useAct("renamePasskey", {
    refresh: ["listPasskeys"],
    onDone: () => {
      notify({ text: t("renamed") });
      onClose();
    },
  });
  return (
    <Dialog title={t("renameTitle")} isOpen onClose={onClose} size="sm" closesLightly={false}>
      <Form<Named>
        label={t("renameTitle")}
        defaults={{ name: passkey.name }}
        onSubmit={({ name }) => rename.act({ path: { id: passkey.id }, body: { name } })}
        problem={rename.problem}
        rules={accountRules(t)}
        loading={false}
        submitLabel={t("rename")}
        onCancel={onClose}
        guards={false}
      >
        <TextField label={t("name")} name="name" isRequired maxLength={40} hasFocus />
      </Form>
    </Dialog>
  );
}
