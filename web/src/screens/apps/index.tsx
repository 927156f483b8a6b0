import { IconPlugConnected } from "@tabler/icons-react";
import { useState } from "react";
import type { AppView } from "../../../../core/contract/index.ts";
import { useAsk } from "../../api/hooks.ts";
import { useText } from "../../i18n/index.ts";
import { AskState, Badge, Button, type Column, EmptyState, Link, Page, Table } from "../../ui/index.ts";
import { appsMessages } from "./messages.ts";
import { RegisterDrawer } from "./register-drawer.tsx";

/** The clinic's apps and systems. */
export default function Apps() {
  const t = useText(appsMessages);
  const query = useAsk("listApps");
  const [isRegistering, setIsRegistering] = useState(false);
  const register = (
    <Button tone="primary" icon={IconPlugConnected} onClick={() => setIsRegistering(true)}>
      {t("register")}
    </Button>
  );
  const columns: readonly Column<AppView>[] = [
    {
      id: "name",
      label: t("name"),
      isRowHeader: true,
      sortBy: ({ name }) => name,
      render: ({ id, name }) => (
        <Link to="/app/apps/$id" params={{ id }}>
          {name}
        </Link>
      ),
    },
    { id: "kind", label: t("kind"), render: ({ kind }) => t(`kind.${kind}`) },
    { id: "scopes", label: t("mayDo"), render: ({ scopes }) => scopes.map((scope) => t(`scope.${scope}`)).join("; ") },
    { id: "keys", label: t("keys"), align: "end", render: ({ keys }) => keys.length },
    {
      id: "state",
      label: t("state"),
      render: ({ state }) => <Badge tone={state === "active" ? "success" : "danger"} text={t(`state.${state}`)} />,
    },
  ];
  return (
    <Page title={t("title")} intro={t("intro")} actions={register}>
      <AskState
        query={query}
        label={t("list")}
        isEmpty={({ apps }) => apps.length === 0}
        empty={<EmptyState title={t("empty")} hint={t("emptyHint")} action={register} />}
      >
        {({ apps }) => <Table caption={t("list")} hidesCaption columns={columns} rows={apps} rowKey={({ id }) => id} />}
      </AskState>
      {isRegistering && <RegisterDrawer onClose={() => setIsRegistering(false)} />}
    </Page>
  );
}
