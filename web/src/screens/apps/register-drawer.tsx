import { AppKind, type AppScope } from "../../../../core/contract/admin-apps.ts";
import { AppRole } from "../../../../core/contract/platform.ts";
import type { StandingPurpose } from "../../../../core/contract/index.ts";
import { useAct } from "../../api/hooks.ts";
import { useText } from "../../i18n/index.ts";
import { Drawer, Form, notify, RadioField, SelectField, useFieldValue } from "../../ui/index.ts";
import { governMessages } from "../govern/messages.ts";
import { wordFor } from "../govern/who.tsx";
import { reasonHeader } from "../people/reason.ts";
import { AppFields, KeyField } from "./app-fields.tsx";
import { keyIn, linesOf } from "./app-values.ts";
import { appsMessages, appsRules } from "./messages.ts";

interface Values {
  readonly kind: AppKind;
  readonly name: string;
  readonly role: AppRole;
  readonly scope: AppScope;
  readonly purposes: readonly StandingPurpose[];
  readonly redirects: string;
  readonly key: string;
  readonly reason: string;
}

const KINDS = ["backend", "confidential", "public"] as const satisfies readonly AppKind[];
const ROLES = ["integration", "assistant", "referral-partner"] as const satisfies readonly AppRole[];

/** The fields that an app of the chosen kind has, and no others. */
function OfKind() {
  const [t, shared] = [useText(appsMessages), useText(governMessages)];
  const kind = useFieldValue<AppKind>("kind") ?? "backend";
  return (
    <>
      <RadioField
        name="kind"
        label={t("kind")}
        hint={t("kindHint")}
        isRequired
        choices={KINDS.map((value) => ({ value, label: t(`kind.${value}`) }))}
      />
      {kind === "backend" && (
        <SelectField
          name="role"
          label={t("role")}
          isRequired
          choices={ROLES.map((value) => ({ value, label: wordFor(shared, "role", value) }))}
        />
      )}
      <AppFields kind={kind} />
      {kind !== "public" && <KeyField />}
    </>
  );
}

export function RegisterDrawer({ onClose }: { readonly onClose: () => void }) {
  const t = useText(appsMessages);
  const { act, problem } = useAct("registerApp", {
    refresh: ["listApps"],
    onDone: () => {
      notify({ text: t("registered") });
      onClose();
    },
  });
  return (
    <Drawer title={t("registerTitle")} isOpen onClose={onClose} size="md">
      <Form<Values>
        label={t("registerTitle")}
        loading={false}
        defaults={{ kind: "backend", name: "", purposes: [], redirects: "", key: "", reason: "clinic-request" }}
        problem={problem}
        rules={appsRules(t)}
        submitLabel={t("submit")}
        onCancel={onClose}
        onSubmit={({ kind, name, role, scope, purposes, redirects, key, reason }) =>
          act({
            body: {
              name,
              kind,
              ...(kind === "backend" && { role }),
              scopes: [scope],
              purposes: [...purposes],
              redirectUris: kind === "backend" ? [] : linesOf(redirects),
              keys: kind === "public" ? [] : [keyIn(key)],
            },
            headers: reasonHeader(reason),
          })
        }
      >
        <OfKind />
      </Form>
    </Drawer>
  );
}
