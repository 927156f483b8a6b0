import { IconFingerprint } from "@tabler/icons-react";
import { useState } from "react";
import type { PasskeyView } from "../../../../core/contract/index.ts";
import { useAct, useAsk } from "../../api/hooks.ts";
import { useFormat, useText } from "../../i18n/index.ts";
import {
  AskState,
  Button,
  ButtonRow,
  Card,
  type Column,
  ConfirmDialog,
  EmptyState,
  notify,
  Table,
  Text,
} from "../../ui/index.ts";
import { hasPasskeys } from "../sign-in/passkey.ts";
import { accountMessages } from "./messages.ts";
import { AddPasskey, RenamePasskey } from "./passkey-dialogs.tsx";

type Open = { readonly what: "add" } | { readonly what: "rename" | "remove"; readonly passkey: PasskeyView };

/** The user's passkeys: added, renamed and removed here, each change after a step-up. */
export function Passkeys() {
  const [t, format] = [useText(accountMessages), useFormat()];
  const query = useAsk("listPasskeys");
  const [open, setOpen] = useState<Open | undefined>(undefined);
  const close = (): void => setOpen(undefined);
  const remove = useAct("removePasskey", {
    refresh: ["listPasskeys", "listSignIns"],
    onDone: () => {
      close();
      notify({ text: t("removed") });
    },
  });
  const columns: readonly Column<PasskeyView>[] = [
    { id: "name", label: t("name"), isRowHeader: true, render: ({ name }) => name },
    { id: "created", label: t("created"), render: ({ createdAt }) => format.dateTime(createdAt) },
    {
      id: "used",
      label: t("lastUsed"),
      render: ({ lastUsedAt }) => (lastUsedAt === undefined ? t("never") : format.dateTime(lastUsedAt)),
    },
    { id: "kept", label: t("kept"), render: ({ isSynced }) => t(isSynced ? "synced" : "bound") },
    {
      id: "actions",
      label: t("actions"),
      hidesLabel: true,
      isNarrow: true,
      render: (passkey) => (
        <ButtonRow align="end">
          <Button
            size="sm"
            label={`${t("rename")}: ${passkey.name}`}
            onClick={() => setOpen({ what: "rename", passkey })}
          >
            {t("rename")}
          </Button>
          <Button
            size="sm"
            tone="danger"
            label={`${t("remove")}: ${passkey.name}`}
            onClick={() => {
              remove.reset();
              setOpen({ what: "remove", passkey });
            }}
          >
            {t("remove")}
          </Button>
        </ButtonRow>
      ),
    },
  ];
  return (
    <Card
      title={t("passkeys")}
      actions={
        hasPasskeys() ? (
          <Button icon={IconFingerprint} onClick={() => setOpen({ what: "add" })}>
            {t("add")}
          </Button>
        ) : (
          <Text tone="muted">{t("noSupport")}</Text>
        )
      }
    >
      <Text tone="muted">{t("passkeysText")}</Text>
      <AskState query={query} label={t("passkeys")}>
        {({ passkeys }) => (
          <Table
            caption={t("passkeys")}
            hidesCaption
            columns={columns}
            rows={passkeys}
            rowKey={({ id }) => id}
            empty={<EmptyState title={t("noPasskeys")} hint={t("noPasskeysHint")} isCompact />}
          />
        )}
      </AskState>
      {open?.what === "add" && <AddPasskey onClose={close} />}
      {open?.what === "rename" && <RenamePasskey passkey={open.passkey} onClose={close} />}
      {open?.what === "remove" && (
        <ConfirmDialog
          title={t("removeTitle", { name: open.passkey.name })}
          isOpen
          onClose={close}
          tone="danger"
          confirmLabel={t("remove")}
          isPending={remove.isPending}
          problem={remove.problem}
          onConfirm={() => remove.act({ path: { id: open.passkey.id } })}
        >
          <Text>{t("removeText")}</Text>
        </ConfirmDialog>
      )}
    </Card>
  );
}
