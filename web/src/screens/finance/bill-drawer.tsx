import { useState } from "react";
import { BILL_FILE_LIMIT_BYTES } from "../../../../core/contract/finance.ts";
import type { Problem } from "../../api/client.ts";
import { useAct } from "../../api/hooks.ts";
import { useText } from "../../i18n/index.ts";
import { Alert, DateField, Drawer, FileField, Form, notify, ProgressBar, Stack, Text } from "../../ui/index.ts";
import { isBillName, packBill } from "./bill-file.ts";
import { ReasonField } from "./parts.tsx";
import { type ReconcileKey, reconcileMessages } from "./reconcile-messages.ts";
import { financeReason, rulesOf, useWords } from "./words.ts";

interface Values {
  readonly files: readonly File[];
  readonly completeUntil: string;
  readonly reason: string;
}

type Step =
  | { readonly at: "read"; readonly done: number }
  | { readonly at: "pack" }
  | { readonly at: "send"; readonly sizeBytes: number };

const isKey = (key: string): key is ReconcileKey => Object.hasOwn(reconcileMessages.en, key);

/** Takes over AWS's bill: what is under way is said, and a fault is named by line and column. */
export function BillDrawer({ onClose }: { readonly onClose: () => void }) {
  const [say, { t, format }] = [useText(reconcileMessages), useWords()];
  const [step, setStep] = useState<Step | undefined>(undefined);
  const [isTooLarge, setIsTooLarge] = useState(false);
  const { act, problem } = useAct("uploadBill", {
    refresh: ["financeReconcile", "financeBills", "financeOverview", "financeMonths", "financeTenants"],
    onDone: ({ bill, isNew }) => {
      notify({ text: isNew ? say("taken", { month: format.month(bill.month) }) : say("known") });
      onClose();
    },
  });
  const submit = async ({ files: [file], completeUntil, reason }: Values): Promise<unknown> => {
    if (file === undefined) return false;
    setIsTooLarge(false);
    setStep({ at: "read", done: 0 });
    try {
      const packed = await packBill(
        file,
        (done) => setStep({ at: "read", done }),
        () => setStep({ at: "pack" }),
      );
      if (packed.sizeBytes > BILL_FILE_LIMIT_BYTES) {
        setIsTooLarge(true);
        return false;
      }
      setStep({ at: "send", sizeBytes: packed.sizeBytes });
      return await act({ body: { file: packed.base64, completeUntil }, headers: financeReason(reason) });
    } finally {
      setStep(undefined);
    }
  };
  const place = problem?.place;
  return (
    <Drawer title={say("uploadTitle")} isOpen onClose={onClose} size="md">
      <Stack>
        <Text tone="muted">{say("uploadText")}</Text>
        {isTooLarge && (
          <Alert tone="danger" title={say("tooLarge", { size: format.bytes(BILL_FILE_LIMIT_BYTES) })} isLive />
        )}
        {place !== undefined && <Fault place={place} />}
        <Form<Values>
          label={say("uploadTitle")}
          loading={false}
          defaults={{ files: [], completeUntil: "", reason: "" }}
          problem={place === undefined ? problem : undefined}
          rules={rulesOf(t)}
          submitLabel={say("send")}
          onCancel={onClose}
          onSubmit={submit}
        >
          <FileField
            name="files"
            label={say("file")}
            hint={say("fileHint")}
            isRequired
            validate={(files) => (files.every(({ name }) => isBillName(name)) ? undefined : say("fileKind"))}
          />
          <DateField name="completeUntil" label={say("completeUntil")} hint={say("completeHint")} isRequired />
          <ReasonField />
          {step !== undefined && (
            <ProgressBar
              label={
                step.at === "send" ? say("step.send", { size: format.bytes(step.sizeBytes) }) : say(`step.${step.at}`)
              }
              done={step.at === "read" ? step.done : undefined}
            />
          )}
        </Form>
      </Stack>
    </Drawer>
  );
}

/** Where in the file it is, and what: never the cell's own text, which may be anything. */
function Fault({ place: { line, column, what } }: { readonly place: NonNullable<Problem["place"]> }) {
  const say = useText(reconcileMessages);
  const key = `what.${what}`;
  const text = isKey(key) ? say(key) : say("what.other", { what });
  return (
    <Alert tone="danger" title={say("faultTitle")} isLive>
      <Text>
        {column === null ? say("faultLine", { line, what: text }) : say("fault", { line, column, what: text })}
      </Text>
    </Alert>
  );
}
