import type { StaffRole } from "../../../../core/contract/index.ts";
import { useAsk } from "../../api/hooks.ts";
import { useText } from "../../i18n/index.ts";
import { AskState, CheckboxesField, Section, SelectField, useFieldValue } from "../../ui/index.ts";
import { governMessages } from "../govern/messages.ts";
import { wordFor } from "../govern/who.tsx";
import { AbilityTable, Difference } from "./abilities.tsx";
import { peopleMessages } from "./messages.ts";
import { reasonChoices } from "./reason.ts";

interface RoleFieldsProps {
  readonly grantable: readonly string[];
}

/** Roles that the server says may be given, and why. */
export function RoleFields({ grantable }: RoleFieldsProps) {
  const [t, shared] = [useText(peopleMessages), useText(governMessages)];
  return (
    <CheckboxesField
      name="roles"
      label={t("roles")}
      hint={t("rolesHint")}
      isRequired
      choices={grantable.map((value) => ({ value, label: wordFor(shared, "role", value) }))}
    />
  );
}

export function ReasonField() {
  const t = useText(peopleMessages);
  return <SelectField name="reason" label={t("saveReason")} isRequired choices={reasonChoices(t)} />;
}

interface PreviewProps {
  /** Whose roles change; absent where somebody is new. */
  readonly person?: string;
  readonly now?: readonly string[];
}

/** What the roles that are chosen now would come to, asked of the server before anything is saved. */
export function RolePreview({ person, now = [] }: PreviewProps) {
  const t = useText(peopleMessages);
  const roles = useFieldValue<readonly StaffRole[]>("roles") ?? [];
  const isSame = roles.length === now.length && roles.every((role) => now.includes(role));
  const isAsked = roles.length > 0 && !isSame;
  const body = { roles: [...roles], ...(person === undefined ? {} : { person }) };
  const query = useAsk("askAbilities", { body }, { isEnabled: isAsked, keepsPrevious: true });
  if (!isAsked) return null;
  return (
    <Section title={t("preview")} level={3}>
      <AskState query={query} label={t("preview")}>
        {({ wanted, gains, loses }) =>
          person === undefined && wanted !== undefined ? (
            <AbilityTable abilities={wanted} caption={t("preview")} />
          ) : (
            <Difference gains={gains} loses={loses} />
          )
        }
      </AskState>
    </Section>
  );
}
