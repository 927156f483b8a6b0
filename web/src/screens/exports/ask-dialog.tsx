import type { BodyOf } from "../../api/client.ts";
import { useAct } from "../../api/hooks.ts";
import { useSession } from "../../app/session.tsx";
import { useText } from "../../i18n/index.ts";
import {
  Alert,
  Dialog,
  Form,
  notify,
  RadioField,
  SelectField,
  Stack,
  Text,
  TextAreaField,
  TextField,
  useFieldValue,
} from "../../ui/index.ts";
import { exportMessages } from "./messages.ts";
import { chartIdsOf, rulesOf } from "./words.ts";

type Body = BodyOf<"startExport">;
const REASONS = ["migration", "patient-request", "care-transfer", "legal-obligation", "payment", "research"] as const;
const TEXT_MIN = 10;

interface Values {
  readonly scope: "all" | "named";
  readonly patients?: string;
  readonly reason: Body["reason"];
  readonly confirm?: string;
}

function ScopeFields({ mayTakeAll }: { readonly mayTakeAll: boolean }) {
  const t = useText(exportMessages);
  const { tenant } = useSession();
  const scope = useFieldValue<string>("scope");
  return (
    <>
      <RadioField
        name="scope"
        label={t("scope")}
        isRequired
        choices={[
          { value: "named", label: t("scope.named") },
          ...(mayTakeAll ? [{ value: "all", label: t("scope.all", { clinic: tenant.name }) }] : []),
        ]}
      />
      {scope === "named" && (
        <TextAreaField
          name="patients"
          label={t("records")}
          hint={t("recordsHint")}
          isRequired
          rows={3}
          validate={(value) => (chartIdsOf(value) === undefined ? t("recordsInvalid") : undefined)}
        />
      )}
      {scope === "all" && (
        <Alert tone="danger" title={t("allWarning")} isLive>
          <Text>{t("allWarningText")}</Text>
        </Alert>
      )}
    </>
  );
}

/** Nothing that is meant for one chart is said of all by a slip: the clinic's name is typed out. */
function Confirmation() {
  const t = useText(exportMessages);
  const { tenant } = useSession();
  const scope = useFieldValue<string>("scope");
  if (scope !== "all") return null;
  return (
    <TextField
      name="confirm"
      label={t("confirm", { word: tenant.name })}
      isRequired
      validate={(value) => (value === tenant.name ? undefined : t("confirmWrong", { word: tenant.name }))}
    />
  );
}

/** Asks for an export, in plain words of what that is. The server asks for both factors, and then for a second person. */
export function AskDialog({ onClose }: { readonly onClose: () => void }) {
  const t = useText(exportMessages);
  const { purpose, roles } = useSession();
  const { act, problem } = useAct("startExport", {
    refresh: ["listExports", "listApprovals"],
    onDone: () => {
      notify({ text: t("asked"), tone: "info" });
      onClose();
    },
  });
  return (
    <Dialog title={t("ask")} isOpen onClose={onClose} closesLightly={false}>
      <Stack>
        <Form<Values>
          label={t("ask")}
          loading={false}
          defaults={{ scope: "named" }}
          problem={problem}
          rules={rulesOf(t)}
          submitLabel={t("send")}
          submitTone="danger"
          onCancel={onClose}
          onSubmit={({ scope, patients = "", reason }) =>
            act({
              body: {
                purpose: (purpose ?? "HOPERAT") as Body["purpose"],
                reason,
                ...(scope === "named" && { patients: [...(chartIdsOf(patients) ?? [])] }),
              },
            })
          }
        >
          <ScopeFields mayTakeAll={roles.includes("clinic-administrator")} />
          <SelectField
            name="reason.code"
            label={t("reason")}
            isRequired
            choices={REASONS.map((value) => ({ value, label: t(`reason.${value}`) }))}
          />
          <TextAreaField
            name="reason.text"
            label={t("text")}
            hint={t("textHint")}
            isRequired
            rows={3}
            maxLength={500}
            validate={(value) => (value.trim().length < TEXT_MIN ? t("textShort") : undefined)}
          />
          <Confirmation />
        </Form>
      </Stack>
    </Dialog>
  );
}
