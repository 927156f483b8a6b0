import type { PersonDetail, StaffRole } from "../../../../core/contract/index.ts";
import { useAct } from "../../api/hooks.ts";
import { useText } from "../../i18n/index.ts";
import { Drawer, Form, notify } from "../../ui/index.ts";
import { peopleMessages, peopleRules } from "./messages.ts";
import { reasonHeader } from "./reason.ts";
import { ReasonField, RoleFields, RolePreview } from "./role-fields.tsx";

interface Values {
  readonly roles: readonly StaffRole[];
  readonly reason: string;
}

interface RolesDrawerProps {
  readonly person: PersonDetail;
  readonly grantable: readonly string[];
  readonly onClose: () => void;
}

/** Other roles for a person, with what she would gain and lose before it is saved. */
export function RolesDrawer({ person, grantable, onClose }: RolesDrawerProps) {
  const t = useText(peopleMessages);
  const { act, problem } = useAct("changePersonRoles", {
    refresh: ["listStaff", "readPerson", "askAbilities"],
    onDone: () => {
      notify({ text: t("rolesChanged") });
      onClose();
    },
  });
  return (
    <Drawer title={t("rolesTitle", { name: person.name })} isOpen onClose={onClose} size="lg">
      <Form<Values>
        label={t("changeRoles")}
        loading={false}
        defaults={{ roles: person.roles as StaffRole[], reason: "staff-change" }}
        problem={problem}
        rules={peopleRules(t)}
        submitLabel={t("saveRoles")}
        onCancel={onClose}
        onSubmit={({ roles, reason }) =>
          act({
            path: { id: person.id },
            body: { roles: [...roles] },
            ifMatch: person.version,
            headers: reasonHeader(reason),
          })
        }
      >
        <RoleFields grantable={grantable} />
        <RolePreview person={person.id} now={person.roles} />
        <ReasonField />
      </Form>
    </Drawer>
  );
}
