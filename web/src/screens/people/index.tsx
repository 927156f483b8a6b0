import { IconUserPlus } from "@tabler/icons-react";
import { useState } from "react";
import type { PersonSummary } from "../../../../core/contract/index.ts";
import { useAsk } from "../../api/hooks.ts";
import { useFormat, useText } from "../../i18n/index.ts";
import { AskState, Badge, Button, type Column, EmptyState, Link, Page, Row, Table } from "../../ui/index.ts";
import { CodeShown } from "./code-shown.tsx";
import { InviteDrawer, type Invited } from "./invite-drawer.tsx";
import { peopleMessages } from "./messages.ts";
import { factorsText, Roles, StateBadge } from "./words.tsx";

/** The clinic's people: who they are, what they are, and where each stands. */
export default function People() {
  const [t, format] = [useText(peopleMessages), useFormat()];
  const query = useAsk("listStaff");
  const [isInviting, setIsInviting] = useState(false);
  const [invited, setInvited] = useState<Invited | undefined>(undefined);
  const invite = (
    <Button tone="primary" icon={IconUserPlus} onClick={() => setIsInviting(true)}>
      {t("invite")}
    </Button>
  );
  const columns: readonly Column<PersonSummary>[] = [
    {
      id: "name",
      label: t("name"),
      isRowHeader: true,
      sortBy: ({ name }) => name,
      render: ({ id, name, isSelf, isPrivacyOfficer }) => (
        <Row gap="xs">
          <Link to="/app/people/$id" params={{ id }}>
            {name}
          </Link>
          {isSelf && <Badge tone="info" text={t("you")} />}
          {isPrivacyOfficer && <Badge text={t("officer")} />}
        </Row>
      ),
    },
    { id: "login", label: t("login"), render: ({ login }) => login ?? t("loginNone") },
    { id: "roles", label: t("roles"), render: ({ roles }) => <Roles roles={roles} /> },
    {
      id: "state",
      label: t("state"),
      sortBy: ({ state }) => state,
      render: ({ state }) => <StateBadge state={state} />,
    },
    {
      id: "last",
      label: t("last"),
      sortBy: ({ lastSignInAt = "" }) => lastSignInAt,
      render: ({ lastSignInAt }) => (lastSignInAt === undefined ? t("never") : format.dateTime(lastSignInAt)),
    },
    { id: "factors", label: t("factors"), render: (person) => factorsText(t, person) },
    {
      id: "open",
      label: t("open"),
      align: "end",
      sortBy: ({ openSignIns }) => openSignIns,
      render: ({ openSignIns }) => format.number(openSignIns),
    },
  ];
  return (
    <Page title={t("title")} intro={t("intro")} actions={invite}>
      <AskState
        query={query}
        label={t("list")}
        isEmpty={({ people }) => people.length === 0}
        empty={<EmptyState title={t("empty")} hint={t("emptyHint")} />}
      >
        {({ people, grantable }) => (
          <>
            <Table caption={t("list")} hidesCaption columns={columns} rows={people} rowKey={({ id }) => id} />
            {isInviting && (
              <InviteDrawer
                grantable={grantable}
                onClose={() => setIsInviting(false)}
                onInvited={(made) => {
                  setIsInviting(false);
                  setInvited(made);
                }}
              />
            )}
          </>
        )}
      </AskState>
      {invited !== undefined && <CodeShown {...invited} onClose={() => setInvited(undefined)} />}
    </Page>
  );
}
