import { useState } from "react";
import type { PersonDetail } from "../../../../core/contract/index.ts";
import { useAsk } from "../../api/hooks.ts";
import { usePathValue } from "../../app/navigation.ts";
import { useFormat, useText } from "../../i18n/index.ts";
import {
  AskState,
  Badge,
  Card,
  type Column,
  DefinitionList,
  Link,
  Page,
  Row,
  Stack,
  Table,
  Text,
} from "../../ui/index.ts";
import { AbilityTable } from "./abilities.tsx";
import { Acts } from "./acts.tsx";
import { peopleMessages } from "./messages.ts";
import { RolesDrawer } from "./roles-drawer.tsx";
import { factorsText, Roles, StateBadge } from "./words.tsx";

type SignIn = PersonDetail["signIns"][number];

function Account({ person }: { readonly person: PersonDetail }) {
  const [t, format] = [useText(peopleMessages), useFormat()];
  const { login, roles, state, lastSignInAt, code, isPrivacyOfficer } = person;
  return (
    <Card title={t("account")}>
      <DefinitionList
        look="rows"
        items={[
          {
            term: t("state"),
            value: (
              <Row gap="xs">
                <StateBadge state={state} />
                {isPrivacyOfficer && <Badge text={t("officer")} />}
              </Row>
            ),
          },
          { term: t("login"), value: login ?? t("loginNone") },
          { term: t("roles"), value: <Roles roles={roles} /> },
          { term: t("factors"), value: factorsText(t, person) },
          { term: t("last"), value: lastSignInAt === undefined ? t("never") : format.dateTime(lastSignInAt) },
        ]}
      />
      {code !== undefined && (
        <Text size="sm" tone="muted">
          {`${t(`codeFor.${code.for}`)}: ${t("codeWaiting", { when: format.dateTime(code.expiresAt) })}`}
        </Text>
      )}
    </Card>
  );
}

function OpenSignIns({ signIns }: { readonly signIns: readonly SignIn[] }) {
  const [t, format] = [useText(peopleMessages), useFormat()];
  const deviceOf = ({ kind, browser, system }: SignIn): string => {
    if (kind === "app") return t("deviceApp");
    return browser === "other" || system === "other" ? t("deviceUnknown") : t("deviceOn", { browser, system });
  };
  const columns: readonly Column<SignIn>[] = [
    { id: "device", label: t("device"), isRowHeader: true, render: deviceOf },
    { id: "by", label: t("by"), render: ({ by }) => t(`by.${by}`) },
    { id: "since", label: t("since"), render: ({ since }) => format.dateTime(since) },
    { id: "seen", label: t("seen"), render: ({ lastSeenAt }) => format.dateTime(lastSeenAt) },
  ];
  return (
    <Card title={t("signIns")}>
      {signIns.length === 0 ? (
        <Text tone="muted">{t("signInsNone")}</Text>
      ) : (
        <Table caption={t("signIns")} hidesCaption columns={columns} rows={signIns} rowKey={({ id }) => id} />
      )}
    </Card>
  );
}

function Sees({ id }: { readonly id: string }) {
  const t = useText(peopleMessages);
  const query = useAsk("askAbilities", { body: { person: id } });
  return (
    <Card title={t("abilities")}>
      <Text tone="muted">{t("abilitiesText")}</Text>
      <AskState query={query} label={t("abilities")}>
        {({ now }) => (now === undefined ? null : <AbilityTable abilities={now} caption={t("abilities")} />)}
      </AskState>
    </Card>
  );
}

/** One person of the clinic: account, sign-ins, what she can see, and what may be done about it. */
export default function Person() {
  const t = useText(peopleMessages);
  const id = usePathValue("id");
  const [isChanging, setIsChanging] = useState(false);
  const query = useAsk("readPerson", { path: { id } });
  const staff = useAsk("listStaff", {}, { isEnabled: isChanging });
  return (
    <Page title={query.data?.name ?? t("title")}>
      <Link to="/app/people">{t("back")}</Link>
      <AskState query={query} label={t("account")}>
        {(person) => (
          <Stack gap="lg">
            <Account person={person} />
            <Acts person={person} onRoles={() => setIsChanging(true)} />
            <OpenSignIns signIns={person.signIns} />
            <Sees id={person.id} />
            {isChanging && staff.data !== undefined && (
              <RolesDrawer person={person} grantable={staff.data.grantable} onClose={() => setIsChanging(false)} />
            )}
          </Stack>
        )}
      </AskState>
    </Page>
  );
}
