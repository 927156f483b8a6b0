import { IconInbox, IconLock, IconPlugConnectedX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { Problem } from "../api/problem.ts";
import { problemMessages } from "../api/messages.ts";
import { problemText, type RuleTexts } from "../api/problem-text.ts";
import { useText } from "../i18n/index.ts";
import { Alert } from "./alert.tsx";
import { Button } from "./button.tsx";
import { classes } from "./classes.ts";
import type { Restriction, WayToAsk } from "./field-state.ts";
import { Icon, type IconType } from "./icon.tsx";
import { uiMessages } from "./messages.ts";
import css from "./state.module.css";
import { VisuallyHidden } from "./text.tsx";

interface EmptyStateProps {
  /** What is not there: "No allergies recorded". */
  readonly title: string;
  /** What to do next. */
  readonly hint?: string;
  readonly action?: ReactNode;
  readonly icon?: IconType;
  /** In a card among others: no icon, to the left. */
  readonly isCompact?: boolean;
}

/** There is no record: said so, with what to do next. */
export const EmptyState = ({ title, hint, action, icon = IconInbox, isCompact = false }: EmptyStateProps) => (
  <div className={classes(css["empty"], isCompact && css["compact"])}>
    {!isCompact && <Icon of={icon} size={28} />}
    <p className={isCompact ? undefined : css["title"]}>{title}</p>
    {hint !== undefined && <p>{hint}</p>}
    {action}
  </div>
);

interface RestrictedStateProps {
  readonly reason?: Restriction;
  readonly howToAsk?: WayToAsk;
  /** What stands behind it, in words that give nothing away. */
  readonly title?: string;
  readonly onAsk?: () => void;
  readonly children?: ReactNode;
}

/** Something is withheld from who looks: said with the class of reason and the way to ask. */
export function RestrictedState({ reason, howToAsk, title, onAsk, children }: RestrictedStateProps) {
  const t = useText(uiMessages);
  const sentences = [
    reason === undefined ? "" : t(`restricted.${reason}`),
    howToAsk === undefined ? "" : t(`ask.${howToAsk}`),
  ];
  return (
    <div className={css["empty"]}>
      <Icon of={IconLock} size={28} />
      <p className={css["title"]}>{title ?? t("restricted")}</p>
      {sentences.some((sentence) => sentence !== "") && <p>{sentences.join(" ").trim()}</p>}
      {children}
      {onAsk !== undefined && <Button onClick={onAsk}>{t("askAccess")}</Button>}
    </div>
  );
}

interface ProblemStateProps {
  readonly problem: Problem;
  readonly onRetry?: (() => void) | undefined;
  readonly title?: string;
  /** Words for the rules of this area. */
  readonly rules?: RuleTexts;
}

/** Something could not be done or read: why, in plain words, and the way on. */
export function ProblemState({ problem, onRetry, title, rules }: ProblemStateProps) {
  const [t, say] = [useText(uiMessages), useText(problemMessages)];
  if (problem.kind === "forbidden") return <RestrictedState title={problemText(problem, say, rules)} />;
  const isAway = problem.isTransient;
  return (
    <Alert tone={isAway ? "warning" : "danger"} title={title ?? (isAway ? t("unavailable") : t("problemTitle"))} isLive>
      <p>{problemText(problem, say, rules)}</p>
      {problem.kind === "exception" && problem.requestId !== "" && (
        <p className={css["hint"]}>{t("requestId", { id: problem.requestId })}</p>
      )}
      {onRetry !== undefined && (
        <span>
          <Button size="sm" onClick={onRetry}>
            {t("retry")}
          </Button>
        </span>
      )}
    </Alert>
  );
}

interface SkeletonProps {
  /** What is on its way, for who does not see it. */
  readonly label?: string;
  readonly lines?: number;
}

/** Room for what is on its way, so that nothing jumps. */
export function Skeleton({ label, lines = 3 }: SkeletonProps) {
  const t = useText(uiMessages);
  return (
    <div className={css["skeletons"]} role="status">
      <VisuallyHidden>{label === undefined ? t("loading") : t("loadingOf", { what: label })}</VisuallyHidden>
      {Array.from({ length: lines }, (_none, index) => (
        <div key={index} aria-hidden="true" className={classes(css["skeleton"], css[`w${index % 4}`])} />
      ))}
    </div>
  );
}

interface StaleBarProps {
  readonly text: string;
  readonly onRetry?: (() => void) | undefined;
}

/** What is shown is older than it should be. */
export function StaleBar({ text, onRetry }: StaleBarProps) {
  const t = useText(uiMessages);
  return (
    <div className={css["bar"]} role="status">
      <Icon of={IconPlugConnectedX} size={14} />
      <span>{text}</span>
      {onRetry !== undefined && (
        <Button size="sm" tone="quiet" onClick={onRetry}>
          {t("retry")}
        </Button>
      )}
    </div>
  );
}
