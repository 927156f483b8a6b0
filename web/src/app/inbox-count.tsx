import { useAsk } from "../api/hooks.ts";
import { useText } from "../i18n/index.ts";
import { VisuallyHidden } from "../ui/text.tsx";
import { appMessages } from "./messages.ts";
import css from "./shell.module.css";

/** Each time is a look at the clinic's records, and an event in its trail. */
const REFRESH_MS = 120_000;

/** How much waits in the inbox, asked for in the background: it keeps no session alive. */
export function InboxCount() {
  const t = useText(appMessages);
  const { data } = useAsk("countInbox", {}, { refreshEveryMs: REFRESH_MS, freshMs: REFRESH_MS });
  if (data === undefined || data === null || data.waiting === 0) return null;
  const { waiting, overdue } = data;
  return (
    <span className={css["count"]} data-overdue={overdue > 0 || undefined}>
      <span aria-hidden="true">{waiting > 99 ? "99+" : waiting}</span>
      <VisuallyHidden>{t(overdue > 0 ? "inboxOverdue" : "inboxWaiting", { count: waiting })}</VisuallyHidden>
    </span>
  );
}
