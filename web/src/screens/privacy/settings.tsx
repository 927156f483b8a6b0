import { useState } from "react";
import type { AnswerOf, PersonView, PrivacySettings } from "../../../../core/contract/index.ts";
import { useAct, useAsk } from "../../api/hooks.ts";
import { useCan } from "../../app/session.tsx";
import { useText } from "../../i18n/index.ts";
import {
  AskState,
  Button,
  Card,
  CheckboxesField,
  DefinitionList,
  Form,
  Link,
  notify,
  RadioField,
  Row,
  SelectField,
  Stack,
  Text,
} from "../../ui/index.ts";
import { governMessages } from "../govern/messages.ts";
import { nameIn } from "../govern/who.tsx";
import { privacyMessages } from "./messages.ts";
import { rulesOf } from "./rules.ts";

type Shown = AnswerOf<"readPrivacy">;
const REASONS = [
  "onboarding",
  "clinic-request",
  "staff-change",
  "legal-obligation",
  "security-incident",
  "correction",
] as const;
interface Values {
  readonly relationship: PrivacySettings["relationship"];
  readonly privacyOfficers: readonly string[];
  readonly reason: (typeof REASONS)[number];
}

interface EditProps {
  readonly settings: Shown;
  readonly people: readonly PersonView[];
  readonly onDone: () => void;
}

function Edit({ settings, people, onDone }: EditProps) {
  const t = useText(privacyMessages);
  const { act, problem } = useAct("changePrivacy", {
    refresh: ["readPrivacy", "readReadiness"],
    onDone: () => {
      notify({ text: t("saved") });
      onDone();
    },
  });
  const { relationship, privacyOfficers } = settings;
  const staff = people.filter(({ kind, status }) => kind === "user" && status === "active");
  return (
    <Form<Values>
      label={t("settings")}
      loading={false}
      defaults={{ relationship, privacyOfficers, reason: "clinic-request" }}
      problem={problem}
      rules={rulesOf(t)}
      submitLabel={t("save")}
      onCancel={onDone}
      onSubmit={({ reason, ...chosen }) =>
        act({
          body: { ...chosen, privacyOfficers: [...chosen.privacyOfficers] },
          headers: { "x-reason": reason },
        })
      }
    >
      <RadioField
        name="relationship"
        label={t("relationship")}
        isRequired
        choices={(["open", "required"] as const).map((value) => ({
          value,
          label: t(`relationship.${value}`),
          hint: t(`relationship.${value}Hint`),
        }))}
      />
      <CheckboxesField
        name="privacyOfficers"
        label={t("officers")}
        hint={t("officersHint")}
        choices={staff.map(({ id, name }) => ({ value: id, label: name }))}
      />
      <SelectField
        name="reason"
        label={t("saveReason")}
        isRequired
        choices={REASONS.map((value) => ({ value, label: t(`why.${value}`) }))}
      />
    </Form>
  );
}

/** Where accesses outside of hours are told from: the clinic's profile, which somebody else may have to settle. */
function HoursWatched({ isWatched }: { readonly isWatched: boolean }) {
  const t = useText(privacyMessages);
  const can = useCan();
  return (
    <Row gap="sm">
      <Text as="span">{t(isWatched ? "hoursWatched" : "hoursNone")}</Text>
      {can("clinic.change") && <Link to="/app/settings">{t("toHours")}</Link>}
    </Row>
  );
}

/** Who may open a chart, who answers for privacy, and whether accesses outside of the clinic's hours are told. */
export function Settings() {
  const [t, shared] = [useText(privacyMessages), useText(governMessages)];
  const can = useCan();
  const [isEditing, setIsEditing] = useState(false);
  const query = useAsk("readPrivacy");
  const people = useAsk("listPeople", {}, { isEnabled: can("people.list") });
  const mayChange = can("settings.change");
  return (
    <Card
      title={t("settings")}
      actions={
        mayChange &&
        !isEditing && (
          <Button size="sm" onClick={() => setIsEditing(true)}>
            {t("change")}
          </Button>
        )
      }
    >
      <AskState query={query} label={t("settings")}>
        {(settings) =>
          isEditing && people.data !== undefined ? (
            <Edit settings={settings} people={people.data.people} onDone={() => setIsEditing(false)} />
          ) : (
            <Stack>
              <DefinitionList
                look="rows"
                items={[
                  { term: t("relationship"), value: t(`relationship.${settings.relationship}`) },
                  {
                    term: t("officers"),
                    value:
                      settings.privacyOfficers.length === 0
                        ? t("officersNone")
                        : settings.privacyOfficers.map((id) => nameIn(settings.people, id, shared)).join(", "),
                  },
                  {
                    term: t("hours"),
                    value: <HoursWatched isWatched={!settings.notWatched.includes("off-hours")} />,
                  },
                ]}
              />
              {!mayChange && (
                <Text size="sm" tone="muted">
                  {t("readOnly")}
                </Text>
              )}
            </Stack>
          )
        }
      </AskState>
    </Card>
  );
}
