import { useState } from "react";
import type { DelegationView } from "../../../../core/contract/index.ts";
import type { BodyOf } from "../../api/client.ts";
import { useAct, useAsk } from "../../api/hooks.ts";
import { useCan, useSession } from "../../app/session.tsx";
import { useFormat, useText } from "../../i18n/index.ts";
import {
  Alert,
  AskState,
  Button,
  CheckboxesField,
  type Column,
  ConfirmDialog,
  Dialog,
  EmptyState,
  Form,
  notify,
  SelectField,
  Stack,
  Text,
} from "../../ui/index.ts";
import { governMessages } from "../govern/messages.ts";
import { TableSection } from "../govern/table-section.tsx";
import { nameIn, wordFor } from "../govern/who.tsx";
import { privacyMessages } from "./messages.ts";
import { rulesOf } from "./rules.ts";

const DAYS = [7, 30, 90] as const;
const PURPOSES = ["TREAT", "HRESCH"] as const;
type Body = BodyOf<"grantDelegation">;

interface Values {
  readonly client: string;
  readonly purposes: Body["purposes"];
  readonly days: string;
}

function GrantDialog({ onClose }: { readonly onClose: () => void }) {
  const [t, shared] = [useText(privacyMessages), useText(governMessages)];
  const people = useAsk("listPeople");
  const { act, problem } = useAct("grantDelegation", {
    refresh: ["listDelegations"],
    onDone: () => {
      notify({ text: t("granted") });
      onClose();
    },
  });
  return (
    <Dialog title={t("grantTitle")} isOpen onClose={onClose} closesLightly={false}>
      <Stack>
        <Alert tone="info" title={t("grantText")} />
        <AskState query={people} label={t("assistant")}>
          {({ people: known }) => {
            const assistants = known.filter(({ roles, status }) => roles.includes("assistant") && status === "active");
            if (assistants.length === 0) return <EmptyState title={t("assistantsNone")} isCompact />;
            return (
              <Form<Values>
                label={t("grantTitle")}
                loading={false}
                defaults={{ purposes: ["TREAT"], days: "30" }}
                problem={problem}
                rules={rulesOf(t)}
                submitLabel={t("grant")}
                onCancel={onClose}
                onSubmit={({ client, purposes, days }) =>
                  act({ body: { client, purposes: [...purposes], days: Number(days) } })
                }
              >
                <SelectField
                  name="client"
                  label={t("assistant")}
                  isRequired
                  choices={assistants.map(({ id, name }) => ({ value: id, label: name }))}
                />
                <CheckboxesField
                  name="purposes"
                  label={t("grantPurposes")}
                  isRequired
                  isInline
                  choices={PURPOSES.map((value) => ({ value, label: wordFor(shared, "purpose", value) }))}
                />
                <SelectField
                  name="days"
                  label={t("days")}
                  isRequired
                  choices={DAYS.map((days) => ({ value: String(days), label: t("daysOf", { days }) }))}
                />
              </Form>
            );
          }}
        </AskState>
      </Stack>
    </Dialog>
  );
}

interface RevokeProps {
  readonly delegation: DelegationView;
  readonly onClose: () => void;
}

function Revoke({ delegation, onClose }: RevokeProps) {
  const t = useText(privacyMessages);
  const { act, isPending, problem } = useAct("revokeDelegation", {
    refresh: ["listDelegations"],
    onDone: () => {
      notify({ text: t("revokedNow") });
      onClose();
    },
  });
  return (
    <ConfirmDialog
      title={t("revokeTitle")}
      isOpen
      onClose={onClose}
      tone="danger"
      confirmLabel={t("revoke")}
      isPending={isPending}
      problem={problem}
      onConfirm={() => void act({ path: { id: delegation.id } })}
    >
      <Text>{t("revokeText")}</Text>
    </ConfirmDialog>
  );
}

/** Which assistants act for whom, and the way to end it. One's own, or all of the clinic for who oversees them. */
export function Delegations() {
  const [t, shared, format] = [useText(privacyMessages), useText(governMessages), useFormat()];
  const can = useCan();
  const { user } = useSession();
  const [isGranting, setIsGranting] = useState(false);
  const [revoking, setRevoking] = useState<DelegationView | undefined>(undefined);
  const query = useAsk("listDelegations");
  const people = query.data?.people ?? {};
  const grant = can("delegation.grant") && (
    <Button tone="primary" onClick={() => setIsGranting(true)}>
      {t("grant")}
    </Button>
  );
  const columns: readonly Column<DelegationView>[] = [
    { id: "client", label: t("assistant"), isRowHeader: true, render: ({ client }) => nameIn(people, client, shared) },
    {
      id: "user",
      label: t("forWhom"),
      render: (each) => (each.user === user.id ? user.name : nameIn(people, each.user, shared)),
    },
    {
      id: "purposes",
      label: t("grantPurposes"),
      render: ({ purposes }) => purposes.map((code) => wordFor(shared, "purpose", code)).join(", "),
    },
    {
      id: "patients",
      label: t("record"),
      render: ({ patients }) =>
        patients === undefined ? t("allPatients") : t("patientsOf", { count: patients.length }),
    },
    { id: "until", label: t("until"), render: ({ expiresAt }) => format.day(expiresAt) },
    {
      id: "do",
      label: t("revoke"),
      hidesLabel: true,
      isNarrow: true,
      render: (each) =>
        can("delegation.revoke") && (
          <Button
            size="sm"
            label={t("revokeOf", { name: nameIn(people, each.client, shared) })}
            onClick={() => setRevoking(each)}
          >
            {t("revoke")}
          </Button>
        ),
    },
  ];
  return (
    <TableSection
      title={t("delegationsTitle")}
      intro={t("delegationsIntro")}
      query={query}
      rowsOf={({ delegations }) => delegations}
      columns={columns}
      rowKey={({ id }) => id}
      emptyTitle={t("delegationsEmpty")}
      emptyHint={t("delegationsEmptyHint")}
      action={grant}
    >
      {isGranting && <GrantDialog onClose={() => setIsGranting(false)} />}
      {revoking !== undefined && <Revoke delegation={revoking} onClose={() => setRevoking(undefined)} />}
    </TableSection>
  );
}
