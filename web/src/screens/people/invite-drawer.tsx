import type { CodeView, StaffRole } from "../../../../core/contract/index.ts";
import { useAct } from "../../api/hooks.ts";
import { useText } from "../../i18n/index.ts";
import { Drawer, Form, Stack, Text, TextField } from "../../ui/index.ts";
import { peopleMessages, peopleRules } from "./messages.ts";
import { reasonHeader } from "./reason.ts";
import { ReasonField, RoleFields, RolePreview } from "./role-fields.tsx";

interface Values {
  readonly displayName: string;
  readonly login: string;
  readonly roles: readonly StaffRole[];
  readonly reason: string;
}

export interface Invited {
  readonly name: string;
  readonly enrolment: CodeView;
}

interface InviteDrawerProps {
  readonly grantable: readonly string[];
  readonly onClose: () => void;
  readonly onInvited: (invited: Invited | undefined) => void;
}

const LOGIN = /^[a-z0-9][a-z0-9._@+-]{1,99}$/;

/** Somebody new: name, login, roles with what they come to, and why. */
export function InviteDrawer({ grantable, onClose, onInvited }: InviteDrawerProps) {
  const t = useText(peopleMessages);
  const { act, problem } = useAct("invitePerson", {
    refresh: ["listStaff"],
    // A repeat shows no code: the person page gives a new one.
    onDone: ({ person, enrolment }) => onInvited(enrolment && { name: person.name, enrolment }),
  });
  return (
    <Drawer title={t("inviteTitle")} isOpen onClose={onClose} size="lg">
      <Stack>
        <Text tone="muted">{t("inviteText")}</Text>
        <Form<Values>
          label={t("inviteTitle")}
          loading={false}
          defaults={{ displayName: "", login: "", roles: [], reason: "onboarding" }}
          problem={problem}
          rules={peopleRules(t)}
          submitLabel={t("submitInvite")}
          onCancel={onClose}
          onSubmit={({ displayName, login, roles, reason }) =>
            act({
              body: { displayName, login: login.trim().toLowerCase(), roles: [...roles] },
              headers: reasonHeader(reason),
            })
          }
        >
          <TextField
            name="displayName"
            label={t("displayName")}
            hint={t("displayNameHint")}
            isRequired
            maxLength={120}
            hasFocus
          />
          <TextField
            name="login"
            label={t("login")}
            hint={t("loginHint")}
            isRequired
            maxLength={100}
            autoFill="off"
            validate={(value) => (LOGIN.test(value.trim().toLowerCase()) ? undefined : t("loginForm"))}
          />
          <RoleFields grantable={grantable} />
          <RolePreview />
          <ReasonField />
        </Form>
      </Stack>
    </Drawer>
  );
}
