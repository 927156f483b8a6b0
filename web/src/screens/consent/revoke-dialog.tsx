import type { ConsentView } from "../../../../core/contract/index.ts";
import { useAct, useAsk } from "../../api/hooks.ts";
import { AskState, Dialog, Form, notify, SelectField, Stack, Text, TextAreaField } from "../../ui/index.ts";
import { Effect } from "./effect.tsx";
import { useConsentPurpose, useWords } from "./use-words.ts";
import { rulesOf } from "./words.ts";

const REASONS = ["patient-request", "representative-request", "recorded-in-error", "replaced"] as const;

interface Values {
  readonly code: (typeof REASONS)[number];
  readonly text?: string;
}

interface RevokeDialogProps {
  readonly patient: string;
  readonly consent: ConsentView;
  readonly onClose: () => void;
}

/** Takes a consent back: what that changes for whom stands above the reason. */
export function RevokeDialog({ patient, consent, onClose }: RevokeDialogProps) {
  const { t } = useWords();
  const purpose = useConsentPurpose();
  const preview = useAsk("previewConsentForm", { path: { id: patient }, body: { revoke: consent.id }, ...purpose });
  const shown = useAct("revokeConsent", {
    refresh: ["listConsents", "readView"],
    onDone: () => {
      notify({ text: t("revoked") });
      onClose();
    },
  });
  return (
    <Dialog title={t("revokeTitle")} isOpen onClose={onClose} tone="danger" closesLightly={false}>
      <Stack>
        <Text>{t("revokeText")}</Text>
        <AskState query={preview} label={t("effectTitle")}>
          {(found) => <Effect preview={found} />}
        </AskState>
        <Form<Values>
          label={t("revokeTitle")}
          loading={false}
          guards={false}
          problem={shown.problem}
          rules={rulesOf(t)}
          submitLabel={t("revokeNow")}
          submitTone="danger"
          onCancel={onClose}
          onSubmit={({ code, text }) =>
            shown.act({
              path: { id: patient, consent: consent.id },
              body: {
                version: consent.version,
                reason: { code, ...(text !== undefined && text.trim() !== "" && { text }) },
              },
              ...purpose,
            })
          }
        >
          <SelectField
            name="code"
            label={t("why")}
            isRequired
            choices={REASONS.map((value) => ({ value, label: t(`reason.${value}`) }))}
          />
          <TextAreaField name="text" label={t("remark")} maxLength={500} rows={2} />
        </Form>
      </Stack>
    </Dialog>
  );
}
