import { useState } from "react";
import type { AppView } from "../../../../core/contract/index.ts";
import { useAsk } from "../../api/hooks.ts";
import { usePathValue } from "../../app/navigation.ts";
import { useCan } from "../../app/session.tsx";
import { useFormat, useText } from "../../i18n/index.ts";
import {
  AskState,
  Badge,
  Button,
  ButtonRow,
  Card,
  type Column,
  DefinitionList,
  Link,
  List,
  Page,
  Stack,
  Table,
  Text,
} from "../../ui/index.ts";
import { governMessages } from "../govern/messages.ts";
import { nameIn, wordFor } from "../govern/who.tsx";
import { type Asked, Confirmations } from "./confirmations.tsx";
import { EditDrawer, KeyDrawer } from "./edit-drawer.tsx";
import { appsMessages } from "./messages.ts";

function Details({ app }: { readonly app: AppView }) {
  const [t, shared, format] = [useText(appsMessages), useText(governMessages), useFormat()];
  const { id, kind, roles, scopes, purposes, redirectUris, state, registeredAt } = app;
  const code = (text: string) => (
    <Text as="span" size="sm" isCode>
      {text}
    </Text>
  );
  return (
    <DefinitionList
      look="rows"
      items={[
        {
          term: t("state"),
          value: <Badge tone={state === "active" ? "success" : "danger"} text={t(`state.${state}`)} />,
        },
        { term: t("id"), value: code(id) },
        { term: t("issuer"), value: code(location.origin) },
        { term: t("kind"), value: t(`kind.${kind}`) },
        ...(roles.length === 0
          ? []
          : [{ term: t("role"), value: roles.map((role) => wordFor(shared, "role", role)).join(", ") }]),
        { term: t("mayDo"), value: scopes.map((scope) => t(`scope.${scope}`)).join("; ") },
        {
          term: t("purposes"),
          value:
            purposes.length === 0
              ? t("purposesAll")
              : purposes.map((purpose) => wordFor(shared, "purpose", purpose)).join(", "),
        },
        ...(redirectUris.length === 0
          ? []
          : [
              {
                term: t("redirects"),
                value: (
                  <List label={t("redirects")} items={redirectUris} itemKey={(uri) => uri} look="bullets">
                    {code}
                  </List>
                ),
              },
            ]),
        ...(registeredAt === undefined ? [] : [{ term: t("since"), value: format.dateTime(registeredAt) }]),
      ]}
    />
  );
}

interface KeysProps {
  readonly app: AppView;
  readonly onAdd: () => void;
  readonly onRevoke: (kid: string) => void;
}

function Keys({ app, onAdd, onRevoke }: KeysProps) {
  const t = useText(appsMessages);
  const columns: readonly Column<AppView["keys"][number]>[] = [
    { id: "kid", label: t("key"), isRowHeader: true, render: ({ kid }) => kid },
    {
      id: "thumbprint",
      label: t("thumbprint"),
      render: ({ thumbprint }) => (
        <Text as="span" size="sm" isCode>
          {thumbprint}
        </Text>
      ),
    },
    {
      id: "actions",
      label: t("actions"),
      hidesLabel: true,
      isNarrow: true,
      render: ({ kid }) => (
        <Button size="sm" tone="danger" label={`${t("revoke")}: ${kid}`} onClick={() => onRevoke(kid)}>
          {t("revoke")}
        </Button>
      ),
    },
  ];
  const hasKeys = app.kind !== "public";
  return (
    <Card
      title={t("keys")}
      actions={
        hasKeys && (
          <Button size="sm" onClick={onAdd}>
            {t("addKey")}
          </Button>
        )
      }
    >
      {hasKeys ? (
        <Table caption={t("keys")} hidesCaption columns={columns} rows={app.keys} rowKey={({ kid }) => kid} />
      ) : (
        <Text tone="muted">{t("keysNone")}</Text>
      )}
    </Card>
  );
}

/** For whom an assistant acts: the clinic's own delegations, which their givers and the administrator end under Privacy. */
function Delegations({ id }: { readonly id: string }) {
  const [t, shared, format] = [useText(appsMessages), useText(governMessages), useFormat()];
  const query = useAsk("listDelegations");
  return (
    <Card title={t("delegations")}>
      <Text tone="muted">{t("delegationsText")}</Text>
      <AskState
        query={query}
        label={t("delegations")}
        isEmpty={({ delegations }) => delegations.every(({ client }) => client !== id)}
        empty={<Text>{t("delegationsNone")}</Text>}
      >
        {({ delegations, people }) => (
          <List
            label={t("delegations")}
            items={delegations.filter(({ client }) => client === id)}
            itemKey={(delegation) => delegation.id}
          >
            {({ user, expiresAt }) => (
              <Text as="span">{`${nameIn(people, user, shared)}, ${t("until", { when: format.date(expiresAt) })}`}</Text>
            )}
          </List>
        )}
      </AskState>
    </Card>
  );
}

/** One app of the clinic, with its keys and what may be done about it. */
export default function App() {
  const t = useText(appsMessages);
  const can = useCan();
  const id = usePathValue("id");
  const [open, setOpen] = useState<"edit" | "key" | undefined>(undefined);
  const [asked, setAsked] = useState<Asked | undefined>(undefined);
  const query = useAsk("readApp", { path: { id } });
  return (
    <Page title={query.data?.name ?? t("title")}>
      <Link to="/app/apps">{t("title")}</Link>
      <AskState query={query} label={t("details")}>
        {(app) => (
          <Stack gap="lg">
            <Card title={t("details")}>
              <Details app={app} />
              <ButtonRow>
                <Button onClick={() => setOpen("edit")}>{t("edit")}</Button>
                {app.state === "active" ? (
                  <Button tone="danger" onClick={() => setAsked({ kind: "suspend" })}>
                    {t("suspend")}
                  </Button>
                ) : (
                  <Button onClick={() => setAsked({ kind: "resume" })}>{t("resume")}</Button>
                )}
              </ButtonRow>
            </Card>
            <Keys app={app} onAdd={() => setOpen("key")} onRevoke={(kid) => setAsked({ kind: "revoke", kid })} />
            {app.roles.includes("assistant") && can("delegation.list") && <Delegations id={app.id} />}
            {open === "edit" && <EditDrawer app={app} onClose={() => setOpen(undefined)} />}
            {open === "key" && <KeyDrawer app={app} onClose={() => setOpen(undefined)} />}
            {asked !== undefined && <Confirmations app={app} asked={asked} onClose={() => setAsked(undefined)} />}
          </Stack>
        )}
      </AskState>
    </Page>
  );
}
