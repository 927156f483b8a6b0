import { IconAlertOctagon } from "@tabler/icons-react";
import { useState } from "react";
import table from "virtual:routes";
import { EMERGENCY_REASONS, type RouteName } from "../../../../core/contract/index.ts";
import { useAct } from "../../api/hooks.ts";
import { rememberEmergency } from "../../app/emergencies.ts";
import { useSession } from "../../app/session.tsx";
import { useText } from "../../i18n/index.ts";
import { Alert, Button, Dialog, Form, List, SelectField, Stack, Text, TextAreaField } from "../../ui/index.ts";
import { breakGlassMessages } from "./messages.ts";
import { rulesOf } from "./rules.ts";

/** Everything that was asked may be answered otherwise now. */
const EVERYTHING = Object.keys(table) as RouteName[];
const MINUTES = [15, 30, 60] as const;
const WORDS_MIN = 10;
const CONSEQUENCES = ["opens", "told", "trail", "ends"] as const;

interface Values {
  readonly code: (typeof EMERGENCY_REASONS)[number];
  readonly text: string;
  readonly minutes: string;
}

interface EmergencyAccessProps {
  readonly patient: string;
  /** `secondary` beside other actions, `danger` where it is the only one. */
  readonly tone?: "secondary" | "danger";
}

/**
 * The way into a chart that is restricted, for who meets an emergency: what it means is said first, then why it is done,
 * then both factors again. Nothing where policy could never permit it.
 */
export function EmergencyAccess({ patient, tone = "danger" }: EmergencyAccessProps) {
  const t = useText(breakGlassMessages);
  const { can } = useSession();
  const [isOpen, setIsOpen] = useState(false);
  const { act, problem } = useAct("beginBreakGlass", {
    refresh: EVERYTHING,
    onDone: ({ id, expiresAt }) => {
      rememberEmergency({ id, patient, expiresAt });
      // The red frame says it, and a toast would lie over its button.
      setIsOpen(false);
    },
  });
  if (!can.includes("break-glass.begin")) return null;
  return (
    <>
      <Button tone={tone} icon={IconAlertOctagon} onClick={() => setIsOpen(true)}>
        {t("emergencyAccess")}
      </Button>
      <Dialog title={t("title")} isOpen={isOpen} onClose={() => setIsOpen(false)} tone="danger" closesLightly={false}>
        <Stack>
          <Alert tone="danger" title={t("intro")}>
            <List label={t("title")} look="bullets" items={CONSEQUENCES} itemKey={(name) => name}>
              {(name) => <Text as="span">{t(`consequence.${name}`)}</Text>}
            </List>
          </Alert>
          <Form<Values>
            label={t("title")}
            loading={false}
            guards={false}
            defaults={{ minutes: "60" }}
            problem={problem}
            rules={rulesOf(t)}
            submitLabel={t("open")}
            submitTone="danger"
            onCancel={() => setIsOpen(false)}
            onSubmit={({ code, text, minutes }) =>
              act({ body: { patient, reason: { code, text }, minutes: Number(minutes) } })
            }
          >
            <SelectField
              name="code"
              label={t("reason")}
              isRequired
              choices={EMERGENCY_REASONS.map((value) => ({ value, label: t(`reason.${value}`) }))}
            />
            <TextAreaField
              name="text"
              label={t("text")}
              hint={t("textHint")}
              isRequired
              minLength={WORDS_MIN}
              maxLength={500}
              validate={(value) => (value.trim().length < WORDS_MIN ? t("textTooShort") : undefined)}
            />
            <SelectField
              name="minutes"
              label={t("minutes")}
              isRequired
              choices={MINUTES.map((minutes) => ({ value: String(minutes), label: t("minutesOf", { minutes }) }))}
            />
          </Form>
        </Stack>
      </Dialog>
    </>
  );
}
