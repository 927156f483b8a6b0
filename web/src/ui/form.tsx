import { type ReactNode, useCallback, useEffectEvent, useLayoutEffect, useMemo, useRef, useState } from "react";
import { type FieldErrors, type FieldValues, FormProvider, useForm, useFormContext, useWatch } from "react-hook-form";
import { problemMessages } from "../api/messages.ts";
import type { Problem } from "../api/problem.ts";
import { issueText, problemText, type RuleTexts } from "../api/problem-text.ts";
import { useText } from "../i18n/index.ts";
import { Alert } from "./alert.tsx";
import { Button } from "./button.tsx";
import css from "./control.module.css";
import { type FormShell, FormShellContext, type KnownField } from "./form-context.ts";
import { LeaveGuard } from "./leave-guard.tsx";
import { uiMessages } from "./messages.ts";
import { Skeleton } from "./states.tsx";

interface Issue {
  readonly name: string;
  readonly text: string;
}

/** Messages of a tree of errors, by dotted name. */
function listErrors(errors: FieldErrors, above = ""): Issue[] {
  return Object.entries(errors).flatMap(([key, error]) => {
    const name = above === "" ? key : `${above}.${key}`;
    if (error === undefined || error === null || typeof error !== "object") return [];
    if (typeof error.message === "string" && "type" in error) return [{ name, text: error.message }];
    return listErrors(error as FieldErrors, name);
  });
}

interface SummaryProps {
  readonly issues: readonly Issue[];
  readonly problem: Problem | undefined;
  readonly rules: RuleTexts | undefined;
  readonly known: ReadonlyMap<string, KnownField>;
}

/** All that is wrong, at the top: it takes the focus, and each line leads to its field. */
function ErrorSummary({ issues, problem, rules, known }: SummaryProps) {
  const [t, say] = [useText(uiMessages), useText(problemMessages)];
  const unplaced = (problem?.issues ?? []).filter(({ field }) => field === undefined || !known.has(field));
  const title = problem === undefined ? t("summaryTitle", { count: issues.length }) : problemText(problem, say, rules);
  return (
    <Alert tone={problem?.isTransient === true ? "warning" : "danger"} title={title}>
      {issues.length + unplaced.length > 0 && (
        <ul className={css["issues"]}>
          {issues.map(({ name, text }) => (
            <li key={name}>
              <button
                type="button"
                className={css["jump"]}
                onClick={() => document.getElementById(known.get(name)?.id ?? "")?.focus()}
              >
                {text}
              </button>
            </li>
          ))}
          {unplaced.map((issue) => (
            <li key={`${issue.field ?? ""} ${issue.code}`}>
              {[issue.field, issueText(issue, say, rules)].filter((part) => part !== undefined).join(": ")}
            </li>
          ))}
        </ul>
      )}
    </Alert>
  );
}

interface FormProps<T extends FieldValues> {
  /** What the form is for, for who hears it. */
  readonly label: string;
  /** What its fields hold to begin with. */
  readonly defaults?: Partial<T>;
  /** Gives anything but undefined and false where it was saved: the form is then clean. `useAct().act` does. */
  readonly onSubmit: (values: T) => unknown;
  /** Why the server did not take it: its issues land on the fields that they name. */
  readonly problem: Problem | undefined;
  /** What the fields are to hold is still on its way. */
  readonly loading: boolean;
  readonly submitLabel: string;
  readonly children: ReactNode;
  readonly onCancel?: () => void;
  readonly cancelLabel?: string;
  readonly submitTone?: "primary" | "danger";
  /** Words for the rules of this area. */
  readonly rules?: RuleTexts;
  readonly isReadOnly?: boolean;
  /** False where leaving loses nothing, as a search or a draft that saves itself. */
  readonly guards?: boolean;
  /** Further actions beside its own. */
  readonly actions?: ReactNode;
}

/**
 * A form: label and error of each field, one summary of all that is wrong, one button that says what it does. What was
 * entered is kept whatever the server answers, and leaving it asks first.
 */
export function Form<T extends FieldValues = FieldValues>(props: FormProps<T>) {
  const { label, defaults, onSubmit, problem, loading, submitLabel, children, rules, guards = true } = props;
  const [t, say] = [useText(uiMessages), useText(problemMessages)];
  const form = useForm<T>({
    ...(defaults !== undefined && { defaultValues: defaults as never }),
    shouldFocusError: false,
  });
  const [known] = useState(() => new Map<string, KnownField>());
  const summary = useRef<HTMLDivElement>(null);
  const [tries, setTries] = useState(0);
  const { errors, isSubmitting, isDirty } = form.formState;
  const { setError, handleSubmit, reset, getValues } = form;

  const register = useCallback<FormShell["register"]>(
    (name, field) => {
      known.set(name, field);
      return () => known.delete(name);
    },
    [known],
  );
  const isReadOnly = props.isReadOnly ?? false;
  const shell = useMemo<FormShell>(() => ({ register, isReadOnly }), [register, isReadOnly]);

  const place = useEffectEvent((met: Problem) => {
    for (const issue of met.issues) {
      const field = issue.field === undefined ? undefined : known.get(issue.field);
      if (issue.field === undefined || field === undefined) continue;
      setError(issue.field as never, { type: "server", message: `${field.label}: ${issueText(issue, say, rules)}` });
    }
    setTries((count) => count + 1);
  });
  // As it is shown, and no moment later: a focus that comes late takes the keys of who has gone on.
  useLayoutEffect(() => {
    if (problem !== undefined) place(problem);
  }, [problem]);

  useLayoutEffect(() => {
    if (tries > 0) summary.current?.focus();
  }, [tries]);

  const submit = handleSubmit(
    async (values) => {
      const saved = await onSubmit(values);
      if (saved !== undefined && saved !== false) reset(getValues());
    },
    () => setTries((count) => count + 1),
  );

  if (loading) return <Skeleton label={label} />;
  const issues = listErrors(errors);
  return (
    <FormShellContext.Provider value={shell}>
      <FormProvider {...form}>
        {guards && <LeaveGuard isDirty={isDirty && !isSubmitting} />}
        <form
          className={css["form"]}
          aria-label={label}
          noValidate
          onSubmit={(event) => {
            // A form in a dialog stands inside the page's own in React's tree.
            event.stopPropagation();
            void submit(event);
          }}
        >
          <div ref={summary} tabIndex={-1} className={css["summary"]} role="alert">
            {(issues.length > 0 || problem !== undefined) && tries > 0 && (
              <ErrorSummary issues={issues} problem={problem} rules={rules} known={known} />
            )}
          </div>
          {children}
          {!isReadOnly && (
            <div className={css["actions"]} data-print="never">
              <Button type="submit" tone={props.submitTone ?? "primary"} isPending={isSubmitting}>
                {submitLabel}
              </Button>
              {props.onCancel !== undefined && (
                <Button tone="quiet" onClick={props.onCancel}>
                  {props.cancelLabel ?? t("cancel")}
                </Button>
              )}
              {props.actions}
            </div>
          )}
        </form>
      </FormProvider>
    </FormShellContext.Provider>
  );
}

/** What one field of the form holds now. */
export const useFieldValue = <T,>(name: string): T | undefined => useWatch({ name }) as T | undefined;

/** Sets a field of the form, as a template or a suggestion does: the form counts it as entered. */
export function useSetField(): (name: string, value: unknown) => void {
  const form = useFormContext();
  return useCallback((name, value) => form.setValue(name, value, { shouldDirty: true, shouldTouch: true }), [form]);
}
