import type { AppView } from "../../../../core/contract/index.ts";
import type { AppScope } from "../../../../core/contract/admin-apps.ts";
import type { StandingPurpose } from "../../../../core/contract/index.ts";
import { useAct } from "../../api/hooks.ts";
import { useText } from "../../i18n/index.ts";
import { Drawer, Form, notify, SelectField, Stack, Text } from "../../ui/index.ts";
import { peopleMessages } from "../people/messages.ts";
import { reasonChoices, reasonHeader } from "../people/reason.ts";
import { AppFields, KeyField } from "./app-fields.tsx";
import { keyIn, linesOf } from "./app-values.ts";
import { appsMessages, appsRules } from "./messages.ts";

interface DrawerProps {
  readonly app: AppView;
  readonly onClose: () => void;
}

const REFRESH = ["listApps", "readApp"] as const;

interface Values {
  readonly name: string;
  readonly scope: AppScope;
  readonly purposes: readonly StandingPurpose[];
  readonly redirects: string;
  readonly reason: string;
}

export function EditDrawer({ app, onClose }: DrawerProps) {
  const t = useText(appsMessages);
  const { act, problem } = useAct("changeApp", {
    refresh: REFRESH,
    onDone: () => {
      notify({ text: t("changed") });
      onClose();
    },
  });
  const [scope] = app.scopes;
  return (
    <Drawer title={t("editTitle", { name: app.name })} isOpen onClose={onClose} size="md">
      <Form<Values>
        label={t("edit")}
        loading={false}
        defaults={{
          name: app.name,
          ...(scope !== undefined && { scope }),
          purposes: app.purposes,
          redirects: app.redirectUris.join("\n"),
          reason: "clinic-request",
        }}
        problem={problem}
        rules={appsRules(t)}
        submitLabel={t("save")}
        onCancel={onClose}
        onSubmit={({ name, scope: chosen, purposes, redirects, reason }) =>
          act({
            path: { id: app.id },
            ifMatch: app.version,
            body: {
              name,
              scopes: [chosen],
              purposes: [...purposes],
              redirectUris: app.kind === "backend" ? [] : linesOf(redirects),
            },
            headers: reasonHeader(reason),
          })
        }
      >
        <AppFields kind={app.kind} />
      </Form>
    </Drawer>
  );
}

/** The next key beside the one in use. */
export function KeyDrawer({ app, onClose }: DrawerProps) {
  const [t, people] = [useText(appsMessages), useText(peopleMessages)];
  const { act, problem } = useAct("addAppKey", {
    refresh: REFRESH,
    onDone: () => {
      notify({ text: t("keyAdded") });
      onClose();
    },
  });
  return (
    <Drawer title={t("addKeyTitle", { name: app.name })} isOpen onClose={onClose} size="md">
      <Stack>
        <Text tone="muted">{t("addKeyText")}</Text>
        <Form<{ readonly key: string; readonly reason: string }>
          label={t("addKey")}
          loading={false}
          defaults={{ key: "", reason: "clinic-request" }}
          problem={problem}
          rules={appsRules(t)}
          submitLabel={t("addKey")}
          onCancel={onClose}
          onSubmit={({ key, reason }) =>
            act({
              path: { id: app.id },
              ifMatch: app.version,
              body: { key: keyIn(key) },
              headers: reasonHeader(reason),
            })
          }
        >
          <KeyField />
          <SelectField name="reason" label={t("saveReason")} isRequired choices={reasonChoices(people)} />
        </Form>
      </Stack>
    </Drawer>
  );
}
