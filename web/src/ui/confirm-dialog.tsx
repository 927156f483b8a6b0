import { type ReactNode, useId, useState } from "react";
import type { Problem } from "../api/problem.ts";
import { useText } from "../i18n/index.ts";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";
import { TextAreaField, TextField } from "./fields.tsx";
import { uiMessages } from "./messages.ts";
import { SelectField, type Choice } from "./choice-fields.tsx";
import { ProblemState } from "./states.tsx";
import { VisuallyHidden } from "./text.tsx";

export interface Confirmation {
  readonly reason: string;
  /** The code that was chosen, where codes were offered. */
  readonly code: string;
}

interface ConfirmDialogProps {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onConfirm: (confirmation: Confirmation) => unknown;
  /** What will happen, in plain words. */
  readonly children?: ReactNode;
  /** The action itself: "Sign and lock", never "OK". */
  readonly confirmLabel: string;
  readonly tone?: "default" | "danger";
  /** Asks why. `minimum` characters at least. */
  readonly reason?: { readonly label?: string; readonly minimum?: number; readonly codes?: readonly Choice[] };
  /** Must be typed exactly before it goes on. */
  readonly typed?: string;
  readonly isPending?: boolean;
  readonly problem?: Problem | undefined;
}

/** Asks once more, with a reason or a typed word where the act weighs that much. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { title, isOpen, onClose, onConfirm, children, confirmLabel, tone = "default", reason, typed } = props;
  const t = useText(uiMessages);
  const [why, setWhy] = useState("");
  const [code, setCode] = useState("");
  const [word, setWord] = useState("");
  const hintId = useId();
  const isReasoned =
    reason === undefined || (why.trim().length >= (reason.minimum ?? 1) && (reason.codes === undefined || code !== ""));
  const isTyped = typed === undefined || word === typed;
  return (
    <Dialog
      title={title}
      isOpen={isOpen}
      onClose={onClose}
      tone={tone}
      size="sm"
      closesLightly={reason === undefined && typed === undefined}
      footer={
        <>
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button
            tone={tone === "danger" ? "danger" : "primary"}
            isPending={props.isPending ?? false}
            isDisabled={!isReasoned || !isTyped}
            describedBy={hintId}
            onClick={() => {
              onConfirm({ reason: why.trim(), code });
            }}
          >
            {confirmLabel}
          </Button>
        </>
      }
    >
      <div id={hintId}>{children ?? <VisuallyHidden>{title}</VisuallyHidden>}</div>
      {reason?.codes !== undefined && (
        <SelectField label={t("reason")} value={code} onChange={setCode} choices={reason.codes} isRequired />
      )}
      {reason !== undefined && (
        <TextAreaField
          label={reason.label ?? t("reason")}
          value={why}
          onChange={setWhy}
          isRequired
          maxLength={500}
          {...(reason.minimum !== undefined && { minLength: reason.minimum })}
        />
      )}
      {typed !== undefined && (
        <TextField label={t("typeToConfirm", { word: typed })} value={word} onChange={setWord} isRequired isCode />
      )}
      {props.problem !== undefined && <ProblemState problem={props.problem} />}
    </Dialog>
  );
}
