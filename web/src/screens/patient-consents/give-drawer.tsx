import { useState } from "react";
import type { OwnConsent, OwnConsentPreview, OwnConsents } from "../../../../core/contract/index.ts";
import { useAct } from "../../api/hooks.ts";
import { useText } from "../../i18n/index.ts";
import {
  Button,
  ButtonRow,
  CheckboxesField,
  DateField,
  Drawer,
  Form,
  Heading,
  notify,
  ProblemState,
  RadioField,
  SelectField,
  Stack,
  useFieldValue,
} from "../../ui/index.ts";
import { governMessages } from "../govern/messages.ts";
import { wordFor } from "../govern/who.tsx";
import { OwnEffects } from "./effect.tsx";
import { choiceMessages, choiceRules } from "./messages.ts";

const ROLES = ["physician", "nurse", "front-desk", "billing"] as const;
const PARTS = ["everything", "clinical", "billing", "protected"] as const;
const SHARED = ["clinical", "billing", "mental-health", "hiv", "sexual-health", "genetic", "violence"] as const;

interface Values {
  readonly form: "restrict" | "share";
  readonly who: readonly string[];
  readonly part: (typeof PARTS)[number];
  readonly parts: readonly (typeof SHARED)[number][];
  readonly until?: string;
}

const recipientOf = (value: string): OwnConsent["recipients"][number] => {
  const role = ROLES.find((known) => known === value);
  return role === undefined ? { kind: "person", id: value } : { kind: "role", role };
};

/** The choice as it is sent: the preview is of the same body. */
function consentOf({ form, who, part, parts, until = "" }: Values): OwnConsent {
  const recipients = who.map(recipientOf);
  const period = until === "" ? {} : { until };
  return form === "restrict"
    ? { form, recipients, part, period }
    : { form, recipients, parts: [...parts], purposes: ["TREAT"], period };
}

function WhatFields() {
  const t = useText(choiceMessages);
  return useFieldValue<string>("form") === "share" ? (
    <CheckboxesField
      name="parts"
      label={t("parts")}
      isRequired
      choices={SHARED.map((value) => ({ value, label: t(`shared.${value}`) }))}
    />
  ) : (
    <SelectField
      name="part"
      label={t("part")}
      isRequired
      choices={PARTS.map((value) => ({ value, label: t(`part.${value}`) }))}
    />
  );
}

interface GiveDrawerProps {
  readonly people: OwnConsents["people"];
  readonly onClose: () => void;
}

/** A choice in two steps: what it is, and what it would change. */
export function GiveDrawer({ people, onClose }: GiveDrawerProps) {
  const [t, shared] = [useText(choiceMessages), useText(governMessages)];
  const [values, setValues] = useState<Values>({ form: "restrict", who: [], part: "clinical", parts: [] });
  const [preview, setPreview] = useState<OwnConsentPreview | undefined>(undefined);
  const previewing = useAct("previewOwnConsent", { onDone: setPreview });
  const giving = useAct("giveOwnConsent", {
    refresh: ["listOwnConsents"],
    onDone: () => {
      notify({ text: t("given"), tone: "success" });
      onClose();
    },
  });
  const whom = [
    ...ROLES.map((role) => ({ value: role as string, label: wordFor(shared, "role", role) })),
    ...people.map(({ id, name, role }) => ({ value: id, label: `${name}, ${wordFor(shared, "role", role)}` })),
  ];
  return (
    <Drawer title={t("give")} isOpen onClose={onClose}>
      {preview === undefined ? (
        <Form<Values>
          label={t("give")}
          loading={false}
          defaults={values}
          problem={previewing.problem}
          rules={choiceRules(t)}
          submitLabel={t("check")}
          onCancel={onClose}
          onSubmit={(given) => {
            setValues(given);
            return previewing.act({ body: { give: consentOf(given) } });
          }}
        >
          <RadioField
            name="form"
            label={t("what")}
            isRequired
            choices={(["restrict", "share"] as const).map((value) => ({ value, label: t(`form.${value}`) }))}
          />
          <CheckboxesField name="who" label={t("who")} isRequired choices={whom} />
          <WhatFields />
          <DateField name="until" label={t("until")} hint={t("untilHint")} />
        </Form>
      ) : (
        <Stack>
          <Heading level={3}>{t("effect")}</Heading>
          <OwnEffects preview={preview} />
          {giving.problem !== undefined && <ProblemState problem={giving.problem} rules={choiceRules(t)} />}
          <ButtonRow>
            <Button
              size="lg"
              tone="primary"
              isPending={giving.isPending}
              onClick={() => void giving.act({ body: consentOf(values) })}
            >
              {t("giveNow")}
            </Button>
            <Button size="lg" onClick={() => setPreview(undefined)}>
              {t("back")}
            </Button>
          </ButtonRow>
        </Stack>
      )}
    </Drawer>
  );
}
